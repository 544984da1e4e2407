"""`trickbook signals`: from rungs to what their layers hand on before the first step."""

import numpy as np
import pandas as pd
import pytest

from trickbook.data import DataSpec, load
from trickbook.recipes import Blueprint, Initializer, compose
from trickbook.training.rung_signals import rung_signals


def test_command_prints_tables_and_writes_picture_and_table(trickbook, tiny_folder):
    result = trickbook("signals", "0,batch_norm", "tiny.toml", "--out", "seen", cwd=tiny_folder)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert lines[0] == "00-baseline on npz:tiny.npz, seed 0, before its first step:"
    assert lines[1].split() == ["layer", "std", "zeros", "dead", "weights", "gradient"]
    picture = tiny_folder / "seen" / "signals.png"
    assert str(picture.relative_to(tiny_folder)) in lines[-1]
    assert picture.stat().st_size > 1000
    table = pd.read_csv(picture.with_suffix(".csv"))
    assert table["rung"].unique().tolist() == ["00-baseline", "01-batch_norm"]
    assert (table.groupby("rung").size() == 3).all()  # a convolution, a dense layer, the logits
    assert (table[["std", "weights", "gradient"]] > 0).all(axis=None)


def test_options_reach_what_measures(command, tiny_folder, monkeypatch):
    asked = []

    def measured(blueprint, data, *settings):
        asked.append((blueprint.filters, blueprint.batch_size, len(data.x_train), *settings))
        return rung_signals(blueprint, data, *settings)

    monkeypatch.setattr("trickbook.training.rung_signals.rung_signals", measured)
    arguments = ("--limit-train", "35", "--width", "2", "--seed", "3", "--batch-size", "7")
    arguments += ("--precision", "mixed_bfloat16")
    result = command("signals", "0", "tiny.toml", *arguments, cwd=tiny_folder)
    assert result.returncode == 0, result.stderr
    assert "00-baseline on npz:tiny.npz, seed 3, before its first step:" in result.stdout
    assert asked == [((8,), 7, 35, 3, "mixed_bfloat16")]


@pytest.mark.parametrize("kind", ["random_normal", "lsuv"])
def test_the_size_of_signals_is_what_the_start_says(kind):
    baseline = Blueprint(
        base="fully_connected", dense=(64,) * 6, kernel_initializer="random_normal", batch_size=16
    )
    steps = [Initializer(kind)] if kind == "lsuv" else []
    data = load(DataSpec("digits", limit_train=400))
    found = rung_signals(compose(baseline, steps), data, seed=0)
    deviations = found["std"].to_numpy()
    assert len(found) == 7
    if kind == "lsuv":
        # ReLUs of a normal variable of variance 1 have a deviation of sqrt(1/2 - 1/(2 pi)).
        np.testing.assert_allclose(deviations[:-1], np.sqrt(0.5 - 0.5 / np.pi), rtol=0.3)
        np.testing.assert_allclose(deviations[-1], 1, rtol=0.3)
    else:
        # Keras's random_normal has a deviation of 0.05; a ReLU hands on half of the squares.
        factors = deviations[1:-1] / deviations[:-2]
        np.testing.assert_allclose(factors.mean(), np.sqrt(64 * 0.05**2 / 2), rtol=0.2)
        assert found["gradient"].iloc[0] < 1e-4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["0,droput"], "There is no rung 'droput'. Did you mean 'dropout'?"),
        (["0", "--out", "tiny.npz"], "tiny.npz is a file; --out takes a folder."),
        (["0", "--limit-train", "5"], "the batch size is 10, and there are only 5 training images"),
    ],
)
def test_a_mistake_is_a_sentence_and_exit_status_2(command, tiny_folder, arguments, said):
    rung, *options = arguments
    result = command("signals", rung, "tiny.toml", *options, cwd=tiny_folder)
    assert result.returncode == 2
    assert said in " ".join(result.stderr.split())
