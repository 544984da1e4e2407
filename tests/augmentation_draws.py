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
)


def pictures(count, height=6, width=9, channels=2, seed=0):
    """Random images of mean 0 and deviation 1."""
    return np.random.default_rng(seed).normal(size=(count, height, width, channels)).astype("f4")


def draws(count, seed=1, **columns):
    """Uniform draws in 0..1 as the pipeline makes them, the named columns as given."""
    values = np.random.default_rng(seed).random((count, RandomAugmentation.draws), dtype="f4")
    for name, column in columns.items():
        values[:, COLUMNS.index(name)] = column
    return values


def augmented(images, values, **settings):
    """The images after the layer with these settings and draws."""
    return keras.ops.convert_to_numpy(RandomAugmentation(**settings)(images, values))
