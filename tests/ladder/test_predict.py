"""`trickbook predict`: what is taken, what is read, and what is written."""

import io
import json
import shutil
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from ladder_folders import runs_of
from ladder_on_disk import write_ladder, write_run
from PIL import Image
from scipy.special import softmax

from trickbook.data import DataSpec, load
from trickbook.ladder.trained.chosen_runs import choose_runs
from trickbook.ladder.trained.predict import predict
from trickbook.ladder.trained.prediction_inputs import read_batches
from trickbook.ladder.trained.prediction_text import Format, format_for
from trickbook.training.errors import LadderError


@pytest.fixture(scope="module")
def data(climbed):
    """The tiny data as the runs had them."""
    return load(DataSpec(f"npz:{climbed.parent / 'tiny.npz'}"))


@pytest.fixture(scope="module")
def inputs(data, tmp_path_factory):
    """Validation images as arrays and as pictures, some of them in a sub-folder."""
    folder = tmp_path_factory.mktemp("inputs")
    np.savez(folder / "val.npz", x=data.x_val)
    np.savez(folder / "grey.npz", x=data.x_val[:3, ..., 0])
    np.savez(folder / "rgb.npz", x_test=np.repeat(data.x_val[:3], 3, axis=-1))
    (folder / "pictures" / "more").mkdir(parents=True)
    for place, image in enumerate(data.x_val[:3]):
        below = "more/" if place == 2 else ""
        Image.fromarray(image[..., 0]).save(folder / f"pictures/{below}{place}.png")
    (folder / "pictures" / "notes.txt").touch()
    return folder


def run_of(climbed, start):
    return next(path for name, path in runs_of(climbed).items() if name.startswith(start))


def stored(runs):
    """The mean of the validation probabilities that runs kept."""
    arrays = [np.load(run / "predictions.npz")["val"].astype(np.float64) for run in runs]
    return softmax(np.stack(arrays), axis=-1).mean(axis=0)


def said(result):
    return " ".join(result.stderr.split())


def test_a_run_says_of_its_validation_images_what_it_kept(climbed, inputs):
    run = run_of(climbed, "02")
    found = predict(choose_runs(run).runs, [inputs / "val.npz"])
    assert found.classes == ("0", "1", "2")
    assert found.inputs[:2] == (f"{inputs}/val.npz[0]", f"{inputs}/val.npz[1]")
    np.testing.assert_allclose(found.answers, stored([run]), rtol=1e-5, atol=1e-7)


def test_a_study_answers_with_the_mean_of_its_best_arm(climbed, inputs, command):
    table = pd.read_csv(climbed / "ladder.csv")
    best = int(table["val_accuracy"].idxmax())
    arguments = ["predict", str(climbed), "val.npz", "--format", "csv"]
    result = command(*arguments, cwd=inputs)
    assert result.returncode == 0
    assert f"Taken: 0{best}-" in result.stderr
    assert "the best of 3 by validation accuracy; the mean of seeds 0, 1." in said(result)
    frame = pd.read_csv(io.StringIO(result.stdout), dtype={"class": str})
    assert [*frame.columns] == [
        *("input", "class", "probability"),
        *(f"probability of {name}" for name in "012"),
    ]
    expected = stored(sorted((climbed / "runs").glob(f"0{best}-*")))
    np.testing.assert_allclose(frame.iloc[:, 3:], expected, rtol=1e-5, atol=1e-7)
    assert [*frame["class"]] == [str(place) for place in expected.argmax(axis=1)]
    np.testing.assert_array_equal(frame["probability"], frame.iloc[:, 3:].max(axis=1))


