"""The one way from raw images to a data set: check, split, limit, scale, fingerprint."""

import numpy as np

from .dataset import Dataset, fingerprint
from .fitted_scaling import fit_scaling, pixel_range
from .image_checks import (
    checked_classes,
    checked_part,
    duplicate_warnings,
    same_kind,
    unequal_warnings,
)
from .sources.raw_images import Part, RawImages
from .spec import DataSpec
from .split import limit, split_off


def prepare(raw: RawImages, spec: DataSpec) -> Dataset:
    """Return the data set that `spec` describes, made of the images that were found.

    Raises:
        DataError: If the images or labels cannot be trained on, or a class is missing somewhere.
    """
    parts = {
        split: checked_part(part, f"{spec.name}, {split} part", spec.color)
        for split, part in raw.parts().items()
    }
    parts = same_kind(parts, spec.name)
    classes = checked_classes(parts, raw.classes, spec.name)
    parts = _completed(parts, spec, classes)
    before = len(parts["validation"].labels)
    parts = _limited(parts, spec)
    train, val, test = (parts[split] for split in ("training", "validation", "test"))
    value_range = raw.value_range or pixel_range(train.images)
    scaling = fit_scaling(spec.scaling, train.images, value_range)
    arrays = {
        **{"x_train": train.images, "y_train": train.labels},
        **{"x_val": val.images, "y_val": val.labels},
        **{"x_test": test.images, "y_test": test.labels},
    }
    return Dataset(
        name=spec.name,
        classes=classes,
        scaling=scaling,
        fingerprint=fingerprint(arrays, classes, scaling),
        warnings=(
            *duplicate_warnings({split: part.images for split, part in parts.items()}),
            *unequal_warnings(train.labels, classes),
        ),
        split_seed=spec.split_seed,
        limit_train=spec.limit_train,
        value_range=value_range,
        has_deep_values=raw.has_deep_values,
        fit=spec.fit,
        notes=raw.notes,
        val_in_epochs=before if len(val.labels) > before else None,
        **arrays,  # type: ignore[arg-type]
    )


def _completed(parts: dict[str, Part], spec: DataSpec, classes: tuple[str, ...]) -> dict[str, Part]:
    """Split the parts that the source does not bring off its training images."""
    shares = {"test": spec.test_fraction, "validation": spec.val_fraction}
    missing = {split: share for split, share in shares.items() if split not in parts}
    source = parts["training"]
    positions = split_off(source.labels, missing, spec.split_seed, classes, spec.name)
    found = {split: _take(source, chosen) for split, chosen in positions.items()}
    merged = {**parts, **found}
    return {split: merged[split] for split in ("training", "validation", "test")}


def _limited(parts: dict[str, Part], spec: DataSpec) -> dict[str, Part]:
    if spec.limit_train is None:
        return parts
    train = parts["training"]
    chosen = limit(train.labels, spec.limit_train, spec.split_seed, spec.name)
    limited = {**parts, "training": _take(train, chosen)}
    if spec.unused is None:
        return limited
    unused = _take(train, np.delete(np.arange(len(train.labels)), chosen))
    return {**limited, "validation": _joined(parts["validation"], unused)}


def _joined(first: Part, second: Part) -> Part:
    return Part(
        np.concatenate([first.images, second.images]),
        np.concatenate([first.labels, second.labels]),
    )


def _take(part: Part, positions: np.ndarray) -> Part:
    return Part(part.images[positions], part.labels[positions])
