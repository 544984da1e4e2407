"""`trickbook grow` on tiny images: what it trains, decides and leaves, and how it goes on."""

import json
import shutil

import pytest
from ladder_folders import runs_of, stamps

from trickbook.ladder import Ladder, LadderError
from trickbook.ladder.growing.aim import Aim
from trickbook.ladder.growing.growth import Growth
from trickbook.ladder.growing.record_file import read_growth
from trickbook.ladder.ladder_file import read_ladder
from trickbook.ladder.trained.chosen_runs import choose_runs

# One epoch, or two, are too few to read, which calls for what helps against that: the trick of
# one's own, without which nothing is learnt, and a longer training.
TINY = """
[data]
name = "npz:tiny.npz"

[baseline]
base = "fully_connected"
dense = [8]

[budget]
epochs = 1
batch_size = 10
learning_rate = 1e-7

[[rung]]
recipes = [{ use = "grow_tricks:Faster", rate = 0.05, held = [0.1, 0.2] }]
"""
TRICKS = '''
from dataclasses import dataclass

from trickbook.recipes import Blueprint, Recipe, setting


@dataclass(frozen=True)
class Faster(Recipe):
    """Sets another rate."""

    helps_against = ("unread",)
    rate: float = setting(0.1, "learning rate", low=0)
    held: tuple[float, ...] = setting((), "for nothing", several=True)

    def apply(self, blueprint: Blueprint) -> Blueprint:
        return blueprint.with_settings(learning_rate=self.rate)
'''
GROW = ("grow", "tiny.toml", "--minutes", "600", "--max-seeds", "3", "--jobs", "1", "--out", "out")


def write_ladder(folder, write_tiny):
    write_tiny(folder)
    (folder / "tiny.toml").write_text(TINY)
    (folder / "grow_tricks.py").write_text(TRICKS)
    return folder


@pytest.fixture(scope="module")
def grown(tmp_path_factory, write_tiny, command):
    """A folder with the tiny ladder and, in `out`, what has grown of it."""
    folder = write_ladder(tmp_path_factory.mktemp("grown"), write_tiny)
    result = command(*GROW, cwd=folder)
    assert result.returncode == 0, result.stdout + result.stderr
    (folder / "said.txt").write_text(result.stdout)
    return folder


@pytest.fixture
def copy(grown, tmp_path):
    shutil.copytree(grown, tmp_path, dirs_exist_ok=True)
    return tmp_path


def record(folder):
    return json.loads((folder / "out" / "grow.json").read_text())["details"]


def decisions(folder):
    """What was raced and decided, without times."""
    races = record(folder)["races"]
    for race in races:
        del race["outcome"]["spent"]
    return races, record(folder)["pick"], record(folder)["end"]


def test_what_helps_is_kept_and_it_ends_when_nothing_more_is_called_for(grown):
    races, pick, end = decisions(grown)
    first = races[0]
    assert (first["against"], first["finding"]["kind"]) == ("0-baseline", "unread")
    assert {one["name"] for one in first["entrants"]} == {"faster", "longer", "together"}
    assert first["outcome"]["why"] == "kept"
    assert first["leader"] in {"1-faster", "1-together"}
    assert pick == races[-1]["against"] != "0-baseline"
    assert end == "nothing"


def test_only_the_last_runs_read_the_test_set_and_keep_a_model(grown):
    for name, folder in runs_of(grown / "out").items():
        is_last = name.startswith("test-")
        metrics = json.loads((folder / "metrics.json").read_text())
        assert (metrics.get("test_accuracy") is not None) == is_last
        assert (folder / "model.keras").exists() == is_last
    seeds = {
        json.loads((one / "run.json").read_text())["seed"]
        for name, one in runs_of(grown / "out").items()
        if name.startswith("test-")
    }
    # After that of the heat and three new ones.
    assert seeds == {4, 5, 6}


def test_it_says_each_decision_as_it_is_made_and_on_its_page(grown):
    said = (grown / "said.txt").read_text()
    page = (grown / "out" / "grow.md").read_text()
    for text in (
        "Race 1, on the baseline. Only 1 epoch recorded",
        "So train longer. In the heat, 1 seed each: fas",
    ):
        assert text in said
        assert text in page
    assert "Kept: " in said
    assert "Judged once on the test set, with 3 new seeds: accuracy" in page
    assert "Nothing more is decided" in page
    model = page.split("Model: ")[1].split("model.keras")[0]
    assert (grown / "out" / model / "model.keras").is_file()


def test_the_ladder_file_says_the_model_and_climbs(grown, command, copy):
    aim = Aim(read_ladder_in(copy), read_ladder_in(copy).data, 600, 3)
    growth = Growth.from_dict(record(grown))
    spec = read_ladder_in(copy, "out/grown.toml")
    assert Ladder.from_spec(spec).rungs[-1].blueprint == aim.blueprints(growth)[growth.pick]
    # Each of its rungs is built for that, so that it can be climbed.
    dry = command("run", "out/grown.toml", "--seeds", "1", "--out", "anew", "--dry-run", cwd=copy)
    assert dry.returncode == 0, dry.stdout + dry.stderr
    runs = 1 + len(spec.steps)
    assert f"{runs} runs, {runs} of them new" in dry.stdout


