"""How the kernels start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .blueprint import Blueprint
from .config import Config
from .errors import RecipeError
from .network_settings import has_convolutions
from .recipe import Recipe
from .setting import setting
from .slot import Slot

_KINDS = ("glorot", "he", "lecun", "orthogonal", "lsuv", "dirac")
_BY_FAN = {"he": "He", "glorot": "Glorot", "lecun": "Lecun"}
# Training images on which LSUV measures the variance of each layer's output.
_LSUV_IMAGES = 256


@dataclass(frozen=True)
class Initializer(Recipe):
    """Starts every kernel from other numbers.

    Why:
        Signals and gradients should neither fade nor grow from layer to layer. He's variance
        2/fan_in achieves this for ReLU. For activations near the identity, Glorot's
        2/(fan_in + fan_out) serves both directions and LeCun's 1/fan_in the forward one.
        Orthonormal matrices keep lengths as they are. LSUV begins with these and divides each
        kernel until its layer's output has variance 1 on training images, whatever the activations.
        Dirac lets each convolution pass its input on, as far as it has the filters for it. The
        initialiser matters most in deep networks without normalisation.

    Source:
        L2, L3 (He: 2/fan_in), L4 (Glorot: 2/(fan_in + fan_out); LSUV, algorithm 1); He et al. 2015;
        Glorot and Bengio 2010; LeCun et al. 1998; Saxe et al. 2014 (orthogonal); Mishkin and Matas
        2016 (LSUV); Zagoruyko and Komodakis 2017 and Jordan 2024 (Dirac). A slip in L4: its Kaiming
        formula divides by the batch size where fan_in belongs. Normal numbers are cut off at two
        standard deviations, and their variance is corrected for that.

    Clashes:
        Another recipe that sets the kernel initializer. With kind="lsuv": logit_scaling, which it
        would undo; warm_start and transfer, whose weights it would replace. With kind="dirac": a
        network without convolutions. Kernels of dense layers have no pixel to pass on; with dirac
        they start from uniform numbers of variance 1/(3 fan_in). In recurrent layers, the kernels
        of the state stay orthogonal, as in Keras, and LSUV leaves these layers as they are drawn.
    """

    level = "training"
    helps_against = ("under-fitting", "saturated", "diverged")
    kind: Literal["glorot", "he", "lecun", "orthogonal", "lsuv", "dirac"] = setting(
        "glorot", "which initialiser", choices=_KINDS
    )
    distribution: Literal["normal", "uniform"] = setting(
        "normal",
        "distribution of the numbers; orthogonal, lsuv and dirac leave no choice",
        choices=("normal", "uniform"),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.distribution == "uniform" and self.kind not in _BY_FAN:
            raise RecipeError(
                f"initializer: {self.kind} has no choice of distribution. "
                f"Received: distribution={self.distribution!r}"
            )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the initialiser, and for LSUV with its callback.

        Raises:
            RecipeError: for Dirac's filters in a network without convolutions.
        """
        if self.kind == "dirac" and not has_convolutions(blueprint.base):
            raise RecipeError(
                f"initializer: dirac is for convolutions, and the network {blueprint.base!r} has "
                "none to initialise. Choose another kind."
            )
        emptied = blueprint.empty("callbacks", self.name).empty("kernel_initializer", self.name)
        if emptied.kernel_initializer == f"{self.kind}_{self.distribution}":
            return emptied
        filled = emptied.fill("kernel_initializer", Slot(self.name, self._config()))
        if self.kind != "lsuv":
            return filled
        # It gets a seed that is derived from the run's when it is built.
        lsuv = Config.of("trickbook.callbacks:LSUV", x={"training_inputs": _LSUV_IMAGES})
        return filled.fill("callbacks", Slot(self.name, lsuv, order=10))

    def _config(self) -> Config:
        if self.kind == "dirac":
            return Config.of("trickbook.layers:PartialIdentity")
        if self.kind not in _BY_FAN:
            return Config.of("keras.initializers:Orthogonal")
        name = f"{_BY_FAN[self.kind]}{self.distribution.capitalize()}"
        return Config.of(f"keras.initializers:{name}")
