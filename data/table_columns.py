"""How the columns of a table become the inputs of a network, as learnt from the training rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import DataError, listed
from .fitted_scaling import Scaling, fit_scaling
from .float32_loss import as_float32
from .nearest_name import nearest_name
from .table_windows import Windows
from .written_numbers import plain_number

if TYPE_CHECKING:
    import pandas as pd

#: What a missing value of a category becomes, where it is not refused.
MISSING = "(missing)"
#: Words of a file can be values of the user's, which pandas takes for gaps.
READ_AS_MISSING = (
    "In a CSV file an empty cell and words such as NA, None and null count as missing: write "
    "another word where one of them is a value or a class of its own."
)
#: A column of text with more categories than these would make rows of mostly zeros.
MOST_CATEGORIES = 1000


@dataclass(frozen=True)
class TableColumn:
    """One column of raw rows.

    Attributes:
        name: In the table.
        categories: The texts that it can hold, an input of 0 or 1 each; None for numbers.
        fill: What a missing value becomes; None: none may be missing.
        is_embedded: Whether the categories are one input instead, a code: 1 for the first of them,
            and 0 for what is none of them.
        constant: The number that it is in every training row, so that its scale is not known; None:
            it varies, or is of categories.
        unlearnt: Categories that no row of a smaller training set has, which count as none.
    """

    name: str
    categories: tuple[str, ...] | None = None
    fill: float | str | None = None
    is_embedded: bool = False
    constant: float | None = None
    unlearnt: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """How many inputs it makes."""
        return 1 if self.categories is None or self.is_embedded else len(self.categories)

    @property
    def codes(self) -> int:
        """How many codes it holds, 0 if none."""
        return len(self.categories) + 1 if self.categories is not None and self.is_embedded else 0

    def encode(self, values: pd.Series) -> np.ndarray:
        """Return the inputs of a column's values (n,), (n, width) float32.

        Raises:
            DataError: If a value is missing that may not be, or one is no finite number.
        """
        if self.fill is None and values.isna().any():
            raise DataError(_never_missing_text(self.name, int(values.isna().sum()), len(values)))
        if self.categories is None:
            return self._numbers(values)
        texts = texts_of(self._filled(values))
        if self.is_embedded:
            numbers = {text: code for code, text in enumerate(self.categories, 1)}
            numbers |= dict.fromkeys(self.unlearnt, 0)
            codes = [numbers.get(text, 0) for text in texts]
            return np.array(codes, np.float32)[:, np.newaxis]
        are_there = [(texts == one) & (one not in self.unlearnt) for one in self.categories]
        return np.stack(are_there, axis=1).astype(np.float32)

    @property
    def is_text(self) -> bool:
        """Whether it was text in the table that it was learnt from: no numbers, no truth values."""
        return any(not _reads_as_other(one) for one in self.categories or ())

    def unseen(self, values: pd.Series) -> list[str]:
        """Return as texts, each once, what among a column's values training rows did not have.

        Of categories it is what is none of them, a gap that one stands for too; of numbers, all
        that differ from the constant.
        """
        if self.categories is not None:
            known = set(self.categories) - set(self.unlearnt)
            return sorted(set(texts_of(self._filled(values).dropna())) - known)
        if self.constant is None:
            return []
        numbers = np.unique(as_numbers(values.dropna()))
        return [f"{number:g}" for number in numbers[numbers != self.constant]]

    def _filled(self, values: pd.Series) -> pd.Series:
        """Texts with what stands for a missing one, if anything does."""
        # As objects: what pandas calls categorical takes no value that is none of its own.
        return values if self.fill is None else values.astype(object).fillna(self.fill)

    def _numbers(self, values: pd.Series) -> np.ndarray:
        numbers = as_numbers(values)
        if self.fill is not None:
            numbers = np.where(np.isnan(numbers), self.fill, numbers)
        numbers, bad = as_float32(numbers)
        if bad:
            raise DataError(
                f"Column {self.name!r} holds {bad} infinite or too large values. Repair those rows."
            )
        return numbers[:, np.newaxis]


@dataclass(frozen=True)
class TableColumns:
    """All columns of a table that are inputs, and the one that is told.

    Attributes:
        target: Name of the column that is told.
        columns: The inputs in their order.
        windows: Which rows are an example; None: each is one.
    """

    target: str
    columns: tuple[TableColumn, ...]
    windows: Windows | None = None

    @property
    def width(self) -> int:
        """How many inputs all columns make."""
        return sum(column.width for column in self.columns)

    @property
    def category_sizes(self) -> tuple[int, ...]:
        """Number of codes of each input, 0 for numbers; () if none holds codes."""
        sizes = tuple(column.codes for column in self.columns for _ in range(column.width))
        return sizes if any(sizes) else ()

    def inputs(self, frame: pd.DataFrame) -> np.ndarray:
        """Return raw rows as numbers, (n, inputs) float32.

        Numbers stay in their units, for scaling is a layer of the model. A category is a 1 among
        zeros, or a code; one that no training row has is all zeros, or code 0. Columns that are no
        inputs are not heeded.

        Raises:
            DataError: If a column is not there, naming the nearest; if a value is missing that may
                not be; if text stands where numbers are needed.
        """
        names = [str(name) for name in frame.columns]
        for column in self.columns:
            if column.name not in names:
                raise DataError(
                    f"The table has no column {column.name!r}.{nearest_name(column.name, names)} "
                    f"It has: {listed(names)}."
                )
        parts = [column.encode(frame[column.name]) for column in self.columns]
        return np.concatenate(parts, axis=1)

    def examples(self, frame: pd.DataFrame) -> np.ndarray:
        """Return raw rows as a model takes them, float32.

        They are (n, inputs); or, where a window of rows is an example, every window of them, also
        the last, whose target is not among the rows: (n, window, inputs).

        Raises:
            DataError: As `inputs` says; if there are fewer rows than a window has.
        """
        inputs = self.inputs(frame)
        return inputs if self.windows is None else self.windows.all_windows(inputs)

    def unseen(self, frame: pd.DataFrame) -> dict[str, list[str]]:
        """Return by column, as texts, what `TableColumn.unseen` finds in it, where it finds any."""
        found = {column.name: column.unseen(frame[column.name]) for column in self.columns}
        return {name: texts for name, texts in found.items() if texts}

    @property
    def texts(self) -> tuple[str, ...]:
        """Names of the columns that are text whatever they hold in another table."""
        return tuple(column.name for column in self.columns if column.is_text)

    def fit_scaling(self, x_train: np.ndarray) -> Scaling:
        """Return the scaling of training inputs: numbers standardised, categories as they are.

        Args:
            x_train: Rows (n, inputs), or windows (n, window, inputs).

        Raises:
            DataError: If the numbers of a column are too near to one another to be scaled.
        """
        of_inputs = [column for column in self.columns for _ in range(column.width)]
        names = [f"column {column.name!r}" for column in of_inputs]
        fitted = fit_scaling("standardize", x_train, called=names)
        is_number = np.array([column.categories is None for column in of_inputs])
        scale, offset = np.where(is_number, [fitted.scale, fitted.offset], [[1.0], [0.0]])
        return Scaling(fitted.name, tuple(scale.tolist()), tuple(offset.tolist()))

    def to_dict(self) -> dict[str, Any]:
        """Return the columns as values that JSON can hold; `from_dict` reads them back."""
        value: dict[str, Any] = {
            "target": self.target,
            "columns": [_told(column) for column in self.columns],
        }
        return value if self.windows is None else value | {"windows": self.windows._asdict()}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> TableColumns:
        """Read what `to_dict` made, as run.json's data has it under `table`."""
        columns = [
            TableColumn(
                one["name"],
                None if one["categories"] is None else tuple(one["categories"]),
                one["fill"],
                # Runs of before say nothing of these.
                one.get("is_embedded", False),
                one.get("constant"),
                tuple(one.get("unlearnt", ())),
            )
            for one in value["columns"]
        ]
        windows = Windows(**value["windows"]) if "windows" in value else None
        return cls(value["target"], tuple(columns), windows)


