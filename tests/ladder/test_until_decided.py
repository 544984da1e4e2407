"""Seeds are added to what is undecided, in looks, and to nothing else."""

import json
import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from ladder_folders import stamps
from ladder_on_disk import write_ladder, write_run

from trickbook.data import DataSpec
from trickbook.ladder import Ladder, LadderError
from trickbook.ladder.studies.looks_taken import Clock, as_it_ended, in_looks, next_look
from trickbook.ladder.studies.study import Arm, Study
from trickbook.recipes import BatchNorm, Blueprint
from trickbook.reports.statistics.looks import spending

LOOKS = (3, 5, 8)
LOW = [0.700, 0.701, 0.700, 0.699, 0.701, 0.700, 0.699, 0.700]
HIGH = [0.901, 0.900, 0.899, 0.901, 0.900, 0.901, 0.900, 0.899]
WILD = [0.85, 0.95, 0.89, 0.92, 0.83, 0.96, 0.88, 0.91]


ARMS = (Arm("a", Blueprint()), Arm("b", Blueprint(epochs=2), against="a"))


class PlanOfEqualRuns:
    """The plan of a study whose runs all cost 1, of which the last so many are missing, or all."""

    def __init__(self, study, missing=None):
        self.fingerprints = {
            (arm.name, seed): f"{arm.name}{seed}" for arm in study.arms for seed in study.seeds
        }
        self.jobs = [SimpleNamespace(fingerprint=one) for one in self.fingerprints.values()]
        self.missing = self.jobs if missing is None else self.jobs[len(self.jobs) - missing :]

    def cost(self, job):
        return 1.0


def write_looks(folder, study, arms, seeds=LOOKS[-1]):
    """The file of a study whose clock left it `LOOKS`, and whose arms have so many seeds."""
    content = {
        "looks": LOOKS,
        "max_seeds": study.most_seeds,
        "minutes": study.minutes,
        "rungs": [
            {"name": arm, "fingerprints": {str(seed): f"{arm}{seed}" for seed in range(seeds)}}
            for arm in arms
        ],
    }
    (folder / "ladder.json").write_text(json.dumps(content))


def looked_at(folder, accuracies):
    """The study of a ladder on disk, with the seeds that its rungs have there."""
    write_ladder(folder, accuracies)
    path = folder / "ladder.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"looks": LOOKS}))
    names = [f"{index:02d}-{name}" for index, name in enumerate(accuracies)]
    arms = tuple(
        Arm(name, Blueprint(), against=below, seeds=tuple(range(len(values))))
        for name, below, values in zip(names, [None, *names[:-1]], accuracies.values(), strict=True)
    )
    return Study("digits", arms, DataSpec("digits"), tuple(range(3)), looks=LOOKS)


def seeds_by_arm(study):
    return [len(study.seeds_of(arm)) for arm in study.arms]


def test_only_arms_of_undecided_comparisons_gain_seeds(tmp_path):
    study = looked_at(tmp_path, {"baseline": LOW[:3], "good": HIGH[:3], "wild": WILD[:3]})
    assert seeds_by_arm(next_look(study, tmp_path)) == [3, 5, 5]


def test_an_arm_that_went_further_keeps_its_seeds(tmp_path):
    study = looked_at(tmp_path, {"baseline": LOW[:3], "good": HIGH[:5], "wild": WILD[:5]})
    assert seeds_by_arm(next_look(study, tmp_path)) == [3, 8, 8]


@pytest.mark.parametrize(
    "accuracies",
    [
        {"baseline": LOW[:3], "good": HIGH[:3]},
        {"baseline": HIGH, "wild": WILD},
        {"baseline": LOW[:3], "broken": [0.9, "failed", 0.9]},
    ],
    ids=["decided", "at the last look", "a run failed"],
)
def test_nothing_more_is_wanted(accuracies, tmp_path):
    assert next_look(looked_at(tmp_path, accuracies), tmp_path) is None


def test_a_study_begins_at_the_first_look():
    study = in_looks(Study("s", ARMS, DataSpec("digits"), (7, 9)), 10)
    assert (study.seeds, study.looks) == ((0, 1, 2), (3, 5, 8, 10))


