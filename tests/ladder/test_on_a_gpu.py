"""What a study says and expects on a machine with GPUs, which all its workers share."""

import pytest

from trickbook.ladder import Ladder
from trickbook.ladder.studies import quicker_settings, run_options
from trickbook.ladder.studies.run_options import RunOptions
from trickbook.ladder.studies.run_study import run_study
from trickbook.recipes import Blueprint
from trickbook.training.cost import SECONDS_PER_RUN
from trickbook.training.executor import capacity, local_processes
from trickbook.training.executor.local_processes import LocalProcesses

SMALL = Blueprint(filters=(2,), convolutions=1, dense=(4,), epochs=5, batch_size=18)
STEP = 2.0


@pytest.fixture
def gpu(monkeypatch):
    """How many there are is as a test sets it, one at first; a step takes `STEP` seconds."""

    def there_are(count):
        for module in (capacity, quicker_settings, run_options, local_processes):
            monkeypatch.setattr(module, "visible_gpus", lambda: tuple(map(str, range(count))))

    there_are(1)
    monkeypatch.setattr("joblib.cpu_count", lambda: 2)
    monkeypatch.setattr(LocalProcesses, "seconds_per_step", lambda *_: STEP)
    monkeypatch.setattr(LocalProcesses, "check", lambda *_: [])
    return there_are


@pytest.fixture
def ladder(tiny_images):
    return Ladder((tiny_images["x_train"], tiny_images["y_train"]), [], baseline=SMALL, seeds=4)


def test_steps_take_turns_on_it_and_only_the_rest_is_done_side_by_side(gpu, ladder, tmp_path):
    alone = ladder.estimate(tmp_path / "out", jobs=1).seconds
    training = alone - 4 * SECONDS_PER_RUN
    assert training > 4 * 5 * STEP
    found = ladder.estimate(tmp_path / "out", jobs=2).seconds
    assert found == pytest.approx(training + 2 * SECONDS_PER_RUN)
    gpu(2)
    assert ladder.estimate(tmp_path / "out").seconds == pytest.approx(alone / 2)
    gpu(0)
    assert ladder.estimate(tmp_path / "out", jobs=2).seconds == pytest.approx(alone / 2)


@pytest.mark.parametrize(
    ("gpus", "jobs", "told"),
    [
        (
            1,
            None,
            "4 runs to train, 1 at a time: this machine has a GPU, which one process fills; "
            "--jobs allows more.",
        ),
        (
            2,
            None,
            "4 runs to train, 2 at a time: this machine has 2 GPUs, each of which one process "
            "fills; --jobs allows more.",
        ),
        (4, None, "4 runs to train, 4 at a time."),
        (1, 2, "4 runs to train, 2 at a time."),
        (0, 1, "4 runs to train, 1 at a time."),
    ],
)
def test_why_there_are_no_more_workers_is_said(gpu, ladder, tmp_path, capsys, gpus, jobs, told):
    def refuse(plan):
        raise InterruptedError

    gpu(gpus)
    with pytest.raises(InterruptedError):
        run_study(ladder.study, tmp_path / "out", RunOptions(jobs=jobs), approve=refuse)
    assert told in " ".join(capsys.readouterr().out.split())
