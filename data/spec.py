"""Which data to use and how to split and scale them, as plain values."""

import math
from dataclasses import asdict, dataclass, fields
from typing import Any

from ..argument_checks import is_whole
from .errors import DataError
from .fitted_scaling import SCALINGS
from .nearest_name import nearest_name

#: Data sets that are named by one word.
NAMED = (
    *("digits", "mnist", "fashion_mnist", "cifar10", "cifar100"),
    *("breast_cancer", "wine", "diabetes"),
)
#: Tables that come with scikit-learn.
KNOWN_TABLES = ("breast_cancer", "wine", "diabetes")
#: Data sets that can be read from official files with `data_dir`.
DOWNLOADED = ("mnist", "fashion_mnist", "cifar10", "cifar100")
_WITH_PATH = ("folder:PATH", "npz:PATH", "table:FILE")
#: The name that arrays handed over in Python get; `load` has nothing to read for it.
ARRAYS = "arrays"
COLORS = ("rgb", "grey")
#: What can become of pictures of another shape than `image_size`.
FITS = ("crop", "pad", "stretch")
#: What can become of the examples that `limit_train` leaves unused.
UNUSED = ("validation",)
#: What can stand for values that a table lacks.
MISSING_VALUES = ("median",)
#: What can be learnt of a table, whose target may be a class or a number.
TASKS = ("classification", "regression")


@dataclass(frozen=True)
class DataSpec:
    """One data set with its split and its scaling; every value fits into JSON.

    Attributes:
        name: `digits`, `mnist`, `fashion_mnist`, `cifar10`, `cifar100`, `breast_cancer`, `wine`,
            `diabetes`, `folder:PATH`, `npz:PATH` or `table:FILE`; `arrays` stands for arrays given
            in Python.
        data_dir: Folder (or file) that holds the official files, read without network.
        image_size: (height, width) in pixels to resize the images of a folder to.
        fit: What becomes of a folder's images of another shape than `image_size`: `crop` keeps the
            middle, `pad` adds black on two sides, `stretch` distorts; None is `stretch`, as it was
            before there was a choice.
        color: Make every image `rgb` (3 channels) or `grey` (1 channel); None keeps them.
        limit_train: Keep this many training images, stratified by class; None keeps all.
        unused: `validation`: the images that `limit_train` leaves unused join the validation set,
            where they count in the final figures alone; None leaves them out.
        target: The column of `table:FILE` to tell.
        missing: `median`: values that `table:FILE` lacks become the median of the training rows,
            missing text a category of its own; None refuses them.
        task: What is learnt of `table:FILE`, `classification` or `regression`; None goes by its
            target. In a ladder file it is kind in [task].
        ordered: Whether the order of a table's rows means something, as that of a time series:
            they are then split in it, the latest for test, and not at random.
        val_fraction: Share of the images to split that goes to validation, in (0, 1); not used
            where the data bring a validation set.
        test_fraction: The same for test; not used where the data bring a test set.
        split_seed: Seed of the split and of the choice that `limit_train` makes.
        scaling: `unit` (0..1), `symmetric` (-1..1), `center` (0..1 less each channel's mean) or
            `standardize` (mean 0, deviation 1 per channel), fitted on the training images alone.

    Raises:
        DataError: If a value is none of these.
    """

    name: str
    data_dir: str | None = None
    image_size: tuple[int, int] | None = None
    color: str | None = None
    limit_train: int | None = None
    val_fraction: float = 0.2
    test_fraction: float = 0.2
    split_seed: int = 0
    scaling: str = "standardize"
    unused: str | None = None
    fit: str | None = None
    target: str | None = None
    missing: str | None = None
    task: str | None = None
    ordered: bool = False

    def __post_init__(self) -> None:
        if self.data_dir is not None:
            object.__setattr__(self, "data_dir", str(self.data_dir))
        if self.image_size is not None:
            object.__setattr__(self, "image_size", _check_size(self.image_size))
        _check_name(self.name)
        _check_choice("scaling", self.scaling, SCALINGS)
        if self.color is not None:
            _check_choice("color", self.color, COLORS)
        if self.fit is not None:
            _check_choice("fit", self.fit, FITS)
        if self.unused is not None:
            _check_choice("use of unused images", self.unused, UNUSED)
        _check_table(self)
        _check_use(self)
        _check_fractions(self.val_fraction, self.test_fraction)
        _check_count("limit_train", self.limit_train, least=1)
        _check_count("split_seed", self.split_seed, least=0, most=2**32 - 1)
        for name in ("limit_train", "split_seed"):  # a NumPy number goes into no JSON
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, int(value))

    @property
    def kind(self) -> str:
        """The part of the name before the colon, such as `folder`."""
        return self.name.partition(":")[0]

    @property
    def is_table(self) -> bool:
        """Whether the examples are the rows of a table."""
        return self.kind == "table" or self.name in KNOWN_TABLES

    @property
    def path(self) -> str:
        """The part of the name after the colon; empty for named data sets."""
        return self.name.partition(":")[2]

    def to_dict(self) -> dict[str, Any]:
        """The spec as values that JSON can hold; `from_dict` reads them back."""
        values = asdict(self)
        if self.image_size is not None:
            values["image_size"] = list(self.image_size)
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "DataSpec":
        """Read what `to_dict` made, or the `[data]` table of a ladder file.

        Raises:
            DataError: If a key is unknown (the nearest right one is named) or `name` is missing.
        """
        known = [field.name for field in fields(cls)]
        for key in values:
            _check_choice("data setting", key, tuple(known))
        if "name" not in values:
            raise DataError(f"The data settings lack a name. Give one of {_all_names()}.")
        return cls(**values)


def _all_names() -> str:
    return ", ".join([*NAMED, *_WITH_PATH])


def _check_choice(what: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise DataError(
            f"There is no {what} named {value!r}.{nearest_name(str(value), choices)} "
            f"Choose from {', '.join(choices)}."
        )


def _check_name(name: str) -> None:
    head, colon, path = str(name).partition(":")
    with_path = {one.partition(":")[0]: one for one in _WITH_PATH}
    if head in with_path and colon:
        if not path:
            raise DataError(f"The data name {name!r} lacks its path. Write {with_path[head]}.")
    elif name not in (*NAMED, ARRAYS):
        hint = nearest_name(head, (*NAMED, *_WITH_PATH))
        raise DataError(f"There are no data named {name!r}.{hint} Choose from {_all_names()}.")


def _check_table(spec: DataSpec) -> None:
    for name, value in (("target", spec.target), ("missing", spec.missing), ("task", spec.task)):
        if value is not None and spec.kind != "table":
            raise DataError(f"{name} is for table:FILE; {spec.name} has none. Leave it out.")
    if spec.missing is not None:
        _check_choice("way with missing values", spec.missing, MISSING_VALUES)
    if spec.task is not None:
        _check_choice("task of a table", spec.task, TASKS)
    if not isinstance(spec.ordered, bool):
        raise DataError(f"ordered must be true or false. Received: ordered={spec.ordered!r}")
    if spec.ordered and not spec.is_table:
        raise DataError(f"ordered is for the rows of tables; {spec.name} is none. Leave it out.")
    if spec.ordered and spec.unused is not None:
        raise DataError(
            "unused rows would come after later ones in the validation set, and ordered says that "
            "their order means something. Leave one of the two out."
        )


def _check_use(spec: DataSpec) -> None:
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
    if spec.unused is not None and spec.limit_train is None:
        raise DataError(
            "unused says what becomes of the images that limit_train leaves out, and there is no "
            "limit_train. Give one, or leave unused out."
        )


def _check_size(size: Any) -> tuple[int, int]:
    pair = tuple(size) if isinstance(size, list | tuple) else ()
    if len(pair) != 2 or not all(is_whole(side, 1, 4096) for side in pair):
        raise DataError(
            "image_size (--image-size H,W) must be a height and a width in pixels, "
            f"both whole and from 1 to 4096. Received: image_size={size!r}"
        )
    return int(pair[0]), int(pair[1])


def _check_fractions(val: Any, test: Any) -> None:
    for name, value in (("val_fraction", val), ("test_fraction", test)):
        if not isinstance(value, int | float) or not 0 < value < 1:
            raise DataError(f"{name} must lie between 0 and 1. Received: {name}={value!r}")
    if val + test >= 1:
        raise DataError(
            "val_fraction and test_fraction together must leave something to train on. "
            f"Received: val_fraction={val!r}, test_fraction={test!r}"
        )


def _check_count(name: str, value: Any, least: int, most: int | None = None) -> None:
    if value is None and name == "limit_train":
        return
    if not is_whole(value, least, math.inf if most is None else most):
        upper = "" if most is None else f" and at most {most}"
        raise DataError(
            f"{name} (--{name.replace('_', '-')}) must be a whole number of at least "
            f"{least}{upper}. Received: {name}={value!r}"
        )