@pytest.mark.parametrize("most", [1, 2.5, True])
def test_what_is_no_number_of_seeds_is_refused(most):
    with pytest.raises(LadderError, match="max_seeds"):
        in_looks(Study("s", ARMS, DataSpec("digits"), (0,)), most)


def test_a_study_that_compares_nothing_is_refused():
    with pytest.raises(LadderError, match="compares nothing"):
        in_looks(Study("s", (Arm("a", Blueprint()),), DataSpec("digits"), (0,)), 5)


@pytest.fixture(scope="module")
def ladder():
    draws = np.random.default_rng(0)
    images = draws.integers(0, 256, (60, 4, 4, 1), dtype=np.uint8)
    small = Blueprint(filters=(2,), convolutions=1, dense=(4,))
    return Ladder(
        (images, np.arange(60) % 2), [BatchNorm()], baseline=small, epochs=1, batch_size=12
    )


@pytest.fixture(scope="module")
def ended(ladder, tmp_path_factory):
    """A study for which there is time for one look, the times of its runs' files, and its file."""
    out = tmp_path_factory.mktemp("climbed") / "out"
    ladder.run(out, jobs=1, models=False, quiet=True, max_seeds=4, max_minutes=1e-3)
    before = stamps(out)
    result = ladder.run(out, jobs=1, models=False, quiet=True, max_seeds=4, max_minutes=1e-3)
    return out, result, before, stamps(out), json.loads((out / "ladder.json").read_text())


@pytest.fixture(scope="module")
def climbed(ladder, ended):
    ladder.run(ended[0], jobs=1, models=False, quiet=True, max_seeds=4)
    return ended[0]


def test_the_clock_ends_a_study_at_the_last_look_that_fits_and_it_stays_ended(ended):
    _, result, before, after, study = ended
    assert study["looks"] == [3]
    assert study["minutes"] == 1e-3
    assert len(result.frame) == 6
    assert after == before


def test_runs_that_were_there_tell_the_clock_how_long_others_take(ladder, ended, tmp_path):
    out = tmp_path / "out"
    # As of a study without looks.
    shutil.copytree(ended[0], out, ignore=shutil.ignore_patterns("ladder.json"))
    before = stamps(out)
    ladder.run(out, jobs=1, models=False, quiet=True, max_seeds=4, max_minutes=1e-5)
    assert json.loads((out / "ladder.json").read_text())["looks"] == [3]
    assert stamps(out) == before


def test_more_seeds_at_most_are_another_plan(tmp_path):
    fewer, more = (in_looks(Study("s", ARMS, DataSpec("digits"), (0,)), most) for most in (20, 50))
    assert fewer.looks == more.looks[: len(fewer.looks)]
    for held, asked, kept in ((fewer, fewer, LOOKS), (fewer, more, more.looks)):
        write_looks(tmp_path, held, "ab")
        assert as_it_ended(asked, tmp_path, PlanOfEqualRuns(asked))[0].looks == kept


@pytest.mark.parametrize(
    ("arms", "is_kept"),
    [("ab", True), ("a", False), ("abc", False), ("ac", False)],
    ids=["the same", "fewer arms", "more arms", "another arm"],
)
def test_the_looks_that_another_studys_clock_left_are_not_kept(tmp_path, arms, is_kept):
    study = in_looks(Study("s", ARMS, DataSpec("digits"), (0,)), 20, 5.0)
    write_looks(tmp_path, study, arms)
    found, seeds = as_it_ended(study, tmp_path, PlanOfEqualRuns(study))
    assert (found.looks, seeds) == ((LOOKS, LOOKS[-1]) if is_kept else (study.looks, 0))


@pytest.mark.parametrize(("minutes", "kept"), [(0.4, (3,)), (0.9, (3, 5)), (1.4, LOOKS)])
def test_the_looks_left_are_a_matter_of_time_alone(tmp_path, minutes, kept):
    study = Study("s", ARMS, DataSpec("digits"), (0, 1, 2), looks=LOOKS, minutes=minutes)
    # A run costs 1 and takes 5 seconds; a look takes those of all arms.
    clock = Clock()
    clock.learn(PlanOfEqualRuns(study), 30.0, tmp_path, 1)
    assert clock.within(study, PlanOfEqualRuns(study)).looks == kept