@pytest.mark.parametrize("arm", ["01-batch_norm", "batch_norm", "1"])
def test_an_arm_and_a_seed_are_chosen_by_name(climbed, inputs, command, arm):
    result = command(
        *["predict", str(climbed), "val.npz", "--arm", arm, "--seed", "1"],
        *["--format", "json", "--out", "told/all.json"],
        cwd=inputs,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout == "Predictions: told/all.json\n"
    assert result.stderr == "Taken: 01-batch_norm; seed 1.\n"
    told = json.loads((inputs / "told" / "all.json").read_text())
    run = run_of(climbed, "01-batch_norm-s1")
    assert told["runs"] == [str(run)]
    expected = stored([run])
    for row, probabilities in zip(told["predictions"], expected, strict=True):
        assert row["class"] == str(probabilities.argmax())
        assert row["probability"] == pytest.approx(probabilities.max(), rel=1e-5)
        assert row["probabilities"] == pytest.approx(
            {str(place): chance for place, chance in enumerate(probabilities)}, abs=1e-6
        )


@pytest.mark.parametrize(
    ("file", "asked", "taken"),
    [
        (None, None, "text"),
        (None, "csv", "csv"),
        ("told.csv", None, "csv"),
        ("told.JSON", None, "json"),
        ("told.txt", None, "text"),
        ("told.txt", "json", "json"),
        ("told.csv", "csv", "csv"),
        ("told.csv", "text", None),
        ("told.json", "csv", None),
    ],
)
def test_a_file_s_ending_says_how_it_is_written(file, asked, taken):
    arguments = (file and Path(file), asked and Format(asked))
    if taken is not None:
        assert format_for(*arguments) is Format(taken)
        return
    with pytest.raises(LadderError, match=f"--format {asked} and --out {file} do not agree"):
        format_for(*arguments)


def test_a_folder_is_read_with_its_sub_folders(climbed, inputs, command):
    run = run_of(climbed, "01")
    result = command("predict", str(run), "pictures", "grey.npz", "rgb.npz", cwd=inputs)
    assert result.returncode == 0, result.stderr
    lines = [line.partition(": ") for line in result.stdout.splitlines()]
    assert [name for name, _, _ in lines] == [
        *("pictures/0.png", "pictures/1.png", "pictures/more/2.png"),
        *(f"{file}.npz[{place}]" for file in ("grey", "rgb") for place in range(3)),
    ]
    chances = [text for _, _, text in lines]
    assert chances[:3] == chances[3:6] == chances[6:]
    expected = stored([run])[0]
    best = int(expected.argmax())
    assert chances[0].startswith(f"{best} {expected[best]:.3f}")


def test_more_pictures_than_are_held_at_once_come_in_order(climbed, tmp_path, data):
    run = choose_runs(run_of(climbed, "00")).runs
    np.savez(tmp_path / "many.npz", x=np.resize(data.x_val, (600, 8, 8, 1)))
    found = predict(run, [tmp_path / "many.npz"])
    once = predict(run, [tmp_path / "many.npz"]).answers[: len(data.x_val)]
    assert found.inputs[-1] == f"{tmp_path}/many.npz[599]"
    np.testing.assert_allclose(found.answers, np.resize(once, (600, 3)), rtol=1e-5)


def test_predict_names_classes_of_images_of_any_size(climbed, tmp_path, command):
    data = load(DataSpec(f"npz:{climbed.parent / 'tiny.npz'}"))
    folder = next(path for name, path in runs_of(climbed).items() if name.startswith("01"))
    image = Image.fromarray(np.asarray(data.x_test[0])[..., 0])
    image.save(tmp_path / "small.png")
    image.convert("RGB").resize((64, 48)).save(tmp_path / "large.png")
    arguments = ["predict", str(folder), "small.png", "large.png"]
    result = command(*arguments, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    small, large = result.stdout.strip().splitlines()
    logits = keras.saving.load_model(folder / "model.keras").predict(
        np.asarray(data.x_test[:1], np.float32), verbose=0
    )[0]
    chances = np.exp(logits) / np.exp(logits).sum()
    best = data.classes[int(chances.argmax())]
    assert small.startswith(f"small.png: {best} {chances.max():.3f}")
    assert large.startswith("large.png: ")
    (tmp_path / "no.png").write_text("no image")
    result = command("predict", str(folder), "no.png", cwd=tmp_path)
    assert result.returncode == 2
    assert "no.png is no image, or a cut-off one" in result.stderr
    mixed = command("predict", str(folder), "no.png", "small.png", cwd=tmp_path)
    assert mixed.returncode == 1
    assert mixed.stdout.splitlines() == [small]
    assert "no.png is no image" in mixed.stderr


@pytest.mark.parametrize(
    ("factor", "dtype", "told"),
    [
        (1 / 255, np.float32, "of x.npz go from 0 to 0."),
        (1, np.uint8, None),
        (1, np.float32, None),
        (0.25, np.uint8, None),  # dark pictures
        (1 / 100, np.uint8, "of x.npz go from 0 to 1,"),
        (100, np.int64, "of x.npz go from 0 to 1"),
    ],
)
def test_pixels_of_other_units_are_told(climbed, data, tmp_path, command, factor, dtype, told):
    np.savez(tmp_path / "x.npz", x=(factor * data.x_val.astype(np.float64)).astype(dtype))
    run = str(run_of(climbed, "01"))
    result = command("predict", run, "x.npz", cwd=tmp_path)
    assert result.returncode == 0
    assert ("Warning: The pixels" in said(result)) == (told is not None)
    if told:
        assert told in said(result)
        assert said(result).count("learnt from went from 0 to 255") == 1


def test_a_picture_that_is_named_twice_is_told_twice(tmp_path):
    for number in range(3):
        Image.fromarray(np.full((4, 4), number, np.uint8)).save(tmp_path / f"{number}.png")
    told = {"image_shape": [4, 4, 1], "value_range": [0, 255]}
    (batch,) = read_batches([tmp_path, tmp_path / "1.png"], [told])
    assert batch.names == [str(tmp_path / f"{number}.png") for number in (0, 1, 2, 1)]
    assert batch.inputs[0][:, 0, 0, 0].tolist() == [0, 1, 2, 1]


def test_predict_refuses_a_model_whose_outputs_are_not_the_classes(climbed, tmp_path, command):
    run = tmp_path / "run"
    shutil.copytree(next(iter(runs_of(climbed).values())), run)
    keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(13)]).save(
        run / "model.keras"
    )
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(tmp_path / "black.png")
    result = command("predict", "run", "black.png", cwd=tmp_path)
    assert result.returncode == 2
    said = " ".join(result.stderr.split())
    assert "The model in run has outputs of shape (None, 13) for 3 classes." in said


