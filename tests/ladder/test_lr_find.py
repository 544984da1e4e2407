"""`trickbook lr-find`: from a rung to suggested rates, a picture and a table."""

import keras
import numpy as np
import pandas as pd
import pytest

from trickbook.data import DataSpec, load
from trickbook.ladder import Ladder, LadderError
from trickbook.ladder.rung import find_rung
from trickbook.recipes import Blueprint, LRDecay, compose
from trickbook.training import rung_range_test
from trickbook.training.rung_range_test import range_test, with_plain_rate


def test_command_writes_picture_and_table(trickbook, tiny_folder):
    arguments = ("lr-find", "dropout", "tiny.toml", "--out", "rates", "--steps", "30")
    result = trickbook(*arguments, cwd=tiny_folder)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert lines[0] == "02-dropout+noise on npz:tiny.npz, seed 0: 30 steps of 10 images."
    assert "The rung itself starts at 1.0e-03." in lines
    picture = tiny_folder / "rates" / "lr-find-02-dropout+noise.png"
    assert str(picture.relative_to(tiny_folder)) in lines[-1]
    assert picture.stat().st_size > 1000
    table = pd.read_csv(picture.with_suffix(".csv"))
    assert list(table) == ["learning_rate", "loss", "smoothed_loss"]
    rates = table["learning_rate"]
    np.testing.assert_allclose(rates, np.geomspace(1e-6, 10, 30)[: len(rates)])
    assert len(rates) > 15


def test_a_name_of_many_letters_is_cut(command, tiny_folder):
    name = "Long" * 75
    (tiny_folder / "long_names.py").write_text(
        f"from trickbook.recipes import L2\n\n\nclass {name}(L2):\n    pass\n"
    )
    with (tiny_folder / "tiny.toml").open("a") as file:
        file.write(f'\n[[rung]]\nrecipes = ["long_names:{name}"]\n')
    result = command("lr-find", "3", "tiny.toml", "--steps", "5", cwd=tiny_folder)
    assert result.returncode == 0, result.stderr
    written = [path for path in tiny_folder.iterdir() if path.name.startswith("lr-find-03-long")]
    assert sorted(path.suffix for path in written) == [".csv", ".png"]
    assert all(len(path.stem) <= 200 for path in written)


def test_a_start_from_a_run_that_is_none_is_said_in_a_line(command, tiny_folder):
    with (tiny_folder / "tiny.toml").open("a") as file:
        file.write('\n[[rung]]\nrecipes = [{ use = "warm_start", run = "gone" }]\n')
    result = command("lr-find", "warm_start", "tiny.toml", cwd=tiny_folder)
    assert result.returncode == 2
    said = " ".join(result.stderr.split())
    assert "03-warm_start: there is no run in gone to start from (--warm-start). Give" in said


def test_options_reach_the_test(command, tiny_folder, monkeypatch):
    asked = []

    def measured(blueprint, data, *settings):
        asked.append((blueprint.filters, blueprint.batch_size, len(data.x_train), *settings))
        return range_test(blueprint, data, *settings)

    monkeypatch.setattr(rung_range_test, "range_test", measured)
    arguments = ("--limit-train", "35", "--width", "2", "--seed", "3", "--steps", "12")
    arguments += ("--batch-size", "7", "--precision", "mixed_bfloat16")
    result = command("lr-find", "0", "tiny.toml", *arguments, cwd=tiny_folder)
    assert result.returncode == 0, result.stderr
    assert asked == [((8,), 7, 35, 3, 12, "mixed_bfloat16")]
    assert "00-baseline on npz:tiny.npz, seed 3: 12 steps of 7 images." in result.stdout
    assert (tiny_folder / "lr-find-00-baseline.png").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["droput"], "There is no rung 'droput'. Did you mean 'dropout'? Known: 00-baseline, 01-"),
        (["9"], "There is no rung '9'. Known: 00-baseline, 01-batch_norm, 02-dropout+noise."),
        (["0", "--width", "0"], "--width must be above 0"),
        (["0", "--out", "tiny.npz"], "tiny.npz is a file; --out takes a folder."),
        (["0", "--limit-train", "5"], "the batch size is 10, and there are only 5 training images"),
        (["0", "--data", "npz:none.npz"], "none.npz"),
        (["0", "--steps", "1"], "--steps"),
        (["0", "--precision", "float8"], "(--precision) takes one of float32, mixed_bfloat16"),
        (["0", "--backend", "theano"], "(--backend) is 'theano', which is none of tensorflow, jax"),
    ],
)
def test_a_mistake_is_a_sentence_and_exit_status_2(command, tiny_folder, arguments, said):
    rung, *options = arguments
    result = command("lr-find", rung, "tiny.toml", *options, cwd=tiny_folder)
    assert result.returncode == 2, result.stdout + result.stderr
    assert said in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr


def test_rungs_by_number_name_and_recipe():
    rungs = Ladder("cifar10").rungs
    for text in ("0", "00", "baseline", "00-baseline"):
        assert find_rung(rungs, text).index == 0
    for text in ("7", "07", "wider+augmentation", "07-wider+augmentation"):
        assert find_rung(rungs, text).index == 7
    assert find_rung(rungs, "dropout").index == 3
    several = (
        r"^'augmentation' is in several rungs: 05-.*, 07-wider\+augmentation\. Give the number"
    )
    with pytest.raises(LadderError, match=several):
        find_rung(rungs, "augmentation")


def test_a_schedule_is_left_out_and_nothing_else():
    plain = Blueprint(learning_rate=0.02)
    scheduled = compose(plain, [LRDecay()])
    assert scheduled != plain
    assert with_plain_rate(scheduled) == plain


def test_the_same_seed_gives_the_same_losses():
    data = load(DataSpec("digits", limit_train=60))
    blueprint = compose(
        Blueprint(filters=(4,), convolutions=1, dense=(8,), batch_size=20), [LRDecay()]
    )
    first, second, other = (range_test(blueprint, data, seed, 7) for seed in (0, 0, 1))
    assert len(first.losses) == 7  # more than the 3 batches of an epoch
    np.testing.assert_array_equal(first.losses, second.losses)
    assert (first.losses != other.losses).any()


def test_a_precision_is_that_of_the_test_alone():
    data, policy = load(DataSpec("digits", limit_train=60)), keras.config.dtype_policy()
    blueprint = Blueprint(filters=(4,), convolutions=1, dense=(8,), batch_size=20)
    whole, half = (
        range_test(blueprint, data, 0, 3, precision).losses
        for precision in ("float32", "mixed_bfloat16")
    )
    np.testing.assert_allclose(whole, half, rtol=0.05)
    assert (whole != half).any()
    assert keras.config.dtype_policy() == policy
