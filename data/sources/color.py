"""Grey and colour versions of image arrays."""

import numpy as np

#: ITU-R 601 luma weights of red, green and blue in 1/65536, rounded as Pillow does.
_LUMA = (19595, 38470, 7471)


def to_color(images: np.ndarray, color: str) -> np.ndarray:
    """Return images (n, height, width, 1, 3 or 4) as `rgb` (3 channels) or `grey` (1 channel).

    A fourth channel, alpha, is dropped. Grey is the luma, as in Pillow's mode L; that of whole
    numbers is rounded to whole ones.
    """
    images = images[..., :3]
    channels = images.shape[-1]
    if color == "rgb":
        return np.repeat(images, 3, axis=-1) if channels == 1 else images
    return images if channels == 1 else _luma(images)


def _luma(images: np.ndarray) -> np.ndarray:
    if images.dtype.kind in "ui":
        wide = np.int32 if images.dtype.itemsize == 1 else np.int64
        total = images.astype(wide) @ np.asarray(_LUMA, wide)
        return ((total + 0x8000) >> 16).astype(images.dtype)[..., np.newaxis]
    weights = np.asarray(_LUMA, np.float32) / 65536
    return (images.astype(np.float32) @ weights)[..., np.newaxis]