def _told(column: TableColumn) -> dict[str, Any]:
    return {key: value for key, value in asdict(column).items() if key != "unlearnt" or value}


def _reads_as_other(text: str) -> bool:
    """Whether pandas could have read a column of such texts as numbers or as truth values."""
    if text in ("True", "False"):
        return True
    try:
        float(text)
    except ValueError:
        return False
    return True


def texts_of(values: pd.Series) -> np.ndarray:
    """Return values as text, (n,) objects; a missing one is the text of what stands for it."""
    return np.array([str(value) for value in values], dtype=object)


def as_numbers(values: pd.Series, *, can_be_missing: bool = True) -> np.ndarray:
    """Return a column's values as float64, (n,), NaN where one is missing.

    Args:
        values: Of the column.
        can_be_missing: Whether a gap would do in place of a text.

    Raises:
        DataError: If one is text, naming it and its row.
    """
    import pandas as pd

    numbers = pd.to_numeric(values, errors="coerce")
    wrong = np.flatnonzero(numbers.isna() & values.notna())
    if len(wrong):
        text = str(values.iloc[wrong[0]])
        plain = plain_number(text)
        way = "Repair them" if plain is None else f"Write numbers plainly, as {plain}"
        raise DataError(
            f"Column {values.name!r} holds text where numbers are needed: "
            f"{text!r} in row {wrong[0] + 1}, and so in {len(wrong)} of "
            f"{len(values)} rows. {way}{', or leave them empty' if can_be_missing else ''}."
        )
    return np.asarray(numbers.to_numpy(dtype="float64", na_value=np.nan))


def is_mostly_numbers(values: pd.Series) -> bool:
    """Whether more than half of the values are numbers, so that text among them is a mistake."""
    import pandas as pd

    present = values.dropna()
    return bool(2 * pd.to_numeric(present, errors="coerce").notna().sum() > len(present))


def missing_text(counts: Mapping[str, int], rows: int) -> str:
    """Return what to say of values that are missing, by column."""
    columns = listed([f"{name!r} in {count}" for name, count in counts.items()])
    return (
        f"Values are missing, of {rows} rows: {columns}. Fill or leave out those rows, or let the "
        'median of the training rows stand for them (--missing median, missing = "median" in '
        f"[data]); for text, a category of its own. {READ_AS_MISSING}"
    )


def _never_missing_text(name: str, count: int, rows: int) -> str:
    """Return what to say of values that are missing in rows to predict, and never in training."""
    return (
        f"Values are missing, of {rows} rows: {name!r} in {count}; and in no row that the network "
        "was trained on. Fill or leave out those rows, or train it anew on rows with such gaps, "
        "for which a value can then stand (trickbook run --missing median)."
    )
