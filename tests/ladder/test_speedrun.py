"""The ladder `speedrun` ends at the settings of its paper (Jordan 2024, arXiv 2404.00498)."""

import json

import numpy as np
import pytest

from trickbook.data import from_arrays
from trickbook.ladder import Ladder
from trickbook.ladder.ladder_file import read_ladder
from trickbook.training.job import Job
from trickbook.training.trainer import Trainer

# The paper's listing: of a summed loss, decoupled from the momentum, per 1,024 images.
RATE, DECAY, MOMENTUM, BATCH = 11.5, 0.0153, 0.85, 1024
KILOSTEPS = 1024 * (1 + 1 / (1 - MOMENTUM))


@pytest.fixture(scope="module")
def ladder():
    return Ladder.from_spec(read_ladder("speedrun"))


@pytest.fixture(scope="module")
def top(ladder):
    return ladder.rungs[-1].blueprint


def test_it_starts_at_the_lectures_network_and_optimiser_with_the_papers_filters_and_epochs(ladder):
    first = ladder.rungs[0].blueprint
    lecture = read_ladder("lecture").baseline
    changed = first.with_settings(filters=lecture.filters, epochs=lecture.epochs)
    assert changed == lecture
    assert {rung.blueprint.epochs for rung in ladder.rungs} == {10}
    assert {rung.blueprint.filters for rung in ladder.rungs} == {(64, 256, 256)}


def test_its_rate_and_decay_are_the_papers_for_a_mean_loss(top):
    assert top.learning_rate == pytest.approx(RATE / KILOSTEPS * BATCH, rel=1e-3)
    assert dict(top.optimizer.config.arguments) == {"momentum": MOMENTUM, "nesterov": True}
    # Decay of w by rate * decay a step is the gradient of l2 * w ** 2.
    per_step = DECAY * BATCH / KILOSTEPS / (RATE / KILOSTEPS * BATCH)
    penalty = dict(top.kernel_regularizer.config.arguments)["l2"]
    assert 2 * penalty == pytest.approx(per_step, rel=1e-2)
    # The shifts' decay is the same of a rate that is 64 times as high.
    shifts = top.normalization.config.keywords()["beta_regularizer"]
    assert shifts == {"class_name": "L2", "config": {"l2": pytest.approx(penalty / 64)}}


def test_its_other_settings_are_the_papers(top):
    assert (top.label_smoothing, top.batch_size) == (0.2, BATCH)
    assert dict(top.activation.config.arguments) == {"activation": "gelu"}
    assert top.logit_scale == pytest.approx(1 / 9)
    averaging = dict(top.averaging.config.arguments)
    assert averaging["steps"] == 5
    assert averaging["end_alpha"] == pytest.approx(1 - 0.95**5, abs=1e-4)
    factors = {slot.recipe: dict(slot.config.arguments)["factor"] for slot in top.rate_factors}
    assert factors == {"patch_whitening": 1.0, "batch_norm": 64.0}
    norm = top.normalization.config.keywords()
    del norm["beta_regularizer"]
    assert norm == {"epsilon": 1e-12, "momentum": 0.6, "scale": False}
    (moved,) = (slot.config.keywords() for slot in top.transforms)
    assert (moved["crop_padding_pixels"], moved["fill_mode"]) == (2, "mirror")


# The listings for 95 and 96 %: filters, convolutions, epochs, rate and decay as above, shift, and
# where the rate peaks and what it ends at.
VARIANTS = {
    "speedrun95": ((128, 384, 384), 2, 15, 10.0, 0.0153, 2, (0.23, 0.07)),
    "speedrun96": ((128, 384, 512), 3, 37, 9.0, 0.012, 4, (0.1, 0.0)),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_the_ladders_for_95_and_96_percent_end_at_their_listings(name):
    filters, convolutions, epochs, rate, decay, shift, (peak, end) = VARIANTS[name]
    top = Ladder.from_spec(read_ladder(name)).rungs[-1].blueprint
    assert (top.base, top.filters, top.convolutions) == ("airbench", filters, convolutions)
    assert (top.epochs, top.batch_size, top.label_smoothing) == (epochs, BATCH, 0.2)
    assert top.learning_rate == pytest.approx(rate / KILOSTEPS * BATCH, rel=1e-3)
    penalty = dict(top.kernel_regularizer.config.arguments)["l2"]
    assert 2 * penalty == pytest.approx(decay / rate, rel=1e-2)
    shifts = top.normalization.config.keywords()["beta_regularizer"]["config"]["l2"]
    assert shifts == pytest.approx(penalty / 64)
    moved, *erased = (slot.config.keywords() for slot in top.transforms)
    assert (moved["crop_padding_pixels"], moved["flip_order"]) == (shift, "alternating")
    schedule = top.schedule.config.keywords()
    assert schedule["warmup"] == peak
    share_left = 1 / schedule["start_divisor"] / schedule["end_divisor"]
    assert share_left == pytest.approx(end, abs=1e-3)
    # A square of 12 x 12 pixels goes from every image, and skips come, for 96 % alone.
    square = {"erasing_area": (144 / 1024, 144 / 1024), "erasing_probability": 1.0}
    assert [square.items() <= one.items() for one in erased] == [True] * (name == "speedrun96")
    assert top.skip_connections == (name == "speedrun96")
    assert top.normalization.config.keywords()["momentum"] == (0.9 if erased else 0.6)


def test_its_whole_stack_trains_and_is_judged_by_views_too(top, tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (100, 32, 32, 3), dtype=np.uint8)
    small = top.with_settings(filters=(2, 2, 2), batch_size=20, epochs=2)
    job = Job("13", "0" * 64, small, 0, tmp_path, "", False)
    Trainer(from_arrays(images, np.arange(100) % 10)).train(job, lambda *_: None)
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert 0 <= metrics["val_accuracy_with_views"] <= 1
    assert np.isfinite(metrics["val_cross_entropy"])
