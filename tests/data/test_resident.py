"""The pipeline of JAX and PyTorch: data on the device, exact in (seed, epoch, image)."""

import zlib

import keras
import numpy as np
import pytest
from scipy import stats

from trickbook.data import Scaling
from trickbook.data.batches.by_backend import evaluation_batches, training_batches
from trickbook.layers import CutMix, MixUp, stateless_draws

pytestmark = pytest.mark.skipif(
    keras.backend.backend() == "tensorflow", reason="TensorFlow has a pipeline of its own"
)

COUNT = 46
SCALING = Scaling("standardize", (0.5, 0.25), (-1.0, 3.0))
PLAIN = Scaling("unit", (1.0, 1.0), (0.0, 0.0))
# An image's number stands in its first pixel; its label is its number times ten.
IMAGES = np.random.default_rng(0).integers(0, 256, (COUNT, 6, 4, 2)).astype(np.uint8)
IMAGES[:, 0, 0, 0] = np.arange(COUNT)
LABELS = np.arange(COUNT, dtype=np.int32) * 10


class Stamp:
    """A transform that puts its draws into the second row."""

    draws = 4

    def __call__(self, images, draws):
        row = keras.ops.stack([draws, draws], axis=-1)[:, None]
        return keras.ops.concatenate([images[:, :1], row, images[:, 2:]], axis=1)


def batches(*transforms, batch_size=6, scaling=PLAIN):
    return training_batches(IMAGES, LABELS, scaling, batch_size=batch_size, transforms=transforms)


def as_arrays(tensors):
    return [keras.ops.convert_to_numpy(tensor) for tensor in tensors]


def epochs_of(made, seed=0, *, epochs=1, first_epoch=0):
    """Images and labels, each (epochs, steps, batch, ...)."""
    pairs = list(made.dataset(seed, epochs=epochs, first_epoch=first_epoch))
    x, y = (np.stack(as_arrays(side)) for side in zip(*pairs, strict=True))
    shape = (epochs - first_epoch, made.steps)
    return x.reshape(*shape, *x.shape[1:]), y.reshape(*shape, *y.shape[1:])


def draws_by_image(made, **kwargs):
    x = epochs_of(made, **kwargs)[0][-1].reshape(-1, 6, 4, 2)
    return {int(image[0, 0, 0]): image[1, :, 0] for image in x}


def test_tensors_are_on_the_device_and_the_remainder_is_dropped():
    x, y = next(batches().dataset(0, epochs=1))
    assert keras.ops.is_tensor(x)
    assert keras.ops.is_tensor(y)
    x, y = epochs_of(batches(), epochs=3)
    assert x.shape == (3, 7, 6, 6, 4, 2)
    assert y.shape == (3, 7, 6)


@pytest.mark.parametrize("batch_size", [1, 6, 46])
def test_an_epoch_has_no_image_twice_and_each_with_its_label(batch_size):
    x, y = epochs_of(batches(batch_size=batch_size), epochs=3)
    for images, labels in zip(x, y, strict=True):
        numbers = labels.ravel() // 10
        assert len(set(numbers)) == len(numbers) == COUNT // batch_size * batch_size
        np.testing.assert_array_equal(images.reshape(-1, 6, 4, 2), IMAGES[numbers])


def test_images_are_scaled():
    x, y = epochs_of(batches(scaling=SCALING))
    wanted = SCALING.apply(IMAGES[y.ravel() // 10])
    np.testing.assert_allclose(x.reshape(wanted.shape), wanted, rtol=1e-6)


def test_epochs_and_seeds_differ_and_repeat():
    first, again = (epochs_of(batches(), seed=3, epochs=3)[1] for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first[0], first[1])
    assert not np.array_equal(first, epochs_of(batches(), seed=4, epochs=3)[1])


def test_it_goes_on_at_a_later_epoch_with_the_same_batches():
    whole, late = (epochs_of(batches(Stamp()), epochs=4, first_epoch=at) for at in (0, 2))
    for mine, theirs in zip(late, whole, strict=True):
        np.testing.assert_array_equal(mine, theirs[2:])


def test_an_images_draws_depend_on_seed_epoch_and_image_alone():
    small, large = (draws_by_image(batches(Stamp(), batch_size=size)) for size in (2, 23))
    assert small.keys() == large.keys() == set(range(COUNT))
    for number, drawn in small.items():
        np.testing.assert_array_equal(drawn, large[number])
    later = draws_by_image(batches(Stamp(), batch_size=2), epochs=2)
    assert not any(np.array_equal(later[number], drawn) for number, drawn in small.items())


def test_draws_are_uniform():
    x = epochs_of(batches(Stamp(), batch_size=46), epochs=20)[0]
    drawn = x[..., 1, :, 0].ravel()
    assert drawn.min() >= 0
    assert drawn.max() < 1
    assert stats.kstest(drawn, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("epoch", [0, 2])
def test_a_look_shows_what_an_epoch_trains_on(epoch):
    made = batches(Stamp(), batch_size=46)
    x, y = epochs_of(made, seed=5, epochs=3)
    places = np.array([3, 17, 40])
    order = y[epoch].ravel() // 10
    rows = [int(np.flatnonzero(order == place)[0]) for place in places]
    np.testing.assert_array_equal(made.look(5, places, epoch), x[epoch, 0][rows])


@pytest.mark.parametrize("batch_size", [0, 47])
def test_a_batch_size_without_a_full_batch_is_refused(batch_size):
    with pytest.raises(ValueError, match=f"Received: batch_size={batch_size}"):
        batches(batch_size=batch_size)


def test_evaluation_batches_are_in_order_and_whole():
    made = evaluation_batches(IMAGES, LABELS, SCALING, batch_size=20)
    pairs = [made[place] for place in range(len(made))]
    assert [len(y) for _, y in pairs] == [20, 20, 6]
    x, y = (np.concatenate(as_arrays(side)) for side in zip(*pairs, strict=True))
    np.testing.assert_allclose(x, SCALING.apply(IMAGES), rtol=1e-6)
    np.testing.assert_array_equal(y, LABELS)


@pytest.mark.parametrize("mixing", [MixUp(1.0), CutMix(1.0)], ids=["mixup", "cutmix"])
def test_each_image_is_mixed_with_the_next_of_its_batch(mixing):
    every = np.eye(COUNT, dtype="float32")
    made = training_batches(
        IMAGES, every, SCALING, batch_size=6, transforms=[Stamp()], mixing=mixing
    )
    plain_x, numbers = epochs_of(batches(Stamp(), scaling=SCALING), 3)
    x, shares = epochs_of(made, 3)
    stream = zlib.crc32(f"3/{type(mixing).__name__}/0".encode())
    draws = stateless_draws(stream, 0, np.arange(COUNT), mixing.draws)
    draws = keras.ops.convert_to_numpy(draws)
    for own_x, number, got, got_shares in zip(
        plain_x[0], numbers[0] // 10, x[0], shares[0], strict=True
    ):
        expected, own = as_arrays(mixing(own_x, np.roll(own_x, -1, axis=0), draws[number]))
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-4)
        labels = own[:, None] * every[number] + (1 - own[:, None]) * every[np.roll(number, -1)]
        np.testing.assert_allclose(got_shares, labels, atol=1e-6)
    seen = made.look(3, numbers[0, 0] // 10)
    np.testing.assert_allclose(seen, x[0, 0], rtol=1e-5, atol=1e-4)
