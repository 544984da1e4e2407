"""Samples to evaluate a model on, in batches that do not make its graph be traced again."""

import warnings
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Protocol, Self

import keras
import numpy as np

from ..state.seeds import torch_draws_kept

# The modules of the data sets, besides its own, that Keras accepts directly.
_READ_BY_KERAS = ("tensorflow.", "torch.utils.data.dataloader", "grain.")


class Samples(Protocol):
    """What a model is evaluated on."""

    def trial(self) -> tuple[Any, Any]:
        """One batch of inputs, and all labels that are known without reading more."""

    def batches(self) -> Iterator[tuple[Any, Any]]:
        """Yield inputs and labels; inputs beyond the last label only fill up the batch."""

    def evaluated(self, model: keras.Model) -> dict[str, Any]:
        """What the model's own evaluation says of them."""


class _ReadOnly:
    """Shared by copies instead of copied: each trial of a tuner has a deep copy of the callbacks.

    A copy would hold the training set a second time, and a `tf.data` set cannot be copied.
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


class ArraySamples(_ReadOnly):
    """Samples held in arrays, given out in batches of one shape.

    Args:
        x: An array whose first axis is the samples, or a list or dict of such arrays.
        y: Labels, one per sample, or a list or dict of them, an entry per output.
        batch_size: At most this many samples at a time; where `keras.distribution` divides batches
            among devices, the largest multiple of the devices up to it, or one for each device.
        max_samples: Keep this many (see `spread_over_classes`); None keeps all.

    Raises:
        ValueError: There are no samples, or not as many labels as inputs.
    """

    def __init__(self, x: Any, y: Any, batch_size: int, max_samples: int | None = None) -> None:
        self._x = keras.tree.map_structure(as_array, x)
        self._y = as_labels(y)
        shapes = [leaf.shape for leaf in keras.tree.flatten((self._x, self._y))]
        if any(not shape or shape[0] != shapes[0][0] or shape[0] == 0 for shape in shapes):
            raise ValueError(
                "CleanEvaluation needs one sample or more, and one label for each. "
                f"Received: x and y of shapes {shapes}"
            )
        self._number = shapes[0][0]
        if max_samples is not None and max_samples < self._number:
            kept = spread_over_classes(_first_labels(self._y), max_samples)
            self._x, self._y = _rows((self._x, self._y), kept)
            self._number = max_samples
        self._most = batch_size

    @property
    def _batch_size(self) -> int:
        # Batches of nearly equal size: filling up the last one costs next to nothing.
        devices = data_parallel_devices()
        most = max(self._most // devices, 1) * devices
        batches = -(-self._number // most)
        return -(-self._number // (batches * devices)) * devices

    def require_whole_shares(self) -> None:
        """Refuse samples that Keras's evaluation cannot divide among devices: it pads no batch.

        Raises:
            ValueError: Their number is not a multiple of the devices of `keras.distribution`.
        """
        devices = data_parallel_devices()
        if self._number % devices:
            raise ValueError(
                "CleanEvaluation lets Keras measure the model's own metrics, and Keras divides "
                f"each batch among {devices} devices: give it, or keep by max_samples, a multiple "
                f"of {devices} samples. Received: {self._number} samples"
            )

    def trial(self) -> tuple[Any, Any]:
        """The first batch of inputs, and all labels."""
        return next(self.batches())[0], self._y

    def batches(self) -> Iterator[tuple[Any, Any]]:
        """Yield inputs and labels; the last batch is filled up with repeats of the last sample."""
        size = self._batch_size
        for start in range(0, self._number, size):
            x, y = _rows((self._x, self._y), slice(start, start + size))
            yield keras.tree.map_structure(lambda part: filled(part, size), x), y

    def evaluated(self, model: keras.Model) -> dict[str, Any]:
        """What the model's own evaluation says of them."""
        return model.evaluate(
            self._x, self._y, batch_size=self._batch_size, verbose=0, return_dict=True
        )


