"""Detecting pixels in other units than those that a run learnt from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...data.fitted_scaling import BYTES, are_bytes
from ...data.value_ranges import are_in_other_units


def units_note(images: np.ndarray, learnt: Sequence[float], place: str) -> str:
    """Returns a warning if images seem to be in other units; otherwise an empty text.

    Args:
        images: one or more images, (n, height, width, channels).
        learnt: lowest and highest value of the pixels that the run learnt from.
        place: where the images are from.
    """
    low, high = float(images.min()), float(images.max())
    least, most = learnt
    # Bytes are in the same units even if the images are dark.
    if are_bytes(images) and (least, most) == BYTES:
        return ""
    if not are_in_other_units((low, high), (least, most)):
        return ""
    return (
        f"The pixels of {place} go from {low:g} to {high:g}, and those that the runs learnt from "
        f"went from {least:g} to {most:g}. If they are in other units, the answers mean nothing: "
        "bring them to that range."
    )
