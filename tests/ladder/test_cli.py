"""The command line: what it prints, and what it says to mistakes."""

import io
import signal
import sys
import tomllib
from importlib import metadata

import pytest
from ladder_on_disk import write_ladder
from typer.testing import CliRunner

from trickbook.ladder.cli.main import app, main
from trickbook.recipes import RECIPES
from trickbook.recipes.task import LOSSES, METRICS
from trickbook.training.networks.built_in import BUILT_IN


def test_the_version_is_told(tmp_path, command):
    result = command("--version", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, f"trickbook {metadata.version('trickbook')}\n")


def test_list_names_every_recipe_network_and_ladder(command, tmp_path):
    result = command("list", cwd=tmp_path)
    assert result.returncode == 0
    for name in [*RECIPES, *BUILT_IN, "digits", "lecture"]:
        assert name in result.stdout


@pytest.mark.parametrize("name", RECIPES)
def test_show_prints_a_recipe_s_card_with_its_settings(command, tmp_path, name):
    result = command("show", name, cwd=tmp_path)
    assert result.returncode == 0
    card = RECIPES[name].card()
    assert card["What"] in result.stdout
    assert card["Source"].splitlines()[0] in result.stdout
    for setting, value in RECIPES[name]().settings().items():
        assert f"{setting} = {value!r}" in result.stdout


@pytest.mark.parametrize("kind", METRICS)
def test_show_tells_a_tasks_losses_and_metrics(command, tmp_path, kind):
    result = command("show", kind, cwd=tmp_path)
    assert result.returncode == 0
    for name in (*METRICS[kind], *(LOSSES if kind == "regression" else ())):
        assert f"{name}: " in result.stdout
    assert "Source: L4" in result.stdout


