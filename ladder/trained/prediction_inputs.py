"""Reading inputs for prediction in the way in which the data of the runs were read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ...data import DataError
from ...data.errors import listed
from ...data.sources.color import to_color
from ...data.sources.folder_files import is_picture, pictures_below
from ...data.sources.image_folder import in_threads, read_image
from ...data.sources.npz import plain_arrays
from ...data.sources.table_file import read_frame
from ...data.table_columns import TableColumns
from ...runs.example_word import example_word
from .pixel_units import units_note
from .saved_model import shape_of

# How many examples are held at once: a folder may have more pictures than fit into memory.
BATCH = 256


class Batch(NamedTuple):
    """Some inputs.

    Attributes:
        names: the picture's path, or a file and the position in it, such as `x.npz[3]` or
            `x.csv row 1`; for a window of rows, the row that is predicted, such as the one after
            the window's last.
        inputs: for each run the raw inputs, (len(names), ...), which may differ for a table.
        unreadable: by the path of a picture that cannot be read, the reason.
        notes: what to tell the user about the inputs.
    """

    names: list[str]
    inputs: Sequence[np.ndarray]
    unreadable: dict[str, str] = {}  # noqa: RUF012 - never written to
    notes: tuple[str, ...] = ()


def read_batches(paths: Sequence[Path], each: Sequence[Mapping[str, Any]]) -> Iterator[Batch]:
    """Yields the inputs in order, some at a time.

    Args:
        paths: pictures, folders of pictures (including their sub-folders), .npz files with an array
            `x` or else `x_test`; for runs on a table, CSV or Parquet files.
        each: for each run, the summary of its data.

    Raises:
        DataError: for a folder without pictures, and for arrays, tables and kinds of files that do
            not suit these runs.
    """
    data = each[0]
    for kind, group in groupby(paths, key=lambda path: _kind(path, data)):
        if kind == "table":
            for path in group:
                yield from _row_batches(path, each)
        elif kind == "array":
            for path in group:
                yield from _array_batches(path, each)
        elif "image_shape" in data:
            yield from _picture_batches([one for path in group for one in _pictures(path)], each)
        else:
            raise _refusal(next(group), data)


def _kind(path: Path, data: Mapping[str, Any]) -> str:
    if path.suffix.lower() == ".npz":
        return "array"
    # A table may have any ending, as in training.
    is_table = "table" in data and not (is_picture(path) or path.is_dir())
    return "table" if is_table else "picture"


def _refusal(path: Path, data: Mapping[str, Any]) -> DataError:
    if "table" in data:
        columns = [one["name"] for one in data["table"]["columns"]]
        return DataError(
            f"These runs learnt from a table. Give a CSV or Parquet file with the columns "
            f"{listed(columns)}. Received: {path}"
        )
    shape = ", ".join(map(str, shape_of(data)))
    return DataError(
        f"These runs take {example_word(data)}s: give an .npz file with x of shape (n, {shape}). "
        f"Received: {path}"
    )


def _row_batches(path: Path, each: Sequence[Mapping[str, Any]]) -> Iterator[Batch]:
    """Yields the rows, or windows of rows, of a table as each run's columns make inputs."""
    columns = [TableColumns.from_dict(data["table"]) for data in each]
    frame = read_frame(path, columns[0].texts)
    windows = columns[0].windows
    examples = [one.examples(frame) for one in columns]
    # The row that a window predicts is a later one, which the table need not have yet.
    first = 1 if windows is None else windows.length + windows.horizon
    names = [f"{path} row {first + number}" for number in range(len(examples[0]))]
    notes = tuple(
        f"{path}: column {name!r} holds what no training row has ({listed(texts)})."
        for name, texts in columns[0].unseen(frame).items()
    )
    yield from _in_batches(names, examples, notes)


def _in_batches(
    names: list[str], inputs: Sequence[np.ndarray], notes: tuple[str, ...]
) -> Iterator[Batch]:
    for start in range(0, len(names), BATCH):
        some = slice(start, start + BATCH)
        yield Batch(names[some], [one[some] for one in inputs], notes=() if start else notes)