def write_runs(folder, plan, seconds):
    """The plan's runs, done and each in so many seconds."""
    for job in plan.jobs:
        where = folder / "runs" / job.fingerprint
        write_run(where, "any", 0, 0.9, fingerprint=job.fingerprint)
        (where / "metrics.json").write_text(json.dumps({"seconds": seconds}))


@pytest.mark.parametrize(("minutes", "kept"), [(0.25, (3,)), (0.4, (3, 5)), (0.5, LOOKS)])
def test_runs_that_a_stop_left_over_tell_no_other_time_than_the_whole_look(tmp_path, minutes, kept):
    study = Study("s", ARMS, DataSpec("digits"), (0, 1, 2), looks=LOOKS, minutes=minutes)
    whole, rest = PlanOfEqualRuns(study), PlanOfEqualRuns(study, missing=1)
    write_runs(tmp_path, whole, 5.0)
    # Three at a time take 10 seconds for these six runs of 5, and one that is left over takes 5.
    for plan, seconds in ((whole, 10.0), (rest, 5.0)):
        clock = Clock()
        clock.learn(plan, seconds, tmp_path, 3)
        assert clock.within(study, plan).looks == kept


@pytest.mark.parametrize(("minutes", "kept"), [(0.4, (3, 5)), (0.5, LOOKS)])
def test_a_later_look_that_was_stopped_tells_no_other_time_either(tmp_path, minutes, kept):
    study = Study("s", ARMS, DataSpec("digits"), (0, 1, 2), looks=LOOKS, minutes=minutes)
    first, later = PlanOfEqualRuns(study, missing=0), replace(study, seeds=tuple(range(5)))
    write_runs(tmp_path, PlanOfEqualRuns(later), 5.0)
    clock = Clock(seeds_before=5)
    clock.learn(first, 0.0, tmp_path, 3)
    assert clock.within(study, first).looks == LOOKS  # what was asked before it went on
    plan = PlanOfEqualRuns(later, missing=1)
    clock.learn(plan, 5.0, tmp_path, 3)
    assert clock.within(later, plan).looks == kept


@pytest.mark.parametrize(("minutes", "kept"), [(0.8, (3,)), (0.85, (3, 5))])
def test_runs_that_do_not_tell_how_long_they_took_tell_the_clock_nothing(tmp_path, minutes, kept):
    study = Study("s", ARMS, DataSpec("digits"), (0, 1, 2), looks=LOOKS, minutes=minutes)
    plan = PlanOfEqualRuns(study, missing=0)
    write_runs(tmp_path, plan, 5.0)
    write_run(tmp_path / "runs" / "other", "of another study", 0, 0.9, fingerprint="f" * 64)
    for name in ("a0", "other"):
        (tmp_path / "runs" / name / "metrics.json").unlink()
    (tmp_path / "runs" / "b0" / "metrics.json").write_text('{"seconds": null}')
    clock = Clock()
    clock.learn(plan, 0.0, tmp_path, 1)
    # The other runs took 5 seconds each, and a look of 5 seeds has ten of them.
    assert clock.within(study, plan).looks == kept


@pytest.mark.parametrize(("missing", "kept"), [(0, LOOKS), (1, (3, 5))])
def test_a_study_that_had_ended_is_not_asked_for_its_time_again(tmp_path, missing, kept):
    """One that was decided at 5 seeds keeps the looks that it was decided by."""
    study = in_looks(Study("s", ARMS, DataSpec("digits"), (0,)), 8, 1.0)
    write_looks(tmp_path, study, "ab", seeds=5)
    plan, later = PlanOfEqualRuns(study, missing=0), replace(study, seeds=tuple(range(5)))
    study, seeds = as_it_ended(study, tmp_path, plan)
    write_runs(tmp_path, PlanOfEqualRuns(later), 1000.0)
    clock = Clock(seeds_before=seeds)
    clock.learn(plan, 0.0, tmp_path, 1)
    assert clock.within(study, plan).looks == LOOKS
    plan = PlanOfEqualRuns(later, missing)
    clock.learn(plan, 1000.0 * missing, tmp_path, 1)
    assert clock.within(later, plan).looks == kept