def test_show_lecture_as_toml_is_a_ladder_to_start_from(command, tmp_path):
    printed = command("show", "lecture", "--toml", cwd=tmp_path)
    assert tomllib.loads(printed.stdout)["budget"]["epochs"] == 40
    (tmp_path / "mine.toml").write_text(printed.stdout)
    mine = command("show", "mine.toml", cwd=tmp_path)
    built_in = command("show", "lecture", cwd=tmp_path)
    assert mine.stdout.splitlines()[1:] == built_in.stdout.splitlines()[1:]
    assert "07-wider+augmentation" in mine.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "droput"], "Did you mean 'dropout'?"),
        (["show", "dropout", "--toml"], "dropout is a recipe"),
        (["show", "conv", "--toml"], "conv is a network"),
        (["show", "regression", "--toml"], "regression is a task"),
        (["show", "recurent"], "Did you mean 'recurrent'?"),
        (["run", "lectur"], "Did you mean 'lecture'?"),
        (["run", "none.toml"], "The ladder file none.toml cannot be read"),
        (["run", "--data", "cifar11"], "Did you mean cifar10?"),
        (["run", "--data", "folder:none"], "none"),
        (["run", "--seeds", "a"], "--seeds takes a number of seeds"),
        (["run", "--seeds", "0"], "seeds must be a number of seeds"),
        (["run", "--seeds", "1,1"], "seeds must be a number of seeds"),
        (["run", "--epochs", "0"], "--epochs"),
        (["run", "--width", "0"], "--width must be above 0"),
        (["run", "--width", "nan"], "--width must be above 0"),
        (["run", "--image-size", "32"], "--image-size takes height and width"),
        (["run", "--batch-size", "500"], "there are only 200 training images"),
        (["run", "--out", "a-file"], "a-file is a file"),
        (["run", "--out", "others"], "is not empty and holds no ladder"),
        (["run", "--width", "inf"], "--width must be above 0"),
        (["run", "--seeds", "1000000000"], "at most 1000"),
        (
            ["run", "--epochs", "99999999999"],
            "1 or above, at most 1,000,000",
        ),
        (["run", "broken.toml"], "importing broken_recipes ended with SyntaxError"),
        (["run", "leaving.toml"], "importing leaving_recipes ended with SystemExit"),
        (["run", "raising.toml"], "the recipe 'raising' failed with KeyError"),
        (["run", "none_given.toml"], "apply must return a blueprint"),
        (["run", "clash.toml"], "Rung 2: batch_norm clashes"),
        (["show", "nameless.toml"], "a command that trains takes --data in its place"),
        (["ablate", "levels"], "its tricks stand alone: trickbook ablate levels --levels"),
        (["report", "empty"], "empty"),
        (["predict", "empty", "a-file"], "There is no run in empty"),
        (["run", "--sedes", "3"], "--seeds"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_status_2(command, tmp_path, arguments, said):
    (tmp_path / "a-file").write_text("")
    (tmp_path / "empty").mkdir()
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "thesis.txt").write_text("")
    (tmp_path / "nameless.toml").write_text('[[rung]]\nrecipes = ["l2"]\n')
    (tmp_path / "clash_recipes.py").write_text(
        "from trickbook.recipes import Config, Recipe, Slot\n"
        "class LayerNorm(Recipe):\n"
        "    def apply(self, blueprint):\n"
        "        layer = Config.of('keras.layers:LayerNormalization')\n"
        "        return blueprint.fill('normalization', Slot(self.name, layer))\n"
    )
    (tmp_path / "broken_recipes.py").write_text("class :\n")
    (tmp_path / "leaving_recipes.py").write_text("import sys\nsys.exit(7)\n")
    (tmp_path / "odd_recipes.py").write_text(
        "from trickbook.recipes import Recipe\n"
        "class Raising(Recipe):\n"
        "    def apply(self, blueprint):\n"
        "        return {}['no']\n"
        "class Nothing(Recipe):\n"
        "    def apply(self, blueprint):\n"
        "        pass\n"
    )
    for name, path in (
        ("broken", "broken_recipes:A"),
        ("leaving", "leaving_recipes:A"),
        ("raising", "odd_recipes:Raising"),
        ("none_given", "odd_recipes:Nothing"),
    ):
        (tmp_path / f"{name}.toml").write_text(
            f'[data]\nname = "digits"\n[[rung]]\nrecipes = ["{path}"]\n'
        )
    (tmp_path / "clash.toml").write_text(
        '[data]\nname = "digits"\n[[rung]]\nrecipes = ["clash_recipes:LayerNorm"]\n'
        '[[rung]]\nrecipes = ["batch_norm"]\n'
    )
    result = command(*arguments, cwd=tmp_path)
    assert result.returncode == 2, result.stdout + result.stderr
    assert said in " ".join(result.stderr.split())
    assert "Traceback" not in result.stdout + result.stderr
    assert (tmp_path / "others" / "thesis.txt").exists()
    assert not [*tmp_path.glob("trickbook-*")]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("run", "[default: (trickbook-LADDER)]"),
        ("grow", "[default: (trickbook-grow-LADDER)]"),
        ("tune", "Say how long to search with --trials or --minutes; only a grid ends by itself."),
    ],
)
def test_a_command_s_help_says_where_it_writes_and_what_it_needs(name, said):
    shown = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "300", "NO_COLOR": "1"})
    assert shown.exit_code == 0
    assert said in " ".join(shown.output.replace("│", " ").split())


@pytest.mark.filterwarnings("default:The recipe .* changes nothing")
def test_a_recipe_without_effect_is_warned_of(command, tmp_path):
    (tmp_path / "idle.toml").write_text(
        '[data]\nname = "digits"\nlimit_train = 200\n'
        "[baseline]\nfilters = [4]\n[budget]\nbatch_size = 50\n"
        '[[rung]]\nrecipes = [{ use = "dropout", rate = 0.0, stage_rate = 0.0 }]\n'
    )
    result = command("show", "idle.toml", cwd=tmp_path)
    assert result.returncode == 0
    said = " ".join(result.stderr.split())
    assert "Warning: The recipe Dropout(rate=0.0, stage_rate=0.0) changes nothing here." in said