class DatasetSamples(_ReadOnly):
    """Samples of a data set that yields `(x, y)` or `(x, y, sample_weight)` batches.

    It is read again at every evaluation, and its weights are ignored.

    Args:
        dataset: A `keras.utils.PyDataset`, `tf.data.Dataset`, PyTorch `DataLoader` or any other
            iterable that can be read more than once.

    Raises:
        ValueError: It has no end.
    """

    def __init__(self, dataset: Any) -> None:
        if not _has_end(dataset):
            raise ValueError(
                "CleanEvaluation cannot read all of an endless data set; give max_samples. "
                f"Received: x={dataset}"
            )
        self._dataset = dataset

    def trial(self) -> tuple[Any, Any]:
        """The first batch."""
        return next(self.batches())

    def batches(self) -> Iterator[tuple[Any, Any]]:
        """Yield the data set's own batches."""
        yield from labelled_batches(self._dataset)

    def evaluated(self, model: keras.Model) -> dict[str, Any]:
        """What the model's own evaluation says of them."""
        dataset = self._dataset
        if isinstance(dataset, keras.utils.PyDataset):
            dataset = _WithoutHooks(dataset)
        elif not _is_read_by_keras(dataset) or self._has_weights:
            return _evaluated_once_through(model, labelled_batches(dataset))
        return model.evaluate(dataset, verbose=0, return_dict=True)

    @cached_property
    def _has_weights(self) -> bool:
        batch = next(iter(self._dataset))
        return keras.utils.unpack_x_y_sample_weight(batch)[2] is not None


class _WithoutHooks(keras.utils.PyDataset):
    """The batches of another `PyDataset`, without their weights.

    The hooks of the original between epochs are for its training only.
    """

    def __init__(self, dataset: keras.utils.PyDataset) -> None:
        super().__init__(dataset.workers, dataset.use_multiprocessing, dataset.max_queue_size)
        self._dataset = dataset

    @property
    def num_batches(self) -> int | None:
        return self._dataset.num_batches

    def __getitem__(self, index: int) -> Any:
        x, y, _ = keras.utils.unpack_x_y_sample_weight(self._dataset[index])
        return keras.utils.pack_x_y_sample_weight(x, y)


def _is_read_by_keras(dataset: Any) -> bool:
    """Whether Keras's own `evaluate` accepts the data set; it accepts no user-defined iterable."""
    return any(kind.__module__.startswith(_READ_BY_KERAS) for kind in type(dataset).__mro__)


def _evaluated_once_through(model: keras.Model, batches: Iterator[Any]) -> dict[str, Any]:
    with warnings.catch_warnings():
        # Keras warns of this for every generator that ends.
        warnings.filterwarnings("ignore", "Your input ran out of data")
        return model.evaluate(batches, verbose=0, return_dict=True)


def kept_samples(dataset: Any, batch_size: int, max_samples: int) -> ArraySamples:
    """`max_samples` samples of a data set (see `DatasetSamples`), read once and kept.

    If the data set knows its length each class keeps its share, in whatever order the samples come;
    else they are the first ones, with a warning where all of them are of one class.
    """
    knows_length = _knows_length(dataset)
    with torch_draws_kept():
        batches = labelled_batches(dataset)
        if knows_length:
            # Draw more than are kept, so that each class can have its share.
            x, y = _drawn(batches, 2 * max_samples)
        else:
            x, y = _first(batches, max_samples)
    samples = ArraySamples(x, y, batch_size, max_samples)
    labels = _first_labels(y)
    if not knows_length and len(labels) > 1 and bool((labels == labels[:1]).all()):
        warnings.warn(
            f"All of the first {len(labels)} samples of the data set have the same label, and "
            "CleanEvaluation keeps only these, as the data set does not know its length. Give one "
            f"in mixed order, or arrays. Received: x={dataset}",
            stacklevel=4,
        )
    return samples


def _first(batches: Iterator[tuple[Any, Any]], count: int) -> Any:
    parts, seen = [], 0
    for x, y in batches:
        parts.append((keras.tree.map_structure(as_array, x), y))
        seen += _number(y)
        if seen >= count:
            break
    return _rows(_joined(parts), slice(count))


def _drawn(batches: Iterator[tuple[Any, Any]], count: int) -> Any:
    """`count` samples drawn at random, or all if there are fewer; the same data give the same.

    Evenly spaced samples would all be of one class if two classes alternate.
    """
    generator = np.random.default_rng(0)
    parts, keys, highest = [], np.empty(0), 1.0
    for x, y in batches:
        drawn = generator.random(_number(y))
        # Indices, as slices would keep the whole batch in memory.
        kept = np.flatnonzero(drawn < highest)
        parts.append(_rows((keras.tree.map_structure(as_array, x), y), kept))
        keys = np.concatenate([keys, drawn[kept]])
        if len(keys) > 2 * count:
            kept = _lowest(keys, count)
            parts, keys = [_rows(_joined(parts), kept)], keys[kept]
            highest = keys.max()
    return _rows(_joined(parts), _lowest(keys, count))