def read_ladder_in(folder, name="tiny.toml"):
    import importlib
    import sys

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "path", [str(folder), *sys.path])
        importlib.invalidate_caches()
        return read_ladder(name)


def test_the_same_command_trains_nothing_again(copy, command):
    before, held = stamps(copy / "out"), record(copy)
    assert command(*GROW, cwd=copy).returncode == 0
    assert stamps(copy / "out") == before
    assert record(copy) == held


def test_a_report_shows_it_again(copy, command):
    page = (copy / "out" / "grow.md").read_text()
    (copy / "out" / "grow.md").unlink()
    assert command("report", "out", cwd=copy).returncode == 0
    assert (copy / "out" / "grow.md").read_text() == page


def test_what_predicts_is_the_grown_model(grown):
    chosen = choose_runs(grown / "out")
    assert chosen.taken == "Taken: test-grown, what was grown; the mean of seeds 4, 5, 6."


def forget(folder, keep_runs=lambda name: True):
    """Takes the last decision, and all after it, out of the record."""
    path = folder / "out" / "grow.json"
    content = json.loads(path.read_text())
    details = content["details"]
    details["races"][-1]["outcome"] = None
    details |= {"end": "", "last_seeds": []}
    path.write_text(json.dumps(content))
    for name, run in runs_of(folder / "out").items():
        if not keep_runs(name):
            shutil.rmtree(run)


@pytest.mark.parametrize("kept", [0, 1])
def test_one_that_was_cut_off_goes_on_to_the_same_decisions(copy, grown, command, kept):
    number = len(record(copy)["races"])
    raced = sorted(name for name in runs_of(copy / "out") if name.startswith(f"{number}-"))
    assert len(raced) > kept
    gone = raced[kept:]
    forget(copy, lambda name: name not in gone and not name.startswith("test-"))
    before = stamps(copy / "out")
    assert command(*GROW, cwd=copy).returncode == 0
    assert decisions(copy) == decisions(grown)
    after = stamps(copy / "out")
    assert set(after) == set(stamps(grown / "out"))
    assert {name: after[name] for name in before} == before


def start_anew(folder, **details):
    """Takes all races out of the record; the runs stay."""
    path = folder / "out" / "grow.json"
    content = json.loads(path.read_text())
    content["details"] |= {"races": [], "end": "", "last_seeds": [], **details}
    content["details"]["seeds_of_arms"] = {"0-baseline": 3}
    path.write_text(json.dumps(content))


def test_where_the_time_is_over_nothing_is_raced_any_more(copy, command):
    start_anew(copy, spent=36000.0)
    result = command(*GROW, cwd=copy)
    assert "The time is over" in result.stdout
    assert (record(copy)["end"], record(copy)["races"]) == ("time", [])
    assert record(copy)["pick"] == "0-baseline"
    assert "It is the baseline as it was." in (copy / "out" / "grow.md").read_text()


def take(folder, names, seconds):
    """Makes it that finished runs took so long."""
    for name, run in runs_of(folder / "out").items():
        if name.startswith(names):
            metrics = json.loads((run / "metrics.json").read_text())
            (run / "metrics.json").write_text(json.dumps(metrics | {"seconds": seconds}))


# With 3 runs of 8000 seconds each there is no time left for a race, nor are any runs missing.
def test_runs_of_another_command_cost_a_growth_none_of_its_time(copy, command):
    take(copy, "0-baseline", 8000.0)
    (copy / "out" / "grow.json").unlink()
    assert command(*GROW, cwd=copy).returncode == 0
    assert record(copy)["spent"] < 3000
    spent = record(copy)["spent"]
    # It is kept in the record that they were there.
    start_anew(copy)
    assert command(*GROW, cwd=copy).returncode == 0
    assert record(copy)["spent"] < spent + 3000


def test_runs_of_one_that_was_killed_cost_the_growth_their_time(copy, command):
    take(copy, "0-baseline", 8000.0)
    start_anew(copy, spent=0.0, trained=0.0)
    assert command(*GROW, cwd=copy).returncode == 0
    assert record(copy)["spent"] >= 24000


