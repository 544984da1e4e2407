"""Studies: what is compared with what, and one folder for them."""

import json
import shutil
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from ladder_folders import runs_of

from trickbook.data import DataSpec, from_arrays
from trickbook.ladder import Ladder, LadderError
from trickbook.ladder.studies import run_options
from trickbook.ladder.studies.plan import planned
from trickbook.ladder.studies.replaced_report import replaced_report
from trickbook.ladder.studies.run_options import RunOptions
from trickbook.ladder.studies.run_study import run_study
from trickbook.ladder.studies.study import Arm, Study
from trickbook.ladder.studies.study_folder import check_same_data, write_study_file
from trickbook.recipes import BatchNorm, Blueprint, Dropout, Longer, Noise, Task
from trickbook.reports.analysis.effects import margin_of
from trickbook.reports.read.run_set import read_run_set
from trickbook.training.cost import SECONDS_PER_RUN
from trickbook.training.executor.local_processes import LocalProcesses

SMALL = Blueprint(filters=(2,), convolutions=1, dense=(4,), epochs=1, batch_size=20)


def test_a_ladder_is_a_study_of_rungs_each_against_the_one_below():
    ladder = Ladder("digits", [[Noise()], [BatchNorm(), Dropout()]], seeds=[3, 5])
    study = ladder.study
    assert [arm.name for arm in study.arms] == [rung.name for rung in ladder.rungs]
    assert [arm.against for arm in study.arms] == [None, "00-baseline", "01-noise"]
    assert study.arms[2].recipes == ("batch_norm", "dropout")
    assert (study.name, study.seeds) == ("ladder", (3, 5))


@pytest.mark.parametrize(
    ("arms", "wrong"),
    [
        ((), "needs arms"),
        ((Arm("a", SMALL), Arm("a", SMALL)), "each of its own name"),
        ((Arm("a", SMALL), Arm("b", SMALL, against="c")), "b is to be compared with c"),
    ],
)
def test_a_study_that_compares_nothing_is_refused(arms, wrong):
    with pytest.raises(LadderError, match=wrong):
        Study("mine", arms, DataSpec("digits"), (0,))


@pytest.fixture(scope="module")
def leave_one_out(tmp_path_factory):
    """A study that is no ladder: two arms, each against the first; quietly."""
    full = BatchNorm().apply(SMALL)
    arms = (
        Arm("full", full),
        Arm("plain", SMALL, against="full", changed=SMALL.difference(full)),
        Arm("noisy", Noise().apply(full), ("noise",), against="full"),
    )
    study = Study("leave-one-out", arms, DataSpec("digits", limit_train=40), (0, 1))
    out = tmp_path_factory.mktemp("study") / "out"
    return study, out, run_study(study, out, RunOptions(jobs=1, models=False, quiet=True))


def test_an_arm_is_compared_with_the_one_that_it_names(leave_one_out):
    _, out, result = leave_one_out
    assert result.ok
    written = json.loads((out / "ladder.json").read_text())
    assert [rung["against"] for rung in written["rungs"]] == [None, 0, 0]
    frame = result.written.frame
    for row in (1, 2):
        expected = frame["val_accuracy"][row] - frame["val_accuracy"][0]
        assert frame["delta"][row] == pytest.approx(expected, abs=1e-5)


def test_a_quiet_study_prints_nothing_and_repeats_nothing(leave_one_out, capfd):
    study, out, _ = leave_one_out
    before = {name: path.stat().st_mtime_ns for name, path in runs_of(out).items()}
    assert run_study(study, out, RunOptions(jobs=1, quiet=True)).ok
    assert {name: path.stat().st_mtime_ns for name, path in runs_of(out).items()} == before
    assert capfd.readouterr().out == ""


