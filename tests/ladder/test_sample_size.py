"""Sample-size curves: which examples and sizes, the fitted law, and L0's question."""

import json
from dataclasses import replace

import numpy as np
import pytest
from ladder_on_disk import write_ladder
from scipy import stats

from trickbook.data import (
    DataError,
    Dataset,
    DataSpec,
    from_arrays,
    load,
    nested_training_set,
)
from trickbook.data.nested import nested_order
from trickbook.ladder import Ladder, LadderError
from trickbook.ladder.ladder_file import read_ladder
from trickbook.recipes import BatchNorm, BatchSize, Blueprint
from trickbook.reports.analysis.size_curves import size_curves
from trickbook.reports.pages.sample_size_page import answer_of
from trickbook.reports.pages.study_report import write_study
from trickbook.reports.read.run_set import read_run_set
from trickbook.reports.statistics.intervals import estimate
from trickbook.reports.statistics.power_law import fit_power_law

SIZES = [32, 64, 128, 256, 512, 1024]


@pytest.fixture(scope="module")
def images(tiny_images):
    return from_arrays(tiny_images["x_train"], tiny_images["y_train"])


def rows_of(images: Dataset):
    return [image.tobytes() for image in images.x_train]


def test_smaller_training_sets_are_part_of_larger_ones_and_validation_stays(images):
    small, large = nested_training_set(images, 12), nested_training_set(images, 30)
    assert rows_of(large)[:12] == rows_of(small)
    assert set(rows_of(large)) <= set(rows_of(images))
    for split in ("val", "test"):
        np.testing.assert_array_equal(getattr(small, f"x_{split}"), getattr(images, f"x_{split}"))
    np.testing.assert_array_equal(np.bincount(small.y_train), [4, 4, 4])
    # Scaled by what is trained on alone, and another data set to the fingerprint.
    scaled = small.scaling.apply(small.x_train)
    assert abs(scaled.mean()) < 1e-3
    assert len({small.fingerprint, large.fingerprint, images.fingerprint}) == 3
    assert nested_training_set(images, len(images.x_train)) is images


def test_every_beginning_of_the_order_holds_the_classes_at_their_shares():
    labels = np.repeat([0, 1, 2], [700, 280, 20])
    order = nested_order(labels, True, seed=3)
    assert sorted(order) == list(range(1000))
    assert set(labels[order[:3]]) == {0, 1, 2}
    for size in (10, 50, 200, 999):
        counts = np.bincount(labels[order[:size]], minlength=3)
        assert np.abs(counts - size * np.array([0.7, 0.28, 0.02])).max() <= 2


def test_a_shorter_series_is_the_latest_rows_of_a_longer_one(tmp_path):
    lines = [f"{row},{row % 7},{row}.5" for row in range(100)]
    (tmp_path / "t.csv").write_text("\n".join(["time,day,target", *lines]))
    series = load(DataSpec(f"table:{tmp_path / 't.csv'}", target="target", window=3))
    own = nested_training_set(series, 10)
    np.testing.assert_array_equal(own.x_train, np.asarray(series.x_train)[-10:])
    np.testing.assert_array_equal(own.y_train, np.asarray(series.y_train)[-10:])


@pytest.mark.parametrize("size", [2, 1000])
def test_a_size_that_the_data_do_not_allow_is_refused(images, size):
    with pytest.raises(DataError, match="has 3 to 54 examples"):
        nested_training_set(images, size)


BASE = Blueprint(filters=(2,), convolutions=1, dense=(4,), epochs=1, batch_size=6)


def test_sizes_are_evenly_spaced_on_a_logarithmic_scale_up_to_all(images):
    ladder = Ladder(images, [BatchNorm()], baseline=BASE, seeds=2)
    study = ladder.sample_size_of([0, "batch_norm"], 4)
    assert study.details["sizes"] == [6, 12, 26, 54]
    assert [arm.train_size for arm in study.arms] == [6, 12, 26, None] * 2
    named = [(study.arms[one["arm"]].name, one) for one in study.details["points"]]
    assert [name for name, _ in named] == [f"{one['rung']},n={one['size']}" for _, one in named]
    assert len(named) == 8
    assert study.file == "sample-size-00-baseline+01-batch_norm"


def test_the_smallest_size_holds_a_batch_of_every_rung(images):
    ladder = Ladder(images, [BatchSize(20)], baseline=BASE)
    for rungs in ([0, 1], [1, 0], [1]):
        assert ladder.sample_size_of(rungs, 3).details["sizes"][0] == 20
    assert ladder.sample_size_of(0, 3).details["sizes"][0] == 6


def test_what_a_ladders_file_limits_does_not_count(tiny_folder, monkeypatch):
    monkeypatch.chdir(tiny_folder)
    spec = read_ladder("tiny.toml")
    spec = replace(spec, data=replace(spec.data, limit_train=30, unused="validation"))
    study = Ladder.from_spec(spec).sample_size_of([0], 3)
    assert study.data == replace(spec.data, limit_train=None, unused=None)
    assert study.details["sizes"] == [10, 27, 72]
    limited = Ladder.from_spec(spec).sample_size_of([0], [12, 40], limit=40)
    assert [arm.train_size for arm in limited.arms] == [12, None]


