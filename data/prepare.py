"""From raw images to a data set: check, choose classes, split, limit, scale."""

import numpy as np

from .chosen_classes import classes_note, only_classes
from .class_checks import alike_warnings, check_every_class, class_names, unequal_warnings
from .complete_parts import arrays_of, complete_parts, own_splits
from .dataset import Dataset, fingerprint
from .fitted_scaling import BYTES, are_bytes, fit_scaling, pixel_range
from .image_checks import checked_part, same_kind
from .repeated_examples import repeat_warnings
from .shifted_parts import shift_warnings
from .sources.raw_arrays import RawImages
from .spec import ARRAYS, DataSpec
from .value_ranges import range_warnings


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
    doubts = range_warnings(parts, "images")
    classes, notes = class_names(parts, raw.classes, spec.name), (*raw.notes, *_read_as(raw, spec))
    if spec.classes is not None:
        parts = only_classes(parts, classes, spec.classes, spec.name)
        if len(spec.classes) < len(classes):  # A folder's reader has skipped the others itself.
            notes = (*notes, classes_note(classes, spec.classes))
        classes = spec.classes
    check_every_class(parts, classes, spec.name)
    own = own_splits(parts)
    parts, val_in_epochs = complete_parts(parts, spec, classes)
    arrays = arrays_of(parts)
    value_range = raw.value_range or pixel_range(arrays["x_train"])
    if arrays["x_train"].dtype == np.uint8 and not are_bytes(arrays["x_train"]):
        if raw.value_range is None:
            notes = (*notes, _few_levels(value_range))
        elif value_range == BYTES:
            doubts = (*doubts, _too_dark(arrays["x_train"]))
    scaling = fit_scaling(spec.scaling, arrays["x_train"], value_range)
    return Dataset(
        name=spec.name,
        classes=classes,
        scaling=scaling,
        fingerprint=fingerprint(arrays, classes, scaling),
        warnings=(
            *raw.warnings,
            *doubts,
            *repeat_warnings(arrays, "images"),
            *shift_warnings(arrays, "images", own, classes),
            *unequal_warnings(arrays["y_train"], classes),
            *alike_warnings(classes, "Classes"),
        ),
        split_seed=spec.split_seed,
        limit_train=spec.limit_train,
        value_range=value_range,
        has_deep_values=raw.has_deep_values,
        fit=spec.fit,
        notes=notes,
        val_in_epochs=val_in_epochs,
        **arrays,
    )


def _few_levels(value_range: tuple[float, float]) -> str:
    """Return a note on whole numbers that are not taken for bytes."""
    low, high = value_range
    return (
        f"Training pixels are whole numbers from {low:g} to {high:g}, which is taken for their "
        "whole range: as bytes of 0 to 255 they would be black."
    )


def _too_dark(x_train: np.ndarray) -> str:
    """Return a warning about pictures that use next to nothing of the range of bytes."""
    return (
        f"No pixel of the training images is above {int(x_train.max())}, and pictures go up to "
        "255: they look black. If their values have a range of their own, stretch it to 0 to 255."
    )


def _read_as(raw: RawImages, spec: DataSpec) -> tuple[str, ...]:
    """Return a note on a user's arrays that could be sequences as well."""
    is_open = spec.kind in ("npz", ARRAYS) and spec.inputs is None
    if not is_open or raw.train.inputs.ndim != 3:
        return ()
    return (
        "Arrays of three axes are read as grey images (n, height, width); --inputs sequences "
        '(inputs="sequences" in Python) reads them as sequences (n, steps, features).',
    )
