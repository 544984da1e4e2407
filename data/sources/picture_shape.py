"""Resizing pictures, also those of another shape than the one asked for."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image


def resized(image: "Image.Image", image_size: tuple[int, int], fit: str | None) -> "Image.Image":
    """Return an image at a size, bilinear with antialiasing.

    Args:
        image: A picture of any size and mode.
        image_size: (height, width) in pixels.
        fit: How another ratio of height to width is treated: `crop` keeps the middle, `pad` adds
            zeros, which are black, on two sides equally; `stretch` or None distorts. If the ratio
            is the one asked for, all three are the same.
    """
    from PIL import Image, ImageOps

    size = (image_size[1], image_size[0])
    if fit == "crop":
        return ImageOps.fit(image, size, Image.Resampling.BILINEAR)
    if fit == "pad":
        return ImageOps.pad(image, size, Image.Resampling.BILINEAR, color=0)
    return image.resize(size, Image.Resampling.BILINEAR)


def has_other_shape(size: tuple[int, int], image_size: tuple[int, int]) -> bool:
    """Whether two sizes, (height, width), have different ratios."""
    return size[0] * image_size[1] != size[1] * image_size[0]
