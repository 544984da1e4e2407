"""What `--dry-run` says of half precision and of more threads, with a step's time given."""

import pytest

from trickbook.ladder import Ladder
from trickbook.ladder.studies import quicker_settings
from trickbook.recipes import Blueprint
from trickbook.training.executor.local_processes import LocalProcesses

SMALL = Blueprint(filters=(2,), convolutions=1, dense=(4,), epochs=1, batch_size=18)


@pytest.fixture
def timed(monkeypatch):
    """Four cores of a CPU that is called so, and steps that take as long as the test says."""
    monkeypatch.setattr("joblib.cpu_count", lambda: 4)
    monkeypatch.setattr(quicker_settings, "visible_gpus", lambda: ())
    monkeypatch.setattr(quicker_settings, "cpu_model", lambda: "Z80")
    monkeypatch.setattr(LocalProcesses, "check", lambda *_: [])

    def takes(plain, others):
        monkeypatch.setattr(LocalProcesses, "seconds_per_step", lambda *_: plain)
        monkeypatch.setattr(
            LocalProcesses,
            "seconds_per_step_with",
            lambda _self, settings, _blueprint: others[settings.precision, settings.threads],
        )

    return takes


def told(tiny_images, out, seeds=2, **options):
    data = (tiny_images["x_train"], tiny_images["y_train"])
    return Ladder(data, [], baseline=SMALL, seeds=seeds).estimate(out, **options).quicker


def test_both_are_told_where_runs_are_fewer_than_cores(timed, tiny_images, tmp_path):
    timed(0.2, {("mixed_bfloat16", 1): 0.28, ("float32", 2): 0.12})
    assert told(tiny_images, tmp_path / "out") == (
        "With --precision mixed_bfloat16 a step takes about 1.4 times as long on this CPU (Z80): "
        "no gain.",
        "With --threads 2 a step takes about 0.6 times as long on this CPU (Z80): it saves about "
        "40%.",
    )


def test_what_cannot_help_or_be_had_is_not_tried(timed, tiny_images, tmp_path):
    timed(0.2, {("mixed_bfloat16", 1): None})
    assert told(tiny_images, tmp_path / "out", seeds=4) == ()
    timed(0.2, {})
    half = {"precision": "mixed_bfloat16", "threads": 4}
    assert told(tiny_images, tmp_path / "out", seeds=1, **half) == ()


def test_it_is_measured_in_processes_with_those_settings(
    tiny_images, tmp_path, monkeypatch, seconds_per_step_with
):
    monkeypatch.setattr(LocalProcesses, "seconds_per_step_with", seconds_per_step_with)
    monkeypatch.setattr("joblib.cpu_count", lambda: 2)
    precision, threads = told(tiny_images, tmp_path / "out", seeds=1)
    assert precision.startswith("With --precision mixed_bfloat16 a step takes about ")
    assert threads.startswith("With --threads 2 a step takes about ")
