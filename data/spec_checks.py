"""Refuses settings that name no data, or cannot be applied to them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..argument_checks import is_whole
from .class_checks import unordered
from .errors import DataError
from .fitted_scaling import SCALINGS
from .nearest_name import nearest_name

if TYPE_CHECKING:
    from .spec import DataSpec

#: Data sets that are named by one word.
NAMED = (
    *("digits", "mnist", "fashion_mnist", "cifar10", "cifar100"),
    *("breast_cancer", "wine", "diabetes", "imdb"),
)
#: Tables that come with scikit-learn.
KNOWN_TABLES = ("breast_cancer", "wine", "diabetes")
#: Data sets that can be read from official files with `data_dir`.
DOWNLOADED = ("mnist", "fashion_mnist", "cifar10", "cifar100", "imdb")
_WITH_PATH = ("folder:PATH", "npz:PATH", "table:FILE")
#: The name of arrays that are passed in from Python; `load` has nothing to read for it.
ARRAYS = "arrays"
#: What arrays can hold besides images.
WITHOUT_PIXELS = ("sequences", "tokens", "rows")
#: Fields that take one of a few words: the words, and what a message calls the field.
_CHOICES = {
    "scaling": (SCALINGS, "scaling"),
    "color": (("rgb", "grey"), "color"),
    "fit": (("crop", "pad", "stretch"), "fit"),
    "unused": (("validation",), "use of unused images"),
    "missing": (("median",), "treatment of missing values"),
    "task": (("classification", "regression"), "task"),
    "inputs": (("images", *WITHOUT_PIXELS), "kind of inputs"),
    "categories": (("embedded",), "treatment of categories"),
}
_OF_TABLES = ("target", "missing", "window", "horizon", "categories")
#: Fields that are whole numbers, with the least and the largest.
_COUNTS = {
    "limit_train": (1, math.inf),
    "split_seed": (0, 2**32 - 1),
    "window": (1, 100_000),
    "horizon": (1, 100_000),
    # In Keras's ids, 0 is padding, 1 the start, 2 any word that is left out.
    "num_words": (4, 1_000_000),
    "maxlen": (1, 10_000),
}
# Whole numbers without a flag on the command line.
_IN_FILES = ("num_words", "maxlen")


def missing_name() -> DataError:
    """Return the error for settings that name no data."""
    return DataError(f"The data settings lack a name. Give one of {_all_names()}.")


def _all_names() -> str:
    return ", ".join([*NAMED, *_WITH_PATH])


def check_choice(what: str, value: object, choices: tuple[str, ...]) -> None:
    """Refuse a value that is not one of the choices, naming the nearest."""
    if value not in choices:
        raise DataError(
            f"There is no {what} named {value!r}.{nearest_name(str(value), choices)} "
            f"Choose from {', '.join(choices)}."
        )


def check_name(name: str) -> None:
    """Refuse a name that stands for no data."""
    head, colon, path = str(name).partition(":")
    with_path = {one.partition(":")[0]: one for one in _WITH_PATH}
    if head in with_path and colon:
        if not path:
            raise DataError(f"The data name {name!r} lacks its path. Write {with_path[head]}.")
    elif name not in (*NAMED, ARRAYS):
        hint = nearest_name(head, (*NAMED, *_WITH_PATH))
        raise DataError(f"There are no data named {name!r}.{hint} Choose from {_all_names()}.")


def check_table(spec: DataSpec) -> None:
    """Refuse settings of tables for other data, and settings that do not go together."""
    for name in _OF_TABLES:
        if getattr(spec, name) is not None and spec.kind != "table":
            raise DataError(f"{name} is for table:FILE; {spec.name} has none. Leave it out.")
    if not isinstance(spec.target, str | None):
        raise DataError(
            "target (--target) must be the name of a column, as text in quotation marks. "
            f"Received: target={spec.target!r}"
        )
    if not isinstance(spec.ordered, bool | None):
        raise DataError(f"ordered must be true or false. Received: ordered={spec.ordered!r}")
    if spec.ordered and not spec.is_table:
        raise DataError(f"ordered is for the rows of tables; {spec.name} has none. Leave it out.")
    if spec.is_ordered and spec.unused is not None:
        way = (
            "Leave one of the two out"
            if spec.window is None
            else f"Leave unused out, or {unordered(has_windows=True)}"
        )
        raise DataError(
            "unused rows would come after later ones in the validation set, but with ordered, or a "
            f"window, their order means something. {way}."
        )
    if spec.horizon is not None and spec.window is None:
        raise DataError(
            "horizon (--horizon) says how far after a window its target stands, and there is no "
            "window. Give one (--window), or leave horizon out."
        )
    if spec.categories is not None and spec.window is not None:
        raise DataError(
            "categories can be embedded only in single rows, but a window (--window) has several. "
            "Leave one of the two out."
        )


def check_data_set(spec: DataSpec) -> None:
    """Refuse words that are not among the choices, and settings that the data set does not use."""
    for field, (choices, what) in _CHOICES.items():
        if (value := getattr(spec, field)) is not None:
            check_choice(what, value, choices)
    if spec.data_dir is not None and spec.name not in DOWNLOADED:
        raise DataError(
            f"data_dir (--data-dir) holds official files of {', '.join(DOWNLOADED)}; "
            f"{spec.name} has none. Leave it out."
        )
    if spec.image_size is not None and spec.kind != "folder":
        raise DataError(
            f"image_size (--image-size) resizes the images of folder:PATH; {spec.name} "
            "is used at its own size. Leave it out."
        )
    if spec.fit is not None and spec.kind != "folder":
        raise DataError(
            f"fit (--fit) is for images of folder:PATH; {spec.name} has none. Leave it out."
        )
    if spec.inputs is not None and spec.kind not in ("npz", ARRAYS):
        raise DataError(
            f"inputs (--inputs) says what the arrays of npz:PATH are; what {spec.name} holds is "
            "known. Leave it out."
        )
    if spec.task is not None and spec.kind != "table" and not spec.has_open_task:
        raise DataError(
            "task is for table:FILE, and for sequences, tokens and rows of npz:PATH; "
            f"{spec.name} has none. Leave it out."
        )
    for name in ("num_words", "maxlen"):
        if getattr(spec, name) is not None and spec.name != "imdb":
            raise DataError(f"{name} is for imdb; {spec.name} has none. Leave it out.")
    if spec.unused is not None and spec.limit_train is None:
        raise DataError(
            "unused says what becomes of the images that limit_train leaves out, and there is no "
            "limit_train. Give one, or leave unused out."
        )


def check_classes(names: Any) -> tuple[str, ...]:
    """Return the names of the classes to keep as text."""
    is_list = isinstance(names, list | tuple)
    classes = tuple(str(name).strip() for name in names) if is_list else ()
    if len(classes) < 2 or len(set(classes)) < len(classes):
        raise DataError(
            "classes (--classes) must list at least two different classes to keep, such as "
            f"cat,dog. Received: classes={names!r}"
        )
    return classes


def check_size(size: Any) -> tuple[int, int]:
    """Return a height and a width in pixels."""
    pair = tuple(size) if isinstance(size, list | tuple) else ()
    if len(pair) != 2 or not all(is_whole(side, 1, 4096) for side in pair):
        raise DataError(
            "image_size (--image-size H,W) must be a height and a width in pixels, "
            f"both whole and from 1 to 4096. Received: image_size={size!r}"
        )
    return int(pair[0]), int(pair[1])


def check_fractions(spec: DataSpec) -> dict[str, float]:
    """Return the shares as Python's floats; refuse those that do not lie between 0 and 1."""
    shares = {}
    for name in ("val_fraction", "test_fraction"):
        value = getattr(spec, name)
        if not isinstance(value, int | float | np.floating) or not 0 < value < 1:
            raise DataError(f"{name} must lie between 0 and 1. Received: {name}={value!r}")
        # By its digits: float32's 0.2 would become 0.20000000298 otherwise.
        shares[name] = float(str(value))
    return shares


def check_shares(shares: Sequence[float]) -> None:
    """Refuse shares to split off that together leave nothing to train on."""
    if sum(shares) >= 1:
        raise DataError(
            "val_fraction and test_fraction together must leave something to train on. "
            f"Received: {' and '.join(map(str, shares))}"
        )


def check_counts(spec: DataSpec) -> dict[str, int]:
    """Return the whole numbers among the settings, where they are given."""
    counts = {}
    for name, (least, most) in _COUNTS.items():
        value = getattr(spec, name)
        if value is None and name != "split_seed":
            continue
        if not is_whole(value, least, most):
            upper = "" if most == math.inf else f" and at most {most}"
            flag = "" if name in _IN_FILES else f" (--{name.replace('_', '-')})"
            raise DataError(
                f"{name}{flag} must be a whole number of at least "
                f"{least}{upper}. Received: {name}={value!r}"
            )
        counts[name] = int(value)
    return counts
