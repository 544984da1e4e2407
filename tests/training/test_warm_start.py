"""Trainings that start from the weights of a run, on the backend that there is."""

import json
import re
import shutil

import keras
import numpy as np
import pandas as pd
import pytest

from trickbook.data import DataError, DataSpec, load, without_validation
from trickbook.data.unused_examples import HELD_OUT, judging_split
from trickbook.recipes import (
    BatchNorm,
    Blueprint,
    Dropout,
    Initializer,
    RecipeError,
    Scaling,
    Task,
    WarmStart,
    WeightAveraging,
    Whitening,
    compose,
)
from trickbook.runs.predictions_file import read_arrays
from trickbook.runs.run_folder import read_object
from trickbook.runs.saved_weights import weights_hash
from trickbook.training.forgetting import old_examples
from trickbook.training.job import Job
from trickbook.training.rung_range_test import range_test
from trickbook.training.trainer import Trainer

SMALL = compose(
    Blueprint(filters=(4,), convolutions=1, dense=(8,), epochs=2, batch_size=20),
    [BatchNorm(), Dropout(), Whitening(epsilon=0.1)],
)
FIRST, LAST = [str(name) for name in range(5)], [str(name) for name in range(5, 10)]


def digits(**settings):
    return load(DataSpec("digits", limit_train=60, **settings))


def train(trainer, blueprint, folder, seed=0):
    """Trains into a folder, as a worker does, and returns it."""
    folder.mkdir(parents=True)
    told = {"blueprint": blueprint.to_dict(), "data": trainer.given.summary()}
    (folder / "run.json").write_text(json.dumps(told))
    trainer.train(Job("x", "0" * 64, blueprint, seed, folder, "", True), lambda *_: None)
    return folder


def model(folder):
    return keras.saving.load_model(folder / "model.keras", compile=False)


def kept(folder):
    return {weight.path: keras.ops.convert_to_numpy(weight) for weight in model(folder).weights}


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    """The folder of a run on digits 0 to 4."""
    return train(Trainer(digits(classes=FIRST)), SMALL, tmp_path_factory.mktemp("old") / "run")


@pytest.fixture(scope="module")
def others(old, tmp_path_factory):
    """What trained on digits 5 to 9 from there, hardly at all, and the folder of it."""
    trainer = Trainer(digits(classes=LAST))
    blueprint = WarmStart(str(old)).apply(SMALL.with_settings(learning_rate=1e-20))
    blueprint = compose(blueprint, [WeightAveraging()])
    return trainer, blueprint, train(trainer, blueprint, tmp_path_factory.mktemp("others") / "run")


@pytest.fixture(scope="module")
def more(old, tmp_path_factory):
    """What trained on all digits from there, and its folders: seeds 0, 0 and 1."""
    trainer, blueprint = Trainer(digits()), WarmStart(str(old)).apply(SMALL)
    folder = tmp_path_factory.mktemp("more")
    folders = [train(trainer, blueprint, folder / str(n), seed) for n, seed in enumerate((0, 0, 1))]
    return trainer, blueprint, folders


def test_the_weights_are_the_runs_but_the_last_layers_of_other_classes(old, others):
    before, after = kept(old), kept(others[2])
    assert before.keys() == after.keys()
    for path, weight in before.items():
        is_close = np.allclose(weight, after[path], rtol=1e-5)
        # Batch norm's running means move at any rate.
        assert is_close is not ("logits" in path or "moving" in path), path
    facts = read_object(others[2] / "warm_start.json")
    assert facts["fresh"] == {"logits": "other classes"}
    assert facts["weights"] == weights_hash(old)
    assert {"input_whitening", "stage1_1_conv"} <= set(facts["taken"])


def test_inputs_stay_scaled_as_the_weights_expect(old, others):
    trainer, _, folder = others
    there, here = (model(one).get_layer("scaling") for one in (old, folder))
    assert (list(there.scale), list(there.offset)) == (list(here.scale), list(here.offset))
    assert list(here.scale) != pytest.approx(trainer.given.scaling.scale, rel=1e-4)


def test_seeds_start_alike_and_end_apart_and_the_same_again(more):
    first, again, other = (read_arrays(folder)["val"] for folder in more[2])
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_range_test_starts_from_the_weights_too(old):
    data = digits(classes=LAST)
    drawn, started = (
        range_test(blueprint, data, 0, 3).losses
        for blueprint in (SMALL, WarmStart(str(old)).apply(SMALL))
    )
    assert not np.isclose(drawn[0], started[0], rtol=1e-3)