# What cannot be grown.


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (["--minutes", "601"], "another --minutes (600.0 there, 601.0 now)"),
        (["--max-seeds", "4"], "another --max-seeds (3 there, 4 now)"),
        (["--first-seed", "1"], "another --first-seed"),
        (["--epochs", "3"], "another baseline"),
        (["--split-seed", "1"], "another split"),
        (["--splits"], "another splits (False there, True now)"),
        (["--bagging"], "another bagging (False there, True now)"),
        (["--margin", "0.02"], "another margin (None there, 0.02 now)"),
        (["--precision", "mixed_bfloat16"], "another --precision (float32 there, mixed_bfloat16"),
        (["--threads", "2"], "another --threads (1 there, 2 now)"),
        (["--minutes", "0"], "minutes (--minutes) must be above 0. Received: 0.0"),
        (["--minutes", "nan"], "must be above 0"),
        (["--max-seeds", "1"], "max_seeds (--max-seeds) must be a whole number from 2"),
        (["--first-seed", "-1"], "first_seed (--first-seed) must be a whole number, 0 or above"),
        (["--seeds", "3"], "give --max-seeds and --first-seed in place of --seeds"),
        (["--data", "npz:none.npz"], "none.npz"),
    ],
)
def test_a_mistake_is_one_line_before_any_training(grown, command, changed, message):
    before = (grown / "out" / "grow.json").read_bytes()
    result = command(*GROW, *changed, cwd=grown)
    assert result.returncode == 2
    assert message in result.stderr.replace("\n", " ")
    assert "Traceback" not in result.stderr
    assert (grown / "out" / "grow.json").read_bytes() == before


def test_too_little_time_for_a_race_is_said_before_any_training(tmp_path, write_tiny, command):
    folder = write_ladder(tmp_path, write_tiny)
    flags = ("--minutes", "0.01", "--out", "little")
    result = command("grow", "tiny.toml", *flags, cwd=folder)
    assert result.returncode == 2
    assert "the least growth takes about" in result.stderr
    assert not runs_of(folder / "little")


def test_a_dry_run_says_how_long_it_takes_and_writes_nothing(tmp_path, write_tiny, command):
    folder = write_ladder(tmp_path, write_tiny)
    result = command("grow", "tiny.toml", "--dry-run", "--out", "none", cwd=folder)
    assert result.returncode == 0
    assert "Looks at 3, 5, 8 seeds. The baseline takes about" in result.stdout
    assert not (folder / "none").exists()


def fail(folder, names, reason="The loss was nan."):
    """Makes finished runs ones that failed."""
    for name, run in runs_of(folder / "out").items():
        if name.startswith(names):
            details = json.loads((run / "run.json").read_text())
            details |= {"status": "failed", "reason": reason}
            (run / "run.json").write_text(json.dumps(details))


@pytest.mark.parametrize(("names", "number"), [("0-baseline", 3), ("0-baseline-s1", 1)])
def test_a_baseline_that_fails_is_said(copy, command, names, number):
    start_anew(copy)
    fail(copy, names)
    result = command(*GROW, cwd=copy)
    assert result.returncode == 2
    said = result.stderr.replace("\n", " ")
    assert f"{number} of the 3 runs of the baseline failed, so that nothing can be comp" in said
    assert "The loss was nan. Give the ladder a baseline that trains" in said


def test_where_the_grown_model_fails_nothing_more_is_raced(copy, command):
    kept = record(copy)["pick"]
    path = copy / "out" / "grow.json"
    content = json.loads(path.read_text())
    details = content["details"]
    details |= {"races": details["races"][:1], "end": "", "last_seeds": []}
    names = [entrant["arm"] for entrant in details["races"][0]["entrants"]]
    details["seeds_of_arms"] = dict.fromkeys(("0-baseline", *names), 3)
    path.write_text(json.dumps(content))
    fail(copy, f"{kept}-s2")
    assert command(*GROW, cwd=copy).returncode == 0
    assert (record(copy)["end"], len(record(copy)["races"])) == ("failed", 1)
    assert "Runs of the last model failed" in (copy / "out" / "grow.md").read_text()


def test_one_that_was_killed_in_its_last_runs_trains_what_is_missing_alone(copy, command):
    before = stamps(copy / "out")
    gone = next(name for name in runs_of(copy / "out") if name.startswith("test-grown"))
    shutil.rmtree(runs_of(copy / "out")[gone])
    result = command(*GROW, cwd=copy)
    assert result.returncode == 0
    assert result.stdout.count("test-grown  seed") == 1
    assert (runs_of(copy / "out")[gone] / "model.keras").is_file()
    after = stamps(copy / "out")
    assert {name: stamp for name, stamp in after.items() if name != gone} == {
        name: stamp for name, stamp in before.items() if name != gone
    }


def test_a_last_run_that_failed_is_said_and_ends_in_status_1(copy, command):
    fail(copy, ("test-grown-s5", "1-longer"))
    result = command(*GROW, cwd=copy)
    assert result.returncode == 1
    assert "Failed: test-grown seed 5: The loss was nan." in result.stdout


def test_a_growth_that_was_to_leave_no_test_figure_and_no_model_has_ended_well(copy, command):
    start_anew(copy, spent=36000.0)
    result = command(*GROW, "--no-test", "--no-models", cwd=copy)
    assert result.returncode == 0, result.stdout + result.stderr
    assert (record(copy)["end"], record(copy)["last_seeds"]) == ("time", [])


def test_a_damaged_record_is_refused(copy):
    spec = read_ladder_in(copy)
    (copy / "out" / "grow.json").write_text("{}")
    with pytest.raises(LadderError, match="cannot be read"):
        read_growth(Aim(spec, spec.data, 600, 3), copy / "out")
