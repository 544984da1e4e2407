"""Images in folders: a sub-folder per class, with or without train, val and test above them."""

import math
import os
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from ...runs.free_memory import available_bytes
from ..errors import DataError, listed
from ..fitted_scaling import BYTES
from .folder_files import find_pictures
from .part import Part
from .picture_shape import has_other_shape, resized
from .raw_arrays import RawImages

if TYPE_CHECKING:
    from PIL import Image

#: The background of transparent pixels, whose own colour is arbitrary, often black.
_GROUND = "white"
#: Pillow modes whose images are grey.
_GREY = frozenset({"1", "L", "LA", "La"})
#: Pillow modes of more than 8 bits, all of them grey; Pillow cuts coloured images to 8 bits.
_DEEP = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N", "F"})
_ORIENTATION, _TIFF_WIDTH, _TIFF_HEIGHT = 0x0112, 0x0100, 0x0101

_Result = TypeVar("_Result")


def read_folder(
    root: str | Path,
    image_size: tuple[int, int] | None = None,
    color: str | None = None,
    fit: str | None = None,
    wanted: tuple[str, ...] | None = None,
) -> RawImages:
    """Read every image below `root`; classes and files in order of name.

    Transparent pictures are laid on white.

    Images are uint8. If some have more than 8 bits, all are float32: those keep their values, and
    the others are stretched to their range. It starts at 0, or at the lowest value if that is
    below 0. It ends at 1 if no value is above 1, otherwise at the largest number of as many bits as
    the largest value takes, but at least 8: 255, 4,095, 65,535.

    Args:
        root: Folder with a sub-folder per class, or with train/ and perhaps val/ (or valid/,
            validation/ or dev/) and test/, each of which has a sub-folder per class. Images in
            sub-folders of a class are of that class.
        image_size: (height, width) to resize to, bilinear with antialiasing; None asks for images
            of one size.
        color: `rgb` or `grey` converts; None gives grey if all images are grey, otherwise rgb.
        fit: How images of another shape than `image_size` are treated, as in `resized`.
        wanted: The classes to read, as if there were no others; None reads all.

    Raises:
        DataError: If there is nothing to read, a class is empty or not there, the splits' classes
            differ, a file is no image, sizes differ without `image_size`, or the images do not fit
            into memory.
    """
    root = Path(root).expanduser()
    found = find_pictures(root, wanted)
    files = found.pictures
    classes = tuple(files["train"])
    paths = [path for by_class in files.values() for each in by_class.values() for path in each]
    _check_memory(root, paths, image_size, color)
    try:
        images, deep_range, notes = _read_all(root, paths, image_size, color, fit)
    except MemoryError as error:
        raise _too_large(root, len(paths), "do not fit into memory") from error
    parts: dict[str, Part] = {}
    start = 0
    for split, by_class in files.items():
        labels = np.repeat(np.arange(len(classes)), [len(by_class[name]) for name in classes])
        parts[split] = Part(images[start : start + len(labels)], labels)
        start += len(labels)
    return RawImages(
        parts["train"],
        parts.get("val"),
        parts.get("test"),
        classes=classes,
        value_range=deep_range or BYTES,
        has_deep_values=deep_range is not None,
        notes=(found.note, *notes),
        warnings=found.warnings,
    )


def _check_memory(
    root: Path, paths: list[Path], image_size: tuple[int, int] | None, color: str | None
) -> None:
    """Refuse images that memory cannot hold before they are decoded.

    Only their headers are read, and not even those if any images of `image_size` would fit.
    """
    free = available_bytes()
    if image_size is not None and _bytes_of(len(paths), image_size, 3, is_deep=True) <= free:
        return
    headers = _of_each(paths, lambda image: (*_upright(image), image.mode))
    if image_size is None:
        _check_sizes(root, [(height, width) for height, width, _ in headers])
    height, width = image_size or headers[0][:2]
    modes = {mode for _, _, mode in headers}
    channels = 1 if color == "grey" or (color is None and modes <= _GREY | _DEEP) else 3
    needed = _bytes_of(len(paths), (height, width), channels, is_deep=bool(modes & _DEEP))
    if needed > free:
        raise _too_large(
            root,
            len(paths),
            f"of {height}x{width} pixels would take {needed / 1e9:.3g} GB of memory to read, and "
            f"{free / 1e9:.3g} GB are free",
        )


def _bytes_of(count: int, size: tuple[int, int], channels: int, *, is_deep: bool) -> int:
    # Once as single images, once more as one array of all of them.
    return 2 * count * size[0] * size[1] * channels * (4 if is_deep else 1)


