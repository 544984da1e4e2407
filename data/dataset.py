"""A data set that is ready to train on, and its copy on disk, which worker processes map."""

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from ..runs.atomic_files import at_once, write_json
from .errors import DataError
from .fitted_scaling import Scaling
from .table_columns import TableColumns

#: The arrays of a data set, in the order in which they are fingerprinted.
ARRAY_NAMES = ("x_train", "y_train", "x_val", "y_val", "x_test", "y_test")


@dataclass(frozen=True, eq=False)
class Dataset:
    """Checked examples and labels, split; inputs are raw, `scaling` says how to scale them.

    Attributes:
        name: The name in the spec, such as `digits` or `folder:PATH`.
        classes: Class names in label order; empty where the labels are numbers to predict.
        x_train: Training images (n, height, width, 1 or 3), uint8 or finite float32; or rows of
            a table (n, columns), windows of them (n, window, columns), sequences (n, steps,
            features) or tokens (n, steps), finite float32.
        y_train: Training labels (n,) int32, counted from 0; or numbers to predict, float32.
        x_val: Validation images.
        y_val: Validation labels.
        x_test: Test images.
        y_test: Test labels.
        scaling: The affine map fitted on the training images.
        fingerprint: sha256 over all arrays, the classes, the scaling and, where there are any,
            the vocabulary and the sizes of categories, in hex.
        warnings: Sentences on what makes results doubtful, such as images on both sides of a split.
        split_seed: The seed that the split was made with.
        limit_train: The number that the training images were limited to, if they were.
        value_range: Lowest and highest value that a raw pixel can have.
        target_scaling: The affine map of numbers to predict, fitted on the training ones.
        has_deep_values: Whether some images have more than 8 bits and keep their values.
        notes: Sentences on what was read and what was left out.
        fit: How pictures of another shape than the one asked for were treated: `crop`, `pad`,
            `stretch`; None: they were stretched, or there were none.
        val_in_epochs: How many validation examples, counted from the first, are measured in every
            epoch; None: all. The others count only in the final figures.
        bootstrap_of: Fingerprint of the data set from whose training examples these were drawn with
            replacement, if they were; the validation and test examples are those of that data set.
        table: How the columns of a table became the inputs, if the data are a table.
        ordered: Whether the order of the examples means something, as in a time series.
        vocabulary: Number of token ids, at least the largest id plus 1, if the inputs are tokens:
            whole numbers, 0 for padding; None: the inputs are not tokens.
        spec: What `DataSpec.to_dict` returns, from which the data can be loaded again; None: the
            data were given as arrays.
        category_sizes: A number for each input column of a table whose categories are embedded: 0
            for a column of numbers, k for a column of codes from 0 to k - 1, where code 0 stands
            for what no training row has; () if no categories are embedded.
        source_fingerprint: sha256, in hex, of the arrays as they were given, before the split;
            None: the data have a name.
    """

    name: str
    classes: tuple[str, ...]
    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    scaling: Scaling
    fingerprint: str
    warnings: tuple[str, ...] = ()
    split_seed: int = 0
    limit_train: int | None = None
    value_range: tuple[float, float] = (0.0, 255.0)
    target_scaling: Scaling | None = None
    has_deep_values: bool = False
    notes: tuple[str, ...] = ()
    fit: str | None = None
    val_in_epochs: int | None = None
    bootstrap_of: str | None = None
    table: TableColumns | None = None
    ordered: bool = False
    vocabulary: int | None = None
    category_sizes: tuple[int, ...] = ()
    spec: dict[str, Any] | None = None
    source_fingerprint: str | None = None

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one example."""
        return tuple(self.x_train.shape[1:])

    @property
    def task(self) -> str:
        """What there is to learn: `classification` or `regression`."""
        return "classification" if self.classes else "regression"

    @property
    def is_of_images(self) -> bool:
        """Whether the examples are images."""
        return self.x_train.ndim == 4

    @property
    def has_windows(self) -> bool:
        """Whether the examples are windows of a table's rows."""
        return self.table is not None and self.table.windows is not None

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of an image."""
        height, width, channels = self.x_train.shape[1:]
        return height, width, channels

    def arrays(self) -> dict[str, Any]:
        """Return inputs and labels of all parts by name, such as `x_train`."""
        return {name: np.asarray(getattr(self, name)) for name in ARRAY_NAMES}

    def labels(self, split: str) -> np.ndarray:
        """Return the class numbers, or numbers to predict, of `train`, `val` or `test`."""
        return np.asarray(getattr(self, f"y_{split}"))

    def towards(self, split: str) -> np.ndarray:
        """Return what a network is trained towards: class numbers, or standardised numbers."""
        labels = self.labels(split)
        if self.target_scaling is None:
            return labels
        return self.target_scaling.apply(labels[:, np.newaxis])[:, 0]

    def in_units(self, values: np.ndarray) -> np.ndarray:
        """Return standardised predictions (n,) in the units of the target."""
        if self.target_scaling is None:
            return values
        return self.target_scaling.inverse().apply(values[:, np.newaxis])[:, 0]

    def summary(self) -> dict[str, Any]:
        """What a report says about the data, as values that JSON can hold."""
        shape = "image_shape" if self.is_of_images else "input_shape"
        classes = (
            {"classes": list(self.classes), "class_counts": self.class_counts()}
            if self.classes
            else {}
        )
        # Left out where there is no value, so that summaries of other data stay as they were.
        if_any = {
            "fit": self.fit,
            "val_in_epochs": self.val_in_epochs,
            "bootstrap_of": self.bootstrap_of,
            "table": None if self.table is None else self._fitted_table(self.table),
            "ordered": self.ordered or None,
            "vocabulary": self.vocabulary,
            "category_sizes": list(self.category_sizes) or None,
            "spec": self.spec,
            "source_fingerprint": self.source_fingerprint,
        }
        return {
            "name": self.name,
            **classes,
            shape: list(self.input_shape),
            "train": len(self.x_train),
            "val": len(self.x_val),
            "test": len(self.x_test),
            "scaling": self.scaling.name,
            "split_seed": self.split_seed,
            "limit_train": self.limit_train,
            "value_range": list(self.value_range),
            "has_deep_values": self.has_deep_values,
            "fingerprint": self.fingerprint,
            "warnings": list(self.warnings),
            "notes": list(self.notes),
            **{name: value for name, value in if_any.items() if value is not None},
        }

    def _fitted_table(self, table: TableColumns) -> dict[str, Any]:
        """How raw rows become scaled inputs, so that new rows can be predicted later."""
        scaling = {"scale": list(self.scaling.scale), "offset": list(self.scaling.offset)}
        return {**table.to_dict(), "scaling": scaling}

    def class_counts(self) -> dict[str, list[int]]:
        """Return the number of examples of each class, in label order, by split."""
        size = len(self.classes)
        return {
            split: np.bincount(self.labels(split), minlength=size).tolist()
            for split in ("train", "val", "test")
        }

    def save(self, folder: str | Path) -> None:
        """Write one .npy file per array, and dataset.json last."""
        folder = Path(folder)
        for name, array in self.arrays().items():
            with at_once(folder / f"{name}.npy") as temporary, temporary.open("wb") as file:
                np.save(file, array, allow_pickle=False)
        names = [field.name for field in fields(self) if field.name not in ARRAY_NAMES]
        about = {name: getattr(self, name) for name in names} | {
            "scaling": asdict(self.scaling),
            "target_scaling": self.target_scaling and asdict(self.target_scaling),
            "table": self.table and self.table.to_dict(),
        }
        write_json(folder / "dataset.json", about)

    @classmethod
    def load(cls, folder: str | Path) -> "Dataset":
        """Read what `save` wrote; the arrays are memory-mapped and read-only.

        Raises:
            DataError: If the folder holds no complete data set.
        """
        folder = Path(folder)
        try:
            about = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
            arrays = {
                name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
                for name in ARRAY_NAMES
            }
        except (OSError, ValueError) as error:
            raise DataError(f"{folder} holds no complete saved data set ({error}).") from error
        for name in ("scaling", "target_scaling"):
            if saved := about[name]:
                scale, offset = tuple(saved["scale"]), tuple(saved["offset"])
                about[name] = Scaling(saved["name"], scale, offset)
        about["table"] = about["table"] and TableColumns.from_dict(about["table"])
        for name in ("classes", "warnings", "value_range", "notes", "category_sizes"):
            about[name] = tuple(about[name])
        return cls(**about, **arrays)


def fingerprint(
    arrays: dict[str, np.ndarray],
    classes: tuple[str, ...],
    scaling: Scaling,
    vocabulary: int | None = None,
    category_sizes: tuple[int, ...] = (),
) -> str:
    """Return the sha256, in hex, over every array's type, shape and bytes, and what they mean."""
    meaning: list[Any] = [classes, asdict(scaling)]
    # Added only where there are any, so that all other fingerprints stay as they were.
    if vocabulary is not None or category_sizes:
        meaning += [vocabulary, category_sizes]
    digest = hashlib.sha256(json.dumps(meaning).encode())
    for name in ARRAY_NAMES:
        array = arrays[name]
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
