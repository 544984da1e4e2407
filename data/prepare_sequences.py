"""From arrays without pixels to a data set: check, choose classes, split, limit, scale."""

from __future__ import annotations

import numpy as np

from .chosen_classes import classes_note, only_classes
from .class_checks import alike_warnings, check_every_class, class_names, unequal_warnings
from .complete_parts import arrays_of, complete_parts, own_splits
from .dataset import Dataset, fingerprint
from .errors import DataError
from .fitted_scaling import UNSCALED, fit_scaling, fit_target_scaling, pixel_range
from .repeated_examples import repeat_warnings
from .sequence_checks import (
    checked_sequences,
    lost_features,
    task_of_sequences,
    two_numbers_warnings,
    unseen_tokens,
    vocabulary_of,
)
from .shifted_parts import shift_warnings
from .sources.part import Part
from .sources.raw_arrays import RawSequences
from .spec import DataSpec
from .value_ranges import range_warnings


def prepare_sequences(raw: RawSequences, spec: DataSpec) -> Dataset:
    """Return the data set that `spec` describes, made of sequences, tokens or rows.

    Each feature is scaled by all steps of the training sequences, or by the training rows; numbers
    to predict are standardised. Tokens stay as they are.

    Raises:
        DataError: If they cannot be trained on, or the spec asks for what only images have.
    """
    _check_spec(spec, raw)
    task, reason = task_of_sequences(raw, spec.task)
    parts = checked_sequences(raw, spec.name, of_numbers=task == "regression")
    vocabulary: int | None = None
    doubts: tuple[str, ...] = ()
    if raw.are_tokens:
        vocabulary = max(vocabulary_of(parts, spec.name), raw.vocabulary or 0)
    else:
        doubts = range_warnings(parts, raw.examples)
    notes = (*raw.notes, *([reason] if reason else []))
    classes: tuple[str, ...] = ()
    if task == "regression":
        _check_numbers(parts["training"], spec)
        doubts = (*doubts, *two_numbers_warnings(parts["training"].labels, spec.task))
    else:
        classes = class_names(parts, raw.classes, spec.name)
    if classes and spec.classes is not None:
        parts = only_classes(parts, classes, spec.classes, spec.name)
        notes, classes = (*notes, classes_note(classes, spec.classes)), spec.classes
    check_every_class(parts, classes, spec.name, raw.examples.removesuffix("s"))
    own = own_splits(parts)
    parts, val_in_epochs = complete_parts(parts, spec, classes)
    arrays = arrays_of(parts)
    train = arrays["x_train"]
    features = [f"feature {place + 1}" for place in range(train.shape[-1])]
    scaling = UNSCALED if raw.are_tokens else fit_scaling(spec.scaling, train, called=features)
    return Dataset(
        name=spec.name,
        classes=classes,
        scaling=scaling,
        fingerprint=fingerprint(arrays, classes, scaling, vocabulary),
        warnings=(
            *doubts,
            *repeat_warnings(arrays, raw.examples),
            *shift_warnings(arrays, "tokens" if raw.are_tokens else raw.examples, own, classes),
            *(
                unseen_tokens(parts)
                if raw.are_tokens
                else lost_features(np.asarray(raw.train.inputs))
            ),
            *(unequal_warnings(arrays["y_train"], classes, raw.examples) if classes else ()),
            *alike_warnings(classes, "Classes"),
        ),
        split_seed=spec.split_seed,
        limit_train=spec.limit_train,
        value_range=pixel_range(train) if vocabulary is None else (0.0, vocabulary - 1.0),
        target_scaling=None if classes else fit_target_scaling(arrays["y_train"]),
        notes=notes,
        val_in_epochs=val_in_epochs,
        vocabulary=vocabulary,
        **arrays,
    )


def _check_spec(spec: DataSpec, raw: RawSequences) -> None:
    if spec.color is not None:
        raise DataError(f"color is for images, and {spec.name} has none. Leave it out.")
    if raw.are_tokens and spec.scaling != "standardize":
        raise DataError(
            f"The tokens of {spec.name} are names of words, not amounts, and are not scaled. Leave "
            f"scaling out. Received: scaling={spec.scaling!r}"
        )


def _check_numbers(train: Part, spec: DataSpec) -> None:
    if spec.classes is not None:
        raise DataError(
            f"classes (--classes) chooses classes to keep, but the targets of {spec.name} are "
            "numbers. Leave it out."
        )
    if len(np.unique(train.labels)) < 2:
        raise DataError(
            f"The targets of {spec.name} are {train.labels[0]:g} for every training example: "
            "there is nothing to predict. Give at least two values."
        )