def _check_sizes(root: Path, found: Iterable[tuple[int, int]]) -> None:
    sizes = Counter(found)
    if len(sizes) > 1:
        counts = [f"{height}x{width} ({count})" for (height, width), count in sizes.most_common()]
        raise DataError(
            f"The images in {root} have {len(sizes)} sizes, as height x width (count): "
            f"{listed(counts)}. Give one to resize to with --image-size H,W "
            "(image_size=(H, W) in Python)."
        )


def _too_large(root: Path, count: int, fault: str) -> DataError:
    return DataError(
        f"The {count:,} images in {root} {fault}. Give a size to resize them to, or a smaller one, "
        "with --image-size H,W (image_size=(H, W) in Python)."
    )


def read_image(
    path: str | Path,
    image_size: tuple[int, int],
    color: str,
    value_range: tuple[float, float] = (0.0, 255.0),
    *,
    has_deep_values: bool = False,
    fit: str | None = None,
) -> np.ndarray:
    """Returns one image as `read_folder` reads those of a class: upright, on white.

    Args:
        path: An image file.
        image_size: (height, width) to resize to.
        color: `rgb` or `grey`.
        value_range: The lowest and highest value to stretch the image to.
        has_deep_values: Whether an image of more than 8 bits keeps its values instead. Otherwise
            its own range is stretched, found as `read_folder` finds the range of all images.
        fit: How another shape is treated, as in `resized`.

    Returns:
        (height, width, 3 or 1), float32.

    Raises:
        DataError: If there is no such file, or it is no image.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"There is no file {path}.")
    pixels = _open(path, lambda image: _pixels(image, image_size, color, fit))
    if not (_is_deep(pixels) and has_deep_values):
        own_range = _deep_range([pixels]) if _is_deep(pixels) else BYTES
        pixels = _stretched(pixels, own_range, value_range)
    return pixels if pixels.ndim == 3 else pixels[..., np.newaxis]


def in_threads(function: Callable[[Path], _Result], paths: Iterable[Path]) -> list[_Result]:
    """Returns the function's result for each path, in order."""
    # Pillow releases the interpreter's lock while it decodes.
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        return list(pool.map(function, paths))


def _of_each(paths: list[Path], use: "Callable[[Image.Image], _Result]") -> list[_Result]:
    """Call `use` with every opened image; the error names all that fail."""

    def tried(path: Path) -> _Result | DataError:
        try:
            return _open(path, use)
        except DataError as error:
            return error

    results = in_threads(tried, paths)
    wrong = {
        path: result
        for path, result in zip(paths, results, strict=True)
        if isinstance(result, DataError)
    }
    if wrong:
        first, *others = wrong
        names = listed([*map(str, others)])
        more = f" Of {len(paths):,} pictures {len(others):,} more cannot be read: {names}."
        raise DataError(f"{wrong[first]}{more if others else ''}") from wrong[first]
    return [result for result in results if not isinstance(result, DataError)]


def _upright(image: "Image.Image") -> tuple[int, int]:
    """Height and width of an image when it is upright, found before it is decoded."""
    width, height = _stored_size(image)
    turned = image.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)
    return (width, height) if turned else (height, width)


def _stored_size(image: "Image.Image") -> tuple[int, int]:
    """Width and height as stored in the file."""
    # Pillow 12 and later have already turned the size of a TIFF, but of no other format.
    tags = getattr(image, "tag_v2", None)
    return image.size if tags is None else (int(tags[_TIFF_WIDTH]), int(tags[_TIFF_HEIGHT]))


