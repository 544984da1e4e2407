"""What it costs to have many runs: on each executor, in the report, and on paper in a cluster.

    python benchmarks/scale.py [--most 500] [--on local --on ray] [--folders 10000]

1. Overhead: the same tiny training, a run of about a tenth of a second, with 1 to `--most` seeds on
   one worker of each executor, against a loop over `Trainer.train` in a process. The additional
   time of a run is the executor's: orders, locks, run.json, and on Ray the transfer of its files to
   the driver. The first run, which starts a worker and compiles, is listed separately.
2. Report: `trickbook report` on a folder of `--folders` runs, made from one real run: a sweep of
   500 values with 20 seeds each, whose figures differ. Wall time and the largest resident memory.
3. On paper: what a study of 10,000 runs on 100 nodes would cost its driver, from these figures.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from trickbook.data import Dataset, from_arrays
from trickbook.ladder import Ladder
from trickbook.ladder.studies.plan import Planner
from trickbook.ladder.studies.run_options import RunOptions
from trickbook.ladder.studies.study_data import StudyData
from trickbook.ladder.studies.study_folder import write_study_file
from trickbook.recipes import Blueprint
from trickbook.training.executor.executor_on import executor_on
from trickbook.training.executor.kept_memory import memory_settings
from trickbook.training.executor.study_pool import StudyPool
from trickbook.training.executor.threads import thread_settings
from trickbook.training.executor.worker_pool import outcomes
from trickbook.training.job import Job
from trickbook.training.keras_settings import keras_settings

TINY = Blueprint(filters=(2,), convolutions=1, dense=(4,), epochs=1, batch_size=25)
SWEEP_VALUES, NODES, SLOTS_A_NODE = 500, 100, 16
PAPER_RUNS, MINUTES_A_RUN, EPOCHS_A_RUN = 10_000, 10.0, 50


def tiny_data() -> Dataset:
    """100 images of 8x8 pixels of noise: speed does not depend on what they show."""
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (100, 8, 8, 1)).astype(np.uint8)
    return from_arrays(images, np.arange(100) % 2)


def jobs(folder: Path, count: int) -> list[Job]:
    """Runs of one blueprint with this many seeds."""
    return [
        Job("tiny", f"{seed:064x}", TINY, seed, folder / f"tiny-s{seed}", "", save_model=False)
        for seed in range(count)
    ]


@dataclasses.dataclass(frozen=True)
class Cost:
    """Wall time of an executor: until the first run is back, and for each run after it."""

    first: float
    each: float
    driver: float
    """CPU time of this process for each run after the first."""


def measured(on: str | None, count: int) -> Cost:
    """Times this many runs on one worker of an executor."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.perf_counter()
        with executor_on(on, folder, keras_settings()) as executor:
            tiny_data().save(executor.data_folder)
            first, *others = jobs(folder / "runs", count + 1)
            _carry_out(executor, [first])
            started, used = time.perf_counter(), time.process_time()
            _carry_out(executor, others)
            ended, used = time.perf_counter(), time.process_time() - used
    return Cost(started - began, (ended - started) / count, used / count)


def _carry_out(executor: StudyPool, wanted: Sequence[Job]) -> None:
    found = [outcome for _, outcome in outcomes(executor, wanted)]
    assert all(outcome.status == "done" for outcome in found), found


LOOP = """
import sys, time, tempfile
from pathlib import Path
sys.path.insert(0, {here!r})
import scale
from trickbook.training.executor.threads import limit_tensorflow
limit_tensorflow(1)
from trickbook.training.trainer import Trainer
trainer = Trainer(scale.tiny_data(), "float32")
with tempfile.TemporaryDirectory() as folder:
    first, *others = scale.jobs(Path(folder), {count} + 1)
    trainer.train(first, lambda *_: None)
    began = time.perf_counter()
    for job in others:
        trainer.train(job, lambda *_: None)
    print((time.perf_counter() - began) / {count})
"""


