"""The networks that there are by name, and what each honours of a blueprint.

Their builders import Keras, whose backend takes seconds; what is known of them here does not.
"""

from __future__ import annotations

from dataclasses import dataclass

_DENSE_LAYERS = (
    *("dense", "activation", "kernel_initializer", "use_bias", "normalization"),
    *("after_dense", "kernel_regularizer"),
)


@dataclass(frozen=True)
class BuiltIn:
    """A network by name.

    Attributes:
        path: `"module:build"` of its builder.
        slots: the fields of a blueprint that it honours, out of NETWORK_FIELDS.
    """

    path: str
    slots: tuple[str, ...]


_HERE = "trickbook.training.networks"

BUILT_IN = {
    "conv": BuiltIn(
        f"{_HERE}.conv:build",
        (
            *("filters", "convolutions", *_DENSE_LAYERS, "after_stage", "skip_connections"),
            *("normalize_dense", "pooling", "head_pooling"),
        ),
    ),
    "backbone": BuiltIn(
        f"{_HERE}.backbone:build",
        (
            *("backbone", "backbone_weights", "backbone_arguments", "head_pooling"),
            *(*_DENSE_LAYERS, "after_stage", "normalize_dense"),
        ),
    ),
    "fully_connected": BuiltIn(f"{_HERE}.fully_connected:build", _DENSE_LAYERS),
    "recurrent": BuiltIn(
        f"{_HERE}.recurrent:build",
        ("recurrent_units", "cell", "bidirectional", *_DENSE_LAYERS, "after_stage"),
    ),
}
