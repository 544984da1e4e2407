"""What a report says of a refit, with views and without, of several, and of a rung that changed."""

import json

import numpy as np
import pytest
from ladder_on_disk import write_ladder, write_run

from trickbook.reports.export.study_json import studies_json
from trickbook.reports.pages.report import write_report
from trickbook.reports.pages.study_report import write_all, write_study

PLAIN = [0.9361, 0.9384, 0.9377]


def write_refit(folder, rung, tests, views=None, *, is_top=True, status="done"):
    name, prints = f"refit-{rung}", {}
    for seed, value in enumerate(tests):
        where, print_ = folder / "runs" / f"{name}-s{seed}", f"{rung}{seed}"
        prints[str(seed)] = print_
        data = {"name": "digits", "train": 560, "val": 0, "test": 360}
        write_run(
            where,
            name,
            seed,
            0.5,
            test=value,
            fingerprint=f"{rung}{seed}",
            data=data,
            status=status,
        )
        if status == "done":
            metrics = json.loads((where / "metrics.json").read_text())
            kept = {key: one for key, one in metrics.items() if "val" not in key.split("_")}
            if views:
                kept["test_accuracy_with_views"] = views[seed]
            (where / "metrics.json").write_text(json.dumps(kept))
        history = (where / "history.csv").read_text().splitlines()
        rows = [line.rsplit(",", 2)[0] for line in history]
        (where / "history.csv").write_text("\n".join([*rows, ""]))
    ladder = json.loads((folder / "ladder.json").read_text())
    entry = {"index": 0, "name": name, "recipes": [], "fingerprints": prints}
    details = {"rung": rung, "is_top": is_top}
    study = {**ladder, "kind": "refit", "rungs": [entry], "details": details}
    (folder / f"{name}.json").write_text(json.dumps(study))


@pytest.fixture
def ladder(tmp_path):
    return write_ladder(tmp_path, {"baseline": [0.8, 0.81], "noise": [0.9, 0.92]})


def test_plain_stands_beside_views_for_each_seed_and_all(ladder):
    views = [0.9402, 0.9411, 0.9390]
    write_refit(ladder, "01-noise", PLAIN, views)
    text = write_report(ladder).markdown
    for values in (PLAIN, views):
        assert f"{np.mean(values):.4f} ± {np.std(values, ddof=1):.4f}" in text
    assert "with several views of each image" in text
    assert "| seed 1 | 0.9384 | 0.9411 |" in text
    assert "all 560 training and validation images" in text
    assert "The ladder is judged on 360 validation images, by which 01-noise is the best." in text
    # Of 01-noise, whose test figures are 0.89 and 0.91.
    alone = "Trained on the 200 training images alone it had a test accuracy of 0.9000 ± 0.0141"
    assert f"{alone} (2 seeds)." in text
    # sqrt(p (1 - p) / n) of the choice of test images.
    mean = np.mean(PLAIN)
    assert f"by about {np.sqrt(mean * (1 - mean) / 360):.4f} (one standard error)" in text


@pytest.mark.drawn
def test_it_has_a_page_of_its_own_that_needs_no_validation(ladder):
    write_refit(ladder, "01-noise", PLAIN)
    page = write_study(ladder, "refit-01-noise").markdown
    assert "with several views" not in page
    assert "with views" not in page.split("## How to read it")[0]
    assert "validation accuracy" not in page
    assert (ladder / "refit-01-noise-curves.png").is_file()
    assert [report.folder for report in write_all(ladder)] == [ladder, ladder]
    known = {study["study"]: study for study in json.loads(studies_json(ladder))["studies"]}
    figures = known["refit-01-noise"]["arms"][0]["figures"]
    assert figures["test_accuracy"]["mean"] == pytest.approx(np.mean(PLAIN))
    assert figures["val_accuracy"]["mean"] is None


def test_of_several_it_is_told_that_the_best_by_test_flatters(ladder):
    write_refit(ladder, "01-noise", PLAIN)
    write_refit(ladder, "00-baseline", PLAIN)  # which was the top rung then
    text = write_report(ladder).markdown
    assert "the best of several by test is flattered" in text
    assert "00-baseline, the rung that the command named" in text


def test_a_rung_that_is_another_by_now_or_not_there_is_not_told_of(ladder):
    write_refit(ladder, "01-noise", PLAIN)
    write_refit(ladder, "07-wider", PLAIN)
    run = ladder / "runs" / "refit-01-noise-s0" / "run.json"
    run.write_text(json.dumps({**json.loads(run.read_text()), "blueprint": {"batch_size": 8}}))
    assert "Trained on all but the test set" not in write_report(ladder).markdown


def test_a_refit_without_a_run_that_is_done_says_so(ladder):
    write_refit(ladder, "01-noise", PLAIN, status="failed")
    assert "No run is done" in write_study(ladder, "refit-01-noise").markdown
    assert "Trained on all but the test set" not in write_report(ladder).markdown


@pytest.mark.parametrize(
    ("name", "then", "now"),
    [
        ("limit_train", 200, None),
        ("split_seed", 0, 1),
        ("scaling", "standardize", "none"),
        ("fingerprint", "a" * 64, "b" * 64),
    ],
)
def test_a_refit_of_other_examples_is_not_told_of(ladder, name, then, now):
    path = ladder / "ladder.json"

    def choose(value):
        study = json.loads(path.read_text())
        study["data"][name] = value
        path.write_text(json.dumps(study))

    choose(then)
    write_refit(ladder, "01-noise", PLAIN)
    assert "Trained on all but the test set" in write_report(ladder).markdown
    choose(now)
    assert "Trained on all but the test set" not in write_report(ladder).markdown
    # An older file says nothing of it.
    study = json.loads(path.read_text())
    del study["data"][name]
    path.write_text(json.dumps(study))
    assert "Trained on all but the test set" in write_report(ladder).markdown


def test_a_figure_with_views_that_is_no_number_is_left_out(ladder):
    write_refit(ladder, "01-noise", PLAIN, [0.9402, None, 0.9390])
    assert f"with several views of each image {np.mean([0.9402, 0.9390]):.4f}" in (
        write_report(ladder).markdown
    )