def test_runs_lie_side_by_side_whatever_their_arms_are_called(tmp_path, monkeypatch):
    monkeypatch.setattr(LocalProcesses, "check", lambda *_: [])
    names = ("source=/home/a.keras", "source=/home/b.keras", "width=" + 300 * "9")
    arms = tuple(
        Arm(name, replace(SMALL, batch_size=20 + place)) for place, name in enumerate(names)
    )
    study = Study("mine", arms, DataSpec("digits", limit_train=40), (0,))
    with planned(study, tmp_path, RunOptions(backend="tensorflow", precision="float32")) as (
        _,
        plan,
    ):
        folders = [job.folder for job in plan.jobs]
    assert {folder.parent for folder in folders} == {tmp_path / "runs"}
    assert folders[0].name.startswith("source=_home_a.keras-s0-")
    assert all(len(folder.name) < 255 for folder in folders)


@pytest.mark.parametrize(
    ("broken", "named"),
    [((), None), (("first", "last"), "first"), (("last",), "last"), (("first",), "first")],
)
def test_the_first_arm_is_built_last_and_named_first(tmp_path, monkeypatch, broken, named):
    """The worker that has it compiled trains it next; what ails it ails the others too."""
    built = []

    def check(executor, blueprint, name):
        built.append(name)
        if name in broken:
            raise LadderError(f"{name} cannot be trained")
        return [f"{name} is narrow", "all are small"]

    monkeypatch.setattr(LocalProcesses, "check", check)
    names = ("first", "second", "last")
    arms = tuple(Arm(name, replace(SMALL, batch_size=20 + len(name))) for name in names)
    study = Study("mine", arms, DataSpec("digits", limit_train=40), (0,))
    settings = RunOptions(backend="tensorflow", precision="float32")
    told = pytest.raises(LadderError, match=f"^{named} cannot") if named else nullcontext()
    with told, planned(study, tmp_path, settings) as (planner, _):
        assert built == ["second", "last", "first"]
        expected = ["first is narrow", "all are small", "second is narrow", "last is narrow"]
        assert planner.notes[:4] == expected


def test_an_estimate_counts_fresh_runs_as_new(leave_one_out):
    _, out, _ = leave_one_out
    ladder = Ladder(
        DataSpec("digits", limit_train=40),
        [[Noise()]],
        baseline=BatchNorm().apply(SMALL),
        seeds=2,
    )
    there = ladder.estimate(out, jobs=1, models=False)
    fresh = ladder.estimate(out, jobs=1, fresh=True)
    assert (there.runs, there.new) == (4, 0)
    assert (fresh.runs, fresh.new) == (4, 4)
    assert fresh.seconds > 0


def test_another_data_set_in_the_folder_is_refused_and_the_report_stays(climbed, tmp_path, command):
    folder = tmp_path / "copy"
    shutil.copytree(climbed.parent, folder)
    report = (folder / "out" / "report.md").read_bytes()
    flags = ["--seeds", "1", "--epochs", "1", "--jobs", "1", "--out", "out"]
    for more in ([], ["--dry-run"]):
        result = command("run", "tiny.toml", "--data", "digits", *flags, *more, cwd=folder)
        assert result.returncode == 2
        said = " ".join(result.stderr.split())
        assert "out holds a study of npz:tiny.npz, but this one is of digits" in said
        assert "--fresh" in said
    assert (folder / "out" / "report.md").read_bytes() == report


def test_runs_that_another_command_trains_are_not_moved_aside(climbed, tmp_path, command):
    folder = tmp_path / "copy"
    shutil.copytree(climbed.parent, folder)
    run = sorted(runs_of(folder / "out").values())[0]
    with FileLock(run / ".lock"):
        result = command("run", "tiny.toml", "--out", "out", "--fresh", cwd=folder)
    assert result.returncode == 2
    assert f"Another command is training out/runs/{run.name}" in " ".join(result.stderr.split())
    assert run.is_dir()


def test_runs_that_another_command_begins_meanwhile_are_not_moved_aside(tmp_path, monkeypatch):
    monkeypatch.setattr(LocalProcesses, "check", lambda *_: [])
    study = Study("mine", (Arm("a", SMALL),), DataSpec("digits", limit_train=40), (0,))
    run = tmp_path / "runs" / "of-another"
    run.mkdir(parents=True)
    lock = FileLock(run / ".lock")
    arguments = (study, tmp_path, RunOptions(backend="tensorflow", precision="float32", fresh=True))
    with (
        pytest.raises(LadderError, match=r"Another command is training .*of-another"),
        planned(*arguments, move=True, begin=lambda plan: lock.acquire()),
    ):
        pass
    lock.release()
    assert run.is_dir()
    with planned(*arguments, move=True):
        assert not run.exists()


