"""Five of CIFAR-10's classes to the other five: what was trained before, against from scratch.

    python reports/gallery/transfer_study.py CIFAR_FOLDER OUT [--jobs N]

CIFAR_FOLDER holds cifar-10-batches-py. A network is trained on 15,000 images of five classes; then
ladders of 50, 200 and 1,000 images a class of the other five compare training from scratch, the
same network taken over, whose last stage is unfrozen after half of the epochs, and the same with
all its weights frozen to the end. All have the epochs of their ladder. What is there in OUT is not
trained again.

Rates, epochs and what is unfrozen were chosen with seed 101, of 200 images a class, on validation.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from trickbook.data import DataSpec
from trickbook.ladder import Ladder
from trickbook.recipes import BatchNorm, Blueprint, LRCosine, Transfer, compose

BEFORE = ("airplane", "automobile", "bird", "cat", "deer")
AFTER = ("dog", "frog", "horse", "ship", "truck")
# Images a class, and epochs: fewer images need more of them for as much training.
EPOCHS = {50: 60, 200: 40, 1000: 20}
SEEDS = 5
# A quarter of the lecture's width, with one convolution a stage.
PLAIN = Blueprint(filters=(16, 32, 64), convolutions=1, dense=(128,), batch_size=50)
SCRATCH = compose(PLAIN, [BatchNorm()])


def trained_before(data_dir: Path, out: Path, jobs: int | None) -> Path:
    """Returns the folder of the run that is taken over, trained if it is not there."""
    data = DataSpec("cifar10", data_dir=str(data_dir), classes=BEFORE, limit_train=15_000)
    longer = SCRATCH.with_settings(epochs=10, batch_size=100, learning_rate=2e-3)
    ladder = Ladder(data, [], name="before", baseline=compose(longer, [LRCosine()]), seeds=1)
    ladder.run(out / "before", jobs=jobs)
    (run,) = (out / "before" / "runs").iterdir()
    return run


def main(data_dir: Path, out: Path, jobs: int | None) -> None:
    """Trains what is missing and writes the reports."""
    source = str(trained_before(data_dir, out, jobs))
    rungs = [Transfer(source, unfreeze="stage3_1_conv", unfrozen_rate=0.5), Transfer(source)]
    for images, epochs in EPOCHS.items():
        data = DataSpec(
            "cifar10",
            data_dir=str(data_dir),
            classes=AFTER,
            limit_train=len(AFTER) * images,
            val_fraction=0.04,
        )
        Ladder(
            data,
            rungs,
            name=f"transfer-{images}",
            baseline=SCRATCH.with_settings(epochs=epochs),
            seeds=SEEDS,
        ).run(out / f"transfer-{images}", jobs=jobs, models=False)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--jobs", type=int)
    given = parser.parse_args()
    main(given.data_dir, given.out, given.jobs)
