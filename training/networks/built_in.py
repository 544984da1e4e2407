"""The built-in networks by name, and the fields of a blueprint that each honours.

Their builders import Keras, whose backend takes seconds to load; this module does not.
"""

from __future__ import annotations

from dataclasses import dataclass

_DENSE_LAYERS = (
    *("dense", "activation", "kernel_initializer", "use_bias", "normalization"),
    *("after_dense", "kernel_regularizer"),
)
# Fields that act in hidden dense layers alone: in a network with convolutions, and in one without.
_HIDDEN = ("after_dense", "normalize_dense")
_HIDDEN_ALONE = ("activation", "use_bias", "normalization", *_HIDDEN)


@dataclass(frozen=True)
class BuiltIn:
    """A built-in network.

    Attributes:
        path: `"module:build"` of its builder.
        slots: the fields of a blueprint that it honours, out of NETWORK_FIELDS.
        hidden: those slots that have no effect if there is no hidden dense layer.
        takes: the kinds of examples that it takes, as `example_word` names them.
        about: what it is and for which inputs, in a sentence or two.
        advice: what to keep in mind when using it.
    """

    path: str
    slots: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    takes: tuple[str, ...] = ("image",)
    about: str = ""
    advice: str = ""


_HERE = "trickbook.training.networks"

BUILT_IN = {
    "conv": BuiltIn(
        f"{_HERE}.conv:build",
        (
            *("filters", "convolutions", *_DENSE_LAYERS, "after_stage", "skip_connections"),
            *("normalize_dense", "pooling", "head_pooling"),
        ),
        hidden=_HIDDEN,
        about="Stages of 3x3 convolutions, each halved at its end, and a dense head: the lecture's "
        "network for images (deck L3).",
        advice="Images are halved once per stage, so three stages need 8x8 pixels or more. It "
        "shares weights between places, which is why it needs fewer images than a fully connected "
        "network.",
    ),
    "backbone": BuiltIn(
        f"{_HERE}.backbone:build",
        (
            # Not normalize_dense: if it left out hidden layers, there would be none to normalise.
            *("backbone", "backbone_weights", "backbone_arguments", "head_pooling"),
            *(*_DENSE_LAYERS, "after_stage"),
        ),
        hidden=_HIDDEN_ALONE,
        about="A pretrained network with a new dense head, for images. The recipe transfer brings "
        "it.",
        advice='Name the network with the recipe: { use = "transfer", source = "MobileNetV2" }. '
        "The recipe's card explains frozen epochs and weights.",
    ),
    "airbench": BuiltIn(
        f"{_HERE}.airbench:build",
        (
            *("filters", "convolutions", "activation", "kernel_initializer", "use_bias"),
            *("normalization", "after_stage", "kernel_regularizer", "skip_connections"),
        ),
        about="Stages of 3x3 convolutions, each halved within its first, and no dense layers: the "
        "network of fast trainings on CIFAR-10 (Jordan 2024, arXiv 2404.00498).",
        advice="Its paper has filters = [64, 256, 256], gelu, and patch_whitening in front.",
    ),
    "fully_connected": BuiltIn(
        f"{_HERE}.fully_connected:build",
        _DENSE_LAYERS,
        hidden=_HIDDEN_ALONE,
        takes=("row", "image", "sequence", "window"),
        about="Hidden dense layers: deck L1's simple fully connected network. For the rows of "
        "tables; it takes images, sequences and tokens too, and flattens them.",
        advice="It knows nothing about places and order: for images and sequences it needs more "
        "examples than the networks that are made for them.",
    ),
    "recurrent": BuiltIn(
        f"{_HERE}.recurrent:build",
        ("recurrent_units", "cell", "bidirectional", *_DENSE_LAYERS, "after_stage"),
        hidden=_HIDDEN_ALONE,
        takes=("sequence", "window", "image"),
        about="Recurrent layers, whose last output goes to a dense head: simple RNN, LSTM or GRU "
        "(deck L1). For sequences and tokens, and for images row by row.",
        advice="Clip its gradients (recipe gradient_clipping): they are multiplied from step to "
        "step, and now and then explode (Pascanu et al. 2013). LSTM and GRU keep more of long "
        "sequences than a simple RNN. Its cells have activations of their own: activation and "
        "normalisation apply to the head.",
    ),
}