@pytest.fixture
def reported(tmp_path):
    """Returns what would be said of a study's report in a folder, where another one's may be."""
    data, settings = (
        DataSpec("digits", limit_train=40),
        RunOptions(backend="tensorflow", precision="float32"),
    )

    def said(arms, before=None, seeds=(0,)):
        with planned(Study("new", arms, data, seeds), tmp_path, settings) as (planner, plan):
            if before is not None:
                old = Study("old", before, data, (0, 1))
                write_study_file(old, tmp_path, planner.plan(old), "trickbook run")
            return replaced_report(Study("new", arms, data, seeds), tmp_path, plan)

    return said


def test_a_report_that_another_one_takes_the_place_of_is_told(reported, monkeypatch, tmp_path):
    monkeypatch.setattr(LocalProcesses, "check", lambda *_: [])
    arms = tuple(Arm(f"arm{size}", SMALL.with_settings(dense=(size,))) for size in range(2, 9))
    assert reported(arms) == ""
    text = reported(arms[:1], before=arms)
    assert text.startswith(f"This replaces the report of old in {tmp_path}, which has arms that")
    assert "this study lacks: arm3, arm4, arm5, arm6 and 2 more. Their runs stay" in text
    # Equal runs are of the same arm: under another name, with fewer seeds, beside new arms.
    assert reported((Arm("other", arms[0].blueprint), *arms[1:]), before=arms[:1]) == ""
    (tmp_path / "ladder.json").write_text("{")
    assert reported(arms) == ""


