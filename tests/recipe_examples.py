"""An example of every recipe, and values that its settings refuse."""

from trickbook.recipes import (
    L2,
    Augmentation,
    BatchNorm,
    Dropout,
    LRDecay,
    Noise,
    SkipConnections,
    Wider,
)

FIRST_EIGHT = (
    *("noise", "augmentation", "batch_norm", "wider", "skip_connections"),
    *("dropout", "l2", "lr_decay"),
)

# Each changes the plain blueprint.
EXAMPLES = {
    "noise": Noise(kind="gaussian"),
    "augmentation": Augmentation(),
    "batch_norm": BatchNorm(),
    "wider": Wider(1.3),
    "skip_connections": SkipConnections(),
    "dropout": Dropout(),
    "l2": L2(),
    "lr_decay": LRDecay(),
}

NAN = float("nan")
# By the recipe's class: for each of its settings, values that it refuses.
WRONG = {
    Noise: {
        "kind": ["salt", None, ["erasing"]],
        "probability": [-0.1, 1.1, NAN, "0.5", True],
        "area_min": [-0.1, 2],
        "area_max": [1.5, NAN],
        "value": [NAN, float("inf"), "0", None],
        "stddev": [-1, NAN],
    },
    BatchNorm: {"momentum": [-0.1, 1, 1.5], "epsilon": [0, -1e-5, NAN]},
    Dropout: {"rate": [-0.1, 1, 1.0, NAN, "0.5"], "stage_rate": [-0.1, 1]},
    L2: {"weight": [-1e-4, NAN, float("inf"), "1e-4"]},
    Augmentation: {
        "flip_probability": [-0.1, 1.1],
        "shift_pixels": [-1, NAN],
        "crop_padding_pixels": [-1, 1.5, True],
        "crop_area_min": [0.0, -0.5, 1.1],
        "rotation_degrees": [-5, 181.0, NAN],
        "zoom": [-0.1, 1, 1.5, NAN],
        "shear": [-0.1, 1.0, NAN],
        "brightness": [-1, NAN, float("inf"), "0.1", 10**400],
        "contrast": [-0.1, 1.1, NAN],
        "channel_shift": [-1, NAN, float("inf")],
        "fill_mode": ["mirror", 0],
    },
    LRDecay: {"gamma": [0.0, -0.5, 1.1, NAN]},
    Wider: {"factor": [0, -2, float("inf"), "2"]},
    SkipConnections: {},
}
