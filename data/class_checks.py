"""Refuses labels and classes that cannot be learnt, saying what is wrong and where."""

import unicodedata
from collections.abc import Iterable

import numpy as np

from .errors import DataError, listed
from .sources.part import Part

#: Largest over smallest class. Above this, a network can do well although it ignores the smallest.
UNEQUAL = 3
#: How many groups of similar names a warning lists.
_NAMED = 3


def as_labels(labels: np.ndarray, where: str) -> np.ndarray:
    """Return whole numbers or booleans, (n,) or (n, 1), as labels (n,) int32 counted from 0.

    Raises:
        DataError: If the labels are anything else.
    """
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise DataError(
            f"The labels of {where} must have the shape (n,) or (n, 1); one-hot rows become "
            f"labels by y.argmax(axis=1). Received: shape={labels.shape}"
        )
    if labels.dtype == bool:
        labels = labels.astype(np.int32)
    if any(isinstance(label, str | bytes) for label in labels[:5].tolist()):
        raise DataError(
            f"The labels of {where} must be whole numbers counted from 0, but these are text: "
            f"{listed(labels[:5].tolist())}. Save numbers and names: classes, y = numpy.unique(y, "
            "return_inverse=True), with the labels of all parts at once; save classes beside y."
        )
    if labels.dtype.kind not in "uif" or not np.array_equal(labels, np.trunc(labels)):
        raise DataError(
            f"The labels of {where} must be whole numbers counted from 0. "
            f"Received: dtype={labels.dtype}, first labels {listed(labels[:5].tolist())}"
        )
    if len(labels) and (labels.min() < 0 or labels.max() > np.iinfo(np.int32).max):
        wrong = labels.min() if labels.min() < 0 else labels.max()
        raise DataError(
            f"The labels of {where} are out of range: {wrong:g}. They must count from 0."
        )
    return labels.astype(np.int32)


def class_names(
    parts: dict[str, Part], classes: tuple[str, ...] | None, name: str
) -> tuple[str, ...]:
    """Return the class names; by default the labels 0 to the highest one.

    Raises:
        DataError: If a label has no class name, names repeat, or there is only one class.
    """
    labels = np.unique(np.concatenate([part.labels for part in parts.values()]))
    highest = int(labels[-1])
    if classes is None:
        # Refused before a name is made for each number below a stray high label.
        if highest >= 10 * len(labels):
            raise DataError(
                f"The labels of {name} are out of range: the highest is {highest}, yet only "
                f"{len(labels)} labels occur. Labels must count from 0 without gaps."
            )
        classes = tuple(str(label) for label in range(highest + 1))
    classes = tuple(str(label) for label in classes)
    if len(set(classes)) < len(classes):
        raise DataError(f"The class names of {name} repeat: {listed(classes)}. Give each its own.")
    if highest >= len(classes):
        raise DataError(
            f"The labels of {name} are out of range: there is a label {highest}, but the "
            f"{len(classes)} classes are numbered 0 to {len(classes) - 1}."
        )
    if len(classes) < 2:
        raise DataError(f"{name} has only the class {listed(classes)}. Give at least two classes.")
    return classes


def alike_warnings(names: Iterable[str], what: str) -> tuple[str, ...]:
    """Return a warning if names differ only in capitals, blanks or Unicode forms.

    An é may be one letter, or an e and an accent, which look alike. Single letters are ignored: a
    and A may well be two things.

    Args:
        names: The names, each once.
        what: What the names are of; the sentence begins with it.
    """
    by_plain: dict[str, list[str]] = {}
    for name in names:
        plain = unicodedata.normalize("NFC", "".join(name.split())).casefold()
        by_plain.setdefault(plain, []).append(name)
    alike = [group for plain, group in by_plain.items() if len(group) > 1 and len(plain) > 1]
    if not alike:
        return ()
    found = "; ".join(listed([repr(name) for name in group]) for group in alike[:_NAMED])
    return (
        f"{what} differ only in capitals, blanks or the Unicode form of letters ({found}) and "
        "count as different. Write those that mean the same in the same way.",
    )


def check_every_class(
    parts: dict[str, Part], classes: tuple[str, ...], name: str, example: str = "image"
) -> None:
    """Refuse a part that lacks a class.

    Raises:
        DataError: Naming the part and the classes.
    """
    for split, part in parts.items():
        if missing := _missing(part.labels, classes):
            raise DataError(
                f"The {split} part of {name} has no {example} of {missing}. "
                f"Add {example}s or leave the class out; labels count from 0 without gaps."
            )


def check_ordered_part(labels: np.ndarray, classes: tuple[str, ...], part: str, way: str) -> None:
    """Refuse a part that was cut from rows in their order and lacks a class.

    Args:
        labels: Labels of the part, (n,).
        classes: Class names in label order; empty where the labels are numbers.
        part: Which part it is; the message begins with it.
        way: What to do, as a sentence.

    Raises:
        DataError: Naming the classes.
    """
    if missing := _missing(labels, classes):
        raise DataError(f"{part} has no row of {missing}. {way}")


def unordered(*, has_windows: bool) -> str:
    """Return, in words, how to keep the classes' shares in a split instead of the rows' order.

    Args:
        has_windows: Whether the examples are windows of rows, which then overlap.
    """
    if has_windows:
        return "set ordered = false in [data], which lets windows of different parts overlap"
    return "leave out ordered"


def _missing(labels: np.ndarray, classes: tuple[str, ...]) -> str:
    """Return, in words, the classes without a label; "" if there are none."""
    missing = [classes[i] for i in np.setdiff1d(np.arange(len(classes)), labels)]
    word = "class" if len(missing) == 1 else "classes"
    return f"{word} {listed(missing)}" if missing else ""


def unequal_warnings(
    labels: np.ndarray, classes: tuple[str, ...], examples: str = "images"
) -> tuple[str, ...]:
    """Return a warning if the largest class has over three times the images of the smallest.

    Args:
        labels: Labels of the training images, (n,).
        classes: Class names in label order.
        examples: What they are, `images` or `rows`.
    """
    counts = np.bincount(labels, minlength=len(classes))
    most, fewest = int(counts.argmax()), int(counts.argmin())
    if counts[most] <= UNEQUAL * counts[fewest]:
        return ()
    return (
        f"Class {classes[most]} has {counts[most]:,} training {examples} and class "
        f"{classes[fewest]} {counts[fewest]:,}, more than {UNEQUAL} to 1: the recipe class_weight "
        "lets rare classes count as much, and balanced_accuracy can decide (decides in [task] of a "
        "ladder file).",
    )
