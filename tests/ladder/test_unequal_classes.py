"""Class weights and batch sizes that do not fit the data are refused before anything trains."""

import pytest

LADDER = """
[data]
name = "{data}"
{task}
[baseline]
{network}
[budget]
epochs = 1
batch_size = 10

[[rung]]
recipes = [{recipe}]
"""
IMAGES = {"data": "npz:tiny.npz", "task": "", "network": "filters = [2]\ndense = [4]"}
TABLE = {"data": "diabetes", "task": '[task]\nkind = "regression"', "network": 'base = "mlp"'}


@pytest.mark.parametrize(
    ("of", "recipe", "wanted"),
    [
        (
            IMAGES,
            '{use = "class_weight", weights = {cow = 2.0}}',
            "01-class_weight: class_weight: there is no class 'cow'. There are: 0, 1, 2.",
        ),
        (
            IMAGES,
            '{use = "class_weight", weights = {"1" = 0}}',
            "class_weight: weights must be balanced or numbers by name (text), above 0.",
        ),
        (TABLE, '"class_weight"', "class_weight is for the classes of a classification."),
        (TABLE, '"label_smoothing"', "label_smoothing is for the classes of a classification."),
        (IMAGES, '{use = "batch_size", size = 73}', "the batch size is 73, and there are only 72"),
    ],
)
def test_what_does_not_fit_the_data_is_refused_in_a_line(tiny_folder, command, of, recipe, wanted):
    (tiny_folder / "mine.toml").write_text(LADDER.format(recipe=recipe, **of))
    done = command("run", "mine.toml", "--out", "out", cwd=tiny_folder)
    assert done.returncode == 2
    assert wanted in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert not list((tiny_folder / "out").glob("runs/*"))


def test_what_fits_is_shown_without_training(tiny_folder, command):
    recipe = '{use = "class_weight", weights = {"1" = 2}}, {use = "batch_size", size = 0}'
    (tiny_folder / "mine.toml").write_text(LADDER.format(recipe=recipe, **IMAGES))
    done = command("show", "mine.toml", cwd=tiny_folder)
    shown = " ".join(done.stdout.split())
    assert "class_weight: none -> 1 2" in shown
    assert "batch_size: 10 -> 0" in shown
