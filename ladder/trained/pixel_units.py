"""Telling pixels that are in other units than those that a run learnt from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...data.fitted_scaling import BYTES, are_bytes
from ...data.value_ranges import are_in_other_units


def units_note(images: np.ndarray, learnt: Sequence[float], place: str) -> str:
    """Returns what to say of images whose units seem to be others; empty where they do not.

    Args:
        images: (n, height, width, channels), one or more.
        learnt: lowest and highest value of the pixels that the run learnt from.
        place: where the images are.
    """
    low, high = float(images.min()), float(images.max())
    least, most = learnt
    # Bytes may be dark, and are bytes still.
    if are_bytes(images) and (least, most) == BYTES:
        return ""
    if not are_in_other_units((low, high), (least, most)):
        return ""
    return (
        f"The pixels of {place} go from {low:g} to {high:g}, and those that the runs learnt from "
        f"went from {least:g} to {most:g}. If they are in other units, the answers mean nothing: "
        "bring them to that range."
    )