def _lowest(keys: np.ndarray, count: int) -> np.ndarray:
    """The places of the `count` lowest keys, in order."""
    return np.sort(np.argsort(keys)[:count])


def _joined(parts: list[Any]) -> Any:
    return keras.tree.map_structure(lambda *leaves: np.concatenate(leaves), parts[0], *parts[1:])


def _number(y: Any) -> int:
    return len(keras.tree.flatten(y)[0])


def filled(part: np.ndarray, size: int) -> np.ndarray:
    """A batch of `size` samples: fewer are followed by repeats of the last one."""
    missing = size - len(part)
    return np.concatenate([part, np.repeat(part[-1:], missing, axis=0)]) if missing else part


def data_parallel_devices() -> int:
    """Among how many devices `keras.distribution` divides the samples of a batch; else 1."""
    distribution = keras.distribution.distribution()
    if distribution is None:
        return 1
    mesh = distribution.device_mesh
    return int(mesh.shape[mesh.axis_names.index(distribution.batch_dim_name)])


def labelled_batches(dataset: Any) -> Iterator[tuple[Any, Any]]:
    """The inputs and labels of a data set's batches, in one pass.

    Raises:
        ValueError: A batch has no labels.
    """
    # A PyDataset need not raise IndexError at its end, so plain iteration might never stop.
    indexed = isinstance(dataset, keras.utils.PyDataset) and dataset.num_batches is not None
    batches = (dataset[i] for i in range(dataset.num_batches)) if indexed else dataset
    for batch in batches:
        x, y, _ = keras.utils.unpack_x_y_sample_weight(batch)
        if y is None:
            raise ValueError(
                "CleanEvaluation needs a data set that yields (x, y) batches, and found no y. "
                f"Received: x={dataset}"
            )
        # A tensor of another backend, as tf.data gives under JAX, has to pass through NumPy.
        x = keras.tree.map_structure(
            lambda leaf: leaf if keras.ops.is_tensor(leaf) else np.asarray(leaf), x
        )
        yield x, as_labels(y)


def spread_over_classes(y: np.ndarray, count: int) -> np.ndarray:
    """Choose `count` samples, evenly spaced in order of class, so that each class keeps its share.

    The same labels give the same choice. Labels of several values per sample (other than one-hot)
    have no class, and their samples are chosen evenly spaced as they stand.

    Args:
        y: Labels of shape (n,) or (n, 1), or one-hot of shape (n, classes).
        count: At most n.

    Returns:
        Increasing indices.
    """
    if y.size == len(y):
        order = np.argsort(y.reshape(-1), kind="stable")
    elif _is_one_hot(y):
        order = np.argsort(y.argmax(axis=1), kind="stable")
    else:
        order = np.arange(len(y))
    places = (np.arange(count) + 0.5) * len(y) / count
    return np.sort(order[places.astype(int)])


def _is_one_hot(y: np.ndarray) -> bool:
    return y.ndim == 2 and bool(((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all())


def _first_labels(y: Any) -> Any:
    if isinstance(y, np.ndarray):
        return y
    return next(iter(y.values() if isinstance(y, dict) else y))


def as_labels(y: Any) -> Any:
    """`y` as an array, or as a list or dict of arrays where it has an entry per output."""
    if isinstance(y, dict):
        return {name: as_array(labels) for name, labels in y.items()}
    if isinstance(y, list | tuple) and any(getattr(labels, "shape", ()) for labels in y):
        return [as_array(labels) for labels in y]
    return as_array(y)


def as_array(value: Any) -> np.ndarray:
    """`value` as a NumPy array, from whichever tensor or table it is."""
    if keras.ops.is_tensor(value):
        return np.asarray(keras.ops.convert_to_numpy(value))
    return np.asarray(value)


def _rows(arrays: Any, kept: np.ndarray | slice) -> Any:
    return keras.tree.map_structure(lambda array: array[kept], arrays)


def _knows_length(dataset: Any) -> bool:
    if isinstance(dataset, keras.utils.PyDataset):
        return dataset.num_batches is not None
    try:
        len(dataset)
    except TypeError:  # also raised by a tf.data.Dataset or DataLoader of unknown length
        return False
    return True


def _has_end(dataset: Any) -> bool:
    if isinstance(dataset, keras.utils.PyDataset):
        return dataset.num_batches is not None
    cardinality = getattr(dataset, "cardinality", None)  # of a tf.data.Dataset; -1 is endless
    return cardinality is None or int(cardinality()) != -1
