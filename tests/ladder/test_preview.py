"""`trickbook preview`: from rungs to their rates and images, before any training."""

import numpy as np
import pandas as pd
import pytest

from trickbook.data import DataSpec, load
from trickbook.recipes import (
    Augmentation,
    Blueprint,
    LRDecay,
    LROneCycle,
    LRPlateau,
    Mixup,
    Noise,
    Task,
    compose,
)
from trickbook.training.rung_preview import MOST_RATES, rung_preview

PLAIN = Blueprint(
    filters=(2,), convolutions=1, dense=(), epochs=6, batch_size=16, learning_rate=0.02
)


@pytest.fixture(scope="module")
def data():
    return load(DataSpec("digits", limit_train=100))


def preview_of(data, *recipes, seed=0, **settings):
    return rung_preview(compose(PLAIN.with_settings(**settings), recipes), data, seed)


def test_command_prints_a_table_and_writes_pictures_and_rates(command, tiny_folder):
    ladder = tiny_folder / "tiny.toml"
    ladder.write_text(
        ladder.read_text()
        .replace('["batch_norm"]', '["batch_norm"]\n[[rung]]\nrecipes = ["noise"]')
        .replace(', "noise"]', ', "lr_plateau"]')
    )
    arguments = ("0,1,noise,3", "tiny.toml", "--out", "seen")
    result = command("preview", *arguments, cwd=tiny_folder)
    assert result.returncode == 0, result.stderr
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert lines[0].split() == ["rung", "parameters", "batches", "first", "rate", "highest", "last"]
    assert lines[1].split() == ["00-baseline", *lines[1].split()[1:3], "0.001", "0.001", "0.001"]
    said = "03-dropout+lr_plateau: lr_plateau changes the rate during training, by what it measures"
    assert f"{said}; shown is the rate at the start." in lines
    assert "00-baseline sees the images as they are." in lines
    assert "03-dropout+lr_plateau sees the same images as 02-noise." in lines
    rates = pd.read_csv(tiny_folder / "seen" / "preview-rates.csv")
    assert [*rates] == ["rung", "epoch", "learning_rate"]
    assert rates["rung"].nunique() == 4
    for name in ("rates", "images"):
        assert (tiny_folder / "seen" / f"preview-{name}.png").is_file()


def test_options_reach_what_is_looked_at(command, tiny_folder, monkeypatch):
    asked = []

    def looked_at(blueprint, data, *settings):
        asked.append((blueprint.filters, blueprint.batch_size, len(data.x_train), *settings))
        return rung_preview(blueprint, data, *settings)

    monkeypatch.setattr("trickbook.training.rung_preview.rung_preview", looked_at)
    arguments = ("--limit-train", "35", "--width", "2", "--seed", "3", "--batch-size", "7")
    arguments += ("--precision", "mixed_bfloat16")
    result = command("preview", "0", "tiny.toml", *arguments, cwd=tiny_folder)
    assert result.returncode == 0, result.stderr
    assert asked == [((8,), 7, 35, 3, "mixed_bfloat16")]


def test_rates_are_those_of_the_formula(data):
    plain = preview_of(data)
    assert (plain.steps, len(plain.rates)) == (6, 36)
    np.testing.assert_allclose(plain.rates["learning_rate"], 0.02, rtol=1e-6)
    np.testing.assert_allclose(plain.rates["epoch"], np.arange(36) / 6)
    decayed = preview_of(data, LRDecay(gamma=0.5)).rates
    epochs_over = np.floor(decayed["epoch"] + 1e-9)
    np.testing.assert_allclose(decayed["learning_rate"], 0.02 * 0.5**epochs_over, rtol=1e-5)
    cycle = preview_of(data, LROneCycle()).rates["learning_rate"]
    assert cycle.argmax() not in (0, 35)


def test_of_many_steps_some_evenly_spaced_are_told(data):
    rates = preview_of(data, LRDecay(gamma=0.99), epochs=200).rates
    assert len(rates) == MOST_RATES
    assert rates["epoch"].iloc[[0, -1]].tolist() == pytest.approx([0, 200 - 1 / 6])
    np.testing.assert_allclose(np.diff(rates["epoch"]), 1199 / 399 / 6, atol=1 / 6)


def test_what_sets_the_rate_while_it_trains_is_named(data):
    found = preview_of(data, LRPlateau())
    assert found.set_while_training == "lr_plateau"
    assert found.rates["learning_rate"].to_numpy() == pytest.approx(0.02)
    assert preview_of(data, LRDecay()).set_while_training is None


@pytest.mark.parametrize("recipes", [(), (Noise(),), (Augmentation(), Mixup())])
def test_images_are_those_of_the_epochs(data, recipes):
    found = preview_of(data, *recipes, seed=3).images
    assert found.shape == (4, 1 + 6, 8, 8, 1)
    raw = np.rint(data.x_train / 16 * 255)
    for image in found:
        assert (image[0] == raw).all(axis=(1, 2, 3)).any()
        # Half of a step may be rounded either way.
        same = [(abs(epoch.astype(int) - image[0]) <= 1).all() for epoch in image[1:]]
        assert all(same) == (not recipes)
    assert not np.array_equal(found[:, 1], found[:, 2]) or not recipes
    again = preview_of(data, *recipes, seed=3).images
    np.testing.assert_array_equal(again, found)
    assert np.array_equal(preview_of(data, *recipes, seed=4).images, found) == (not recipes)


def test_rows_have_no_images():
    rows = load(DataSpec("diabetes"))
    blueprint = Blueprint(base="fully_connected", dense=(4,), epochs=2, task=Task("regression"))
    assert rung_preview(blueprint, rows, 0).images is None


def test_a_mistake_is_a_sentence_and_exit_status_2(command, tiny_folder):
    result = command("preview", "0,droput", "tiny.toml", cwd=tiny_folder)
    assert result.returncode == 2
    assert "There is no rung 'droput'. Did you mean 'dropout'?" in result.stderr
