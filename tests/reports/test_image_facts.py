"""What a report says of classes and single images, from runs that kept their answers."""

import json
import shutil

import numpy as np
import pytest
from ladder_on_disk import write_ladder
from scipy.special import softmax
from sklearn.metrics import precision_recall_fscore_support

from trickbook.data import from_arrays
from trickbook.reports.analysis import wrong_pictures
from trickbook.reports.analysis.image_answers import image_answers
from trickbook.reports.analysis.wrong_pictures import confidently_wrong, wrong_in_most
from trickbook.reports.pages.report import write_report
from trickbook.reports.pages.study_report import write_study
from trickbook.reports.read.run_set import read_run_set
from trickbook.runs.errors import ReportError
from trickbook.runs.predictions_file import write_predictions
from trickbook.runs.run_folder import read_runs
from trickbook.runs.wrong_images_file import read_wrong_images, write_wrong_images
from trickbook.training.wrong_images import wrong_images

LABELS = np.array([0, 0, 0, 1, 1, 1])
# Wrong by run: places 0 and 4 by all six, 1 by one, 5 by two.
MARGINS = {
    ("baseline", 0): [-3, -1, 2, 2, -1, -2],
    ("baseline", 1): [-2, 1, 2, 2, -1, -4],
    ("baseline", 2): [-1, 1, 2, 2, -1, 1],
    ("noise", 0): [-4, 1, 2, 2, -1, 1],
    ("noise", 1): [-1, 1, 2, 2, -2, 1],
    ("noise", 2): [-1, 1, 2, 2, -3, 1],
}


def logits_of(margins):
    """Two logits of each image, the label's ahead by the margin."""
    signs = np.where(LABELS == 0, 1, -1) * np.array(margins, float)
    return np.stack([signs, np.zeros(6)], axis=1)


def pixels(place):
    return np.full((4, 4, 1), 10 * place, np.uint8)


@pytest.fixture
def folder(tmp_path):
    write_ladder(tmp_path, {"baseline": [0.5, 0.6, 0.7], "noise": [0.7, 0.6, 0.7]})
    for path in (tmp_path / "runs").iterdir():
        run = json.loads((path / "run.json").read_text())
        run["data"] = {"image_shape": [4, 4, 1], "fingerprint": "f"}
        (path / "run.json").write_text(json.dumps(run))
        logits = logits_of(MARGINS[run["name"], run["seed"]])
        write_predictions(path, {"val": logits}, {"val": LABELS})
        kept = np.flatnonzero(logits.argmax(axis=1) != LABELS)
        write_wrong_images(path, kept, np.stack([pixels(place) for place in kept]))
    return tmp_path


