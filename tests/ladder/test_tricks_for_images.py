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

ROWS = {"name": "rows", "train": 300, "classes": ("a", "b"), "input_shape": (4,), "table": {}}
TOKENS = {"name": "words", "train": 300, "classes": ("a", "b"), "input_shape": (4,)}


def check(recipe, data=ROWS):
    network = Blueprint(NetworkSettings("mlp", filters=(), dense=(4,)), batch_size=16)
    arm = Arm("01-it", recipe.apply(network))
    check_arms(Study("it", (arm,), DataSpec("digits"), (0,)), data)


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


@pytest.mark.parametrize("recipe", [Noise("gaussian"), Scaling("standardize"), Whitening()])
@pytest.mark.parametrize(
    ("ids", "told"),
    [
        ({"vocabulary": 9}, "those of words are tokens"),
        ({"category_sizes": [0, 3, 0, 0], "table": {}}, "those of words are codes of categories"),
    ],
)
def test_nothing_computes_with_what_only_stands_for_something(recipe, ids, told):
    with pytest.raises(LadderError, match=f"^01-it: {recipe.name} computes .*{told}"):
        check(recipe, TOKENS | ids)


def test_pictures_that_sequences_have_not_are_told_of_sequences():
    with pytest.raises(LadderError, match="is for images, and words has sequences"):
        check(Augmentation(), TOKENS | {"input_shape": (4, 2)})