def test_what_is_forgotten_is_measured_before_and_after(old, more):
    trainer, _, (folder, *_) = more
    arrays, was = read_arrays(folder), read_arrays(old)
    np.testing.assert_allclose(arrays["old_before"], was["val"], rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(arrays["old_before_labels"], was["val_labels"])
    data = digits(classes=FIRST)
    told = model(folder).predict(data.x_val.astype("float32"), verbose=0)
    np.testing.assert_allclose(arrays["old_after"], told, rtol=1e-4, atol=1e-4)
    assert arrays["old_after"].shape[1] == 10
    np.testing.assert_array_equal(arrays["old_after_labels"], was["val_labels"])
    seen = {image.tobytes() for image in trainer.given.x_train}
    assert read_object(folder / "warm_start.json")["old"] == {
        "name": "digits",
        "examples": len(data.x_val),
        "seen": sum(image.tobytes() in seen for image in data.x_val),
    }


def test_what_starts_anew_and_what_cannot_be_measured_is_said_before(old, others, more):
    trainer, blueprint, folder = others
    start, left_out = trainer.check(blueprint)
    assert start == (
        f"Every seed starts from the weights of {old}, 5 of 6 layers. These start afresh: logits "
        "(other classes)."
    )
    assert left_out == (
        "What it forgets of the old data is not measured: the old class 0 is not among the new "
        "ones."
    )
    assert "old_before" not in read_arrays(folder)
    assert read_object(folder / "warm_start.json")["old"].keys() == {"name", "unknown"}
    trainer, blueprint, _ = more
    (start,) = trainer.check(blueprint.with_settings(dense=(9,)))
    assert "head1_dense (64x8 there, 64x9 here); head1_batch_norm (8 there, 9 here)" in start


def test_an_initializer_that_nothing_starts_from_is_told(old, more):
    recipes = [WarmStart(str(old)), Initializer("orthogonal")]
    start, idle = Trainer(digits(classes=FIRST)).check(compose(SMALL, recipes))
    assert "6 of 6 layers" in start
    assert idle == "initializer does nothing here: every layer starts from those weights."
    (start,) = more[0].check(compose(SMALL, recipes))  # the logits of ten classes start from it
    assert "These start afresh: logits" in start


def test_weights_that_fit_nowhere_are_refused(old):
    trainer = Trainer(load(DataSpec("wine")))
    plain = Blueprint(base="fully_connected", dense=(8,), batch_size=20)
    with pytest.raises(RecipeError, match=r"no layer fits the weights of .*\(head1_dense: .* logi"):
        trainer.check(WarmStart(str(old)).apply(plain))
    assert trainer.check(plain) == []  # what trains goes on after it
    with pytest.raises(RecipeError, match=r"There is no run\.json in nowhere"):
        trainer.check(WarmStart("nowhere").apply(plain))


def test_a_run_that_was_a_transfer_is_refused(old, tmp_path):
    shutil.copytree(old, tmp_path / "moved")
    told = read_object(old / "run.json")
    told["blueprint"]["base"] = "backbone"
    (tmp_path / "moved" / "run.json").write_text(json.dumps(told))
    blueprint = WarmStart(str(tmp_path / "moved")).apply(SMALL)
    with pytest.raises(RecipeError, match=r"warm_start: .*on a backbone.*recipe transfer instead"):
        Trainer(digits()).check(blueprint)


def windows(folder, horizon, target="level", factor=1.0):
    """Windows of a series whose target stands so many rows after them."""
    rows = np.arange(60)
    frame = pd.DataFrame({"level": factor * np.sin(rows / 5), "flow": np.cos(rows / 7)})
    frame.to_csv(folder / "series.csv", index=False)
    path = f"table:{folder / 'series.csv'}"
    return load(DataSpec(path, target=target, window=4, horizon=horizon))


OF_A_SERIES = Blueprint(base="mlp", dense=(4,), epochs=1, batch_size=20, task=Task("regression"))


@pytest.fixture(scope="module")
def two_rows_on(tmp_path_factory):
    """The folder of a run that tells the level two rows on."""
    folder = tmp_path_factory.mktemp("series")
    return train(Trainer(windows(folder, 2)), OF_A_SERIES, folder / "run")


@pytest.mark.parametrize(
    ("settings", "fresh"),
    [
        ({"horizon": 2}, ""),
        ({"horizon": 3}, "another horizon"),
        ({"horizon": 2, "target": "flow"}, "another target"),
    ],
    ids=["the same", "horizon", "target"],
)
def test_what_tells_another_row_or_column_starts_with_a_fresh_head(
    two_rows_on, tmp_path, settings, fresh
):
    told = read_object(two_rows_on / "run.json")["data"]
    trainer = Trainer(windows(tmp_path, **settings))
    start, *left_out = trainer.check(WarmStart(str(two_rows_on)).apply(OF_A_SERIES))
    assert start.endswith(f"These start afresh: values ({fresh})." if fresh else "2 of 2 layers.")
    assert bool(left_out) is bool(fresh)
    if fresh:
        with pytest.raises(DataError, match="the old run predicted something else"):
            old_examples(told, trainer.given)


def test_numbers_stay_in_the_units_that_the_weights_were_trained_for(two_rows_on, tmp_path):
    trainer = Trainer(windows(tmp_path, 2, factor=3.0))
    held = OF_A_SERIES.with_settings(learning_rate=1e-20)
    folder = train(trainer, WarmStart(str(two_rows_on)).apply(held), tmp_path / "run")
    inputs = trainer.given.x_val.astype("float32")
    before, after = (model(one).predict(inputs, verbose=0) for one in (two_rows_on, folder))
    np.testing.assert_allclose(after, before, rtol=1e-4, atol=1e-5)
    assert before.std() > 0.01
    arrays, was = read_arrays(folder), read_arrays(two_rows_on)
    for when in ("old_before", "old_after"):
        np.testing.assert_allclose(arrays[when], was["val"], rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(arrays[f"{when}_labels"], was["val_labels"])


def test_old_classes_go_by_their_names(old):
    told = read_object(old / "run.json")["data"]
    found = old_examples(told, digits(classes=[*LAST, *FIRST[::-1]]))
    np.testing.assert_array_equal(found.after, 9 - found.before)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"name": "arrays"}, "the old data are not named"),
        ({"fingerprint": "0" * 64}, "the old data have changed since"),
        ({"spec": {"name": "npz:none.npz"}}, r"data cannot be loaded \(.*none.npz.*[^.]\)$"),
    ],
)
def test_old_data_that_cannot_be_had_are_left_out(old, change, text):
    told = read_object(old / "run.json")["data"] | change
    with pytest.raises(DataError) as refused:
        old_examples(told, digits())
    assert re.search(text, str(refused.value))


