"""The activation after every layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .blueprint import Blueprint
from .config import Config
from .recipe import Recipe
from .setting import setting
from .slot import Slot

KINDS = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "silu")
# The slope and alpha that Keras's names "leaky_relu" and "elu" stand for.
_SLOPE_BY_NAME, _ALPHA_BY_NAME = 0.2, 1.0


@dataclass(frozen=True)
class Activation(Recipe):
    """Puts another activation after every convolution and hidden dense layer.

    Why:
        ReLU is the cheapest and passes gradients on unchanged where its input is above 0, but a
        unit whose input stays below 0 stops learning. Leaky ReLU and ELU let something through
        there, too, and ELU brings the mean towards 0. GELU and SiLU are smooth. Sigmoid and tanh
        flatten out on both sides, so gradients fade with depth.

    Formula:
        f(x), then its derivative f'(x), with a = exp(-x) and Phi the normal distribution function:
        sigmoid: 1 / (1 + a); f (1 - f), at most 1/4.  tanh: tanh x; 1 - f^2.
        relu: max(0, x); 1 above 0, else 0.  leaky_relu: x above 0, else slope x; 1, else slope.
        elu: x above 0, else alpha (e^x - 1); 1, else f + alpha.
        gelu: x Phi(x); Phi(x) + x Phi'(x).
        silu: x s with s = 1 / (1 + a); s + x s (1 - s).

    Source:
        L4 (sigmoid, tanh, ReLU, leaky ReLU with 0.01, ELU, some derivatives); Clevert et al. 2016
        (ELU); Hendrycks and Gimpel 2016 (GELU, here the exact one, and SiLU). A slip in L4: off the
        diagonal, the derivative of the softmax s is -s_i s_j; the deck leaves out the minus sign.

    Clashes:
        Another recipe that sets the activation. Choose the initialiser to match: He's is meant for
        ReLU and similar functions, Glorot's for tanh and sigmoid, LeCun's for functions near the
        identity.
    """

    level = "training"
    helps_against = ("under-fitting", "saturated")
    kind: Literal["sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "silu"] = setting(
        "gelu", "which activation", choices=KINDS
    )
    slope: float = setting(0.01, "slope below 0", low=0, high=1, of_kinds=("leaky_relu",))
    alpha: float = setting(1.0, "size of the lower limit, -alpha", low=0, of_kinds=("elu",))

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the activation."""
        emptied = blueprint.empty("activation", self.name)
        if emptied.activation == self.kind and self._is_as_named():
            return emptied
        return blueprint.fill("activation", Slot(self.name, self._config()))

    def _is_as_named(self) -> bool:
        if self.kind == "leaky_relu":
            return self.slope == _SLOPE_BY_NAME
        return self.kind != "elu" or self.alpha == _ALPHA_BY_NAME

    def _config(self) -> Config:
        if self.kind == "leaky_relu":
            return Config.of("keras.layers:LeakyReLU", negative_slope=self.slope)
        if self.kind == "elu":
            return Config.of("keras.layers:ELU", alpha=self.alpha)
        return Config.of("keras.layers:Activation", activation=self.kind)
