"""The input pipeline: exact in (seed, epoch, image), whatever batches and chunks do."""

import inspect
import zlib

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from trickbook.data import Scaling
from trickbook.data.batches import pipeline
from trickbook.data.batches.pipeline import TrainingBatches, evaluation_batches, steps_per_epoch
from trickbook.layers import CutMix, MixUp, RandomAugmentation, RandomGaussianNoise, stateless_draws

COUNT = 46
SCALING = Scaling("standardize", (0.5, 0.25), (-1.0, 3.0))
PLAIN = Scaling("unit", (1.0, 1.0), (0.0, 0.0))
# An image's number stands in its first pixel; its label is its number times ten.
IMAGES = np.random.default_rng(0).integers(0, 256, (COUNT, 6, 4, 2)).astype(np.uint8)
IMAGES[:, 0, 0, 0] = np.arange(COUNT)
LABELS = np.arange(COUNT, dtype=np.int32) * 10


class Stamp:
    """A transform that writes its draws below the image, in rows of 4 values."""

    def __init__(self, draws):
        self.draws = draws

    def __call__(self, images, draws):
        filled = tf.pad(draws, [[0, 0], [0, -self.draws % 4]])
        rows = tf.reshape(filled, (-1, filled.shape[1] // 4, 4, 1))
        return tf.concat([images, tf.repeat(rows, 2, axis=-1)], axis=1)


class Twice:
    draws = 0

    def __call__(self, images, draws):
        assert draws.shape[1] == 0
        return images * 2.0


class PlusOne(Twice):
    def __call__(self, images, draws):
        return images + 1.0


def batches(*transforms, batch_size=6, scaling=PLAIN):
    return TrainingBatches(IMAGES, LABELS, scaling, batch_size=batch_size, transforms=transforms)


def epochs_of(made, seed=0, *, epochs=1, first_epoch=0):
    """Images and labels, each (epochs, steps, batch, ...)."""
    x, y = zip(
        *made.dataset(seed, epochs=epochs, first_epoch=first_epoch).as_numpy_iterator(), strict=True
    )
    x, y = np.stack(x), np.stack(y)
    shape = (epochs - first_epoch, made.steps)
    return x.reshape(*shape, *x.shape[1:]), y.reshape(*shape, *y.shape[1:])


def draws_by_image(made, **kwargs):
    """Of each epoch the stamped draws of every image that came in it."""
    drawn = []
    for x in epochs_of(made, **kwargs)[0]:
        images = x.reshape(-1, *x.shape[-3:])
        numbers = np.rint(images[:, 0, 0, 0]).astype(int)
        stamps = images[:, 6:, :, 0].reshape(len(images), -1)
        drawn.append(dict(zip(numbers, stamps, strict=True)))
    return drawn


def test_the_remainder_is_dropped():
    assert [steps_per_epoch(46, size) for size in (1, 6, 23, 45, 46)] == [46, 7, 2, 1, 1]
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
    assert len({labels.tobytes() for labels in y}) == 3


def test_every_image_is_dropped_in_some_epoch():
    _, y = epochs_of(batches(batch_size=40), epochs=60)
    comes_in = np.bincount(y.ravel() // 10, minlength=COUNT)
    assert 60 * 40 / 46 * 0.7 < comes_in.min() <= comes_in.max() < 60


def test_orders_are_uniform():
    _, y = epochs_of(batches(batch_size=46), epochs=400)
    order = y.reshape(400, 46) // 10
    first, last = (np.bincount(order[:, i], minlength=46) for i in (0, -1))
    assert stats.chisquare(first).pvalue > 0.001
    assert stats.chisquare(last).pvalue > 0.001
    # Neighbours are no more often neighbours in number than by chance (2 of 46).
    neighbours = np.abs(np.diff(order, axis=1)) == 1
    assert abs(neighbours.mean() - 2 / 46) < 0.01


def test_the_same_seed_gives_the_same_batches_and_another_others():
    made = batches(Stamp(4))
    first, again = epochs_of(made, 5, epochs=2), epochs_of(batches(Stamp(4)), 5, epochs=2)
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
    other_x, other_y = epochs_of(made, 6, epochs=2)
    assert (first[1] != other_y).mean() > 0.8
    assert not np.isin(other_x[..., 6:, :, :], first[0][..., 6:, :, :]).any()


@pytest.mark.parametrize("first_epoch", [1, 3])
def test_a_resumed_training_sees_the_rest_of_the_full_one(first_epoch):
    made = batches(RandomAugmentation(rotation_degrees=20.0), Stamp(4))
    full = epochs_of(made, epochs=4)
    rest = epochs_of(made, epochs=4, first_epoch=first_epoch)
    for one, other in zip(full, rest, strict=True):
        np.testing.assert_array_equal(one[first_epoch:], other)


def test_an_images_draws_are_its_own_whatever_the_batches_and_chunks(monkeypatch):
    def of_the_second_epoch(size):
        return draws_by_image(batches(Stamp(4), batch_size=size), epochs=2)[1]

    seen = [of_the_second_epoch(size) for size in (46, 1, 6)]
    monkeypatch.setattr(pipeline, "CHUNK_VALUES", 1)
    seen.append(of_the_second_epoch(5))
    for drawn in seen[1:]:
        assert len(drawn) >= 42
        for number, stamp in drawn.items():
            np.testing.assert_array_equal(stamp, seen[0][number])


def test_draws_are_uniform_and_differ_between_images_epochs_and_transforms():
    made = batches(Stamp(4), Stamp(8), batch_size=46)
    drawn = [
        np.stack(list(by_image.values()))
        for seed in (0, 1)
        for by_image in draws_by_image(made, seed=seed, epochs=3)
    ]
    assert drawn[0].shape == (46, 12)
    values = np.concatenate(drawn).ravel()
    assert len(np.unique(values)) > 0.999 * len(values)
    assert values.min() >= 0
    assert values.max() < 1
    assert stats.kstest(values, "uniform").pvalue > 0.001
    columns = np.corrcoef(np.concatenate(drawn).T)[np.triu_indices(12, 1)]
    assert np.abs(columns).max() < 4 / (6 * 46) ** 0.5


def test_images_are_scaled_then_transformed_in_order():
    _, y = epochs_of(batches(batch_size=46))
    numbers = y.ravel() // 10
    scaled = SCALING.apply(IMAGES)[numbers]
    for transforms, expected in (
        ((), scaled),
        ((Twice(), PlusOne()), scaled * 2 + 1),
        ((PlusOne(), Twice()), (scaled + 1) * 2),
    ):
        x, y = epochs_of(batches(*transforms, batch_size=46, scaling=SCALING))
        assert x.dtype == np.float32
        np.testing.assert_array_equal(y.ravel() // 10, numbers)
        np.testing.assert_allclose(x[0, 0], expected, rtol=1e-6, atol=1e-5)


def test_images_of_floats_are_taken_as_they_are():
    images = IMAGES.astype(np.float32) / 7
    made = TrainingBatches(images, LABELS, SCALING, batch_size=46)
    x, y = epochs_of(made)
    np.testing.assert_allclose(x[0, 0], SCALING.apply(images)[y.ravel() // 10], atol=1e-5)


# Without the change an epoch is one chunk. 7 steps of 6 images of 48 values: chunks of one batch,
# though even that is too large; 46 steps of one image: chunks of two. Both are compiled.
@pytest.mark.parametrize(("batch_size", "values"), [(6, 1), (1, 100)])
def test_chunks_change_nothing_of_what_comes_out(batch_size, values, monkeypatch):
    transforms = [
        RandomAugmentation(flip_probability=0.5, rotation_degrees=20.0),
        RandomAugmentation(erasing_probability=0.75),
        Stamp(4),
    ]
    whole = epochs_of(batches(*transforms, batch_size=batch_size), epochs=2)
    plain = epochs_of(batches(batch_size=batch_size), epochs=2)
    monkeypatch.setattr(pipeline, "CHUNK_VALUES", values)
    cut = epochs_of(batches(*transforms, batch_size=batch_size), epochs=2)
    np.testing.assert_array_equal(cut[1], whole[1])
    np.testing.assert_allclose(cut[0], whole[0], rtol=1e-5, atol=1e-3)
    np.testing.assert_array_equal(cut[0][..., 6:, :, :], whole[0][..., 6:, :, :])
    for one, other in zip(epochs_of(batches(batch_size=batch_size), epochs=2), plain, strict=True):
        np.testing.assert_array_equal(one, other)


def test_batches_are_those_of_a_plain_loop():
    """The layers called by hand, image by image, each on draws of its own stream."""
    layers = [
        RandomAugmentation(flip_probability=0.5, shift_pixels=1.0),
        RandomAugmentation(erasing_probability=0.75),
        RandomGaussianNoise(0.1),
    ]
    streams = ["3/RandomAugmentation/0", "3/RandomAugmentation/1", "3/RandomGaussianNoise/0"]
    drawn = [
        stateless_draws(zlib.crc32(stream.encode()), 1, np.arange(COUNT), layer.draws)
        for stream, layer in zip(streams, layers, strict=True)
    ]
    made = batches(*layers, scaling=SCALING)
    x, y = epochs_of(made, 3, epochs=2)
    for image, label in zip(x[1, :2].reshape(-1, 6, 4, 2), y[1, :2].ravel(), strict=True):
        number = label // 10
        expected = SCALING.apply(IMAGES[number : number + 1])
        for layer, draws in zip(layers, drawn, strict=True):
            expected = np.asarray(layer(expected, draws[number : number + 1]))
        np.testing.assert_allclose(image, expected[0], rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("epoch", [0, 2])
def test_a_look_shows_an_epochs_images(epoch):
    made = batches(
        RandomAugmentation(flip_probability=0.5, shift_pixels=1.0),
        RandomGaussianNoise(),
        scaling=SCALING,
    )
    x, y = epochs_of(made, 4, epochs=3)
    numbers = y[epoch].ravel()[:9] // 10
    seen = made.look(4, numbers, epoch)
    np.testing.assert_allclose(seen, x[epoch].reshape(-1, 6, 4, 2)[:9], rtol=1e-5, atol=1e-4)


def test_evaluation_goes_through_all_images_in_order_as_often_as_asked():
    made = evaluation_batches(IMAGES, LABELS, SCALING, batch_size=20)
    for _ in range(2):
        x, y = zip(*made.as_numpy_iterator(), strict=True)
        assert [len(labels) for labels in y] == [20, 20, 6]
        np.testing.assert_array_equal(np.concatenate(y), LABELS)
        np.testing.assert_allclose(np.concatenate(x), SCALING.apply(IMAGES), rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize("batch_size", [0, 47])
def test_a_batch_size_without_a_full_batch_is_refused(batch_size):
    with pytest.raises(ValueError, match=rf"1\.\.46.*Received: batch_size={batch_size}"):
        batches(batch_size=batch_size)


# Labels that tell the image: shares of as many classes as there are images.
SHARES = np.eye(COUNT, dtype="float32")


def mixing_batches(mixing, *transforms, batch_size=6):
    return TrainingBatches(
        IMAGES, SHARES, SCALING, batch_size=batch_size, transforms=transforms, mixing=mixing
    )


@pytest.mark.parametrize("mixing", [MixUp(1.0), CutMix(1.0)], ids=["mixup", "cutmix"])
# Chunks of one batch, and an epoch as one chunk.
@pytest.mark.parametrize("values", [1, pipeline.CHUNK_VALUES])
def test_each_image_is_mixed_with_the_next_of_its_batch(mixing, values, monkeypatch):
    monkeypatch.setattr(pipeline, "CHUNK_VALUES", values)
    transform = RandomAugmentation(flip_probability=0.5, shift_pixels=1.0)
    plain_x, numbers = epochs_of(batches(transform, scaling=SCALING), 3, epochs=2)
    made = mixing_batches(mixing, transform)
    x, shares = epochs_of(made, 3, epochs=2)
    stream = zlib.crc32(f"3/{type(mixing).__name__}/0".encode())
    draws = np.asarray(stateless_draws(stream, 1, np.arange(COUNT), mixing.draws))
    whole = zip(plain_x[1], numbers[1] // 10, x[1], shares[1], strict=True)
    for own_x, number, got, got_shares in whole:
        expected, own = mixing(own_x, np.roll(own_x, -1, axis=0), draws[number])
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-4)
        own = np.asarray(own)[:, None]
        labels = own * SHARES[number] + (1 - own) * SHARES[np.roll(number, -1)]
        np.testing.assert_allclose(got_shares, labels, atol=1e-6)
    assert (shares[1].max(axis=-1) < 0.99).mean() > 0.1


def test_a_resumed_training_mixes_as_the_full_one():
    made = mixing_batches(MixUp(1.0))
    for one, other in zip(
        epochs_of(made, epochs=3), epochs_of(made, epochs=3, first_epoch=1), strict=True
    ):
        np.testing.assert_array_equal(one[1:], other)


def test_a_look_shows_the_first_epochs_mixed_images_and_the_remainder_unmixed():
    made = mixing_batches(MixUp(1.0), RandomGaussianNoise())
    x, _ = epochs_of(made, 4)
    order = epochs_of(batches(), 4)[1].ravel() // 10
    np.testing.assert_allclose(
        made.look(4, order[:9]), x.reshape(-1, 6, 4, 2)[:9], rtol=1e-5, atol=1e-4
    )
    (dropped, *_) = set(range(COUNT)) - set(order)
    plain = batches(RandomGaussianNoise(), scaling=SCALING)
    np.testing.assert_allclose(
        made.look(4, np.array([dropped])), plain.look(4, np.array([dropped])), atol=1e-5
    )


class Dimmed:
    """As a user writes it, with a Python `if` on a tensor: bright batches become darker."""

    draws = 0

    def __call__(self, images, draws):
        if tf.reduce_max(images) > 100.0:
            images = images / 4.0
        return images


def test_a_transform_of_a_users_own_may_have_an_if_on_a_tensor():
    plain, _ = epochs_of(batches())
    x, _ = epochs_of(batches(Dimmed()))
    np.testing.assert_allclose(x, plain / 4.0, rtol=1e-6)


def test_our_layers_are_traced_as_they_are_written(monkeypatch):
    """Rewriting the pipeline by AutoGraph takes time in every process that trains."""
    files = set()

    def spied(layer, images, *_):
        files.update(frame.filename for frame in inspect.stack(0))
        return images, tf.ones_like(images[:, 0, 0, 0])

    monkeypatch.setattr(RandomGaussianNoise, "call", lambda *given: spied(*given)[0])
    monkeypatch.setattr(MixUp, "call", spied)
    epochs_of(mixing_batches(MixUp(), RandomGaussianNoise()))
    assert pipeline.__file__ in files
    assert not [file for file in files if "__autograph_generated_file" in file]