def test_a_rung_under_two_names_is_one(images):
    ladder = Ladder(images, [BatchNorm()], baseline=BASE)
    once, twice = (ladder.sample_size_of(rungs, [6, 54]) for rungs in ([1], [1, "batch_norm"]))
    assert twice == once


def test_sizes_may_be_an_array(images):
    ladder = Ladder(images, [BatchNorm()], baseline=BASE)
    listed, array = (ladder.sample_size_of([0], one) for one in ([12, 54], np.array([12, 54])))
    assert array == listed
    for sizes in (2.5, "12"):
        with pytest.raises(LadderError, match=r"sizes are how many, .* or a list"):
            ladder.sample_size_of([0], sizes)


@pytest.mark.parametrize("sizes", [[10], [5, 20], [20, 55], 0, 1, 60])
def test_sizes_that_are_none_are_refused(images, sizes):
    ladder = Ladder(images, [BatchNorm()], baseline=BASE)
    with pytest.raises(LadderError, match="54"):
        ladder.sample_size_of([0], sizes)


def test_a_law_without_noise_is_found_exactly():
    errors = [estimate([0.02 + 1.5 * n**-0.6] * 2) for n in SIZES]
    law = fit_power_law(SIZES, errors)
    assert (law.floor, law.scale, law.exponent) == pytest.approx((0.02, 1.5, 0.6), rel=1e-3)
    assert law.error(4096) == pytest.approx(0.02 + 1.5 * 4096**-0.6)
    assert law.size_for(0.05) == pytest.approx((1.5 / 0.03) ** (1 / 0.6), rel=1e-3)
    assert law.size_for(0.02 - 1e-6) == np.inf
    assert fit_power_law(SIZES[:3], errors[:3]) is None


def test_the_interval_of_the_extrapolation_covers_the_truth():
    random, covered, trials = np.random.RandomState(4), 0, 10
    for _ in range(trials):
        errors = [estimate(0.03 + 2.0 * n**-0.6 + random.normal(0, 0.004, 5)) for n in SIZES]
        low, high = fit_power_law(SIZES, errors).interval(2048)
        covered += low <= 0.03 + 2.0 * 2048**-0.6 <= high
    # Of 10 trials at 95 % fewer than 7 are covered once in 1,000 times.
    assert covered >= 7


def study_on_disk(folder, accuracy, spread=0.001, sizes=SIZES, seeds=5):
    """A sample-size study of five seeds whose accuracies follow a function of the size."""
    random = np.random.RandomState(1)
    rows = [(accuracy(n) + random.normal(0, spread, seeds)).tolist() for n in sizes]
    names = {f"n={n}": row for n, row in zip(sizes, rows, strict=True)}
    write_ladder(folder, names, train=dict.fromkeys(names, 0.999))
    content = json.loads((folder / "ladder.json").read_text())
    content["kind"] = "sample-size"
    content["details"] = {
        "sizes": sizes,
        "points": [{"arm": arm, "rung": "02-norm", "size": n} for arm, n in enumerate(sizes)],
    }
    (folder / "ladder.json").unlink()
    (folder / "sample-size-02-norm.json").write_text(json.dumps(content))
    return size_curves(read_run_set(folder, "sample-size-02-norm"))[0]


@pytest.mark.parametrize(
    ("accuracy", "spread", "expected"),
    [
        (lambda n: 0.99 - 2.0 * n**-0.5, 0.001, "more data"),
        (lambda n: 0.9 - 8.0 * n**-1.5, 0.0005, "new model"),
        (lambda n: 0.95 - 0.5 * n**-0.5, 0.03, "undecided"),
        (lambda n: 0.995 - 0.5 * n**-1.0, 1e-5, "little left"),
    ],
)
def test_l0s_question_is_answered_by_what_the_law_expects(tmp_path, accuracy, spread, expected):
    assert answer_of(study_on_disk(tmp_path, accuracy, spread)) == expected


def test_little_left_is_said_of_the_metric_that_decides(tmp_path):
    study_on_disk(tmp_path, lambda n: 0.995 - 0.5 * n**-1.0, 1e-5)
    for path in tmp_path.glob("runs/*/metrics.json"):
        path.write_text(path.read_text().replace("val_accuracy", "val_balanced_accuracy"))
    file = tmp_path / "sample-size-02-norm.json"
    task = {"name": "classification", "metric": "balanced_accuracy", "direction": "max"}
    for path in (file, *tmp_path.glob("runs/*/run.json")):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"task": task}))
    page = write_study(tmp_path, "sample-size-02-norm").markdown
    # 1 - 0.995 + 0.5 / 1024
    assert "With 1,024 examples the validation balanced accuracy is 0.55% short of 1." in page


