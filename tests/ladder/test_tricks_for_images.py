"""What is for images alone is refused of a table, before any training and in a plain line."""

import numpy as np
import pytest
from recipe_examples import EXAMPLES

from trickbook import data as sets
from trickbook.ladder.studies.study import Arm, Study
from trickbook.ladder.studies.study_checks import check_arms
from trickbook.recipes import (
    Augmentation,
    Blueprint,
    Cutmix,
    NetworkSettings,
    Noise,
    PatchWhitening,
    RandAugment,
    Scaling,
    TestTimeAugmentation,
    Whitening,
)
from trickbook.training.errors import LadderError
from trickbook.training.trainer import Trainer

ROWS = {"name": "rows", "train": 300, "classes": ("a", "b"), "input_shape": (4,), "table": {}}
TOKEN_IDS = {"vocabulary": 9}
CODES = {"category_sizes": [0, 3, 0, 0], "table": {}}
TOKENS = {"name": "words", "train": 300, "classes": ("a", "b"), "input_shape": (4,)}


def check(recipe, data=ROWS):
    network = Blueprint(NetworkSettings("mlp", filters=(), dense=(4,)), batch_size=16)
    arm = Arm("01-it", recipe.apply(network))
    check_arms(Study("it", (arm,), sets.DataSpec("digits"), (0,)), data)


@pytest.mark.parametrize(
    ("recipe", "told"),
    [
        (Augmentation(), "augmentation"),
        (RandAugment(), "rand_augment"),
        (Noise(), "noise"),
        (Cutmix(), "cutmix"),
        (PatchWhitening(), "patch_whitening"),
        (TestTimeAugmentation(), "test_time_augmentation"),
        (Scaling("image_standardize"), "scaling"),
    ],
)
def test_tricks_for_images_are_refused_of_rows(recipe, told):
    with pytest.raises(LadderError, match=f"^01-it: {told} is for images, and rows has rows"):
        check(recipe)


@pytest.mark.parametrize(
    "recipe", [Noise("gaussian"), Scaling("unit"), Scaling("standardize"), Whitening()]
)
def test_those_that_rows_can_have_are_taken(recipe):
    check(recipe)


@pytest.mark.parametrize(
    ("recipe", "ids"),
    [
        *((recipe, TOKEN_IDS) for recipe in (Noise("gaussian"), Scaling("unit"), Whitening())),
        *((recipe, CODES) for recipe in (Noise("gaussian"), Whitening())),
    ],
)
def test_nothing_computes_with_what_only_stands_for_something(recipe, ids):
    told = "tokens" if "vocabulary" in ids else "codes of categories"
    message = f"^01-it: {recipe.name} computes .*inputs of words are {told}"
    with pytest.raises(LadderError, match=message):
        check(recipe, TOKENS | ids)


def test_a_scaling_which_leaves_categories_alone_is_taken():
    check(Scaling("unit"), TOKENS | CODES)


def test_pictures_that_sequences_have_not_are_told_of_sequences():
    with pytest.raises(LadderError, match="is for images, and words has sequences"):
        check(Augmentation(), TOKENS | {"input_shape": (4, 2)})


def data_of(shape):
    x = np.random.default_rng(0).normal(size=(32, *shape)).astype("float32")
    y = np.arange(32, dtype="int32") % 2
    plain = sets.Scaling("standardize", (1.0,), (0.0,))
    return sets.Dataset("x", ("a", "b"), *(x, y) * 3, scaling=plain, fingerprint="0" * 64)


@pytest.mark.parametrize(("base", "shape"), [("fully_connected", (4,)), ("recurrent", (3, 2))])
def test_what_is_taken_of_other_inputs_prepares_a_batch_and_a_network(base, shape):
    data, taken = data_of(shape), []
    below = Blueprint(base=base, dense=(4,), recurrent_units=(2,), batch_size=8, epochs=4)
    for name, recipe in EXAMPLES.items():
        above = recipe.apply(below)
        # The others leave the inputs alone.
        if above.base == base and any(
            getattr(above, place) != getattr(below, place)
            for place in ("transforms", "preprocessing", "mixing", "scaling", "views")
        ):
            try:
                check_arms(Study("it", (Arm("it", above),), data, (0,)), data.summary())
            except LadderError:
                continue
            Trainer(data).check(above)
            taken.append(name)
    assert taken == ["whitening", "noise", "mixup"]
