"""The network of a blueprint: which builder, and its settings."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from .config import frozen_arguments
from .errors import RecipeError
from .own_code import find_own
from .setting import LARGEST, keep_checked, setting
from .slot import Slot, check_slot, checked_slots

# What halves height and width after a stage, and what a head makes of the last stage's maps.
POOLINGS = ("max", "average", "strided")
HEAD_POOLINGS = ("average", "max", "flatten")
# What the layers of a recurrent network are made of.
CELLS = ("simple_rnn", "lstm", "gru")

# Names of built-in networks as blueprints have always written them, and how names are read.
_WRITTEN = {"conv": None, "fully_connected": "mlp"}
_READ = {None: "conv", "convnet": "conv", "mlp": "fully_connected"}
# The setting that says how wide a network's body is, where that is not `filters`.
_WIDTHS = {"fully_connected": "dense", "recurrent": "recurrent_units", "backbone": "dense"}
# The places that built-in networks lack, out of those that `has_place` is asked for.
_LACKING = {
    "fully_connected": ("after_stage",),
    "airbench": ("dense", "after_dense", "normalize_dense"),
}
_WITHOUT_CONVOLUTIONS = ("fully_connected", "recurrent", "backbone")


@dataclass(frozen=True)
class NetworkSettings:
    """What decides a network.

    The defaults are the lecture's baseline (deck L3: 3x3 convolutions with padding "same",
    2x2 max pooling, dense 512, He initialisation). The deck gives no filter counts: two
    convolutions per stage with 64, 128 and 256 filters are ours.

    Settings that are not listed here are described beside their fields.

    Attributes:
        base: name of a built-in network, such as "conv" (which None stands for, too), or
            `"module:build"` for a user's own. Each says which of the settings below it honours.
        settings: further keyword arguments of the builder, by name.
        activation: after each convolution and hidden dense layer: its name in Keras, or a layer.
        kernel_initializer: of all kernels: its name in Keras, or an initialiser.
        use_bias: whether convolutions and hidden dense layers have a bias.
        normalization: layer between each convolution or dense layer and its activation.
        after_stage: layers after the last activation of each stage, before a skip's addition.
        after_dense: layers after each hidden dense layer's activation.
        kernel_regularizer: regulariser of every kernel.
        skip_connections: whether a skip spans each stage.
        normalize_dense: whether hidden dense layers are normalised as convolutions are; if not,
            they have a bias whatever use_bias says.
    """

    base: str = "conv"
    filters: tuple[int, ...] = setting(
        (64, 128, 256),
        "filters of the convolutions, one number per stage; each stage ends in pooling",
        several=True,
        whole=True,
        low=1,
        high=LARGEST,
    )
    convolutions: int = setting(
        2, "convolutions per stage", whole=True, low=1, high=LARGEST, search=(1, 3)
    )
    dense: tuple[int, ...] = setting(
        (512,),
        "units of the hidden dense layers after the last stage",
        several=True,
        whole=True,
        low=1,
        high=LARGEST,
    )
    activation: str | Slot = "relu"
    kernel_initializer: str | Slot = "he_normal"
    use_bias: bool = True
    normalization: Slot | None = None
    after_stage: tuple[Slot, ...] = ()
    after_dense: tuple[Slot, ...] = ()
    kernel_regularizer: Slot | None = None
    skip_connections: bool = False
    normalize_dense: bool = True
    pooling: str = setting(
        "max",
        "what halves height and width after each stage: the largest or the mean of 2x2 values, or "
        "a convolution with stride 2",
        choices=POOLINGS,
    )
    head_pooling: str | None = setting(
        None,
        "what the head takes from the last stage's maps: the mean or the largest value of each, or "
        "all values in a row; None averages for images above 64 pixels and flattens for others",
        choices=HEAD_POOLINGS,
        optional=True,
    )
    backbone: str | None = setting(
        None,
        "pretrained network: a name in keras.applications, a .keras file, or the folder of a run; "
        "None: no backbone",
        optional=True,
        text=True,
    )
    backbone_weights: str = setting(
        "imagenet",
        "weights of a backbone from keras.applications: imagenet, which Keras downloads, or a file",
        text=True,
    )
    backbone_arguments: tuple[tuple[str, float], ...] | None = setting(
        None,
        "arguments of a backbone from keras.applications, such as alpha",
        by_name=True,
        optional=True,
        low=0,
    )
    recurrent_units: tuple[int, ...] = setting(
        (64,),
        "units of the recurrent layers, one number per layer, in each direction",
        several=True,
        whole=True,
        low=1,
        high=LARGEST,
    )
    embedding_size: int = setting(
        32,
        "length of the vectors that stand for tokens, in front of any network",
        whole=True,
        low=1,
        high=LARGEST,
    )
    logit_scale: float = setting(
        1.0, "factor on the inputs of the last dense layer", low=0, without_low=True
    )
    cell: str = setting("lstm", "cells of the recurrent layers", choices=CELLS)
    bidirectional: bool = setting(
        False, "whether recurrent layers read a sequence from both ends", flag=True
    )
    settings: tuple[tuple[str, Any], ...] = ()

    def __post_init__(self) -> None:
        keep_checked(self, RecipeError)
        for name in ("activation", "kernel_initializer"):
            value = getattr(self, name)
            if not isinstance(value, (str, Slot)):
                raise RecipeError(f"{name} must be a name. Received: {name}={value!r}")
        for name in ("after_stage", "after_dense"):
            object.__setattr__(self, name, checked_slots(name, getattr(self, name)))
        for name in ("normalization", "kernel_regularizer"):
            check_slot(name, getattr(self, name))
        if self.base is not None and not isinstance(self.base, str):
            raise RecipeError(
                f"base must name a network or read 'module:build'. Received: base={self.base!r}"
            )
        object.__setattr__(self, "base", _READ.get(self.base, self.base))
        try:
            object.__setattr__(self, "settings", frozen_arguments(dict(self.settings)))
        except TypeError as error:
            raise RecipeError(f"settings: {error}") from error


# What a builder may honour; the rest of a blueprint works with any network.
NETWORK_FIELDS = tuple(
    field.name
    for field in fields(NetworkSettings)
    if field.name not in ("base", "settings", "embedding_size", "logit_scale")
)


def written_base(base: str) -> str | None:
    """Returns the name of a network in a blueprint's dictionary, which fingerprints depend on."""
    return _WRITTEN.get(base, base)