@pytest.mark.drawn
def test_the_report_says_how_many_examples_a_point_takes(tmp_path):
    curve = study_on_disk(tmp_path, lambda n: 0.99 - 2.0 * n**-0.5, spread=1e-5)
    report = write_study(tmp_path, "sample-size-02-norm")
    # 2 n^-0.5 is to fall from 0.0625 to 0.0525.
    assert curve.law.size_for(curve.law.error(1024) - 0.01) == pytest.approx(1451, rel=0.01)
    assert "more data" in report.markdown
    assert "takes about 1,500 training examples, 1.4 times as many" in report.markdown
    assert list(report.frame["size"]) == SIZES
    assert report.frame["val_error"][5] == pytest.approx(0.0725, abs=1e-4)
    said, measured = curve.check
    assert said == pytest.approx(measured, abs=1e-3)
    assert (tmp_path / "sample-size-02-norm.png").stat().st_size > 1000


def test_sizes_of_which_a_run_failed_are_left_out_of_the_law_and_the_answer(tmp_path):
    """The largest size's survivors are nearly perfect."""
    study_on_disk(tmp_path, lambda n: 0.99 - 2.0 * n**-0.5 if n < SIZES[-1] else 0.995)
    (path,) = tmp_path.glob(f"runs/{len(SIZES) - 1:02d}-run-*0004*")
    run = json.loads((path / "run.json").read_text())
    (path / "run.json").write_text(json.dumps(run | {"status": "failed", "reason": "nan"}))
    (curve,) = size_curves(read_run_set(tmp_path, "sample-size-02-norm"))
    assert curve.sizes == SIZES and curve.whole.sizes == SIZES[:-1]
    assert answer_of(curve) == "more data"
    assert curve.law.scale == pytest.approx(2.0, rel=0.1)
    report = write_study(tmp_path, "sample-size-02-norm")
    assert "not the size's: 1,024 (1 of 5 runs failed)." in report.markdown
    assert "little is left" not in report.markdown
    assert list(report.frame["failed"]) == [*[0] * (len(SIZES) - 1), 1]


@pytest.mark.drawn
def test_with_and_without_a_trick_is_judged_at_each_size_as_one_family(tmp_path):
    """The trick is worth ten points with few examples and nothing with many."""
    random, sizes = np.random.RandomState(1), [32, 64, 1024]
    gains = {32: 0.1, 64: 0.1, 1024: 0.0}
    plain = {n: 0.7 + n / 10_000 + random.normal(0, 0.002, 5) for n in sizes}
    better = {n: plain[n] + gains[n] + random.normal(0, 0.002, 5) for n in sizes}
    rows = {
        f"{rung}, n={n}": of_size[n].tolist()
        for rung, of_size in (("00-baseline", plain), ("01-norm", better))
        for n in sizes
    }
    write_ladder(tmp_path, rows, train=dict.fromkeys(rows, 0.999))
    content = json.loads((tmp_path / "ladder.json").read_text())
    rungs = ["00-baseline"] * 3 + ["01-norm"] * 3
    points = [
        {"arm": arm, "rung": rung, "size": n}
        for arm, (rung, n) in enumerate(zip(rungs, sizes * 2, strict=True))
    ]
    content |= {"kind": "sample-size", "details": {"sizes": sizes, "points": points}}
    (tmp_path / "ladder.json").unlink()
    (tmp_path / "sample-size-both.json").write_text(json.dumps(content))
    report = write_study(tmp_path, "sample-size-both")
    frame = report.frame.set_index(["rung", "size"])
    assert (frame.loc["00-baseline", "verdict"] == "").all()
    found = frame.loc["01-norm"]
    differences = [better[n] - plain[n] for n in sizes]
    np.testing.assert_allclose(found["delta"], [one.mean() for one in differences], atol=1e-6)
    reach = [stats.t.ppf(0.975, 4) * stats.sem(one) for one in differences]
    np.testing.assert_allclose(found["delta_high"] - found["delta"], reach, rtol=1e-3)
    assert found["verdict"].tolist() == ["helps", "helps", "no difference"]
    said = "01-norm against 00-baseline, by the number of training examples. Helps: 32 and 64."
    assert said in report.markdown
    assert "## Against 00-baseline at each size" in report.markdown
    assert (tmp_path / "sample-size-both-worth.png").stat().st_size > 1000


def test_few_sizes_give_a_table_and_no_law(tmp_path):
    curve = study_on_disk(tmp_path, lambda n: 0.9 - n**-0.5, sizes=SIZES[:3])
    assert curve.law is None
    assert "a law needs 4 or more" in write_study(tmp_path, "sample-size-02-norm").markdown


def test_one_seed_gives_no_interval_and_no_answer(tmp_path):
    curve = study_on_disk(tmp_path, lambda n: 0.99 - 2.0 * n**-0.5, seeds=1)
    assert answer_of(curve) == "undecided"
    assert np.isnan(curve.law.interval(2048)).all()
    text = write_study(tmp_path, "sample-size-02-norm").markdown
    assert "one seed gives no interval; add seeds (--seeds 3)" in text