def _pictures(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = pictures_below(path)
    if not found:
        raise DataError(f"There are no pictures in {path}. Give a folder of PNG or JPEG files.")
    return found


def _picture_batches(paths: Sequence[Path], each: Sequence[Mapping[str, Any]]) -> Iterator[Batch]:
    data = each[0]
    for start in range(0, len(paths), BATCH):
        some = paths[start : start + BATCH]
        # No dict, since a path may be given twice: by itself, and within its folder.
        found = [
            *zip(map(str, some), in_threads(lambda path: _read(path, data), some), strict=True)
        ]
        read = [(name, one) for name, one in found if isinstance(one, np.ndarray)]
        wrong = {name: one for name, one in found if isinstance(one, str)}
        pixels = np.stack([one for _, one in read]) if read else np.empty((0, *data["image_shape"]))
        yield Batch([name for name, _ in read], [pixels] * len(each), wrong)


def _read(path: Path, data: Mapping[str, Any]) -> np.ndarray | str:
    """Returns a picture's pixels, or a text on why it cannot be read."""
    height, width, channels = data["image_shape"]
    try:
        return read_image(
            path,
            (height, width),
            _color(channels),
            tuple(data["value_range"]),
            # Runs of version 0.1.0 do not record this: they cut all images to 8 bits.
            has_deep_values=data.get("has_deep_values", False),
            fit=data.get("fit"),
        )
    except DataError as error:
        return str(error)


def _color(channels: int) -> str:
    return "grey" if channels == 1 else "rgb"


def _array_batches(path: Path, each: Sequence[Mapping[str, Any]]) -> Iterator[Batch]:
    examples = _examples(path, tuple(shape_of(each[0])))
    if "vocabulary" in each[0]:
        _check_tokens(examples, each[0]["vocabulary"], path)
    notes: tuple[str, ...] = ()
    if "image_shape" in each[0] and len(examples):
        note = units_note(examples, each[0]["value_range"], str(path))
        notes = (note,) if note else ()
    names = [f"{path}[{place}]" for place in range(len(examples))]
    yield from _in_batches(names, [examples] * len(each), notes)


def _examples(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Returns the examples of a file; images get the number of channels that the run has."""
    if not path.is_file():
        raise DataError(f"There is no file {path}.")
    arrays = plain_arrays(path)
    name = next((name for name in ("x", "x_test") if name in arrays), None)
    if name is None:
        held = ", ".join(sorted(arrays)) or "nothing"
        raise DataError(f"{path} holds {held}. Give inputs as x, or x_test, with numpy.savez.")
    examples = _in_channels(arrays[name], shape) if len(shape) == 3 else arrays[name]
    if examples.shape[1:] != shape or examples.dtype.kind not in "uif":
        images = ", of images grey or in colours" if len(shape) == 3 else ""
        raise DataError(
            f"{name} in {path} must hold numbers of shape (n, {', '.join(map(str, shape))})"
            f"{images}. Received: shape={arrays[name].shape}, dtype={examples.dtype}"
        )
    if not np.isfinite(examples).all():
        raise DataError(f"{name} in {path} holds NaN or infinite values. Leave those out.")
    return examples


def _check_tokens(tokens: np.ndarray, vocabulary: int, path: Path) -> None:
    is_known = (tokens == np.trunc(tokens)) & (tokens >= 0) & (tokens < vocabulary)
    if not is_known.all():
        raise DataError(
            f"{path} holds {tokens[~is_known].ravel()[0]:g} among its tokens, and these runs know "
            f"whole numbers from 0 to {vocabulary - 1}. Replace tokens that training did not have "
            "by one that it had."
        )


def _in_channels(images: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    if images.ndim == 3:
        images = images[..., np.newaxis]
    if images.ndim == 4 and images.shape[-1] in (1, 3, 4) and images.shape[-1] != shape[-1]:
        return to_color(images, _color(shape[-1]))
    return images
