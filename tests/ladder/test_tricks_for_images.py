"""What is for images alone is refused of a table, before any training and in a plain line."""

import pytest

from trickbook.data import DataSpec
from trickbook.ladder.studies.study import Arm, Study
from trickbook.ladder.studies.study_checks import check_arms
from trickbook.recipes import (
    Augmentation,
    Blueprint,
    Cutmix,
    NetworkSettings,
    Noise,
    RandAugment,
    Scaling,
    Whitening,
)
from trickbook.training.errors import LadderError

ROWS = {"name": "rows", "train": 300, "classes": ("a", "b")}


def check(recipe):
    network = Blueprint(NetworkSettings("mlp", filters=(), dense=(4,)), batch_size=16)
    arm = Arm("01-it", recipe.apply(network))
    check_arms(Study("it", (arm,), DataSpec("digits"), (0,)), ROWS)


@pytest.mark.parametrize(
    ("recipe", "told"),
    [
        (Augmentation(), "augmentation"),
        (RandAugment(), "rand_augment"),
        (Noise(), "noise"),
        (Cutmix(), "cutmix"),
        (Scaling("unit"), "scaling unit"),
        (Scaling("image_standardize"), "scaling"),
    ],
)
def test_tricks_for_images_are_refused_of_rows(recipe, told):
    with pytest.raises(LadderError, match=f"^01-it: {told} is for images, and rows has rows"):
        check(recipe)


@pytest.mark.parametrize("recipe", [Noise("gaussian"), Scaling("standardize"), Whitening()])
def test_those_that_rows_can_have_are_taken(recipe):
    check(recipe)