def without_executor(count: int) -> float:
    """Seconds of a run in a loop over `Trainer.train`, in a process of its own."""
    program = LOOP.format(here=str(Path(__file__).parent), count=count)
    as_worker = {**thread_settings(1), **memory_settings()}
    environment = {**os.environ, **as_worker, "TF_CPP_MIN_LOG_LEVEL": "2"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    return float(done.stdout.split()[-1])


def overhead(places: Sequence[str], most: int) -> dict[str, Cost]:
    """Prints what runs cost on each executor; returns the costs for the largest number of runs."""
    counts = [count for count in (1, 10, 100, 500) if count < most] + [most]
    alone = without_executor(most)
    print(f"A run in a loop over Trainer.train: {alone * 1000:.0f} ms (of {most}).\n")
    print(
        f"{'executor':9} {'runs':>5} {'first s':>8} {'each ms':>8} {'overhead ms':>12} "
        f"{'driver CPU ms':>14}"
    )
    last = {}
    for place in places:
        for count in counts:
            cost = last[place] = measured(None if place == "local" else place, count)
            print(
                f"{place:9} {count:5} {cost.first:8.1f} {cost.each * 1000:8.0f} "
                f"{(cost.each - alone) * 1000:12.0f} {cost.driver * 1000:14.1f}",
                flush=True,
            )
    return last


def simulate(folder: Path, runs: int) -> None:
    """Makes the folder of a sweep out of one real run: the others are copies with other figures."""
    seeds = max(1, runs // SWEEP_VALUES)
    ladder = Ladder("digits", baseline=TINY, epochs=10, batch_size=50, seeds=seeds)
    study = ladder.sweep_of([0], {"learning_rate": f"1e-4:1e-1:{runs // seeds}:log"}).study()
    with (
        tempfile.TemporaryDirectory() as scratch,
        executor_on(None, Path(scratch), keras_settings()) as executor,
    ):
        options = RunOptions(models=False, read_test=False)
        data = StudyData(study, executor)
        plan = Planner(executor, folder, data, keras_settings(), options).plan(study)
        write_study_file(study, folder, plan, "python benchmarks/scale.py")
        template, *others = plan.jobs
        _carry_out(executor, [template])
    generator = np.random.default_rng(0)
    _draw_figures(template.folder, generator)
    for job in others:
        _copy(template.folder, job, generator)


def _copy(template: Path, job: Job, generator: np.random.Generator) -> None:
    shutil.copytree(template, job.folder)
    run = json.loads((template / "run.json").read_text())
    run |= {"name": job.name, "seed": job.seed, "fingerprint": job.fingerprint}
    run["blueprint"] = job.blueprint.to_dict()
    (job.folder / "run.json").write_text(json.dumps(run))
    _draw_figures(job.folder, generator)


def _draw_figures(folder: Path, generator: np.random.Generator) -> None:
    """Gives a run predictions, some 80 per cent of them right, and the figures that follow."""
    with np.load(folder / "predictions.npz") as saved:
        kept = dict(saved)
    labels = kept["val_labels"]
    logits = generator.standard_normal(kept["val"].shape)
    logits[np.arange(len(labels)), labels] += 2.7 + 0.1 * generator.standard_normal()
    np.savez(folder / "predictions.npz", **{**kept, "val": logits.astype(np.float32)})
    metrics = json.loads((folder / "metrics.json").read_text())
    right = float((logits.argmax(axis=1) == labels).mean())
    metrics |= {"val_accuracy": right, "val_balanced_accuracy": right, "val_cross_entropy": 0.7}
    (folder / "metrics.json").write_text(json.dumps(metrics))


def report(runs: int) -> None:
    """Prints what `trickbook report` takes on this many runs."""
    with tempfile.TemporaryDirectory() as name:
        simulate(Path(name), runs)
        began = time.perf_counter()
        command = [sys.executable, "-m", "trickbook", "report", name]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            # The usage of this child alone, and not of those that trained.
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"trickbook report ended with status {process.returncode}.")
    gigabytes = used.ru_maxrss / 2**20
    print(f"Report of {runs} run folders: {seconds:.0f} s, {gigabytes:.2f} GB at most.")


def on_paper(cost: Cost) -> None:
    """Prints what a large study costs its driver."""
    slots = NODES * SLOTS_A_NODE
    wall = PAPER_RUNS / slots * MINUTES_A_RUN * 60
    driver = PAPER_RUNS * cost.driver
    print(
        f"On paper: {PAPER_RUNS:,} runs of {MINUTES_A_RUN:.0f} minutes on {NODES} nodes with "
        f"{SLOTS_A_NODE} workers each take {wall / 60:.0f} minutes; the driver's CPU is busy for "
        f"{driver:.0f} s of that ({driver / wall:.0%}), at {cost.driver * 1000:.1f} ms a run."
    )


def main() -> None:
    """Measures as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--most", type=int, default=500, help="runs on each executor")
    parser.add_argument("--on", action="append", default=[], help="local, ray, or an address")
    parser.add_argument("--folders", type=int, default=10_000, help="runs of the report; 0: none")
    given = parser.parse_args()
    costs = overhead(given.on or ["local", "ray"], given.most) if given.most else {}
    if given.folders:
        report(given.folders)
    if costs:
        on_paper([*costs.values()][-1])


if __name__ == "__main__":
    main()