@pytest.mark.filterwarnings("default")
def test_what_a_users_module_and_ours_warn_of_is_shown_and_what_libraries_do_is_not(
    command, tiny_folder
):
    (tiny_folder / "my_warner.py").write_text(
        "import warnings\n"
        "from trickbook.recipes import Recipe\n"
        "warnings.warn('this module is old')\n"
        "warnings.warn_explicit('inner affairs', UserWarning, '/x/site-packages/keras/a.py', 1)\n"
        "class Nothing(Recipe):\n"
        "    def apply(self, blueprint):\n"
        "        return blueprint\n"
    )
    text = (tiny_folder / "tiny.toml").read_text() + '[[rung]]\nrecipes = ["my_warner:Nothing"]\n'
    (tiny_folder / "mine.toml").write_text(text)
    result = command("show", "mine.toml", cwd=tiny_folder)
    assert result.returncode == 0, result.stderr
    said = " ".join(result.stderr.split())
    assert "Warning: this module is old" in said
    assert "Warning: The recipe" in said and "changes nothing" in said
    assert "inner affairs" not in said


def test_a_name_that_is_no_utf8_is_shown_as_python_writes_it(tmp_path, monkeypatch):
    folder = tmp_path / "caf\udce9"
    write_ladder(folder, {"baseline": [0.8]})
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "argv", ["trickbook", "report", str(folder)])
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with pytest.raises(SystemExit) as ended:
        main()
    out.flush()
    assert ended.value.code == 0
    assert b"caf\\udce9/report.html" in out.buffer.getvalue()


def test_control_characters_of_a_name_or_a_reason_never_reach_the_terminal(command, tmp_path):
    evil = "\x1b]0;title\x07\x9b2J"
    write_ladder(tmp_path / "study", {"baseline": [0.8], f"noise{evil}": [0.9]})
    result = command("report", "study", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    for unsafe in ("\x1b", "\x07", "\x9b"):
        assert unsafe not in result.stdout
    assert "noise␛]0;" in result.stdout
    wrong = command("show", f"x\r{evil}", cwd=tmp_path)
    assert wrong.stderr.startswith("Error: ")
    assert not any(unsafe in wrong.stderr for unsafe in "\x1b\x07\x9b\r")


SHADOWING = """
import sched

from trickbook.recipes import Recipe


class Own(Recipe):
    \"""Does what a module of Python's own does.\"""

    scheduler = sched.scheduler
"""


def test_a_file_of_the_current_folder_takes_the_place_of_nothing_that_is_installed(
    tmp_path, command, monkeypatch
):
    monkeypatch.delitem(sys.modules, "sched", raising=False)
    (tmp_path / "sched.py").write_text("raise RuntimeError('not this one')")
    (tmp_path / "own_tricks.py").write_text(SHADOWING)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])  # as `python -m trickbook` has it
    result = command("show", "own_tricks:Own", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "Does what a module of Python's own does." in result.stdout


@pytest.mark.parametrize(
    ("name", "carries_out", "arguments"),
    [
        ("run", "carry_out.run_study", ["tiny.toml"]),
        ("sweep", "carry_out.run_study", ["1", "tiny.toml", "--over", "learning_rate=1e-3,1e-2"]),
        ("grow", "grow_command.grow", ["tiny.toml"]),
        ("tune", "tune_command.run_tuning", ["1", "tiny.toml", "--trials", "2"]),
    ],
)
def test_what_goes_on_after_a_stop_does_not_begin_anew(
    command, tiny_folder, monkeypatch, name, carries_out, arguments
):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(f"trickbook.ladder.cli.{carries_out}", stopped)
    for flags, said in (([], ": the same command "), (["--fresh"], ": the same command without ")):
        result = command(name, *arguments, *flags, cwd=tiny_folder)
        assert result.returncode == 130, result.stderr
        assert said in result.stdout
        assert ("without --fresh" in result.stdout) == bool(flags)