def test_predict_refuses_a_run_that_tells_no_data(climbed, tmp_path, command):
    run = tmp_path / "run"
    shutil.copytree(next(iter(runs_of(climbed).values())), run)
    # As LearningCurves writes it in a project that knows no ladder.
    (run / "run.json").write_text('{"name": "mine", "data": null}')
    result = command("predict", "run", "black.png", cwd=tmp_path)
    assert result.returncode == 2
    said = " ".join(result.stderr.split())
    assert "run/run.json does not tell what the model was trained on" in said


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["nowhere", "x.npz"], "There is no folder nowhere."),
        (["STUDY", "nowhere"], "There is no file nowhere."),
        (["STUDY", "no.npz"], "There is no file no.npz."),
        (["STUDY", "empty"], "There are no pictures in empty."),
        (["STUDY", "y.npz"], "y.npz holds y. Give inputs as x, or x_test"),
        (["STUDY", "large.npz"], "must hold numbers of shape (n, 8, 8, 1), of images grey or"),
        (["STUDY", "two.npz"], "Received: shape=(1, 8, 8, 2), dtype=float64"),
        (["STUDY", "nan.npz"], "x in nan.npz holds NaN or infinite values."),
        (["STUDY", "text.npz"], "dtype=<U1"),
        (["STUDY", "broken.npz"], "broken.npz cannot be read as plain arrays"),
        (["STUDY", "none.npz"], "There is nothing to predict."),
        (["STUDY", "x.npz", "--arm", "batchnorm"], "Did you mean '01-batch_norm'?"),
        (["STUDY", "x.npz", "--seed", "7"], "is done. Seeds that are done: 0, 1."),
        (["RUN", "x.npz", "--seed", "0"], "--arm and --seed choose among a study's."),
        (["STUDY", "x.npz", "--format", "json", "--out", "told.csv"], "do not agree. Leave"),
        (["STUDY", "x.npz", "--format", "xml"], "'xml' is not one of"),
    ],
)
def test_what_cannot_be_predicted_is_said_in_a_line(climbed, tmp_path, command, arguments, wanted):
    arrays = {
        "x": np.zeros((1, 8, 8), np.uint8),
        "large": np.zeros((1, 9, 8), np.uint8),
        "two": np.zeros((1, 8, 8, 2)),
        "nan": np.full((1, 8, 8, 1), np.nan),
        "text": np.full((1, 8, 8, 1), "a"),
        "none": np.zeros((0, 8, 8, 1)),
    }
    for name, array in arrays.items():
        np.savez(tmp_path / f"{name}.npz", x=array)
    np.savez(tmp_path / "y.npz", y=np.zeros(1))
    (tmp_path / "broken.npz").write_text("no arrays")
    (tmp_path / "empty").mkdir()
    places = {"STUDY": str(climbed), "RUN": str(run_of(climbed, "00"))}
    result = command("predict", *(places.get(one, one) for one in arguments), cwd=tmp_path)
    assert result.returncode == 2
    assert wanted in said(result)
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_runs_without_models_say_how_to_get_them(climbed, tmp_path, command):
    shutil.copytree(climbed, tmp_path / "out", ignore=shutil.ignore_patterns("model.keras"))
    for folder in ("out", "out/runs/" + run_of(climbed, "00").name):
        result = command("predict", folder, "x.png", cwd=tmp_path)
        assert result.returncode == 2
        assert "There is no model.keras in out/runs/" in said(result)
        assert "`trickbook run` without --no-models trains it again." in said(result)


