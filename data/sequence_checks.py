"""Refuses sequences, tokens, rows and their targets that cannot be trained on."""

import numpy as np

from .class_checks import as_labels
from .errors import DataError, listed
from .float32_loss import as_float32, float32_loss
from .sources.part import Part
from .sources.raw_arrays import RawSequences

#: An embedding has a vector for each id up to the largest, so a stray large one costs memory.
MOST_TOKENS = 1_000_000
_TOLD = "kind in [task] of a ladder file can change that, and so can labels as"


def task_of_sequences(raw: RawSequences, task: str | None) -> tuple[str, str]:
    """Return what there is to learn, `classification` or `regression`, and why, as a sentence.

    Args:
        raw: The arrays. Whole numbers are classes, and so are labels with names; floats are
            numbers.
        task: What the user says there is to learn; None: nothing.
    """
    if task is not None:
        return task, ""
    if raw.classes is not None:
        return "classification", ""
    kind = np.asarray(raw.train.labels).dtype.kind
    if kind == "f":
        return "regression", (
            f"The targets are floats: a regression; {_TOLD} whole numbers (y.astype(int))."
        )
    return "classification", (
        f"The labels are whole numbers: a classification; {_TOLD} floats (y.astype(float))."
    )


def two_numbers_warnings(labels: np.ndarray, task: str | None) -> tuple[str, ...]:
    """Return a sentence if numbers to predict take only two values, as two classes would.

    Args:
        labels: Labels of the training examples, (n,).
        task: What the user says there is to learn; None: nothing.
    """
    kinds = np.unique(labels)
    if task is not None or len(kinds) != 2:
        return ()
    return (
        f"The targets are only {kinds[0]:g} and {kinds[1]:g}, and are learnt as numbers because "
        "they are floats. If they are classes, give whole numbers: y.astype(int).",
    )


def checked_sequences(raw: RawSequences, name: str, *, of_numbers: bool) -> dict[str, Part]:
    """Return the parts, all of one shape, inputs float32, labels int32 or numbers float32.

    Args:
        raw: Sequences, tokens or rows.
        name: The data, for messages.
        of_numbers: Whether the labels are numbers to predict.

    Raises:
        DataError: If a part is anything else, holds NaN or infinity, or is empty; if float32 can
            hardly tell the training numbers apart.
    """
    parts = {}
    for split, part in raw.parts().items():
        where = f"{name}, {split} part"
        inputs = np.asarray(part.inputs)
        inputs = _tokens(inputs, where) if raw.are_tokens else _floats(inputs, raw, where)
        labels = np.asarray(part.labels)
        labels = _numbers(labels, where) if of_numbers else as_labels(labels, where)
        if len(inputs) != len(labels):
            raise DataError(
                f"{where} has {len(inputs)} {raw.examples} but {len(labels)} labels. Give each a "
                "label."
            )
        if not len(inputs):
            raise DataError(f"{where} has no {raw.examples}. Give some.")
        parts[split] = Part(inputs, labels)
    shapes = {split: part.inputs.shape[1:] for split, part in parts.items()}
    if len(set(shapes.values())) > 1:
        raise DataError(
            f"The parts of {name} differ in their shape ({shapes}). Give all {raw.examples} the "
            "same number of features, and of steps, shorter ones beginning with zeros."
        )
    lost = (
        float32_loss(np.asarray(raw.train.labels), f"The targets of {name}") if of_numbers else ""
    )
    if lost:
        raise DataError(lost)
    return parts


def vocabulary_of(parts: dict[str, Part], name: str) -> int:
    """Return the number of token ids in all parts: the largest id plus 1.

    Raises:
        DataError: If it is above `MOST_TOKENS`.
    """
    largest = max(int(part.inputs.max()) for part in parts.values())
    if largest >= MOST_TOKENS:
        raise DataError(
            f"{name} holds the token {largest:,}, and at most {MOST_TOKENS:,} are embedded, "
            "counted from 0. Number the tokens anew, or make rare ones a single token."
        )
    return largest + 1


def lost_features(sequences: np.ndarray) -> tuple[str, ...]:
    """Return a sentence for each feature whose numbers float32 can hardly tell apart.

    Args:
        sequences: Training sequences or rows as they were given, (n, steps, features) or
            (n, features).
    """
    lost = (
        float32_loss(sequences[..., place], f"The values of feature {place + 1}")
        for place in range(sequences.shape[-1])
    )
    return tuple(filter(None, lost))


def unseen_tokens(parts: dict[str, Part]) -> tuple[str, ...]:
    """Return a sentence for each part with tokens that no training sequence has."""
    known = np.unique(parts["training"].inputs)
    found = {
        split: np.setdiff1d(parts[split].inputs, known).astype(int)
        for split in ("validation", "test")
    }
    return tuple(
        f"{len(tokens):,} tokens of {split} sequences are in no training sequence "
        f"({listed([str(one) for one in tokens], 5)}): their vectors are never learnt."
        for split, tokens in found.items()
        if len(tokens)
    )


_SHAPES = {
    "sequences": "(n, steps, features), features 1 for a single value a step",
    "rows": "(n, columns)",
}


def _floats(inputs: np.ndarray, raw: RawSequences, where: str) -> np.ndarray:
    axes = 2 if raw.kind == "rows" else 3
    if inputs.ndim != axes or inputs.dtype.kind not in "uif" or 0 in inputs.shape[1:]:
        raise DataError(
            f"The {raw.kind} of {where} must be numbers of shape {_SHAPES[raw.kind]}; for tokens "
            '(n, steps) set inputs = "tokens". '
            f"Received: shape={inputs.shape}, dtype={inputs.dtype}"
        )
    inputs, bad = as_float32(inputs)
    if bad:
        raise DataError(
            f"{bad} of {len(inputs)} {raw.kind} of {where} hold NaN or infinite values. Repair or "
            "leave out those."
        )
    return inputs


def _tokens(inputs: np.ndarray, where: str) -> np.ndarray:
    if inputs.ndim != 2 or inputs.dtype.kind not in "uif" or not inputs.shape[1]:
        raise DataError(
            f"The tokens of {where} must be whole numbers of shape (n, steps), 0 for padding; "
            'for sequences (n, steps, features) set inputs = "sequences". '
            f"Received: shape={inputs.shape}, dtype={inputs.dtype}"
        )
    if not np.array_equal(inputs, np.trunc(inputs)) or (inputs.size and inputs.min() < 0):
        raise DataError(
            f"The tokens of {where} must be whole numbers of 0 or above. Number them from 1; 0 is "
            "padding."
        )
    # float32 holds every token that is admitted exactly.
    return np.ascontiguousarray(inputs, np.float32)


def _numbers(labels: np.ndarray, where: str) -> np.ndarray:
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1 or labels.dtype.kind not in "uif":
        raise DataError(
            f"The targets of {where} must be numbers of the shape (n,) or (n, 1). "
            f"Received: shape={labels.shape}, dtype={labels.dtype}"
        )
    labels, bad = as_float32(labels)
    if bad:
        raise DataError(
            f"{bad} of {len(labels)} targets of {where} are NaN, infinite or too large. Repair or "
            "leave out those examples."
        )
    return labels