def _open(path: Path, use: "Callable[[Image.Image], _Result]") -> _Result:
    """Call `use` with the opened image; if that fails, the error names the path."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            return use(image)
    except MemoryError:
        raise  # All images together need too much; this one is not at fault.
    except Image.DecompressionBombError as error:
        raise DataError(
            f"{path} has more pixels than are read of one picture, as a small file could then fill "
            f"all memory ({error}). Make it smaller or take it away."
        ) from error
    except Exception as error:  # damaged files fail in many ways, one or more for each format
        raise DataError(
            f"{path} is no image, or a cut-off one ({error}). Repair it or take it away."
        ) from error


class _Picture(NamedTuple):
    """What is read of a file, and what notes say about it."""

    pixels: np.ndarray
    has_frames: bool
    is_cut: bool
    is_transparent: bool
    is_cropped: bool
    is_padded: bool


_SAID = {
    "has_frames": "Several frames in {count:,} of them, of which the first is read.",
    "is_cut": "Colours of more than 8 bits in {count:,} of them, of which Pillow keeps 8.",
    "is_transparent": f"Transparent pixels in {{count:,}} of them, which are laid on {_GROUND}.",
    "is_cropped": "Another shape in {count:,} of them, which are cropped to their middle.",
    "is_padded": "Another shape in {count:,} of them, which are padded with black.",
}


def _picture(
    image: "Image.Image", image_size: tuple[int, int] | None, color: str | None, fit: str | None
) -> _Picture:
    # JPEGs from phones hold a second picture, such as a map of brightness.
    has_frames = image.format != "MPO" and getattr(image, "is_animated", False)
    # Read before it is decoded: the name of the file's own form of pixels, such as RGB;16B.
    forms = [str(tile[3]) for tile in getattr(image, "tile", ())]
    is_cut = image.mode not in _DEEP and any(";16" in form for form in forms)
    is_transparent = image.mode not in _DEEP and image.has_transparency_data
    is_other = image_size is not None and has_other_shape(_upright(image), image_size)
    pixels = _pixels(image, image_size, color, fit)
    is_cropped, is_padded = (is_other and fit == one for one in ("crop", "pad"))
    return _Picture(pixels, has_frames, is_cut, is_transparent, is_cropped, is_padded)


def _read_all(
    root: Path,
    paths: list[Path],
    image_size: tuple[int, int] | None,
    color: str | None,
    fit: str | None,
) -> tuple[np.ndarray, tuple[float, float] | None, list[str]]:
    """Return images (n, height, width, 1 or 3), the range of deep ones, and notes."""
    pictures = _of_each(paths, lambda image: _picture(image, image_size, color, fit))
    images = [picture.pixels for picture in pictures]
    # A header may state another size than the pixels have.
    _check_sizes(root, [(len(image), image.shape[1]) for image in images])
    counts = {name: sum(getattr(picture, name) for picture in pictures) for name in _SAID}
    notes = [_SAID[name].format(count=count) for name, count in counts.items() if count]
    if any(image.ndim == 3 for image in images):
        images = [_with_three_channels(image) for image in images]
    deep = [image for image in images if _is_deep(image)]
    if not deep:
        return _with_channels(np.stack(images)), None, notes
    low, high = value_range = _deep_range(deep)
    images = [
        image if _is_deep(image) else _stretched(image, BYTES, value_range) for image in images
    ]
    others = "; the others are stretched to that" if len(deep) < len(images) else ""
    note = (
        f"More than 8 bits in {len(deep):,} of them, which keep their values, in a range of "
        f"{low:,g} to {high:,g}{others}."
    )
    return _with_channels(np.stack(images)), value_range, [*notes, note]


def _is_deep(image: np.ndarray) -> bool:
    return image.dtype != np.uint8


def _deep_range(images: list[np.ndarray]) -> tuple[float, float]:
    """The lowest and the highest value that images of more than 8 bits can have."""
    finite = [image[np.isfinite(image)] for image in images]
    low = min(float(values.min(initial=0)) for values in finite)
    most = max(float(values.max(initial=0)) for values in finite)
    bits = max(8, math.ceil(most).bit_length())
    return low, 1.0 if most <= 1 else 2.0**bits - 1


def _stretched(
    image: np.ndarray, own_range: tuple[float, float], to_range: tuple[float, float]
) -> np.ndarray:
    """Return an image as float32, stretched from its own range to the other."""
    (own_low, own_high), (low, high) = own_range, to_range
    shares = (image.astype(np.float64) - own_low) / (own_high - own_low)
    return (shares * (high - low) + low).astype(np.float32)


def _with_channels(images: np.ndarray) -> np.ndarray:
    return images if images.ndim == 4 else images[..., np.newaxis]


def _with_three_channels(image: np.ndarray) -> np.ndarray:
    return image if image.ndim == 3 else np.repeat(image[..., np.newaxis], 3, axis=-1)


def _pixels(
    image: "Image.Image", image_size: tuple[int, int] | None, color: str | None, fit: str | None
) -> np.ndarray:
    """Return an image (height, width) if it is grey, (height, width, 3) if it is coloured.

    It is uint8, or float32 if it has more than 8 bits.
    """
    from PIL import ImageOps

    image = ImageOps.exif_transpose(image)
    if image.mode in _DEEP:
        image = image.convert("F")
    else:
        image = _opaque(image)
        is_grey = color == "grey" or (color is None and image.mode in _GREY)
        image = image.convert("L" if is_grey else "RGB")
    if image_size is not None:
        image = resized(image, image_size, fit)
    pixels = np.asarray(image)
    return _with_three_channels(pixels) if color == "rgb" else pixels


def _opaque(image: "Image.Image") -> "Image.Image":
    """Lay an image with transparent pixels on the background; return others as they are."""
    from PIL import Image

    if not image.has_transparency_data:
        return image
    is_grey = image.mode in _GREY
    layer = image.convert("RGBA")
    flat = Image.alpha_composite(Image.new("RGBA", layer.size, _GROUND), layer)
    return flat.convert("L" if is_grey else "RGB")
