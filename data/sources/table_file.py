"""A table from a file of the user's own: CSV, or Parquet where pandas can read it."""

from __future__ import annotations

import csv
import lzma
import tarfile
import warnings
from collections import Counter
from collections.abc import Collection, Iterable
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...runs.damage import DAMAGE
from ..errors import DataError, listed
from ..row_numbers import are_distinct_whole
from .no_such_path import no_such_path
from .raw_table import RawTable

if TYPE_CHECKING:
    import pandas as pd

_PARQUET = (".parquet", ".pq")
#: Errors from a file that is not text, or is compressed and damaged or unusual.
_UNREADABLE = (*DAMAGE, lzma.LZMAError, tarfile.TarError, ImportError)
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs"}


def read_table_file(path: str | Path, target: str | None, *, is_series: bool = False) -> RawTable:
    """Read a table whose first line names its columns.

    A column without a name is left out if it holds row numbers, as one that pandas writes, or is
    empty, as one from a comma at the end of every line.

    Args:
        path: Path of a CSV file (UTF-8, commas; also compressed as .gz) or a .parquet file.
        target: The column to predict.
        is_series: Whether the target's own past is an input, so that a single column is enough.

    Raises:
        DataError: If there is no such file, it cannot be read, it holds no rows, or two columns
            have one name.
    """
    path = Path(path).expanduser()
    frame = read_frame(path)
    if len(frame.columns) < 2:
        way = _way_to_commas(path)
        if way or not is_series:
            way = way or "Separate columns by commas, the first line naming them."
            raise DataError(f"{path} has a single column, {frame.columns[0]!r}. {way}")
    nameless = [name for name in frame.columns if not name or name.startswith("Unnamed:")]
    numbering = [name for name in nameless if are_distinct_whole(frame[name])]
    empty = [name for name in nameless if frame[name].isna().all()]
    notes = []
    if numbering:
        notes.append("Its column without a name numbers the rows and is left out.")
    if empty:
        notes.append("Columns without a name that are empty in every row are left out.")
    kept = frame.drop(columns=[*numbering, *empty])
    return RawTable(kept, target, tuple(notes), _header_doubts([*kept.columns]))


def _header_doubts(names: list[str]) -> tuple[str, ...]:
    """Return a warning if the names of columns seem to be the first row of a table."""
    numbers = [number for name in names if (number := _number(name)) is not None]
    # Columns that are numbered, or stand for years, have such names.
    is_counted = all(after - before == 1 for before, after in pairwise(numbers))
    if 2 * len(numbers) <= len(names) or is_counted:
        return ()
    return (
        f"Most names of columns are numbers ({listed(names, 5)}), as if the first line were a row; "
        "it is not read as one. Write a line with the names of the columns above it.",
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def read_frame(path: str | Path, texts: Collection[str] = ()) -> pd.DataFrame:
    """Read a CSV or Parquet file as it is, without the blanks around a CSV file's texts.

    Args:
        path: Path of the file.
        texts: Names of columns to read as text whatever they look like: codes such as 020 would
            otherwise become numbers in a file that holds no others.

    Raises:
        DataError: As `read_table_file` says.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise no_such_path("file", path, "table:FILE")
    frame = _parquet(path) if path.suffix.lower() in _PARQUET else _csv(path, texts)
    frame.columns = [str(name).strip() for name in frame.columns]
    _check_names(frame.columns, path)
    if not len(frame):
        raise DataError(f"{path} is empty: it has no rows below the names of its columns.")
    for name in frame.select_dtypes(exclude="number").columns.difference(list(texts)):
        frame[name] = _with_numbers(frame[name])
    return frame


def _csv(path: Path, texts: Collection[str]) -> pd.DataFrame:
    import pandas as pd
    from pandas.api import types

    try:
        with warnings.catch_warnings():
            # Rows with more fields than the header would lose the last ones.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            # pandas renames a second "a" to "a.1", so that a copy of the target would be an input.
            first = pd.read_csv(path, skipinitialspace=True, header=None, nrows=1, dtype=str)
            as_text = {name: str for name in first.iloc[0].dropna() if name.strip() in texts}
            frame = pd.read_csv(
                path, skipinitialspace=True, index_col=False, low_memory=False, dtype=as_text
            )
    except pd.errors.EmptyDataError as error:
        raise DataError(f"{path} is empty: give a line of column names, and rows.") from error
    except (*_UNREADABLE, pd.errors.ParserWarning) as error:
        reason = " ".join(str(error).split()).rstrip(".")
        way = _way_to_commas(path) or (
            "Save it as UTF-8 text with commas, with as many fields in every row as the first line "
            "names."
        )
        raise DataError(f"{path} cannot be read as CSV ({reason}). {way}") from error
    _check_names([name.strip() for name in first.iloc[0].dropna()], path)
    for name in frame.columns:
        if types.is_object_dtype(frame[name]) or types.is_string_dtype(frame[name]):
            frame[name] = frame[name].map(_stripped)
    return frame


def _way_to_commas(path: Path) -> str:
    """Return what the first line shows a file to be instead, and what to do; "" if nothing."""
    import pandas as pd

    try:
        # No text holds this separator, so the field is the whole line.
        first = pd.read_csv(
            path, sep="\x01", header=None, nrows=1, dtype=str, quoting=csv.QUOTE_NONE
        )
    except _UNREADABLE:
        return ""
    line = str(first.iloc[0, 0]).strip()
    if line.startswith("#"):
        return (
            f"It begins with a comment, {line!r}. Take such lines away: the first line names the "
            "columns."
        )
    is_for_excel = line.lower().startswith("sep=")
    for mark, name in _OTHER_SEPARATORS.items():
        if line.count(mark) > line.count(","):
            skipped = ", skiprows=1" if is_for_excel else ""
            return (
                f"Its columns are separated by {name}. Write it anew with commas, in Python by "
                f"pandas.read_csv({path.name!r}, sep={mark!r}{skipped}).to_csv('new.csv', "
                "index=False), with decimal=',' beside sep where numbers have decimal commas."
            )
    if is_for_excel:
        return f"Its first line, {line!r}, is for Excel alone. Take it away."
    return ""


def _stripped(value: Any) -> Any:
    """A text without the blanks around it, which would make it another class; None for blanks."""
    return (value.strip() or None) if isinstance(value, str) else value


def _check_names(names: Iterable[str], path: Path) -> None:
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise DataError(
            f"{path} has more than one column named {listed([repr(name) for name in twice])}. Give "
            "each column a name of its own."
        )


def _parquet(path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        frame = pd.read_parquet(path)
        if any(name is not None for name in frame.index.names):
            frame = frame.reset_index()
    except ImportError as error:
        raise DataError(
            f"{path} is Parquet, which pandas reads with a package of its own: "
            "pip install pyarrow. Or save the table as CSV."
        ) from error
    except (ValueError, OSError) as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{path} cannot be read as Parquet ({reason}). Save it anew.") from error
    return frame


def _with_numbers(values: pd.Series) -> pd.Series:
    """A column of decimals, or of texts that are all numbers, as numbers; others as they are.

    Parquet may type such numbers as text; a CSV file, which has no types, cannot.
    """
    import pandas as pd
    from pandas.api import types

    if types.infer_dtype(values, skipna=True) not in ("string", "decimal"):
        return values
    numbers = pd.to_numeric(values, errors="coerce")
    return values if (numbers.isna() & values.notna()).any() else numbers
