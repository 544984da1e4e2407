"""MixUp and CutMix against NumPy, and the distribution of their shares against SciPy."""

import keras
import numpy as np
import pytest
from augmentation_draws import pictures
from scipy import stats

from trickbook.layers import CutMix, MixUp

HEIGHT, WIDTH = 9, 6


def uniform(count, columns, seed=0):
    return np.random.default_rng(seed).random((count, columns), dtype="f4")


def mixed(layer, images, partners, draws):
    return [keras.ops.convert_to_numpy(each) for each in layer(images, partners, draws)]


@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0])
def test_the_share_is_of_the_beta_distribution(alpha):
    draws = uniform(5000, 1)
    images = np.zeros((5000, 1), "f4")
    _, share = mixed(MixUp(alpha), images, images, draws)
    assert stats.kstest(share, stats.beta(alpha, alpha).cdf).pvalue > 0.001
    # Beyond these the quantiles bend within a step.
    is_inner = np.abs(draws[:, 0] - 0.5) < 0.499
    expected = stats.beta.ppf(draws[:, 0], alpha, alpha)
    np.testing.assert_allclose(share[is_inner], expected[is_inner], atol=1e-3)
    np.testing.assert_allclose(share, expected, atol=0.05)


def test_mixup_is_the_weighted_mean_of_image_and_partner():
    images, partners = pictures(30, HEIGHT, WIDTH), pictures(30, HEIGHT, WIDTH, seed=1)
    result, share = mixed(MixUp(1.0), images, partners, uniform(30, 1))
    own = share[:, None, None, None]
    np.testing.assert_allclose(result, own * images + (1 - own) * partners, atol=1e-6)
    assert share.std() > 0.2


def box(place, size, side):
    """First pixel and the one after the last, as in the paper's algorithm."""
    length = int(side * size)
    first = int(place * size) - length // 2
    return max(first, 0), min(first + length, size)


def test_cutmix_puts_in_the_rectangle_of_the_paper_and_counts_its_pixels():
    count = 300
    images, partners = pictures(count, HEIGHT, WIDTH), pictures(count, HEIGHT, WIDTH, seed=1)
    draws = uniform(count, 3)
    result, share = mixed(CutMix(1.0), images, partners, draws)
    expected = images.copy()
    for number, (wanted, y, x) in enumerate(draws):
        side = np.sqrt(np.float32(1) - wanted)
        (top, bottom), (left, right) = box(y, HEIGHT, side), box(x, WIDTH, side)
        expected[number, top:bottom, left:right] = partners[number, top:bottom, left:right]
    is_same = (result == expected).all(axis=(1, 2, 3))
    # A side may be rounded to the other side of a whole pixel.
    assert is_same.mean() > 0.99
    replaced = (result != images).all(axis=-1).mean(axis=(1, 2))
    np.testing.assert_allclose(share, 1 - replaced, atol=1e-6)
    assert (share == 1).mean() < 0.2
    assert 0.4 < share.mean() < 0.8


def test_cutmix_replaces_nothing_or_all_at_the_ends():
    images, partners = pictures(2, HEIGHT, WIDTH), pictures(2, HEIGHT, WIDTH, seed=1)
    draws = np.array([[1 - 2**-24, 0.5, 0.5], [0.0, 0.5, 0.5]], "f4")
    result, share = mixed(CutMix(1.0), images, partners, draws)
    np.testing.assert_array_equal(result, [images[0], partners[1]])
    np.testing.assert_array_equal(share, [1, 0])


@pytest.mark.parametrize("layer", [MixUp(0.3), CutMix(0.7)], ids=["mixup", "cutmix"])
def test_a_config_makes_the_same_layer_again_in_half_precision_too(layer):
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    images, partners = pictures(8, HEIGHT, WIDTH), pictures(8, HEIGHT, WIDTH, seed=1)
    draws = uniform(8, layer.draws)
    results = [mixed(each, images, partners, draws) for each in (layer, again)]
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)
    half = [keras.ops.cast(each, "bfloat16") for each in (images, partners)]
    result, share = layer(*half, draws)
    assert keras.backend.standardize_dtype(result.dtype) == "bfloat16"
    assert keras.backend.standardize_dtype(share.dtype) == "float32"


@pytest.mark.parametrize("kind", [MixUp, CutMix])
@pytest.mark.parametrize("alpha", [0, -1, float("nan"), "1", None])
def test_a_wrong_alpha_is_refused(kind, alpha):
    with pytest.raises(ValueError, match=r"^alpha must .*above 0\. Received: alpha="):
        kind(alpha)


def test_cutmix_takes_images_alone():
    with pytest.raises(ValueError, match="expected ndim=4"):
        CutMix()(np.zeros((3, 4), "f4"), np.zeros((3, 4), "f4"), uniform(3, 3))
