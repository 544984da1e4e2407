"""Stateless draws: Threefry's published answers, and what a training needs of them."""

import itertools

import keras
import numpy as np
import pytest
from scipy import stats

from trickbook.layers import stateless_draws
from trickbook.layers.draws import normal
from trickbook.layers.threefry import threefry, word


def draws(seed, epoch, indices, count):
    return keras.ops.convert_to_numpy(stateless_draws(seed, epoch, indices, count))


# Random123's known answers for threefry2x32 with 20 rounds: counter, key, result.
ANSWERS = [
    ((0x00000000, 0x00000000), (0x00000000, 0x00000000), (0x6B200159, 0x99BA4EFE)),
    ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
    ((0x243F6A88, 0x85A308D3), (0x13198A2E, 0x03707344), (0xC4923A9C, 0x483DF7A0)),
]


@pytest.mark.parametrize(("counter", "key", "answer"), ANSWERS)
def test_threefry_gives_the_published_answers(counter, key, answer):
    words = threefry(tuple(map(word, key)), tuple(map(word, counter)))
    assert tuple(int(keras.ops.convert_to_numpy(each)) % 2**32 for each in words) == answer


def rotated(bits, places):
    return (bits << np.uint32(places)) | (bits >> np.uint32(32 - places))


def reference(seed, epoch, indices, count):
    """The documented draws in NumPy's unsigned integers."""
    blocks = np.arange(-(-count // 2), dtype="u4")
    first, second = np.broadcast_arrays(np.asarray(indices, "u4")[:, None], blocks)
    keys = [np.uint32(seed), np.uint32(epoch), np.uint32(seed ^ epoch ^ 0x1BD11BDA)]
    first, second = first + keys[0], second + keys[1]
    for i in range(20):
        first = first + second
        second = rotated(second, (13, 15, 26, 6, 17, 29, 16, 24)[i % 8]) ^ first
        if i % 4 == 3:
            step = i // 4 + 1
            first, second = first + keys[step % 3], second + keys[(step + 1) % 3] + np.uint32(step)
    words = np.stack([first, second], axis=-1).reshape(len(indices), -1)[:, :count]
    return (words >> np.uint32(8)) / 2.0**24


@pytest.mark.parametrize("seed", [0, 7, 2**31, 2**32 - 1])
@pytest.mark.parametrize("epoch", [0, 39, 2**20])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_draws_are_the_same_on_every_backend_and_in_numpy(seed, epoch, count):
    indices = np.array([0, 1, 2, 49_999, 2**31 - 1])
    result = draws(seed, epoch, indices, count)
    assert result.dtype == "float32"
    np.testing.assert_array_equal(result, reference(seed, epoch, indices, count))


def test_an_images_draws_do_not_depend_on_the_batch_or_on_how_many_there_are():
    whole = draws(3, 5, np.arange(100), 9)
    chosen = np.array([71, 3, 99])
    np.testing.assert_array_equal(draws(3, 5, chosen, 9), whole[chosen])
    np.testing.assert_array_equal(draws(3, 5, np.arange(100), 4), whole[:, :4])


def test_the_epoch_may_be_a_tensor():
    epoch = keras.ops.convert_to_tensor(5, dtype="int32")
    np.testing.assert_array_equal(draws(3, epoch, range(4), 3), draws(3, 5, range(4), 3))


def uniform_pvalue(values, cells=64):
    seen = np.bincount((values.ravel() * cells).astype(int), minlength=cells)
    assert len(seen) == cells
    return stats.chisquare(seen).pvalue


def test_draws_are_uniform_over_images_over_epochs_and_over_seeds():
    assert uniform_pvalue(draws(1, 2, np.arange(20_000), 4)) > 0.001
    over_epochs = [draws(1, epoch, [17], 40) for epoch in range(60)]
    assert uniform_pvalue(np.concatenate(over_epochs), cells=16) > 0.001
    over_seeds = [draws(seed, 2, [17], 40) for seed in range(60)]
    assert uniform_pvalue(np.concatenate(over_seeds), cells=16) > 0.001


def pairs_pvalue(one, other, cells=16):
    """Chi-square of the pairs on a grid: independent and both uniform, all cells fill alike."""
    grid = (one.ravel() * cells).astype(int) * cells + (other.ravel() * cells).astype(int)
    return stats.chisquare(np.bincount(grid, minlength=cells**2)).pvalue


def test_neighbouring_images_epochs_seeds_and_columns_are_independent():
    here = draws(1, 2, np.arange(20_000), 4)
    neighbours = {
        "image": (here[:-1], here[1:]),
        "epoch": (here, draws(1, 3, np.arange(20_000), 4)),
        "seed": (here, draws(2, 2, np.arange(20_000), 4)),
        "seed and epoch swapped": (here, draws(2, 1, np.arange(20_000), 4)),
    }
    for one, other in itertools.combinations(range(4), 2):
        neighbours[f"columns {one}, {other}"] = (here[:, one], here[:, other])
    for name, pair in neighbours.items():
        assert pairs_pvalue(*pair) > 0.001, name


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_out_of_range_is_refused(seed):
    with pytest.raises(ValueError, match=rf"Received: seed={seed}$"):
        stateless_draws(seed, 0, [0], 1)


def test_normal_is_finite_and_right_at_the_extreme_draws():
    last = 2**24 - 1
    near_both_ends = np.concatenate([np.arange(4096), np.arange(last - 4095, last + 1)])
    places = np.concatenate([near_both_ends, np.arange(0, last, 4093), [2**23 - 1, 2**23]])
    result = keras.ops.convert_to_numpy(normal((places / 2.0**24).astype("float32")))
    expected = stats.norm.ppf((places + 0.5) / 2.0**24)
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(result[:4096], -result[4096:8192][::-1])