def has_place(base: str, name: str) -> bool:
    """Returns whether a network has the place of a field; for a user's own, as its slots say.

    Args:
        base: `base` of the network.
        name: after_stage, after_dense, dense or normalize_dense, all in NETWORK_FIELDS.
    """
    slots = _own_slots(base)
    return name not in _LACKING.get(base, ()) if slots is None else name in slots


def has_hidden_dense(base: str) -> bool:
    """Returns whether a network has hidden dense layers, if its settings ask for any."""
    return any(has_place(base, name) for name in ("dense", "after_dense", "normalize_dense"))


def has_convolutions(base: str) -> bool:
    """Returns whether a network has convolutions that start untrained; True for a user's own."""
    return base not in _WITHOUT_CONVOLUTIONS


def widths_of(base: str) -> str:
    """Returns the name of the setting that says how wide the body of a network is."""
    slots = _own_slots(base)
    if slots is None:
        return _WIDTHS.get(base, "filters")
    return next(
        (name for name in ("filters", "recurrent_units", "dense") if name in slots), "filters"
    )


def _own_slots(base: str) -> tuple[str, ...] | None:
    """Returns the fields that a user's own network says it honours; None for a built-in one.

    Also None if the network cannot be loaded or does not say: it is refused when it is built.
    """
    if ":" not in base:
        return None
    try:
        slots = getattr(find_own(base, "The base network"), "slots", None)
    except RecipeError:
        return None
    return None if slots is None else tuple(slots)


def multiplied(sizes: tuple[int, ...], factor: float) -> tuple[int, ...]:
    """Returns sizes of layers times `factor`, rounded and at least 1 each."""
    return tuple(max(1, round(size * factor)) for size in sizes)