def test_where_no_arm_may_be_best_one_is_to_be_chosen(climbed, tmp_path, command):
    out = tmp_path / "out"
    shutil.copytree(climbed, out)
    for path in out.glob("runs/*/metrics.json"):
        figures = json.loads(path.read_text())
        path.write_text(json.dumps({**figures, "val_cross_entropy": 1e9}))
    result = command("predict", "out", "x.png", cwd=tmp_path)
    assert result.returncode == 2
    assert "may be called the best" in said(result)
    assert "--arm: 00-baseline, 01-batch_norm, 02-dropout+noise." in said(result)


@pytest.fixture
def several(tmp_path):
    """A folder with a ladder, its ablation and a sweep, written by hand, with empty models."""
    write_ladder(tmp_path, {"baseline": [0.8], "dropout+noise": [0.9]})
    ladder = json.loads((tmp_path / "ladder.json").read_text())
    for study, arm in (("ablation", "alone-noise"), ("sweep-01-l2", "01-x,l2.weight=0.1")):
        key = f"{study:f<64}"
        rung = {"index": 2, "name": arm, "recipes": ["noise"], "fingerprints": {"0": key}}
        told = {**ladder, "kind": study, "rungs": [*ladder["rungs"], rung]}
        (tmp_path / f"{study}.json").write_text(json.dumps(told))
        write_run(tmp_path / "runs" / study, arm, 0, 0.7, fingerprint=key)
    for run in tmp_path.glob("runs/*"):
        (run / "model.keras").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("arm", "taken"),
    [
        *((name, "01-dropout+noise") for name in ("1", "01", "dropout+noise", "dropout", "noise")),
        *((name, "00-baseline") for name in ("0", "00", "baseline")),
        ("alone-noise", "alone-noise"),
        ("01-x,l2.weight=0.1", "01-x,l2.weight=0.1"),
    ],
)
def test_an_arm_of_any_study_of_the_folder_goes_by_all_its_names(several, arm, taken):
    assert choose_runs(several, arm).taken == f"Taken: {taken}; seed 0."


def test_an_arm_that_is_none_is_told_which_there_are(several):
    known = r"Known: 00-baseline, 01-dropout\+noise, alone-noise, 01-x,l2.weight=0.1\. Or give the"
    # The number of an arm is one of the first study's alone.
    for arm in ("nois", "2"):
        with pytest.raises(LadderError, match=rf"no arm '{arm}' .*{known} folder of one run, in "):
            choose_runs(several, arm)


def test_the_whole_name_of_an_arm_is_that_arm(tmp_path):
    for seed, name in enumerate(("noise", "dropout+noise")):
        write_run(tmp_path / "runs" / name, name, seed, 0.7)
        (tmp_path / "runs" / name / "model.keras").touch()
    assert choose_runs(tmp_path, "noise").taken == "Taken: noise; seed 0."
    assert choose_runs(tmp_path, "dropout").taken == "Taken: dropout+noise; seed 1."
