"""Refuses images that cannot be trained on, saying what is wrong and where."""

import hashlib
from collections.abc import Iterable
from itertools import combinations

import numpy as np

from .class_checks import as_labels
from .errors import DataError
from .float32_loss import as_float32
from .sources.color import to_color
from .sources.part import Part

# Rows of few columns can be the same by chance.
_FLATTERED = "figures are too optimistic unless this is chance"


def checked_part(part: Part, where: str, color: str | None) -> Part:
    """Return images (n, height, width, 1 or 3) of plain numbers and labels (n,) int32.

    Args:
        part: Images (n, height, width[, channels]) and labels (n,) or (n, 1).
        where: The data and the part, for messages.
        color: `rgb`, `grey` or None, which keeps the channels.

    Raises:
        DataError: If images or labels are anything else, their lengths differ, or there are none.
    """
    images = _with_channels(np.asarray(part.inputs), where)
    if color is not None and images.shape[-1] in (1, 3, 4):
        images = to_color(images, color)
    _check_channels(images, where)
    labels = as_labels(np.asarray(part.labels), where)
    if len(images) != len(labels):
        raise DataError(
            f"{where} has {len(images)} images but {len(labels)} labels. Give one label per image."
        )
    if not len(images):
        raise DataError(f"{where} has no images. Give at least one of each class.")
    return Part(images, labels)


def _with_channels(images: np.ndarray, where: str) -> np.ndarray:
    if images.ndim not in (3, 4) or images.dtype.kind not in "uif":
        raise DataError(
            f"The images of {where} must be numbers of shape (n, height, width) or "
            "(n, height, width, channels). Sequences (n, steps, features), tokens (n, steps) and "
            "rows (n, columns) are named by --inputs sequences, tokens or rows "
            '(inputs="sequences" and so on in Python). '
            f"Received: shape={images.shape}, dtype={images.dtype}"
        )
    if 0 in images.shape[1:]:
        raise DataError(f"The images of {where} are empty. Received: shape={images.shape}")
    return images[..., np.newaxis] if images.ndim == 3 else images


def _check_channels(images: np.ndarray, where: str) -> None:
    channels = images.shape[-1]
    if channels == 4:
        raise DataError(
            f"The images of {where} have 4 channels, the fourth of which would be alpha. "
            'Drop it with --color rgb (color="rgb" in Python).'
        )
    if channels not in (1, 3):
        raise DataError(
            f"The images of {where} must have 1 channel (grey) or 3 (rgb), as the last axis. "
            f"Received: shape={images.shape}"
        )


def same_kind(parts: dict[str, Part], name: str) -> dict[str, Part]:
    """Return the parts with images of one type, uint8 or finite float32, and of one shape.

    Raises:
        DataError: If they differ in shape or in kind, or hold NaN or infinity.
    """
    shapes = {part.inputs.shape[1:] for part in parts.values()}
    kinds = {part.inputs.dtype.kind == "f" for part in parts.values()}
    if len(shapes) > 1 or len(kinds) > 1:
        found = "; ".join(
            f"{split}: {part.inputs.shape[1:]} {part.inputs.dtype}" for split, part in parts.items()
        )
        raise DataError(
            f"The parts of {name} differ in image shape or in number type ({found}). "
            "Give all of them the same shape and the same scale of pixel values."
        )
    dtype = np.uint8 if all(_fits_bytes(part.inputs) for part in parts.values()) else np.float32
    return {
        split: Part(_as_type(part.inputs, dtype, f"{name}, {split} part"), part.labels)
        for split, part in parts.items()
    }


def _fits_bytes(images: np.ndarray) -> bool:
    if images.dtype == np.uint8:
        return True
    return images.dtype.kind in "ui" and bool(images.min() >= 0) and bool(images.max() <= 255)


def _as_type(images: np.ndarray, dtype: type, where: str) -> np.ndarray:
    if dtype is not np.float32:
        return np.ascontiguousarray(images, dtype)
    images, bad = as_float32(images)
    if bad:
        raise DataError(
            f"{bad} of {len(images)} images of {where} hold NaN or infinite values. "
            "Repair or leave out those images."
        )
    return images


def duplicate_warnings(
    images: dict[str, np.ndarray], examples: str = "images", alike: str = "pixel for pixel"
) -> tuple[str, ...]:
    """Return a sentence for each pair of parts that share identical images, with the count.

    Args:
        images: Images (n, ...) by part.
        examples: What they are, such as `images` or `rows`.
        alike: How identical ones are compared, such as `pixel for pixel`.
    """
    figures = "accuracy is too optimistic by as much" if examples == "images" else _FLATTERED
    digests_of = {split: digests(part) for split, part in images.items()}
    warnings = []
    for one, other in combinations(digests_of, 2):
        known = set(digests_of[one])
        count = sum(digest in known for digest in digests_of[other])
        if count:
            warnings.append(
                f"{count} of {len(digests_of[other])} {other} {examples} also occur, {alike}, "
                f"among the {one} {examples}; {other} {figures}."
            )
    return tuple(warnings)


def digests(examples: Iterable[np.ndarray]) -> list[bytes]:
    """Return a digest of each example; equal examples have equal digests."""
    return [hashlib.blake2b(one.tobytes(), digest_size=16).digest() for one in examples]
