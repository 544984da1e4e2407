"""The two ways in: load the data that a spec names, or take arrays that are in memory."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from .dataset import Dataset
from .errors import DataError
from .handed_over import kept_apart, source_fingerprint
from .prepare import prepare
from .prepare_sequences import prepare_sequences
from .prepare_table import prepare_table
from .sequence_checks import task_of_sequences
from .sources.cifar import CIFAR10, CIFAR100, read_cifar
from .sources.digits import read_digits
from .sources.frames import array_of, check_same_columns, is_frame
from .sources.image_folder import read_folder
from .sources.imdb import read_imdb
from .sources.known_tables import read_breast_cancer, read_diabetes, read_wine
from .sources.mnist import read_fashion_mnist, read_mnist
from .sources.npz import read_npz
from .sources.part import Part
from .sources.raw_arrays import RawImages, RawSequences
from .sources.raw_table import RawTable
from .sources.table_file import read_table_file
from .spec import ARRAYS, DataSpec
from .table_target import find_target

_Raw = RawImages | RawSequences | RawTable

_READERS: dict[str, Callable[[DataSpec], _Raw]] = {
    "breast_cancer": lambda spec: read_breast_cancer(),
    "wine": lambda spec: read_wine(),
    "diabetes": lambda spec: read_diabetes(),
    "digits": lambda spec: read_digits(),
    "mnist": lambda spec: read_mnist(spec.data_dir),
    "fashion_mnist": lambda spec: read_fashion_mnist(spec.data_dir),
    "cifar10": lambda spec: read_cifar(CIFAR10, spec.data_dir),
    "cifar100": lambda spec: read_cifar(CIFAR100, spec.data_dir),
    "folder": lambda spec: read_folder(
        spec.path, spec.image_size, spec.color, spec.fit, spec.classes
    ),
    "imdb": lambda spec: read_imdb(spec.data_dir, spec.num_words, spec.maxlen),
    "npz": lambda spec: read_npz(spec.path, spec.inputs),
    "table": lambda spec: read_table_file(
        spec.path, spec.target, is_series=spec.window is not None
    ),
}


def load(spec: DataSpec | str) -> Dataset:
    """Read, check, split and scale the data that `spec` describes or names.

    Raises:
        DataError: If the data cannot be obtained or cannot be trained on.
    """
    spec = _as_spec(spec)
    raw = _read(spec)
    return replace(_prepared(raw, spec), spec=spec.to_dict())


def _prepared(raw: _Raw, spec: DataSpec) -> Dataset:
    if isinstance(raw, RawTable):
        return prepare_table(raw, spec)
    return prepare_sequences(raw, spec) if isinstance(raw, RawSequences) else prepare(raw, spec)


def _as_spec(spec: DataSpec | str) -> DataSpec:
    if isinstance(spec, str):
        return DataSpec(spec)
    if not isinstance(spec, DataSpec):
        raise DataError(
            "Name data by a DataSpec or by their name, such as 'digits'; pass arrays to "
            f"from_arrays. Received: {type(spec).__name__}"
        )
    return spec


def task_of(spec: DataSpec | str) -> str:
    """Return what there is to learn from the data: `classification` or `regression`.

    The target of a table decides it, and so do the labels of arrays that are not images. The data
    are read for that.

    Raises:
        DataError: If they cannot be read, or a table has no usable target.
    """
    spec = _as_spec(spec)
    if not spec.has_open_task:
        return "classification"
    raw = _read(spec)
    if isinstance(raw, RawTable):
        return find_target(raw.frame, raw.target, spec.task).task
    assert isinstance(raw, RawSequences)
    return task_of_sequences(raw, spec.task)[0]


def _read(spec: DataSpec) -> _Raw:
    if spec.kind == ARRAYS:
        raise DataError("Arrays that are in memory are not loaded: pass them to from_arrays.")
    return _READERS[spec.kind](spec)


def from_arrays(
    x: np.ndarray,
    y: np.ndarray,
    x_test: np.ndarray | None = None,
    y_test: np.ndarray | None = None,
    *,
    x_val: np.ndarray | None = None,
    y_val: np.ndarray | None = None,
    classes: Sequence[str] | None = None,
    inputs: str | None = None,
    color: str | None = None,
    limit_train: int | None = None,
    val_fraction: float = 0.2,
    test_fraction: float = 0.2,
    split_seed: int = 0,
    scaling: str = "standardize",
) -> Dataset:
    """Check, split and scale arrays of your own, just as `load` does with files.

    Args:
        x: Images (n, height, width) or (n, height, width, channels), whole numbers or floats; rows
            of numbers (n, columns); or what `inputs` says.
        y: Labels (n,) or (n, 1): whole numbers counted from 0, or booleans; unless `x` holds
            images, floats are numbers to predict.
        x_test: Official test examples; by default test examples are split off `x`.
        y_test: Their labels.
        x_val: Validation examples; by default they are split off `x`.
        y_val: Their labels.
        classes: Class names in label order; by default the labels themselves.
        inputs: `images`, `rows`, `sequences` (n, steps, features) or `tokens` (n, steps), whole
            numbers with 0 for padding; None: floats of two axes and pandas frames are rows,
            everything else is images.
        color: As in `DataSpec`; so are all arguments below.
        limit_train: Number of training images to keep.
        val_fraction: Share of `x` for validation.
        test_fraction: Share of `x` for test.
        split_seed: Seed of the split.
        scaling: `unit`, `symmetric`, `center` or `standardize`.

    Raises:
        DataError: If the arrays cannot be trained on.
    """
    if inputs is None and (is_frame(x) or (np.ndim(x) == 2 and np.asarray(x).dtype.kind == "f")):
        inputs = "rows"
    for split, others in (("x_val", x_val), ("x_test", x_test)):
        check_same_columns(x, others, ("x", split))
    spec = DataSpec(
        ARRAYS,
        inputs=inputs,
        color=color,
        limit_train=limit_train,
        val_fraction=val_fraction,
        test_fraction=test_fraction,
        split_seed=split_seed,
        scaling=scaling,
    )
    train = Part(array_of(x, "x"), array_of(y, "y"))
    val, test = _pair("val", x_val, y_val), _pair("test", x_test, y_test)
    names = None if classes is None else tuple(classes)
    if spec.is_of_sequences:
        assert inputs is not None
        data = prepare_sequences(RawSequences(train, val, test, names, kind=inputs), spec)
    else:
        data = prepare(RawImages(train, val, test, names), spec)
    given = [array for part in (train, val, test) if part is not None for array in part]
    source = source_fingerprint(given, [data.classes, inputs, color])
    return kept_apart(replace(data, source_fingerprint=source), given)


def _pair(split: str, images: np.ndarray | None, labels: np.ndarray | None) -> Part | None:
    if images is None and labels is None:
        return None
    if images is None or labels is None:
        raise DataError(f"x_{split} and y_{split} go together: give both or neither.")
    return Part(array_of(images, f"x_{split}"), array_of(labels, f"y_{split}"))
