import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest
from growth_on_disk import grown_once, write_growth
from ladder_on_disk import write_ladder, write_run
from scipy import stats

from trickbook.reports.diagnosis.ladder_findings import read_rungs, short_budget
from trickbook.reports.figures.image_sheet import image_sheet
from trickbook.reports.figures.picture import png_bytes
from trickbook.reports.figures.pictures import best_confusion
from trickbook.reports.pages.provenance import mixed_software, warnings
from trickbook.reports.pages.report import runs_frame, write_report
from trickbook.reports.pages.study_report import write_study
from trickbook.reports.pages.tables import ladder_frame
from trickbook.reports.read.run_set import read_run_set
from trickbook.runs.errors import DamagedRunWarning, ReportError

COLUMNS = (
    "rung,recipe,changed,runs,failed,params,epochs,train_accuracy,val_accuracy,test_accuracy,gap,"
    "delta,delta_low,delta_high,seconds"
)
PIXEL = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU"
    b"\x00\x00\x00\nIDATx\x9cc`\x00\x00\x00\x02\x00\x01H\xaf\xa4q\x00\x00\x00\x00IEND\xaeB`\x82"
)


CLASSES = ["cat", "dog|<b>"]


def sample_images():
    images = np.random.default_rng(0).integers(0, 256, (4, 6, 5, 3)).astype(np.uint8)
    return images, np.array([0, 1, 1, 0])


def write_samples(run_folder):
    images, labels = sample_images()
    np.savez(run_folder / "samples.npz", images=images, labels=labels)


def read_table(folder):
    return pd.read_csv(folder / "ladder.csv")


def frame_of(folder):
    """The table alone, which takes no time."""
    return ladder_frame(read_run_set(folder))


def budget_text(folder):
    run_set = read_run_set(folder)
    return short_budget(run_set, read_rungs(run_set))


