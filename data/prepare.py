"""The way from raw images to a data set: check, choose classes, split, limit, scale."""

from .chosen_classes import classes_note, only_classes
from .class_checks import check_every_class, class_names, unequal_warnings
from .complete_parts import arrays_of, complete_parts
from .dataset import Dataset, fingerprint
from .fitted_scaling import fit_scaling, pixel_range
from .image_checks import checked_part, duplicate_warnings, same_kind
from .sources.raw_arrays import RawImages
from .spec import DataSpec


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
    classes, notes = class_names(parts, raw.classes, spec.name), raw.notes
    if spec.classes is not None:
        parts = only_classes(parts, classes, spec.classes, spec.name)
        notes, classes = (*notes, classes_note(classes, spec.classes)), spec.classes
    check_every_class(parts, classes, spec.name)
    parts, val_in_epochs = complete_parts(parts, spec, classes)
    arrays = arrays_of(parts)
    value_range = raw.value_range or pixel_range(arrays["x_train"])
    scaling = fit_scaling(spec.scaling, arrays["x_train"], value_range)
    return Dataset(
        name=spec.name,
        classes=classes,
        scaling=scaling,
        fingerprint=fingerprint(arrays, classes, scaling),
        warnings=(
            *raw.warnings,
            *duplicate_warnings({split: part.inputs for split, part in parts.items()}),
            *unequal_warnings(arrays["y_train"], classes),
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