def places(found):
    return [int(one.image[0, 0, 0]) // 10 for one in found.shown]


def test_the_images_that_most_runs_tell_wrongly_come_with_the_share_of_runs(folder):
    answers = image_answers(read_runs(folder / "runs"))
    found = wrong_in_most(answers)
    assert places(found) == [0, 4]
    assert [(one.label, one.told, one.share) for one in found.shown] == [(0, 1, 1.0), (1, 0, 1.0)]
    assert wrong_in_most(answers[:2]).shown == []


def test_of_equal_shares_the_label_found_least_probable_comes_first(folder):
    for path in (folder / "runs").iterdir():
        write_predictions(path, {"val": logits_of([-1, 1, 2, 2, -3, 1])}, {"val": LABELS})
    assert places(wrong_in_most(image_answers(read_runs(folder / "runs")))) == [4, 0]


def test_the_images_that_an_arm_is_surest_of_and_wrong_come_first(folder, monkeypatch):
    baseline = image_answers(read_run_set(folder).rungs[0].done)
    found = confidently_wrong(baseline)
    odds = np.exp([[3, 2, 1], [2, 4, -1], [1, 1, 1]])  # of places 0, 5 and 4
    expected = (odds / (1 + odds)).mean(axis=1)
    assert places(found) == [0, 4, 5] if expected[1] < expected[2] else [0, 5, 4]
    shares = sorted(one.share for one in found.shown)
    np.testing.assert_allclose(shares, sorted(expected), rtol=1e-6)
    monkeypatch.setattr(wrong_pictures, "COUNT", 1)
    assert places(confidently_wrong(baseline)) == [0]


def test_an_image_whose_picture_no_run_kept_is_left_out_and_counted(folder):
    told = "such images. 1 of them have no picture: a run keeps only a few, those that it got wrong"
    assert "Shown are 2 of 2 such images." in write_report(folder).markdown
    for path in (folder / "runs").iterdir():
        write_wrong_images(path, np.array([4]), pixels(4)[np.newaxis])
    found = wrong_in_most(image_answers(read_runs(folder / "runs")))
    assert (places(found), found.number, found.without) == ([4], 2, 1)
    assert f"Shown are 1 of 2 {told}" in write_report(folder).markdown


def test_runs_on_other_images_are_not_mixed_in(folder):
    path = next((folder / "runs").glob("00-*"))
    write_predictions(path, {"val": logits_of([-9] * 6)}, {"val": 1 - LABELS})
    found = wrong_in_most(image_answers(read_runs(folder / "runs")))
    assert [one.share for one in found.shown] == [1.0, 1.0]


def test_the_caption_counts_the_runs_that_the_pictures_are_of(folder):
    path = next((folder / "runs").glob("00-*"))
    write_predictions(path, {"val": logits_of([-9] * 6)}, {"val": 1 - LABELS})
    page = write_report(folder).markdown
    assert "What more than half of the 5 runs of 6 that answered for these images predict" in page
    assert "its mean probability over the runs." in page


def test_the_captions_say_so_where_each_seed_has_images_of_its_own(folder):
    for path in (folder / "runs").iterdir():
        run = json.loads((path / "run.json").read_text())
        run["data"]["split_seed"] = run["seed"]
        (path / "run.json").write_text(json.dumps(run))
    page = write_report(folder).markdown
    assert "its mean probability over the 1 run of 3 that answered for these images." in page
    assert "What more than half" not in page  # of two runs on the same images


def test_damaged_pictures_are_named(folder):
    path = next((folder / "runs").glob("00-*")) / "wrong.npz"
    path.write_bytes(b"PK")
    with pytest.raises(ReportError, match=r"wrong\.npz cannot be read"):
        read_wrong_images(path.parent)


def test_a_run_keeps_what_it_is_surest_of_and_wrong():
    images = np.arange(60)[:, np.newaxis, np.newaxis] * np.ones((60, 3, 3))
    data = from_arrays(images / 59.0, np.arange(60) % 2)
    count = len(data.y_val)
    logits = np.zeros((count, 2))
    logits[np.arange(count), 1 - data.y_val] = np.arange(count)
    kept, shown = wrong_images(logits, data)
    assert kept.tolist() == list(range(count))[::-1][: len(kept)]
    assert shown.dtype == np.uint8
    low, high = data.value_range
    expected = np.rint((data.x_val[kept] - low) / (high - low) * 255)
    np.testing.assert_allclose(shown, np.clip(expected, 0, 255), atol=1)


@pytest.mark.drawn
def test_the_page_shows_calibration_classes_and_wrong_images(folder):
    report = write_report(folder)
    text = report.markdown
    assert "## Calibration" in text
    assert "| cat | 3 | " in text
    for name in ("reliability", "confidently-wrong", "wrong-in-most"):
        assert f"]({name}.png)" in text
        assert (folder / f"{name}.png").is_file()
    page = (folder / "report.html").read_text()
    assert page.count("Images predicted wrongly") == 1
    for path in (folder / "runs").iterdir():
        (path / "predictions.npz").unlink()
    assert "## Calibration" not in write_report(folder).markdown
    assert not (folder / "reliability.png").exists()


def row_of(page, title, first):
    """The cells of a table's row by its columns, below this title of a part."""
    lines = [one for one in page.split(title)[1].splitlines() if one[:2] == "| "]
    head, row = lines[0], next(one for one in lines if one.startswith(f"| {first} |"))
    cells = ([cell.strip() for cell in one.split("|")] for one in (head, row))
    return dict(zip(*cells, strict=True))


def told_by(name):
    """The classes that the runs of an arm tell."""
    return [logits_of(MARGINS[name, seed]).argmax(axis=1) for seed in range(3)]


def test_a_classes_row_is_scikit_learns_mean_over_runs_and_what_it_gained(folder):
    # Of the cats one is told, and nothing else is told to be one.
    logits = logits_of([-1, -1, 2, 2, 2, 2])
    for path in (folder / "runs").glob("01-*"):
        write_predictions(path, {"val": logits}, {"val": LABELS})
    row = row_of(write_report(folder).markdown, "## Class by class", "cat")
    best, first = (
        np.mean([precision_recall_fscore_support(LABELS, told)[:3] for told in runs], axis=0)[:, 0]
        for runs in ([logits.argmax(axis=1)], told_by("baseline"))
    )
    told = [row[name] for name in ("precision", "recall", "F1")]
    assert told == [f"{value:.3f}" for value in best] == ["1.000", "0.333", "0.500"]
    assert row["precision gained"].startswith(f"{best[0] - first[0]:+.3f}")
    assert row["recall gained"].startswith(f"{best[1] - first[1]:+.3f}")


def test_of_many_classes_those_told_worst_have_a_row(tmp_path):
    write_ladder(tmp_path, {"baseline": [0.5]})
    # Of 24 classes with four images each the class k is told rightly less often the larger k is.
    labels = np.repeat(np.arange(24), 4)
    told = np.where(np.tile(np.arange(4), 24) < 4 - labels // 6, labels, (labels + 1) % 24)
    (path,) = tmp_path.glob("runs/*")
    write_predictions(path, {"val": np.eye(24)[told]}, {"val": labels})
    table = write_report(tmp_path).markdown.split("## Class by class")[1]
    shown = [line.split(" | ")[0][2:] for line in table.splitlines() if line[:2] == "| "][2:22]
    assert shown == [str(k) for k in (*range(18, 24), *range(12, 18), *range(6, 12), 0, 1)]


def test_the_calibration_of_an_arm_is_told_beside_its_probability_and_accuracy(folder):
    row = row_of(write_report(folder).markdown, "Calibration on validation", "00-baseline")
    errors, probabilities, rights = [], [], []
    for seed in range(3):
        sure = softmax(logits_of(MARGINS["baseline", seed]), axis=1).max(axis=1)
        right = told_by("baseline")[seed] == LABELS
        bins = np.ceil(sure * 15)
        gaps = [abs(sure[bins == one].sum() - right[bins == one].sum()) for one in set(bins)]
        errors.append(sum(gaps) / 6)
        probabilities.append(sure.mean())
        rights.append(right.mean())
    columns = ("calibration error", "mean predicted probability", "accuracy")
    for column, values in zip(columns, (errors, probabilities, rights), strict=True):
        assert row[column] == f"{np.mean(values):.3f} ± {np.std(values, ddof=1):.3f}"


def test_single_runs_have_no_means_and_no_intervals(folder):
    for path in (folder / "runs").glob("*-run-*"):
        if json.loads((path / "run.json").read_text())["seed"]:
            shutil.rmtree(path)
    page = write_report(folder).markdown
    assert "F1 their harmonic mean. The last row" in page
    assert "The differences are paired by seed; they are not corrected" in page
    assert "The curves are of all runs" not in page


def test_the_class_table_of_a_sweep_compares_with_no_other_value(folder):
    ladder = json.loads((folder / "ladder.json").read_text())
    points = [{"arm": arm, "rung": "a", "values": {"rate": 0.1 * arm}} for arm in range(2)]
    axis = {"name": "rate", "log": False, "low": 0.0, "high": None, "own": {}}
    ladder |= {"kind": "sweep", "details": {"axes": [axis], "draws": None, "points": points}}
    (folder / "sweep-a.json").write_text(json.dumps(ladder))
    page = write_study(folder, "sweep-a").markdown
    table = page.split("## Class by class")[1]
    assert "Each class on validation images: 01-noise\n" in table
    assert "gained" not in table


def test_the_pages_of_other_studies_have_the_same_table_of_classes(folder):
    of_ladder = write_report(folder).markdown
    ladder = json.loads((folder / "ladder.json").read_text())
    ladder["rungs"][1]["against"] = 0
    tricks = [{"arm": 1, "name": "noise", "level": "data"}]
    ladder |= {"kind": "levels", "details": {"tricks": tricks, "refused": []}}
    (folder / "levels.json").write_text(json.dumps(ladder))
    of_levels = write_study(folder, "levels").markdown
    title = "## Class by class"
    assert (
        of_levels.split(title)[1].split("\n## ")[0] == of_ladder.split(title)[1].split("\n## ")[0]
    )
