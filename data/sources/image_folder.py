"""Images in folders: a sub-folder per class, with or without train, val and test above them."""

import os
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ..errors import DataError, listed
from .raw_images import Part, RawImages

if TYPE_CHECKING:
    from PIL import Image

ENDINGS = frozenset(
    {".png", ".jpg", ".jpeg", ".jfif", ".jpe", ".bmp", ".gif", ".webp", ".tif", ".tiff"}
    | {".pgm", ".ppm", ".pnm", ".jp2"}
)
SPLITS = {"train": ("train",), "val": ("val", "valid", "validation", "dev"), "test": ("test",)}
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
            validation/ or dev/) and test/, each of which has a sub-folder per class.
        image_size: (height, width) to resize to, bilinear with antialiasing; None asks for images
            of one size.
        color: `rgb` or `grey` converts; None gives grey if all images are grey, else rgb.

    Raises:
        DataError: If there is nothing to read, a class is empty, the splits' classes differ, a
            file is no image, or sizes differ without `image_size`.
    """
    root = Path(root).expanduser()
    files = {split: _files(folder) for split, folder in _split_folders(root).items()}
    classes = tuple(files["train"])
    _check_same_classes(root, files)
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
    return RawImages(parts["train"], parts.get("val"), parts.get("test"), classes=classes)


def _split_folders(root: Path) -> dict[str, Path]:
    if not root.is_dir():
        raise DataError(f"There is no folder {root}. Name an existing one with folder:PATH.")
    if not (root / "train").is_dir():
        return {"train": root}
    folders = {}
    for split, names in SPLITS.items():
        found = [root / name for name in names if (root / name).is_dir()]
        if len(found) > 1:
            raise DataError(
                f"{root} has {listed([folder.name for folder in found])}, which mean the same. "
                "Keep one of them."
            )
        if found:
            folders[split] = found[0]
    return folders


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _files(folder: Path) -> dict[str, list[Path]]:
    """Image paths by class."""
    files = {
        child.name: [path for path in _visible(child) if path.suffix.lower() in ENDINGS]
        for child in _visible(folder)
        if child.is_dir()
    }
    if not files:
        raise DataError(
            f"{folder} has no sub-folders. Put the images of each class into a folder of its own "
            "there, named for the class."
        )
    empty = [name for name, paths in files.items() if not paths]
    if empty:
        raise DataError(
            f"There are no images in {listed([str(folder / name) for name in empty])}. Add some "
            f"(of {', '.join(sorted(ENDINGS))}) or remove the folder. Splits above the "
            "classes must be named train, val and test."
        )
    return files


def _check_same_classes(root: Path, files: dict[str, dict[str, list[Path]]]) -> None:
    for split, by_class in files.items():
        missing = sorted(set(files["train"]) - set(by_class))
        extra = sorted(set(by_class) - set(files["train"]))
        if missing or extra:
            faults = [f"lacks {listed(missing)}"] if missing else []
            faults += [f"also has {listed(extra)}"] if extra else []
            raise DataError(
                f"The classes of the {split} images in {root} are not those of the training "
                f"images: {split} {' and '.join(faults)}. Give both the same class folders."
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
