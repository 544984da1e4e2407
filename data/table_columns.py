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

#: The category that a missing text becomes, where it is not refused.
MISSING = "(missing)"
#: pandas takes some words of a file for missing values, although a user may mean them as values.
READ_AS_MISSING = (
    "In a CSV file an empty cell and words such as NA, None and null count as missing: write "
    "another word where one of them is a value or a class of its own."
)
#: A column of text with more categories than this would make rows of mostly zeros.
MOST_CATEGORIES = 1000


@dataclass(frozen=True)
class TableColumn:
    """One column of raw rows.

    Attributes:
        name: Its name in the table.
        categories: The texts that it can hold, each an input of 0 or 1; None for numbers.
        fill: What a missing value becomes; None: no value may be missing.
        is_embedded: Whether the categories make a single input instead, a code: 1 for the first
            category, and 0 for anything that is not a category.
        constant: The number in every training row, if it is always the same, so that its scale is
            unknown; None: the numbers vary, or the column holds categories.
        unlearnt: Categories that no row of a smaller training set has; they count as none.
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
        """Return the inputs (n, width), float32, of a column's values (n,).

        Raises:
            DataError: If a value is missing although none may be, or is not a finite number.
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
        """Whether it was text, not numbers or booleans, in the table that it was learnt from."""
        return any(not _reads_as_other(one) for one in self.categories or ())

    def unseen(self, values: pd.Series) -> list[str]:
        """Return the values of a column that no training row had, as texts, each once.

        For categories, these are the texts that are not learnt, including the one that stands for
        a missing value; for numbers, all that differ from the constant, if there is one.
        """
        if self.categories is not None:
            known = set(self.categories) - set(self.unlearnt)
            return sorted(set(texts_of(self._filled(values).dropna())) - known)
        if self.constant is None:
            return []
        numbers = np.unique(as_numbers(values.dropna()))
        return [f"{number:g}" for number in numbers[numbers != self.constant]]

    def _filled(self, values: pd.Series) -> pd.Series:
        """Return the values with missing ones filled, if the column has a `fill`."""
        # As objects: pandas's categorical type takes only values that are among its categories.
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
    """All columns of a table that are inputs, and the column to predict.

    Attributes:
        target: Name of the column to predict.
        columns: The inputs in their order.
        windows: Which rows form an example; None: each row is one.
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

        Numbers stay in their units, because scaling is a layer of the model. A category is a 1
        among zeros, or a code; one that no training row has is all zeros, or code 0. Columns that
        are not inputs are ignored.

        Raises:
            DataError: If a column is not there, naming the nearest; if a value is missing although
                none may be; if there is text where numbers are needed.
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

        They are (n, inputs); or, where an example is a window of rows, (n, window, inputs): every
        window, including the last ones, whose targets are not among the rows.

        Raises:
            DataError: As in `inputs`; if there are fewer rows than a window has.
        """
        inputs = self.inputs(frame)
        return inputs if self.windows is None else self.windows.all_windows(inputs)

    def unseen(self, frame: pd.DataFrame) -> dict[str, list[str]]:
        """Return what `TableColumn.unseen` finds, by column, where it finds anything."""
        found = {column.name: column.unseen(frame[column.name]) for column in self.columns}
        return {name: texts for name, texts in found.items() if texts}

    @property
    def texts(self) -> tuple[str, ...]:
        """Names of the columns to read as text, whatever they hold in another table."""
        return tuple(column.name for column in self.columns if column.is_text)

    def fit_scaling(self, x_train: np.ndarray, name: str = "standardize") -> Scaling:
        """Return the scaling of training inputs: numbers scaled, categories as they are.

        Args:
            x_train: Rows (n, inputs), or windows (n, window, inputs).
            name: How numbers are scaled: `standardize`, `unit`, `symmetric` or `center`.

        Raises:
            DataError: If the numbers of a column are too close together, or too far apart, to be
                scaled.
        """
        of_inputs = [column for column in self.columns for _ in range(column.width)]
        names = [f"column {column.name!r}" for column in of_inputs]
        return self.keeping_categories(fit_scaling(name, x_train, called=names))

    def keeping_categories(self, fitted: Scaling) -> Scaling:
        """Return a scaling of the inputs that leaves categories as they are."""
        of_inputs = [column for column in self.columns for _ in range(column.width)]
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
        """Read what `to_dict` made, which run.json has in its data under `table`."""
        columns = [
            TableColumn(
                one["name"],
                None if one["categories"] is None else tuple(one["categories"]),
                one["fill"],
                # Older runs lack these.
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
    """Whether pandas could have read a column of such texts as numbers or booleans."""
    if text in ("True", "False"):
        return True
    try:
        float(text)
    except ValueError:
        return False
    return True


def texts_of(values: pd.Series) -> np.ndarray:
    """Return values as text, (n,) objects; a missing one is its marker's text, such as `nan`."""
    return np.array([str(value) for value in values], dtype=object)


def as_numbers(values: pd.Series, *, can_be_missing: bool = True) -> np.ndarray:
    """Return a column's values as float64, (n,), NaN where one is missing.

    Args:
        values: The values of the column.
        can_be_missing: Whether an empty cell would be accepted in place of a text.

    Raises:
        DataError: If a value is text, naming it and its row.
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
    """Return the message about missing values, by column."""
    columns = listed([f"{name!r} in {count}" for name, count in counts.items()])
    return (
        f"Values are missing: {columns} of {rows} rows. Fill or leave out those rows, or fill "
        'numbers with the median of the training rows (--missing median, missing = "median" in '
        f"[data]); missing text then becomes a category of its own. {READ_AS_MISSING}"
    )


def _never_missing_text(name: str, count: int, rows: int) -> str:
    """Return the message about values that are missing in rows to predict, but not in training."""
    return (
        f"Values are missing: {name!r} in {count} of {rows} rows, but in no row that the network "
        "was trained on. Fill or leave out those rows, or train it anew on rows with such gaps, "
        "which can then be filled (trickbook run --missing median)."
    )