def files_of(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


class Page(HTMLParser):
    """The tags, addresses and text of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.addresses, self.texts = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "srcset")]

    def handle_data(self, data):
        self.texts.append(data)


def write_three_seeds(folder):
    """Rungs that ended in every way there is."""
    write_ladder(
        folder,
        {
            "baseline": [0.80, 0.81, 0.79],
            "noise": [0.85, 0.865, 0.84],
            "harm": [0.80, 0.81, 0.80],
            "even": [0.79, 0.82, "failed"],
            "broken": ["failed", "failed", "failed"],
            "late": [0.9, "running", None],
        },
    )
    write_samples(folder / "runs" / "01-run-00010000")
    return folder


@pytest.fixture(scope="module")
def three_seeds(tmp_path_factory):
    folder = write_three_seeds(tmp_path_factory.mktemp("three"))
    return folder, write_report(folder)


def test_the_table_has_the_agreed_columns_first(three_seeds):
    folder, report = three_seeds
    header = (folder / "ladder.csv").read_text().splitlines()[0]
    assert header.startswith(COLUMNS + ",best_val_accuracy,best_epoch,test_macro_f1,")
    assert "reported" not in header
    assert "| reported |" not in (folder / "report.md").read_text()
    assert list(report.frame.columns) == header.split(",")


def test_the_table_against_numpy_and_scipy(three_seeds):
    folder, _ = three_seeds
    table = read_table(folder)
    assert table["rung"].tolist() == [0, 1, 2, 3, 4, 5]
    assert table["recipe"].tolist() == ["baseline", "noise", "harm", "even", "broken", "late"]
    assert table["runs"].tolist() == [3, 3, 3, 2, 0, 1]
    assert table["failed"].tolist() == [0, 0, 0, 1, 3, 0]
    lower, upper = [0.80, 0.81, 0.79], [0.85, 0.865, 0.84]
    interval = stats.ttest_rel(upper, lower).confidence_interval(0.95)
    noise = table.loc[1]
    assert noise["val_accuracy"] == pytest.approx(np.mean(upper), abs=1e-6)
    assert noise["val_accuracy_std"] == pytest.approx(np.std(upper, ddof=1), abs=1e-6)
    assert noise["train_accuracy"] == pytest.approx(0.971, abs=1e-6)
    assert noise["test_accuracy"] == pytest.approx(np.mean(upper) - 0.01, abs=1e-6)
    assert noise["gap"] == pytest.approx(0.971 - np.mean(upper), abs=1e-6)
    assert noise["delta"] == pytest.approx(np.mean(np.subtract(upper, lower)), abs=1e-6)
    assert (noise["delta_low"], noise["delta_high"]) == pytest.approx(tuple(interval), abs=1e-6)
    assert (noise["params"], noise["epochs"], noise["seconds"]) == (1000, 12, 11.0)
    # The seed that failed is left out of both sides of the difference.
    two = stats.ttest_rel([0.79, 0.82], [0.80, 0.81]).confidence_interval(0.95)
    assert table.loc[3, "delta"] == pytest.approx(0.0, abs=1e-6)
    assert table.loc[3, "delta_low"] == pytest.approx(two.low, abs=1e-6)


def test_a_rung_without_a_finished_run_keeps_a_blank_row(three_seeds):
    folder, _ = three_seeds
    row = (folder / "ladder.csv").read_text().splitlines()[5]
    assert re.fullmatch(r"4,broken,rate: 0 -> 4,0,3,+undecided,0.01,+", row)
    assert pd.isna(read_table(folder).loc[5, "delta"])  # nothing to compare with below


def test_numbers_are_rounded_to_six_decimals(three_seeds):
    folder, _ = three_seeds
    for cell in re.findall(r"\d\.\d+", (folder / "ladder.csv").read_text()):
        assert len(cell) <= 8


def test_residuals_of_an_earlier_report_go_and_a_users_picture_stays(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.8], "noise": [0.85]})
    ours = png_bytes(image_sheet(np.zeros((1, 4, 4, 1), np.uint8)))
    (folder / "residuals.png").write_bytes(ours)
    write_report(folder)
    assert not (folder / "residuals.png").exists()
    (folder / "residuals.png").write_bytes(b"mine")
    write_report(folder)
    assert (folder / "residuals.png").read_bytes() == b"mine"


def test_the_headline_says_what_helped_what_hurt_and_what_is_undecided(three_seeds):
    _, report = three_seeds
    text = report.markdown
    assert "Best by validation: 01-noise, with a validation accuracy of 0.852 ± 0.013" in text
    assert "Left out until all of their seeds are done: 05-late." in text
    assert "Helps: 01-noise. Hurts: 02-harm. Undecided: 03-even." in text
    assert "Not decided" in text and "03-even (1 of the 3 runs of 03-even failed)" in text
    assert "the two figures of a pair correlate by" in text
    assert "no seed is finished in both" in text and "its reference: 04-broken and 05-late." in text


def test_failed_and_unfinished_runs_are_listed_with_their_reasons(three_seeds):
    folder, report = three_seeds
    page = "".join(Page((folder / "report.html").read_text()).texts)
    assert "03-even, seed 2, failed: The loss was nan <in> epoch 7 | stopped." in page
    assert "05-late, seed 1, is not finished." in page
    assert "05-late, seed 2: not started." in page
    assert "nan &lt;in> epoch 7 \\| stopped" in report.markdown
    assert "Every run that ended has failed" in page


def test_both_pages_name_command_versions_machine_and_data(three_seeds):
    folder, report = three_seeds
    page = "".join(Page((folder / "report.html").read_text()).texts)
    for text in (page, report.markdown):
        assert "trickbook run --out 'a b'" in text
        assert "keras" in text and "3.15.1" in text
        assert "Some CPU, 2 cores, 24 GB memory, Linux" in text
        assert "200 training, 360 validation and 360 test" in text
        assert "3 identical images stand on both sides." in text
        assert "2026-01-02T03:04:05+00:00" in text


@pytest.mark.drawn
def test_the_html_page_is_one_file_that_works_offline(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.8], "noise": [0.85]})
    write_report(folder)
    page = Page((folder / "report.html").read_text())
    assert not {"link", "iframe", "b"} & set(page.tags)
    assert len(page.addresses) >= 4  # ladder, curves, two rungs
    assert all(address.startswith("data:image/png;base64,") for address in page.addresses)
    style = re.search("<style>(.*?)</style>", (folder / "report.html").read_text(), re.DOTALL)
    assert "url(" not in style[1]


def test_both_pages_open_with_what_the_whole_stack_is_worth(tmp_path):
    lowest, top = [0.80, 0.81, 0.79], [0.86, 0.88, 0.84]
    rungs = {"baseline": lowest, "noise": [0.7, 0.71, 0.72], "wider": top}
    folder = write_ladder(tmp_path, rungs)
    text = write_report(folder).markdown
    low, high = stats.ttest_rel(top, lowest).confidence_interval(0.95)
    told = f"is worth +6.0 points ({100 * low:+.1f} to {100 * high:+.1f}) in validation"
    assert f"The whole stack: 02-wider less 00-baseline {told} over 3 seeds: helps." in text
    opening = (folder / "report.html").read_text().split("<h2")[0]
    assert "The whole stack: 02-wider less 00-baseline" in opening


def test_every_picture_of_the_markdown_page_exists(three_seeds):
    folder, report = three_seeds
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", report.markdown)
    expected = {"forest.png", "ladder.png", "curves.png", "curves/00-baseline.png", "confusion.png"}
    assert expected | {"samples.png"} <= set(pictures)
    assert all((folder / unquote(picture)).is_file() for picture in pictures)


@pytest.mark.drawn
def test_the_same_runs_give_the_same_bytes_whatever_the_users_style(tmp_path):
    import matplotlib.style

    (tmp_path / "once").mkdir()
    folder = write_three_seeds(tmp_path / "once")
    again = tmp_path / "again"
    shutil.copytree(folder, again)
    write_report(folder)
    users = {"font.size": 20, "lines.linewidth": 5, "axes.grid": False, "lines.marker": "o"}
    with matplotlib.style.context(["dark_background", users]):
        write_report(again)
    assert files_of(again) == files_of(folder)


def test_the_frame_of_runs_has_a_row_for_each(three_seeds):
    folder, _ = three_seeds
    frame = runs_frame(folder)
    assert frame["name"].value_counts()["05-late"] == 2
    assert frame["status"].value_counts().to_dict() == {"done": 12, "failed": 4, "running": 1}
    failed = frame[frame["status"] == "failed"]
    assert failed["val_accuracy"].isna().all()
    assert failed["reason"].str.contains("nan").all()
    row = frame[(frame["rung"] == 1) & (frame["seed"] == 1)].iloc[0]
    assert row["val_accuracy"] == 0.865


def test_a_report_displays_itself_in_a_notebook(three_seeds):
    _, report = three_seeds
    page = Page(report._repr_html_())
    assert page.tags.count("table") == 1  # what each step is worth, and its picture
    assert page.tags.count("img") == 1
    assert not {"style", "script", "details"} & set(page.tags)
    assert report._repr_markdown_() == report.markdown


def test_one_seed_gives_differences_without_intervals(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.8], "noise": [0.85]})
    page = write_report(folder).markdown
    for told in ("In brackets stands", "Each interval misses", "± is one standard deviation"):
        assert told not in page
    assert "counts too: one standard error of an accuracy of" in page
    report = write_report(folder)
    row = read_table(folder).loc[1]
    assert row["delta"] == pytest.approx(0.05)
    assert pd.isna(row["delta_low"]) and pd.isna(row["delta_high"])
    assert pd.isna(row["val_accuracy_std"])
    assert "01-noise (+5 points). One seed gives no interval" in report.markdown
    assert "--seeds 3" in report.markdown


def test_the_error_of_validation_is_told_of_the_best_and_of_the_lowest_accuracy(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.7], "noise": [0.9]})
    errors = [np.sqrt(p * (1 - p) / 360) for p in (0.9, 0.7)]
    assert (
        "The choice of the 360 validation images counts too: one standard error of an accuracy of "
        f"0.900 is {errors[0]:.3f}, and of one of 0.700 is {errors[1]:.3f}. All rungs share the "
        "images, so part of this error cancels in their differences"
    ) in write_report(folder).markdown


def test_a_run_shared_by_two_rungs_counts_in_both(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.8, 0.8], "twin": [None, None]})
    ladder = json.loads((folder / "ladder.json").read_text())
    ladder["rungs"][1]["fingerprints"] = ladder["rungs"][0]["fingerprints"]
    (folder / "ladder.json").write_text(json.dumps(ladder))
    table = frame_of(folder)
    assert table["runs"].tolist() == [2, 2]
    assert table.loc[1, "delta"] == 0.0


@pytest.mark.parametrize("status", ["running", "failed"])
def test_of_two_runs_of_equal_work_the_one_that_is_done_counts(tmp_path, status):
    folder = write_ladder(tmp_path, {"baseline": [0.8]})
    (path,) = folder.glob("runs/*/run.json")
    print_ = json.loads(path.read_text())["fingerprint"]
    for name in ("a-left", "z-left"):
        write_run(folder / "runs" / name, "baseline", 0, 0.1, status=status, fingerprint=print_)
    row = frame_of(folder).loc[0]
    assert (row["runs"], row["failed"], row["val_accuracy"]) == (1, 0, 0.8)


def test_runs_that_the_ladder_does_not_name_are_left_out(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.8]})
    write_run(folder / "runs" / "old-12345678", "old", 0, 0.99, fingerprint="f" * 64)
    assert frame_of(folder)["val_accuracy"].tolist() == [0.8]


def test_the_reported_accuracy_is_told_where_the_ladder_gives_it(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.8], "noise": [0.85]}, reported=[0.78, None])
    reported = frame_of(folder)["reported"]
    assert reported[0] == 0.78
    assert pd.isna(reported[1])
    write_report(folder)
    table = (folder / "report.md").read_text().split("## Every rung")[1]
    rows = [line for line in table.splitlines() if line[:2] == "| "]
    place = rows[0].split(" | ").index("reported")
    assert [row.split(" | ")[place] for row in rows[2:4]] == ["0.780", "–"]


def test_a_ladder_that_falls_for_want_of_steps_says_so(tmp_path):
    names = {"baseline": 0.99, "noise": 0.95, "dropout": 0.60, "l2": 0.55}
    folder = write_ladder(
        tmp_path,
        {"baseline": [0.50], "noise": [0.52], "dropout": [0.48], "l2": [0.46]},
        train=names,
    )
    markdown = write_report(folder).markdown
    assert (
        "The budget of 12 epochs (144 steps) is too short for rungs 02-dropout and 03-l2: their "
        "training accuracy is only 0.55 to 0.60." in markdown
    )
    assert "raise --epochs" in markdown


@pytest.mark.parametrize(
    ("phases", "is_told"), [(["frozen"], False), (["frozen", "unfrozen"], True)]
)
def test_what_frozen_weights_cannot_fit_is_no_want_of_steps(tmp_path, phases, is_told):
    folder = write_ladder(
        tmp_path, {"baseline": [0.52], "transfer": [0.46]}, train={"transfer": 0.55}
    )
    path = next((folder / "runs").glob("01-*")) / "metrics.json"
    told = [{"name": name, "epochs": 6, "features_once": True} for name in phases]
    path.write_text(json.dumps({**json.loads(path.read_text()), "phases": told}))
    assert ("too short for rung 01-transfer" in budget_text(folder)) is is_told


def test_a_name_that_says_more_than_the_recipes_is_in_the_table(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.5], "network": [0.6], "noise": [0.7]})
    ladder = json.loads((folder / "ladder.json").read_text())
    assert "name" not in frame_of(folder)
    ladder["rungs"][1]["name"] = "01-network-gru"
    (folder / "ladder.json").write_text(json.dumps(ladder))
    frame = frame_of(folder)
    assert frame["name"].fillna("").tolist() == ["", "01-network-gru", ""]
    assert frame["recipe"].tolist() == ["baseline", "network", "noise"]


def test_a_ladder_that_falls_although_it_fits_says_no_such_thing(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.52], "noise": [0.46]}, train={})
    assert budget_text(folder) == ""


def test_more_steps_are_not_asked_for_where_nothing_has_got_better_for_long(tmp_path):
    folder = write_ladder(
        tmp_path, {"baseline": [0.52], "noise": [0.46]}, train={"baseline": 0.99, "noise": 0.55}
    )
    assert "rung 01-noise" in budget_text(folder)
    path = next((folder / "runs").glob("01-*")) / "history.csv"
    history = pd.read_csv(path)
    history["val_accuracy"] = 0.46
    history.to_csv(path, index=False)
    assert [one.kind for one in read_rungs(read_run_set(folder))["01-noise"]] == [
        "under-fitting",
        "saturated",
    ]
    assert budget_text(folder) == ""


def test_runs_on_a_cpu_and_on_a_gpu_are_warned_of(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.8, 0.8]})
    assert mixed_software(read_run_set(folder)) == ""
    for name, accelerator in (("00-run-00000000", None), ("00-run-00000001", "NVIDIA H100")):
        path = folder / "runs" / name / "run.json"
        run = json.loads(path.read_text()) | {"machine": {"accelerator": accelerator}}
        path.write_text(json.dumps(run))
    said = mixed_software(read_run_set(folder))
    assert said.startswith("The runs of this report differ in accelerator (NVIDIA H100, none), so")


def test_runs_that_record_no_threads_had_one(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.8, 0.8]})
    path = folder / "runs" / "00-run-00000001" / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"threads": 4}))
    assert "differ in threads (1, 4)" in mixed_software(read_run_set(folder))


def test_mixed_versions_are_warned_of(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.8, 0.8]})
    path = folder / "runs" / "00-run-00000001" / "run.json"
    run = json.loads(path.read_text())
    run["versions"]["keras"] = "3.14.0"
    path.write_text(json.dumps(run))
    run_set = read_run_set(folder)
    assert "differ in keras (3.14.0, 3.15.1)" in mixed_software(run_set)
    assert mixed_software(run_set) in warnings(run_set)


@pytest.mark.drawn
def test_names_are_escaped_everywhere(tmp_path):
    name = "<script>alert(1)</script>|`x`*y*"
    folder = write_ladder(tmp_path, {"baseline": [0.8], name: [0.85]})
    markdown = write_report(folder).markdown
    text = (folder / "report.html").read_text()
    page = Page(text)
    scripts = re.findall(r"<script(.*?)>(.*?)</script>", text, re.DOTALL)
    assert len(scripts) == page.tags.count("script") == 2 + 3  # BokehJS, ours; three figures' data
    assert not [code for _, code in scripts if code.startswith("alert")]
    assert f"01-{name}" in "".join(page.texts)
    assert "<script" not in markdown
    for part in markdown.split("## Every rung"):
        table = [line for line in part.splitlines() if line.startswith("|")]
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table}) == 1
        assert len(table) > 2
    curves = sorted(path.name for path in (folder / "curves").iterdir())
    assert curves[0] == "00-baseline.png"
    assert re.fullmatch(r"01-[\w .+-]+\.png", curves[1])


@pytest.mark.parametrize(("runs", "over"), [(1, "on the test set"), (2, "each on its test set")])
def test_the_page_says_over_how_many_runs_confusions_are_counted(tmp_path, runs, over):
    page = write_report(write_ladder(tmp_path, {"baseline": [0.8] * runs})).markdown
    what = f"{runs} run{'s' * (runs > 1)} of 00-baseline"
    assert f"Most often, counted over {what}, {over}: " in page
    assert f"taken for cat ({3 * runs} of {10 * runs})" in page
    assert f"![Confusion matrix of {what} on the test set](confusion.png)" in page


def test_the_confusion_is_that_of_the_best_rung_over_its_seeds(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.8, 0.8]})
    confusion = best_confusion(read_run_set(folder))
    assert confusion.counts.tolist() == [[18, 2], [6, 14]]
    assert confusion.worst() == [
        "dog|<b> taken for cat (6 of 20)",
        "cat taken for dog|<b> (2 of 20)",
    ]


@pytest.mark.drawn
def test_the_training_images_of_the_best_rung_are_shown(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.8], "noise": [0.85]})
    write_samples(folder / "runs" / "01-run-00010000")
    write_report(folder)
    images, labels = sample_images()
    titles = [CLASSES[label] for label in labels]
    assert (folder / "samples.png").read_bytes() == png_bytes(image_sheet(images, titles))
    (folder / "runs" / "01-run-00010000" / "samples.npz").unlink()
    write_report(folder)
    assert not (folder / "samples.png").exists()


@pytest.mark.drawn
def test_the_same_images_are_shown_for_each_rung_that_changes_them(tmp_path):
    rungs = ["baseline", "batch_norm", "noise", "l2"]
    folder = write_ladder(tmp_path, {name: [0.8] for name in rungs})
    draws = np.random.default_rng(1).integers(0, 256, (2, 32, 6, 5, 3)).astype(np.uint8)
    for number, seen in enumerate((0, 0, 1, 1)):
        run = folder / "runs" / f"{number:02d}-run-{number:04d}0000"
        np.savez(run / "samples.npz", images=draws[seen], labels=np.zeros(32, int))
    report = write_report(folder)
    titles = [*("00-baseline", *[""] * 7), *("02-noise", *[""] * 7)]
    shown = np.concatenate([draws[0][::4], draws[1][::4]])
    picture = folder / "changed-images.png"
    assert picture.read_bytes() == png_bytes(image_sheet(shown, titles))
    assert "The same images as 00-baseline sees them, and 02-noise" in report.markdown
    for number in (2, 3):
        (folder / "runs" / f"{number:02d}-run-{number:04d}0000" / "samples.npz").unlink()
    write_report(folder)
    assert not picture.exists()


def test_damaged_training_images_are_named(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.8]})
    (folder / "runs" / "00-run-00000000" / "samples.npz").write_bytes(b"")
    with pytest.raises(ReportError, match=r"samples\.npz cannot be read .* Delete it"):
        write_report(folder)


def test_pictures_of_rungs_that_are_gone_are_removed_and_those_of_users_stay(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.8], "noise": [0.85]})
    write_report(folder)
    (folder / "curves" / "mine.png").write_bytes(PIXEL)
    ladder = json.loads((folder / "ladder.json").read_text())
    ladder["rungs"].pop()
    (folder / "ladder.json").write_text(json.dumps(ladder))
    write_report(folder)
    assert {path.name for path in (folder / "curves").iterdir()} == {"00-baseline.png", "mine.png"}


def test_the_curves_of_a_growth_in_the_same_folder_stay(tmp_path):
    seeds = {"0-baseline": 4, "1-dropout": 4, "1-l2": 1, "1-noise": 1}
    seeds |= {"test-baseline": 3, "test-grown": 3}
    figures = [0.7, 0.71, 0.72, 0.71]
    write_growth(tmp_path, grown_once(), {arm: figures[:held] for arm, held in seeds.items()})
    write_ladder(tmp_path / "ladder", {"baseline": [0.8], "noise": [0.85]})
    shutil.copytree(tmp_path / "ladder", tmp_path, dirs_exist_ok=True)
    shown = re.findall(r"\]\((.+?\.png)\)", write_study(tmp_path, "grow").markdown)
    assert "grow-curves-1-dropout.png" in shown
    write_report(tmp_path)
    assert (tmp_path / "curves" / "01-noise.png").is_file()
    assert all((tmp_path / unquote(path)).is_file() for path in shown)


def test_without_a_ladder_the_report_is_flat(tmp_path):
    write_run(tmp_path / "b", "wide", 0, 0.9)
    write_run(tmp_path / "group" / "a", "wide", 1, 0.8)
    write_run(tmp_path / "c", "narrow", None, 0.7)
    report = write_report(tmp_path)
    assert report.frame["recipe"].tolist() == ["narrow", "wide"]
    assert report.frame["rung"].tolist() == [0, 1]
    assert report.frame["runs"].tolist() == [1, 2]
    assert report.frame["val_accuracy"].tolist() == pytest.approx([0.7, 0.85])
    assert "delta" not in report.frame
    assert "against the rung below" not in report.markdown.lower()


def test_a_run_without_metrics_is_told_from_its_history(tmp_path):
    write_run(tmp_path / "mine", "mine", None, 0.9, train=0.75)
    (tmp_path / "mine" / "metrics.json").unlink()
    report = write_report(tmp_path)
    row = report.frame.loc[0]
    assert (row["train_accuracy"], row["val_accuracy"], row["best_epoch"]) == (0.75, 0.9, 6)
    assert "test_accuracy" not in row and "params" not in row
    assert "The training accuracy of mine is Keras's running mean" in report.markdown


@pytest.mark.drawn
def test_a_ladder_of_which_nothing_has_finished_is_reported_too(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": ["running"], "noise": [None]})
    assert "No run has finished" in write_report(folder).markdown
    assert read_table(folder)["runs"].tolist() == [0, 0]


def test_a_folder_without_runs_is_refused(tmp_path):
    with pytest.raises(ReportError, match=r"neither a ladder\.json, nor a run\.json"):
        write_report(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_ladder_that_cannot_be_read_is_named(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.8]})
    (folder / "ladder.json").write_text('{"rungs": [{"index": 0}]}')
    with pytest.raises(ReportError, match=re.escape(str(folder / "ladder.json"))):
        write_report(folder)
    assert not (folder / "ladder.csv").exists()


def test_a_damaged_history_is_named_and_the_run_is_reported_on(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.8]})
    damaged = folder / "runs" / "00-run-00000000" / "history.csv"
    damaged.write_text("step\n1\n")
    with pytest.warns(DamagedRunWarning, match=re.escape(str(damaged))):
        report = write_report(folder)
    assert report.frame["val_accuracy"].tolist() == [0.8]


@pytest.mark.parametrize("file", ["run.json", "metrics.json"])
def test_a_damaged_run_is_named_and_the_others_are_reported_on(tmp_path, file):
    folder = write_ladder(tmp_path, {"baseline": [0.8, 0.9]})
    damaged = folder / "runs" / "00-run-00000000" / file
    damaged.write_text('{"name": ')
    with pytest.warns(DamagedRunWarning, match=re.escape(str(damaged))):
        report = write_report(folder)
    assert report.frame["runs"].tolist() == [1]


def test_reporting_loads_no_tensorflow_keras_or_pyplot(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.8, 0.81], "noise": [0.85, 0.86]})
    code = (
        "import sys\n"
        "from trickbook.reports.pages.report import write_report\n"
        "assert 'matplotlib' not in sys.modules and 'pandas' not in sys.modules\n"
        f"write_report({str(folder)!r})\n"
        "print([m for m in ('tensorflow', 'keras', 'matplotlib.pyplot') if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
