"""The networks that there are by name, and what each honours of a blueprint.

Their builders import Keras, whose backend takes seconds; what is known of them here does not.
"""

from __future__ import annotations

from dataclasses import dataclass

_DENSE_LAYERS = (
    *("dense", "activation", "kernel_initializer", "use_bias", "normalization"),
    *("after_dense", "kernel_regularizer"),
)
# What acts in hidden dense layers alone: beside convolutions, and where there are none.
_HIDDEN = ("after_dense", "normalize_dense")
_HIDDEN_ALONE = ("activation", "use_bias", "normalization", *_HIDDEN)


@dataclass(frozen=True)
class BuiltIn:
    """A network by name.

    Attributes:
        path: `"module:build"` of its builder.
        slots: the fields of a blueprint that it honours, out of NETWORK_FIELDS.
        hidden: those of them that do nothing where it has no hidden dense layer.
        takes: what its examples may be, as `example_word` calls them.
        about: what it is and for which inputs, a sentence or two.
        advice: what to mind with it.
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
        advice="Images are halved once a stage, so that three stages need 8x8 pixels or more. It "
        "shares weights between places, which is why it needs fewer examples of images than a "
        "fully connected network.",
    ),
    "backbone": BuiltIn(
        f"{_HERE}.backbone:build",
        (
            # What leaves hidden layers alone (normalize_dense) would find nothing to normalise.
            *("backbone", "backbone_weights", "backbone_arguments", "head_pooling"),
            *(*_DENSE_LAYERS, "after_stage"),
        ),
        hidden=_HIDDEN_ALONE,
        about="A network that was trained before, with a new dense head, for images: what the "
        "recipe transfer brings.",
        advice='Say which by the recipe, as { use = "transfer", source = "MobileNetV2" }; its card '
        "tells of frozen epochs and weights.",
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
        "tables; images, sequences and tokens are flattened, so that it takes them too.",
        advice="It knows nothing of places and order: over images and sequences it needs more "
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
        "normalisation are the head's.",
    ),
}