def test_a_refit_has_no_validation_examples_to_forget(old):
    told = without_validation(digits(classes=FIRST)).summary()
    with pytest.raises(DataError, match="no validation examples, as in a refit"):
        old_examples(told, digits())


def test_old_data_of_what_a_search_has_judged_are_those_that_judged():
    data = load(DataSpec("digits", limit_train=200, unused="validation"))
    judging = judging_split(data, HELD_OUT)
    told = json.loads(json.dumps(judging.summary()))
    np.testing.assert_array_equal(old_examples(told, digits()).inputs, judging.x_val)


def test_old_data_of_runs_that_do_not_tell_all_are_guessed():
    data = digits()
    told = {**data.summary(), "spec": None}
    np.testing.assert_array_equal(old_examples(told, data).inputs, data.x_val)
    assert old_examples({**told, "bootstrap_of": data.fingerprint}, data).seen == 0


@pytest.mark.parametrize(
    "settings", [{"kind": "image_standardize"}, {"kind": "image_center"}], ids=str
)
def test_a_scaling_of_each_image_goes_on_where_the_run_had_it(settings, tmp_path):
    plain = Blueprint(filters=(4,), convolutions=1, dense=(8,), epochs=1, batch_size=20)
    trainer, scaling = Trainer(digits()), Scaling(**settings)
    first = train(trainer, compose(plain, [scaling]), tmp_path / "first")
    held = plain.with_settings(learning_rate=1e-20)
    recipes = [WarmStart(str(first)), scaling]
    assert compose(held, recipes) == compose(held, recipes[::-1])
    second = train(trainer, compose(held, recipes), tmp_path / "second")
    images = trainer.given.x_val.astype("float32")
    before, after = (model(one).predict(images, verbose=0) for one in (first, second))
    np.testing.assert_allclose(before, after, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("recipe", [Scaling("unit"), Initializer("lsuv")])
def test_what_would_undo_it_is_refused_in_either_order(recipe):
    for order in ([recipe, WarmStart("run")], [WarmStart("run"), recipe]):
        with pytest.raises(RecipeError, match=f"warm_start clashes with {recipe.name}"):
            compose(Blueprint(), order)
    with pytest.raises(RecipeError, match="say which run"):
        WarmStart().apply(Blueprint())
