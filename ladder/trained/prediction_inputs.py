"""Reading what is to be predicted as the data of the run were read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ...data import DataError
from ...data.sources.color import to_color
from ...data.sources.folder_files import pictures_below
from ...data.sources.image_folder import in_threads, read_image
from ...data.sources.npz import plain_arrays

# Examples that are held at once: a folder may have more pictures than fit into memory.
BATCH = 256


class Batch(NamedTuple):
    """Some inputs.

    Attributes:
        names: a picture's path, or an array's file and its place there, as `x.npz[3]`.
        pixels: raw pixels (len(names), height, width, channels).
        unreadable: by path of a picture that cannot be read, why.
    """

    names: list[str]
    pixels: np.ndarray
    unreadable: dict[str, str]


def read_batches(paths: Sequence[Path], data: Mapping[str, Any]) -> Iterator[Batch]:
    """Yields the inputs in order, some at a time.

    Args:
        paths: pictures, folders of pictures (with those in their sub-folders) and .npz files with
            an array `x`, or else `x_test`.
        data: what a run tells of its data.

    Raises:
        DataError: for a folder without pictures, and arrays that are no such images.
    """
    for is_array, group in groupby(paths, key=lambda path: path.suffix.lower() == ".npz"):
        if is_array:
            for path in group:
                yield from _array_batches(path, data)
        else:
            yield from _picture_batches([one for path in group for one in _pictures(path)], data)


def _pictures(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = pictures_below(path)
    if not found:
        raise DataError(f"There are no pictures in {path}. Give a folder of PNG or JPEG files.")
    return found


def _picture_batches(paths: Sequence[Path], data: Mapping[str, Any]) -> Iterator[Batch]:
    for start in range(0, len(paths), BATCH):
        some = paths[start : start + BATCH]
        found = dict(zip(some, in_threads(lambda path: _read(path, data), some), strict=True))
        read = {str(path): one for path, one in found.items() if isinstance(one, np.ndarray)}
        wrong = {str(path): one for path, one in found.items() if isinstance(one, str)}
        pixels = np.stack([*read.values()]) if read else np.empty((0, *data["image_shape"]))
        yield Batch([*read], pixels, wrong)


def _read(path: Path, data: Mapping[str, Any]) -> np.ndarray | str:
    """Returns a picture's pixels, or why there are none."""
    height, width, channels = data["image_shape"]
    try:
        return read_image(
            path,
            (height, width),
            _color(channels),
            tuple(data["value_range"]),
            # Runs of 0.1.0 say nothing of it: they cut all images to 8 bits.
            has_deep_values=data.get("has_deep_values", False),
            fit=data.get("fit"),
        )
    except DataError as error:
        return str(error)


def _color(channels: int) -> str:
    return "grey" if channels == 1 else "rgb"


def _array_batches(path: Path, data: Mapping[str, Any]) -> Iterator[Batch]:
    images = _images(path, tuple(data["image_shape"]))
    for start in range(0, len(images), BATCH):
        some = images[start : start + BATCH]
        yield Batch([f"{path}[{start + place}]" for place in range(len(some))], some, {})


def _images(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Returns the images of a file, in as many channels as the run's have."""
    if not path.is_file():
        raise DataError(f"There is no file {path}.")
    arrays = plain_arrays(path)
    name = next((name for name in ("x", "x_test") if name in arrays), None)
    if name is None:
        held = ", ".join(sorted(arrays)) or "nothing"
        raise DataError(f"{path} holds {held}. Give images as x, or x_test, with numpy.savez.")
    images = arrays[name]
    if images.ndim == 3:
        images = images[..., np.newaxis]
    if images.ndim == 4 and images.shape[-1] in (1, 3, 4) and images.shape[-1] != shape[-1]:
        images = to_color(images, _color(shape[-1]))
    if images.shape[1:] != shape or images.dtype.kind not in "uif":
        raise DataError(
            f"{name} in {path} must hold images of {shape[0]}x{shape[1]} pixels, grey or in "
            f"colours, as (n, {', '.join(map(str, shape))}). Received: shape="
            f"{arrays[name].shape}, dtype={images.dtype}"
        )
    if not np.isfinite(images).all():
        raise DataError(f"{name} in {path} holds NaN or infinite values. Leave those images out.")
    return images
