"""Parts that are distributed unlike the training part are told of."""

import numpy as np
import pytest
from scipy import ndimage, stats

from trickbook.data import from_arrays

COUNT = 300
SAID = "distributed unlike the training"


def images(seed, count=COUNT, channels=3):
    """Smooth pictures of 8x8 pixels, each of its own brightness."""
    random = np.random.default_rng(seed)
    noise = ndimage.gaussian_filter(random.normal(0, 60, (count, 8, 8, channels)), (0, 1, 1, 0))
    levels = random.uniform(90, 150, (count, 1, 1, 1))
    return as_bytes(levels + noise)


def as_bytes(x):
    return np.clip(x, 0, 255).astype(np.uint8)


def labels(count=COUNT):
    return np.arange(count) % 3


def told_of(train, val, test, y=None, **options):
    """What is said of the validation and the test part, which are (x, y) or inputs."""
    (x_val, y_val), (x_test, y_test) = (
        part if isinstance(part, tuple) else (part, labels(len(part))) for part in (val, test)
    )
    y = labels(len(train)) if y is None else y
    data = from_arrays(train, y, x_test, y_test, x_val=x_val, y_val=y_val, **options)
    return [text for text in data.warnings if SAID in text]


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        (lambda x: as_bytes(x * 0.7), "brightness"),
        (lambda x: as_bytes(120 + 0.5 * (x - 120.0)), "contrast"),
        (lambda x: ndimage.uniform_filter(x, (0, 3, 3, 0)), "sharpness"),
        (lambda x: as_bytes(x * np.array([1.2, 0.9, 0.9])), "red less brightness"),
        (lambda x: as_bytes(x * np.array([0.9, 1.2, 0.9])), "green less brightness"),
        (lambda x: as_bytes(x * np.array([0.9, 0.9, 1.2])), "blue less brightness"),
    ],
)
def test_what_differs_in_images_is_told_of_the_part_that_differs(changed, what):
    train, same, other = images(0), images(1), changed(images(2))
    (of_val,) = told_of(train, other, same)
    assert of_val.startswith(f"The validation images are {SAID} images: ")
    assert what in of_val
    (of_test,) = told_of(train, same, other)
    assert of_test.startswith("The test images are ") and what in of_test


def test_means_and_deviations_of_both_parts_are_told():
    train, dark = images(0), as_bytes(images(2) * 0.5)
    (text,) = told_of(train, images(1), dark)
    there, here = (
        f"{means.mean():.3g} ± {means.std():.2g}"
        for means in (part.mean(axis=(1, 2, 3)) for part in (dark, train))
    )
    assert f"brightness {there}, in training {here}" in text


@pytest.mark.parametrize("channels", [1, 3])
def test_images_of_one_distribution_are_passed_over(channels):
    for seed in range(0, 60, 3):
        assert told_of(*(images(seed + part, channels=channels) for part in range(3))) == []


def test_parts_that_were_split_off_at_random_are_passed_over():
    # The first third is dark, and so is a third of each part.
    x = images(0)
    x[: COUNT // 3] //= 2
    assert not [text for text in from_arrays(x, labels()).warnings if SAID in text]


def test_images_of_one_pixel_have_no_sharpness():
    dots = np.random.default_rng(0).integers(0, 100, (3, COUNT, 1, 1, 1), np.uint8)
    (text,) = told_of(dots[0], dots[1], dots[2] + 100)
    assert "brightness" in text and "sharpness" not in text


@pytest.mark.parametrize("shift", [0.1, 0.3, 0.45, 0.6, 0.8])
@pytest.mark.parametrize("count", [60, 200, 900])
def test_features_are_compared_as_scipy_compares_them(shift, count):
    random = np.random.default_rng(int(100 * shift) + count)
    train, val, test = (random.normal(size=(size, 4)) for size in (count, 150, 150))
    test[:, 1] += shift
    text = " ".join(told_of(train, val, test, inputs="rows"))
    for column in range(4):
        found = stats.ks_2samp(train[:, column], test[:, column], method="asymp")
        # A chance of 1 in 1,000, shared by four features.
        is_told = found.statistic > 0.1 and found.pvalue <= 1e-3 / 4
        assert (f"feature {column + 1} " in text) == is_told


def test_a_difference_that_is_certain_but_small_is_passed_over():
    train, val, test = np.random.default_rng(0).normal(size=(3, 1000, 1))
    test = np.where(np.arange(1000)[:, np.newaxis] < 97, 1e-3, 1 + test**2)
    train = np.where(np.arange(1000)[:, np.newaxis] < 2, 1e-3, 1 + train**2)
    assert stats.ks_2samp(train[:, 0], test[:, 0]).pvalue < 1e-3
    assert told_of(train, 1 + val**2, test, inputs="rows") == []


def test_of_many_features_the_three_that_differ_most_are_named():
    train, val, test = np.random.default_rng(0).normal(size=(3, COUNT, 6))
    (text,) = told_of(train, val, test + np.array([1, 2, 0, 3, 4, 5]), inputs="rows")
    assert [text.index(f"feature {place} ") for place in (6, 5, 4)] == sorted(
        text.index(f"feature {place} ") for place in (6, 5, 4)
    )
    assert "feature 2 " not in text and "; and 2 more." in text


def test_of_sequences_the_means_over_the_steps_are_compared():
    train, val, test = np.random.default_rng(0).normal(size=(3, COUNT, 7, 2))
    (text,) = told_of(train, val, test + np.array([0, 1]), inputs="sequences")
    assert text.startswith("The test sequences ") and "feature 2 " in text
    assert "feature 1 " not in text


def test_of_tokens_their_number_is_compared():
    def texts(longest, seed):
        random = np.random.default_rng(seed)
        tokens = random.integers(1, 50, (COUNT, 20))
        return np.where(np.arange(20) < random.integers(1, longest, (COUNT, 1)), tokens, 0)

    assert told_of(texts(10, 0), texts(10, 1), texts(10, 2), inputs="tokens") == []
    (text,) = told_of(texts(10, 0), texts(10, 1), texts(20, 2), inputs="tokens")
    assert text.startswith("The test sequences ") and "the number of tokens " in text


def test_targets_are_compared():
    x, y = np.random.default_rng(0).normal(size=(2, 3, COUNT, 2))
    (text,) = told_of(x[0], (x[1], y[1, :, 0] + 2), (x[2], y[2, :, 0]), y[0, :, 0], inputs="rows")
    assert (
        text.startswith("The validation rows ")
        and "rows: the target 1.96 ± 0.96, in training " in text
    )


@pytest.mark.parametrize("more", [0, 20, 40, 60, 90])
def test_shares_of_classes_are_compared_as_scipy_compares_them(more):
    x = np.random.default_rng(0).normal(size=(3, COUNT, 2))
    # So many examples of the classes 0 and 1 are of class 2 instead.
    y_test = labels()
    y_test[np.flatnonzero(y_test < 2)[:more]] = 2
    text = " ".join(told_of(x[0], x[1], (x[2], y_test), inputs="rows"))
    counts = np.stack([np.bincount(labels()), np.bincount(y_test)])
    pvalue = stats.chi2_contingency(counts, correction=False).pvalue
    is_told = more / COUNT > 0.1 and pvalue <= 1e-3
    there = 100 * (COUNT / 3 + more) / COUNT
    assert (f"class 2 {there:.3g} %, in training 33.3 %" in text) == is_told
    assert bool(text) == is_told
