"""Images and draws for the tests of the augmentation layer."""

from __future__ import annotations

import keras
import numpy as np

from trickbook.layers import RandomAugmentation

# What the columns of the draws decide; 0.5 is the middle of every range. Their order is part of
# what makes a training repeatable.
COLUMNS = (
    "flip",
    "shift_y",
    "shift_x",
    "pad_y",
    "pad_x",
    "area",
    "crop_y",
    "crop_x",
    "turn",
    "zoom",
    "shear_y",
    "shear_x",
    "brightness",
    "contrast",
    "channel_shift",
    "channel_shift_key",
    "erasing",
    "erased_area",
    "erased_y",
    "erased_x",
    # Drawn where they are asked for.
    "over",
    "zoom_x",
)
# Then for each operation: which, in which direction, and a key for its channels.
OPERATION_DRAWS = 3


def pictures(count, height=6, width=9, channels=2, seed=0):
    """Random images of mean 0 and deviation 1."""
    return np.random.default_rng(seed).normal(size=(count, height, width, channels)).astype("f4")


def coordinates(count, height, width):
    """Images whose two channels hold y and x, so that the warped ones tell their sources."""
    grid = np.stack(np.meshgrid(np.arange(height), np.arange(width), indexing="ij"), axis=-1)
    return np.repeat(grid[None].astype("f4"), count, axis=0)


def draws(count, seed=1, operations=None, **columns):
    """Uniform draws in 0..1 as the pipeline makes them, the named columns as given.

    `operations` are the draws of the operations, (count, 3 * operations).
    """
    rng = np.random.default_rng(seed)
    values = rng.random((count, RandomAugmentation.draws), dtype="f4")
    if operations is not None or {"over", "zoom_x"} & columns.keys():
        more = rng.random((count, len(COLUMNS) - RandomAugmentation.draws), dtype="f4")
        values = np.concatenate([values, more], axis=1)
    for name, column in columns.items():
        values[:, COLUMNS.index(name)] = column
    if operations is None:
        return values
    return np.concatenate([values, np.asarray(operations, "f4")], axis=1)


def augmented(images, values, **settings):
    """The images after the layer with these settings and draws."""
    return keras.ops.convert_to_numpy(RandomAugmentation(**settings)(images, values))
