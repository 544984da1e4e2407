"""Images in folders: a sub-folder per class, with or without train, val and test above them."""

import os
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ..errors import DataError, listed
from .folder_files import find_pictures
from .raw_images import Part, RawImages

if TYPE_CHECKING:
    from PIL import Image

#: What stands behind transparent pixels, whose own colour is arbitrary, often black.
_GROUND = "white"
#: Pillow modes whose images are grey; those of more than 8 bits are cut to 8.
_GREY = frozenset({"1", "L", "LA", "La"})
_GREY_16 = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N"})
_ORIENTATION = 0x0112

_Result = TypeVar("_Result")


def read_folder(
    root: str | Path, image_size: tuple[int, int] | None = None, color: str | None = None
) -> RawImages:
    """Read every image below `root` into uint8 arrays; classes and files in order of name.

    Args:
        root: Folder with a sub-folder per class, or with train/ and perhaps val/ (or valid/,
            validation/ or dev/) and test/, each of which has a sub-folder per class. Images in
            sub-folders of a class are of that class.
        image_size: (height, width) to resize to, bilinear with antialiasing; None asks for images
            of one size.
        color: `rgb` or `grey` converts; None gives grey if all images are grey, else rgb.

    Raises:
        DataError: If there is nothing to read, a class is empty, the splits' classes differ, a
            file is no image, or sizes differ without `image_size`.
    """
    root = Path(root).expanduser()
    found = find_pictures(root)
    files = found.pictures
    classes = tuple(files["train"])
    paths = [path for by_class in files.values() for each in by_class.values() for path in each]
    if image_size is None:
        _check_one_size(root, paths)
    images = _read_all(paths, image_size, color)
    parts: dict[str, Part] = {}
    start = 0
    for split, by_class in files.items():
        labels = np.repeat(np.arange(len(classes)), [len(by_class[name]) for name in classes])
        parts[split] = Part(images[start : start + len(labels)], labels)
        start += len(labels)
    return RawImages(
        parts["train"], parts.get("val"), parts.get("test"), classes=classes, notes=(found.note,)
    )


def _check_one_size(root: Path, paths: list[Path]) -> None:
    """Read the headers alone, so that large images of many sizes fail before they are decoded."""
    sizes = Counter(_in_threads(_size, paths))
    if len(sizes) > 1:
        found = [f"{height}x{width} ({count})" for (height, width), count in sizes.most_common()]
        raise DataError(
            f"The images in {root} have {len(sizes)} sizes, as height x width (count): "
            f"{listed(found)}. Give one to resize to with --image-size H,W "
            "(image_size=(H, W) in Python)."
        )


def read_image(path: str | Path, image_size: tuple[int, int], color: str) -> np.ndarray:
    """Returns one image as `read_folder` reads those of a class: upright, on white, of 8 bits.

    Args:
        path: An image file.
        image_size: (height, width) to resize to.
        color: `rgb` or `grey`.

    Returns:
        (height, width, 3 or 1), uint8.

    Raises:
        DataError: If there is no such file, or it is no image.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"There is no file {path}.")
    pixels = _open(path, lambda image: _pixels(image, image_size, color))
    return pixels if pixels.ndim == 3 else pixels[..., np.newaxis]


def _in_threads(function: Callable[[Path], _Result], paths: Iterable[Path]) -> list[_Result]:
    # Pillow lets go of the interpreter while it decodes.
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        return list(pool.map(function, paths))


def _size(path: Path) -> tuple[int, int]:
    """Height and width of an image as it is to be looked at."""

    def upright(image: "Image.Image") -> tuple[int, int]:
        turned = image.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)
        return image.size if turned else (image.height, image.width)

    return _open(path, upright)


def _open(path: Path, use: "Callable[[Image.Image], _Result]") -> _Result:
    """Call `use` with the opened image; whatever fails, fails with the path in its message."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            return use(image)
    except Exception as error:  # damaged files fail in many ways, one or more for each format
        raise DataError(
            f"{path} is no image, or a cut-off one ({error}). Repair it or take it away."
        ) from error


def _read_all(
    paths: list[Path], image_size: tuple[int, int] | None, color: str | None
) -> np.ndarray:
    """Return images (n, height, width, 1 or 3) uint8."""
    images = _in_threads(lambda path: _open(path, lambda i: _pixels(i, image_size, color)), paths)
    if any(image.ndim == 3 for image in images):
        images = [_with_three_channels(image) for image in images]
        return np.stack(images)
    return np.stack(images)[..., np.newaxis]


def _with_three_channels(image: np.ndarray) -> np.ndarray:
    return image if image.ndim == 3 else np.repeat(image[..., np.newaxis], 3, axis=-1)


def _pixels(
    image: "Image.Image", image_size: tuple[int, int] | None, color: str | None
) -> np.ndarray:
    """Return an image (height, width) if it is grey, (height, width, 3) if it is coloured."""
    from PIL import Image, ImageOps

    image = _opaque(_eight_bits(ImageOps.exif_transpose(image)))
    mode = {"rgb": "RGB", "grey": "L", None: "L" if image.mode in _GREY else "RGB"}[color]
    image = image.convert(mode)
    if image_size is not None:
        height, width = image_size
        image = image.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(image)


def _opaque(image: "Image.Image") -> "Image.Image":
    """Lay an image with transparent pixels on the ground; others are returned as they are."""
    from PIL import Image

    if not image.has_transparency_data:
        return image
    is_grey = image.mode in _GREY
    layer = image.convert("RGBA")
    flat = Image.alpha_composite(Image.new("RGBA", layer.size, _GROUND), layer)
    return flat.convert("L" if is_grey else "RGB")


def _eight_bits(image: "Image.Image") -> "Image.Image":
    from PIL import Image

    if image.mode not in _GREY_16:
        return image
    return Image.fromarray((np.asarray(image).clip(0, 65535) >> 8).astype(np.uint8))