@pytest.mark.parametrize(
    "study",
    [
        lambda ladder, out: ladder.ablate(out, max_seeds=3),
        lambda ladder, out: ladder.sweep(out, 1, {"learning_rate": [1e-3, 1e-2]}, max_seeds=3),
        lambda ladder, out: ladder.sample_size(out, 1, 2, max_seeds=3),
        lambda ladder, out: ladder.refit(out, max_seeds=3),
        lambda ladder, out: ladder.tune(out, 1, trials=2, max_seeds=3),
        lambda ladder, out: ladder.grow(out, max_minutes=3),
    ],
)
def test_an_option_that_a_study_lacks_is_named_with_those_that_it_has(tmp_path, study):
    ladder = Ladder("digits", [Noise()])
    with pytest.raises(LadderError, match=r"has no option 'max_\w+'\..* Known: jobs, threads, "):
        study(ladder, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_is_asked_of_a_study_from_python_reaches_what_carries_it_out(monkeypatch):
    calls = []
    for name in ("run_study", "estimate_study", "run_tuning", "grow"):
        monkeypatch.setattr(f"trickbook.ladder.ladder.{name}", lambda *given: calls.append(given))
    options = RunOptions(
        jobs=3,
        threads=2,
        on="ray",
        shared=True,
        models=False,
        read_test=False,
        fresh=True,
        quiet=True,
        command="mine",
        backend="jax",
        precision="mixed_bfloat16",
    )
    given, ladder = asdict(options), Ladder("digits", [Noise()], seeds=2)
    over = {"learning_rate": "1e-3:1e-1:9:log"}
    ladder.run("out", **given)
    ladder.run("out", **given, max_seeds=5, max_minutes=7)
    ladder.estimate("out", **given)
    ladder.ablate("out", **given)
    ladder.sweep("out", 1, over, random=4, **given)
    ladder.sample_size("out", 1, [50, 100], limit=120, **given)
    ladder.grow("out", minutes=7, max_seeds=5, first_seed=4, **given)
    assert [one for *_, one in calls] == [options] * 7
    assert {folder for _, folder, _ in calls} == {Path("out").absolute()}
    plain, looks, _, _, swept, sizes, aim = (asked for asked, _, _ in calls)
    assert (plain.seeds, plain.looks) == ((0, 1), ())
    assert (looks.seeds, looks.looks, looks.minutes) == ((0, 1, 2), (3, 5), 7)
    assert (len(swept.arms), swept.details["draws"]) == (4, 4)
    assert (sizes.data.limit_train, sizes.details["sizes"]) == (120, [50, 100])
    assert (aim.minutes, aim.most_seeds, aim.first_seed) == (7, 5, 4)
    ladder.refit("out", 0, [7, 9], **given | {"read_test": True})
    refit, _, last = calls.pop()
    assert (refit.arms[0].name, refit.seeds) == ("refit-00-baseline", (7, 9))
    assert last == replace(options, read_test=True)


def test_how_a_search_searches_may_be_said_from_python(monkeypatch):
    pytest.importorskip("optuna", reason="trickbook tune searches by Optuna")
    monkeypatch.setattr("trickbook.ladder.ladder.run_tuning", lambda *given: given)
    how = {"trials": 5, "minutes": 7, "sampler": "random", "pruner": "hyperband", "seed": 9}
    ladder, space = Ladder("digits", [Noise()]), {"learning_rate": {"low": 1e-4, "high": 1e-2}}
    tuning, _, options = ladder.tune("out", 1, space, **how, jobs=3)
    assert {name: getattr(tuning, name) for name in how} == how
    assert (tuning.rung.name, tuning.space.names) == ("01-noise", ["learning_rate"])
    assert options == RunOptions(jobs=3)


def test_a_studys_file_tells_its_report_how_to_judge(tmp_path, monkeypatch):
    monkeypatch.setattr(LocalProcesses, "check", lambda *_: [])
    settings = RunOptions(backend="tensorflow", precision="float32")
    arms = (Arm("a", SMALL), Arm("b", SMALL.with_settings(dense=(3,)), against="a"))
    plain = Study("x", arms, DataSpec("digits", limit_train=40), (4, 6))
    chosen = replace(plain, splits=True, bagging=True, margin=0.02)
    for study, told in ((plain, (False, False, 0.01)), (chosen, (True, True, 0.02))):
        with planned(study, tmp_path, settings) as (_, plan):
            write_study_file(study, tmp_path, plan, "trickbook run")
        run_set = read_run_set(tmp_path)
        file = run_set.ladder
        found = (file.get("splits", False), file.get("bagging", False), margin_of(run_set))
        assert found == told
        assert (file["seeds"], run_set.rungs[1].not_started) == ([4, 6], (4, 6))


def test_the_time_that_a_study_takes_is_reckoned_from_a_step_of_its_first_arm(
    tmp_path, monkeypatch, tiny_images
):
    """Of 54 images, 18 to a batch, three steps of 2 seconds make one of five epochs."""
    monkeypatch.setattr(LocalProcesses, "check", lambda *_: [])
    monkeypatch.setattr(LocalProcesses, "seconds_per_step", lambda *_: 2.0)
    monkeypatch.setattr(run_options, "visible_gpus", lambda: ())
    base = replace(SMALL, base="fully_connected", dense=(), epochs=5, batch_size=18)
    ladder = Ladder(
        (tiny_images["x_train"], tiny_images["y_train"]),
        [Longer(3.0)],
        baseline=base,
        seeds=2,
    )
    found = ladder.estimate(tmp_path / "out", jobs=1)
    assert found.runs == found.new == 4
    first = 5 * 3 * 2.0
    assert found.seconds == pytest.approx(2 * (first + 3 * first) + 4 * SECONDS_PER_RUN)


def test_a_dry_run_tells_what_is_doubtful_about_the_data(tiny_images, tiny_folder, command):
    leaking = {name: np.asarray(array).copy() for name, array in tiny_images.items()}
    leaking["x_test"][:3] = leaking["x_train"][:3]
    np.savez(tiny_folder / "leaking.npz", **leaking)
    flags = ["--data", "npz:leaking.npz", "--dry-run"]
    result = command("run", "tiny.toml", *flags, cwd=tiny_folder)
    assert result.returncode == 0, result.stderr
    assert "Warning: " in result.stdout
    assert "3 of 30 test images also occur" in " ".join(result.stdout.split())


def test_other_content_under_the_same_name_is_refused(climbed, tmp_path, command):
    folder = tmp_path / "copy"
    shutil.copytree(climbed.parent, folder)
    with np.load(folder / "tiny.npz") as held:
        arrays = {name: held[name] for name in held.files}
    arrays["x_train"] = 255 - arrays["x_train"]
    np.savez(folder / "tiny.npz", **arrays)
    report = (folder / "out" / "report.md").read_bytes()
    result = command("run", "tiny.toml", "--out", "out", cwd=folder)
    assert result.returncode == 2
    assert "npz:tiny.npz, whose content has changed since" in " ".join(result.stderr.split())
    assert (folder / "out" / "report.md").read_bytes() == report


def read_as(**settings):
    """What a study's file tells of data that were read so; read otherwise they are others."""
    spec = DataSpec(**{"name": "folder:photos", **settings})
    chosen = {name: getattr(spec, name) for name in ("limit_train", "split_seed", "scaling")}
    sizes = {"train": spec.limit_train or 100, "val": 20, "test": 20}
    data = {"name": spec.name, "fingerprint": repr(spec), "spec": spec.to_dict()}
    return data | chosen | sizes


OLD = {"name": "cifar10", "data_dir": "old"}


@pytest.mark.parametrize(
    ("there", "here", "wanted"),
    [
        ({"image_size": (8, 8)}, {"image_size": (32, 32)}, "image_size 8, 8, and this .* 32, 32"),
        ({}, {"image_size": (32, 32), "limit_train": 9}, "image_size not given, and .* 32, 32"),
        ({"color": "rgb"}, {"color": "grey"}, "color rgb, and this one has grey"),
        (
            {"image_size": (8, 8), "fit": "crop"},
            {"image_size": (8, 8), "fit": "pad"},
            "fit crop, and this one has pad",
        ),
        (OLD, OLD | {"data_dir": "new"}, "data_dir old, and this one has new"),
        ({}, {}, None),
        # They may be fewer of the same pictures.
        (OLD, OLD | {"data_dir": "new", "limit_train": 9}, None),
    ],
)
def test_how_the_data_were_read_otherwise_is_said(tmp_path, there, here, wanted):
    (tmp_path / "ladder.json").write_text(json.dumps({"data": read_as(**there)}))
    if wanted is None:
        check_same_data(tmp_path, read_as(**here))
        return
    with pytest.raises(LadderError, match=f"a study of .* with {wanted}"):
        check_same_data(tmp_path, read_as(**here))


def test_the_same_data_under_another_name_are_the_same_data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "ladder.json"
    file.write_text(json.dumps({"data": read_as()}))
    for name in ("folder:./photos/", f"folder:{tmp_path / 'photos'}"):
        check_same_data(tmp_path, read_as(name=name, limit_train=9))
    other = read_as(name="folder:elsewhere")
    with pytest.raises(LadderError, match="of folder:photos, but this one is of folder:elsewhere"):
        check_same_data(tmp_path, other)
    # A copy, or a folder that has moved.
    check_same_data(tmp_path, other | {"fingerprint": read_as()["fingerprint"]})


def test_fresh_moves_nothing_aside_where_a_rung_cannot_be_built(climbed, tmp_path, command):
    folder = tmp_path / "copy"
    shutil.copytree(climbed.parent, folder)
    (folder / "my_slip.py").write_text(
        "from trickbook.recipes import Config, Recipe, Slot\n"
        "class Slip(Recipe):\n"
        "    def apply(self, blueprint):\n"
        "        return blueprint.fill('after_stage', Slot('slip', Config.of('keras.layers:No')))\n"
    )
    text = (folder / "tiny.toml").read_text() + '[[rung]]\nrecipes = ["my_slip:Slip"]\n'
    (folder / "tiny.toml").write_text(text)
    before = sorted(runs_of(folder / "out"))
    result = command("run", "tiny.toml", "--out", "out", "--fresh", cwd=folder)
    assert result.returncode == 2
    assert sorted(runs_of(folder / "out")) == before
    assert not list((folder / "out").glob("before-*"))


def test_splits_and_samples_of_each_seed_are_other_runs_that_the_arms_share(
    tiny_folder, monkeypatch
):
    """Two arms, two seeds: each seed's data are one for both arms; seed 0 has the study's split."""
    monkeypatch.setattr(LocalProcesses, "check", lambda *_: [])
    data = DataSpec(f"npz:{tiny_folder / 'tiny.npz'}")
    arms = (Arm("a", SMALL), Arm("b", SMALL.with_settings(dense=(3,)), against="a"))
    plain = Study("x", arms, data, (0, 1))
    settings = RunOptions(backend="tensorflow", precision="float32")
    prints, summaries = {}, {}
    for name, study in (
        ("plain", plain),
        ("splits", replace(plain, splits=True)),
        ("bagging", replace(plain, bagging=True)),
    ):
        with planned(study, tiny_folder / "out", settings) as (planner, plan):
            prints[name] = plan.fingerprints
            summaries[name] = {
                seed: {planner.data.summary(arm, seed)["fingerprint"] for arm in arms}
                for seed in (0, 1)
            }
            assert len(plan.jobs) == 4
            assert planner.data.summary(arms[0], 1)["val"] == plan.data["val"]
    whole = summaries["plain"][0]
    assert summaries["plain"][1] == whole == summaries["splits"][0]
    assert len(whole) == len(summaries["splits"][1]) == len(summaries["bagging"][1]) == 1
    assert len({*whole, *summaries["splits"][1], *summaries["bagging"][1]}) == 3
    assert prints["splits"]["a", 0] == prints["plain"]["a", 0]
    assert prints["splits"]["a", 1] != prints["plain"]["a", 1]
    assert not set(prints["bagging"].values()) & set(prints["plain"].values())


def test_splits_are_refused_where_there_is_nothing_to_split(tiny_folder, tiny_images, monkeypatch):
    monkeypatch.setattr(LocalProcesses, "check", lambda *_: [])
    arms, settings = (Arm("a", SMALL),), RunOptions(backend="tensorflow", precision="float32")
    split = from_arrays(tiny_images["x_train"], tiny_images["y_train"])
    with (
        pytest.raises(LadderError, match="split already"),
        planned(Study("x", arms, split, (0, 1), splits=True), tiny_folder / "out", settings),
    ):
        pass
    arrays = {**tiny_images, "x_val": tiny_images["x_test"], "y_val": tiny_images["y_test"]}
    np.savez(tiny_folder / "whole.npz", **arrays)
    whole = DataSpec(f"npz:{tiny_folder / 'whole.npz'}")
    with (
        pytest.raises(LadderError, match="brings its own training, validation and test"),
        planned(Study("x", arms, whole, (0, 1), splits=True), tiny_folder / "out", settings),
    ):
        pass
    # The limit draws other training images with each seed; of ordered rows it keeps the latest.
    limited = Study("x", arms, replace(whole, limit_train=20), (0, 1), splits=True)
    with planned(limited, tiny_folder / "out", settings) as (_, plan):
        assert len({job.fingerprint for job in plan.jobs}) == 2
    ordered = DataSpec("diabetes", ordered=True, limit_train=60)
    rows = (Arm("a", replace(SMALL, base="fully_connected", task=Task("regression"))),)
    with (
        pytest.raises(LadderError, match="diabetes is split in the order of its rows"),
        planned(Study("x", rows, ordered, (0, 1), splits=True), tiny_folder / "out", settings),
    ):
        pass


def test_other_arrays_in_the_folder_are_refused_and_another_split_of_them_is_not(tmp_path):
    x, y = np.random.default_rng(0).integers(0, 255, (60, 4, 4), "uint8"), np.arange(60) % 3
    there = from_arrays(x, y).summary()
    (tmp_path / "ladder.json").write_text(json.dumps({"data": there}))
    for chosen in ({"limit_train": 20}, {"split_seed": 1}, {"val_fraction": 0.3}):
        check_same_data(tmp_path, from_arrays(x, y, **chosen).summary())
    for other in (from_arrays(x[::-1], y), from_arrays(x, y % 2, limit_train=20)):
        with pytest.raises(LadderError, match=r"holds a study of other arrays than this one\."):
            check_same_data(tmp_path, other.summary())