def test_what_the_last_look_left_may_spend_is_all_of_the_error():
    assert sum(spending((3,))) == sum(spending(LOOKS)) == pytest.approx(0.05)


def test_what_is_noise_is_looked_at_to_the_end(climbed):
    study = json.loads((climbed / "ladder.json").read_text())
    assert study["looks"] == [3, 4]
    assert [sorted(rung["fingerprints"]) for rung in study["rungs"]] == [list("0123")] * 2
    assert len(list((climbed / "runs").iterdir())) == 8
    assert "undecided" in (climbed / "report.md").read_text()


def test_a_finished_study_stays_finished(ladder, climbed):
    before = stamps(climbed)
    result = ladder.run(climbed, jobs=1, models=False, quiet=True, max_seeds=4)
    assert result.ok
    assert len(result.frame) == 8
    assert stamps(climbed) == before


def test_a_finished_study_stays_finished_where_its_runs_would_take_longer_now(
    ladder, climbed, tmp_path
):
    out = shutil.copytree(climbed, tmp_path / "out")
    study = json.loads((out / "ladder.json").read_text())
    (out / "ladder.json").write_text(json.dumps(study | {"minutes": 5.0}))
    for file in out.glob("runs/*/metrics.json"):
        file.write_text(json.dumps(json.loads(file.read_text()) | {"seconds": 1e6}))
    options = {"jobs": 1, "models": False, "quiet": True, "max_seeds": 4, "max_minutes": 5.0}
    result = ladder.run(out, **options)
    assert len(result.frame) == 8
    again = json.loads((out / "ladder.json").read_text())
    assert (again["looks"], again["rungs"]) == (study["looks"], study["rungs"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_minutes": 5}, "max_minutes goes with"),
        ({"max_seeds": 4, "max_minutes": 0}, "above 0"),
    ],
)
def test_minutes_that_mean_nothing_are_refused(ladder, options, message, tmp_path):
    with pytest.raises(LadderError, match=message):
        ladder.run(tmp_path / "out", quiet=True, **options)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--max-seeds", "5"], "--max-seeds goes with --until-decided"),
        (["--max-minutes", "5"], "--max-minutes goes with --until-decided"),
        (["--until-decided", "--seeds", "3"], "give --max-seeds in place of --seeds"),
        (["--margin", "0"], "margin (--margin) must be above 0"),
    ],
)
def test_flags_that_do_not_go_together(flags, message):
    from typer.testing import CliRunner

    from trickbook.ladder.cli.main import app

    result = CliRunner().invoke(app, ["run", "digits", *flags])
    assert message in str(result.exception)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (None, "Looks at 3, 4 seeds. If nothing"),
        ("5", "seeds, and ends with the last look that fits into 5 minutes. If nothing"),
    ],
)
def test_a_dry_run_says_how_long_it_may_take(monkeypatch, minutes, said):
    from typer.testing import CliRunner

    from trickbook.ladder.cli import carry_out
    from trickbook.ladder.cli.main import app
    from trickbook.ladder.studies.run_study import Estimate

    asked = []

    def estimate_study(study, *_):
        asked.append(study.seeds)
        return Estimate(3, 0, 1, 0.0)

    monkeypatch.setattr(carry_out, "estimate_study", estimate_study)
    flags = ["--until-decided", "--max-seeds", "4", "--dry-run"]
    flags += [] if minutes is None else ["--max-minutes", minutes]
    result = CliRunner().invoke(app, ["run", "digits", *flags])
    assert said in " ".join(result.output.split())
    # The time is that of all looks.
    assert asked == [(0, 1, 2, 3)]


def test_a_ladder_file_states_the_margin(tmp_path):
    from trickbook.ladder.ladder_file import read_ladder

    path = tmp_path / "mine.toml"
    path.write_text('[data]\nname = "digits"\n[task]\nmargin = 0.02\n')
    assert Ladder.from_spec(read_ladder(str(path))).study.margin == 0.02
    path.write_text('[data]\nname = "digits"\n[task]\nmargin = "small"\n')
    with pytest.raises(LadderError, match=r"margin in \[task\] must be a number"):
        read_ladder(str(path))
