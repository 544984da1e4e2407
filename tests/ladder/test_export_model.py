"""`trickbook export`: what is written says what the run said, or is not kept."""

import importlib.util
import json
import shutil

import keras
import numpy as np
import pandas as pd
import pytest
from ladder_folders import runs_of
from scipy.special import softmax

from trickbook.data import DataSpec, load
from trickbook.ladder.trained import export_model
from trickbook.ladder.trained.export_model import ExportFormat, export_run
from trickbook.ladder.trained.exported_outputs import READERS
from trickbook.ladder.trained.stored_examples import stored_examples
from trickbook.recipes import (
    Activation,
    BatchNorm,
    Blueprint,
    GroupNorm,
    Network,
    Scaling,
    Whitening,
    compose,
)
from trickbook.runs.run_folder import read_run
from trickbook.runs.wrong_images_file import read_wrong_images
from trickbook.training.build import build_model
from trickbook.training.errors import LadderError
from trickbook.training.preprocessing import fit_preprocessing

FORMATS = [
    pytest.param(
        form,
        marks=pytest.mark.skipif(
            form is ExportFormat.ONNX and not importlib.util.find_spec("tf2onnx"),
            reason="tf2onnx is not installed",
        ),
    )
    for form in ExportFormat
]


def run_of(climbed, start):
    return next(path for name, path in runs_of(climbed).items() if name.startswith(start))


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_written_says_what_the_run_kept(climbed, tmp_path, command, form):
    run = run_of(climbed, "01-batch_norm")
    result = command("export", str(run), "--format", form, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    (written,) = tmp_path.iterdir()
    assert written.name == f"{run.name}{form.ending}"
    assert f"Exported: {written.name}. It takes raw pixels from 0 to 255, float32 of shape " in (
        result.stdout
    )
    assert "(n, 8, 8, 1), and gives the probabilities of 0, 1, 2." in result.stdout
    wrong = read_wrong_images(run)
    assert f"Checked: on {len(wrong)} inputs it agrees with the run's model" in result.stdout
    # Those are of the validation images, of which the run kept what it said.
    found = READERS[form](written, np.stack([*wrong.values()]).astype(np.float32))
    stored = np.load(run / "predictions.npz")["val"][[*wrong]].astype(np.float64)
    np.testing.assert_allclose(found, softmax(stored, axis=1), rtol=1e-4, atol=1e-6)


def save_untrained(folder, recipes):
    """Writes what a run that is not trained would leave."""
    data = load(DataSpec("digits", limit_train=64))
    blueprint = compose(
        Blueprint(filters=(4,), convolutions=1, dense=(4,), recurrent_units=(3,)), recipes
    )
    fitted = fit_preprocessing(blueprint, data.scaling.apply(data.x_train))
    model = build_model(
        *(blueprint, data.input_shape, 10, data.scaling), steps_per_epoch=1, preprocessing=fitted
    ).inference_model
    model.save(folder / "model.keras")
    precision = keras.config.dtype_policy().name
    about = {"data": data.summary(), "blueprint": blueprint.to_dict(), "precision": precision}
    (folder / "run.json").write_text(json.dumps(about))
    return folder


@pytest.fixture(scope="module")
def whitened(tmp_path_factory):
    """A run of our own layers and others."""
    recipes = [Scaling(kind="image_standardize"), Whitening(epsilon=0.1), GroupNorm(groups=2)]
    folder = tmp_path_factory.mktemp("whitened")
    return save_untrained(folder, [*recipes, Activation(kind="gelu")])


@pytest.mark.parametrize("form", FORMATS)
def test_layers_of_our_own_are_written_too(whitened, tmp_path, form):
    exported = export_run(whitened, form, tmp_path / "deep" / "out")
    # It has kept no images that it tells wrongly.
    assert exported.examples == 16
    assert exported.difference < 1e-5
    images = load(DataSpec("digits")).x_test[:20].astype(np.float32)
    logits = keras.saving.load_model(whitened / "model.keras").predict_on_batch(images)
    written = exported.path
    if form in (ExportFormat.KERAS, ExportFormat.TFLITE):
        written = written.rename(f"{written}{form.ending}")  # whose readers ask for it
    np.testing.assert_allclose(READERS[form](written, images), softmax(logits, 1), atol=1e-4)


@pytest.fixture
def mixed(tmp_path):
    """A run in mixed precision."""
    (tmp_path / "mixed").mkdir()
    keras.config.set_dtype_policy("mixed_bfloat16")
    yield save_untrained(tmp_path / "mixed", [BatchNorm()])
    keras.config.set_dtype_policy("float32")


def test_what_computes_in_bfloat16_is_written_in_float32(mixed, tmp_path):
    exported = export_run(mixed, ExportFormat.TFLITE, tmp_path / "out.tflite")
    assert 0 < exported.difference < 0.02
    images = load(DataSpec("digits")).x_test[:20].astype(np.float32)
    logits = keras.saving.load_model(mixed / "model.keras").predict_on_batch(images)
    found = READERS["tflite"](exported.path, images)
    np.testing.assert_allclose(found, softmax(logits, 1), atol=0.02)


def test_recurrent_layers_are_written_for_an_interpreter_without_loops(tmp_path):
    (tmp_path / "run").mkdir()
    run = save_untrained(tmp_path / "run", [Network("gru", bidirectional=True)])
    exported = export_run(run, ExportFormat.TFLITE, tmp_path / "out.tflite")
    assert exported.difference < 1e-5


def test_what_says_something_else_is_not_kept(climbed, tmp_path, monkeypatch):
    readers = {"keras": lambda path, inputs: READERS["keras"](path, inputs) + 0.001}
    monkeypatch.setattr(export_model, "READERS", readers)
    with pytest.raises(LadderError, match=r"other outputs than model\.keras .* 0\.001 apart"):
        export_run(run_of(climbed, "00"), ExportFormat.KERAS, tmp_path / "out.keras")
    assert not [*tmp_path.iterdir()]


def test_values_of_a_small_unit_are_compared_by_their_size(tmp_path, monkeypatch):
    (tmp_path / "run").mkdir()
    about = {"data": load(DataSpec("diabetes")).summary(), "blueprint": Blueprint().to_dict()}
    (tmp_path / "run" / "run.json").write_text(json.dumps(about))
    bias = keras.initializers.Constant(9e-5)
    small = keras.layers.Dense(1, kernel_initializer="zeros", bias_initializer=bias)
    inputs = keras.Input((10,))
    keras.Model(inputs, small(inputs)).save(tmp_path / "run" / "model.keras")
    out = tmp_path / "out.keras"
    with monkeypatch.context() as patch:
        patch.setattr(export_model, "READERS", {"keras": lambda _, rows: np.zeros((len(rows), 1))})
        with pytest.raises(LadderError, match=r"other outputs .* up to 1 apart"):
            export_run(tmp_path / "run", ExportFormat.KERAS, out)
    assert export_run(tmp_path / "run", ExportFormat.KERAS, out).difference == 0


def examples_of(folder, data):
    """What the model of a run on this data is tried on."""
    (folder / "run.json").write_text(json.dumps({"data": data.summary()}))
    return stored_examples(read_run(folder))


def test_rows_are_drawn_where_those_of_training_lie(tmp_path):
    data = load(DataSpec("breast_cancer"))
    rows = data.scaling.apply(examples_of(tmp_path, data))
    assert rows.shape == (16, 30)
    assert np.abs(rows).max() < 6
    np.testing.assert_allclose([rows.mean(), rows.std()], [0, 1], atol=0.15)


@pytest.mark.parametrize("settings", [{}, {"window": 3}, {"categories": "embedded"}], ids=repr)
def test_each_text_that_is_drawn_is_one_of_the_categories(tmp_path, settings):
    draws = np.random.default_rng(0)
    frame = pd.DataFrame({"city": draws.choice(["Bern", "Oslo", "Rome"], 60)})
    frame["rent"] = draws.normal(1e6, 2.0, 60)
    frame["price"] = draws.normal(-5.0, 0.1, 60)
    frame.to_csv(tmp_path / "x.csv", index=False)
    data = load(DataSpec(f"table:{tmp_path / 'x.csv'}", target="price", **settings))
    rows = examples_of(tmp_path, data)
    assert rows.shape == (16, *data.input_shape)
    is_coded = "categories" in settings
    cities, numbers = np.split(data.scaling.apply(rows), [1 if is_coded else 3], axis=-1)
    assert np.abs(numbers).max() < 6
    assert {*cities.ravel()} == ({0, 1, 2, 3} if is_coded else {0, 1})
    if not is_coded:
        np.testing.assert_array_equal(cities.sum(axis=-1), 1)


def test_what_keras_cannot_export_is_said_in_a_line(climbed, tmp_path, monkeypatch):
    def fails(*_, **__):
        raise RuntimeError("no such operation\nand much more")

    monkeypatch.setattr(keras.Model, "export", fails)
    with pytest.raises(LadderError, match=r"as tflite: RuntimeError: no such operation$"):
        export_run(run_of(climbed, "00"), ExportFormat.TFLITE, tmp_path / "out.tflite")
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["RUN"], "Missing option '--format'"),
        (["RUN", "--format", "pickle"], "'pickle' is not one of"),
        (["RUN", "--format", "keras", "--out", "taken"], "taken exists already."),
        (["nowhere", "--format", "keras"], "There is no folder nowhere."),
        (["STUDY", "--format", "keras"], "Give the folder of one run in it, such as runs/00-"),
        (["bare", "--format", "keras"], "There is no model.keras in bare"),
        (["RUN", "--format", "onnx"], "needs tf2onnx, not installed here: pip install 'trickbook["),
    ],
)
def test_what_cannot_be_exported_is_said_in_a_line(
    climbed, tmp_path, command, monkeypatch, arguments, wanted
):
    find_spec = importlib.util.find_spec
    asked = {"tf2onnx": None, "onnxruntime": True}
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *more: asked[name] if name in asked else find_spec(name, *more),
    )
    (tmp_path / "taken").mkdir()
    run = run_of(climbed, "00")
    shutil.copytree(run, tmp_path / "bare", ignore=shutil.ignore_patterns("model.keras"))
    places = {"STUDY": str(climbed), "RUN": str(run)}
    result = command("export", *(places.get(one, one) for one in arguments), cwd=tmp_path)
    assert result.returncode == 2
    assert wanted in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr
