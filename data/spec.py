"""Which data to use and how to split and scale them, as plain values."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from .spec_checks import (
    ARRAYS,
    KNOWN_TABLES,
    WITHOUT_PIXELS,
    check_choice,
    check_classes,
    check_counts,
    check_data_set,
    check_fractions,
    check_name,
    check_size,
    check_table,
    missing_name,
)

__all__ = ["ARRAYS", "KNOWN_TABLES", "DataSpec"]


@dataclass(frozen=True)
class DataSpec:
    """One data set with its split and its scaling; every value fits into JSON.

    Attributes:
        name: `digits`, `mnist`, `fashion_mnist`, `cifar10`, `cifar100`, `breast_cancer`, `wine`,
            `diabetes`, `imdb`, `folder:PATH`, `npz:PATH` or `table:FILE`; `arrays` stands for
            arrays given in Python.
        data_dir: Folder (or file) that holds the official files, read without network.
        image_size: (height, width) in pixels to resize the images of a folder to.
        fit: How a folder's images of another shape than `image_size` are treated: `crop` keeps the
            middle, `pad` adds black on two sides, `stretch` distorts; None is `stretch`, as it was
            before there was a choice.
        color: Make every image `rgb` (3 channels) or `grey` (1 channel); None keeps them.
        limit_train: Keep this many training images, stratified by class; None keeps all.
        unused: `validation`: the images that `limit_train` leaves unused join the validation set,
            where they count only in the final figures; None leaves them out.
        target: The column of `table:FILE` to predict.
        missing: `median`: missing numbers of `table:FILE` become the median of the training rows,
            missing text becomes a category of its own; None refuses missing values.
        task: What is learnt from `table:FILE`, or from arrays that are not images:
            `classification` or `regression`; None lets the target decide. In a ladder file it is
            `kind` in `[task]`.
        ordered: Whether the order of a table's rows means something, as in a time series: they are
            then split in that order, the latest for test, and not at random. None: only with a
            window.
        val_fraction: Share of the images to split that goes to validation, in (0, 1); not used
            where the data bring a validation set.
        test_fraction: The same for test; not used where the data bring a test set.
        split_seed: Seed of the split and of the choice that `limit_train` makes.
        scaling: `unit` (0..1), `symmetric` (-1..1), `center` (0..1 minus each channel's mean) or
            `standardize` (mean 0 and standard deviation 1 per channel), fitted on the training
            examples alone. The columns of a table and the features of a sequence are channels.
        classes: The classes to keep, at least two, numbered in this order; None keeps all.
        inputs: What the arrays of `npz:PATH` are: `images`; `sequences` (n, steps, features);
            `tokens` (n, steps), whole numbers with 0 for padding; or `rows` (n, columns). None
            stands for images.
        window: How many consecutive rows of `table:FILE` form an example, whose target is that of a
            later row; None: each row is an example.
        horizon: How many rows the target comes after the last row of its window, 1 by default.
        categories: `embedded`: text of `table:FILE` becomes codes, for which a network learns
            vectors; None: an input of 0 or 1 for each category.
        num_words: Token ids of `imdb` below this are kept, the others become 2, as in Keras's
            `load_data`; None is 10,000.
        maxlen: Length of the sequences of `imdb` in tokens: longer ones keep their end, shorter
            ones begin with zeros; None is 80.

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
    ordered: bool | None = None
    classes: tuple[str, ...] | None = None
    inputs: str | None = None
    window: int | None = None
    horizon: int | None = None
    categories: str | None = None
    num_words: int | None = None
    maxlen: int | None = None

    def __post_init__(self) -> None:
        if self.data_dir is not None:
            object.__setattr__(self, "data_dir", str(self.data_dir))
        if self.image_size is not None:
            object.__setattr__(self, "image_size", check_size(self.image_size))
        if self.classes is not None:
            object.__setattr__(self, "classes", check_classes(self.classes))
        check_name(self.name)
        check_table(self)
        check_data_set(self)
        # JSON cannot hold NumPy's numbers.
        for name, value in {**check_fractions(self), **check_counts(self)}.items():
            object.__setattr__(self, name, value)

    @property
    def kind(self) -> str:
        """The part of the name before the colon, such as `folder`."""
        return self.name.partition(":")[0]

    @property
    def is_table(self) -> bool:
        """Whether the examples are the rows of a table."""
        return self.kind == "table" or self.name in KNOWN_TABLES

    @property
    def is_ordered(self) -> bool:
        """Whether the order of the rows means something."""
        return self.window is not None if self.ordered is None else self.ordered

    @property
    def is_of_sequences(self) -> bool:
        """Whether the examples are arrays of sequences, tokens or rows."""
        return self.inputs in WITHOUT_PIXELS or self.name == "imdb"

    @property
    def has_open_task(self) -> bool:
        """Whether the data decide if there are classes or numbers to learn."""
        return self.is_table or self.inputs in WITHOUT_PIXELS

    @property
    def path(self) -> str:
        """The part of the name after the colon; empty for named data sets."""
        return self.name.partition(":")[2]

    def to_dict(self) -> dict[str, Any]:
        """The spec as values that JSON can hold; `from_dict` reads them back."""
        values = asdict(self)
        if self.image_size is not None:
            values["image_size"] = list(self.image_size)
        if self.classes is not None:
            values["classes"] = list(self.classes)
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "DataSpec":
        """Read what `to_dict` made, or the `[data]` table of a ladder file.

        Raises:
            DataError: If a key is unknown (the nearest right one is named) or `name` is missing.
        """
        known = [field.name for field in fields(cls)]
        for key in values:
            check_choice("data setting", key, tuple(known))
        if "name" not in values:
            raise missing_name()
        return cls(**values)
