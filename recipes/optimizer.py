"""Which optimiser takes the steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .blueprint import Blueprint
from .config import Config
from .recipe import Recipe
from .setting import setting
from .slot import Slot

KINDS = ("sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", "nadam", "muon")
# By kind: a learning rate that the built-in ladders train well with.
RATES = {
    "sgd": 0.02,
    "momentum": 0.005,
    "nesterov": 0.005,
    "rmsprop": 1e-3,
    "adam": 1e-3,
    "adamw": 1e-3,
    "nadam": 1e-3,
    "muon": 2e-4,
}


@dataclass(frozen=True)
class Optimizer(Recipe):
    """Trains with another optimiser than the baseline's Adam, at a learning rate of its own.

    Why:
        In a narrow valley of the loss, momentum averages out the steps from wall to wall and adds
        up those along the floor. RMSprop and Adam divide each weight's step by the size of its
        recent gradients, so one rate serves all. Nesterov and Nadam look one step ahead. AdamW also
        takes away a share of every weight, apart from Adam's step. Muon makes each kernel's step a
        matrix of equal singular values. Each optimiser has a learning rate that suits it: compare
        them at their best rates.

    Formula:
        For a weight w with the gradient g at step t and the rate r, as in Keras (eps 1e-7):
        sgd: w -= r g.  momentum: v = momentum v - r g, w += v.
        nesterov: v likewise, w += momentum v - r g.
        rmsprop: s = rho s + (1 - rho) g^2, w -= r g / sqrt(s + eps).
        adam: m = beta_1 m + (1 - beta_1) g, s = beta_2 s + (1 - beta_2) g^2,
            w -= r (m / (1 - beta_1^t)) sqrt(1 - beta_2^t) / (sqrt(s) + eps).
        adamw: w -= 0.004 r w before adam's step.

    Source:
        L2, L4 (mini-batch SGD, momentum 0.9, RMSprop, Adam with 0.9 and 0.999), L1 (names Nadam);
        Kingma and Ba 2015 (Adam); Dozat 2016 (Nadam); Loshchilov and Hutter 2019 (AdamW); Jordan et
        al. 2024 and Liu et al. 2025 (Muon, its steps scaled to the size of Adam's). Slips in L4:
        its Adam has beta2 0.99, eps 1e-10 (like its RMSprop) and no bias correction, multiplies by
        the gradient again and computes one average from the other. Its two forms of momentum agree
        only if the rate is constant and rescaled by 1 - beta (here, as in Keras,
        v = beta v - rate g; PyTorch multiplies all of v by the current rate). The rates are ours,
        found on the validation images of the built-in ladders.

    Clashes:
        Another recipe that sets the optimizer. It sets the learning rate, too, in place of the
        budget's. AdamW decays all weights by 0.004, Keras's default; the recipe weight_decay
        replaces this rate, and leaves out biases, norms and embeddings. Muon is for kernels;
        biases, norms and the last layer get Adam's steps. The steps of Muon do not shrink with the
        gradients, so it gains from a rate that falls.
    """

    level = "training"
    helps_against = ("oscillating", "improving", "under-fitting", "saturated", "diverged")
    kind: Literal["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", "nadam", "muon"] = (
        setting("momentum", "which optimiser", choices=KINDS)
    )
    learning_rate: float | None = setting(
        None,
        f"initial learning rate; None takes the kind's own: "
        f"{', '.join(f'{kind} {rate:g}' for kind, rate in RATES.items())}",
        low=0,
        without_low=True,
        optional=True,
        search=(0.0001, 0.1),
        scale="log",
    )
    momentum: float = setting(
        0.9,
        "share of the last step kept in the next",
        of_kinds=("momentum", "nesterov"),
        low=0,
        high=1,
        without_low=True,
        without_high=True,
        search=(0.5, 0.99),
        scale="log_to_one",
    )
    beta_1: float = setting(
        0.9,
        "share of the average gradient kept at each step",
        of_kinds=("adam", "adamw", "nadam"),
        low=0,
        high=1,
        without_high=True,
        search=(0.5, 0.99),
        scale="log_to_one",
    )
    beta_2: float = setting(
        0.999,
        "share of the average squared gradient kept at each step",
        of_kinds=("adam", "adamw", "nadam"),
        low=0,
        high=1,
        without_high=True,
        search=(0.9, 0.9999),
        scale="log_to_one",
    )
    rho: float = setting(
        0.9,
        "share of the average squared gradient kept at each step",
        of_kinds=("rmsprop",),
        low=0,
        high=1,
        without_high=True,
        search=(0.8, 0.999),
        scale="log_to_one",
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the optimiser and its learning rate."""
        filled = blueprint.fill("optimizer", Slot(self.name, self._config()))
        rate = RATES[self.kind] if self.learning_rate is None else self.learning_rate
        return filled.with_settings(learning_rate=rate)

    def _config(self) -> Config:
        adam = {"beta_1": self.beta_1, "beta_2": self.beta_2}
        return {
            "sgd": Config.of("keras.optimizers:SGD"),
            "momentum": Config.of("keras.optimizers:SGD", momentum=self.momentum),
            "nesterov": Config.of("keras.optimizers:SGD", momentum=self.momentum, nesterov=True),
            "rmsprop": Config.of("keras.optimizers:RMSprop", rho=self.rho),
            "adam": Config.of("keras.optimizers:Adam", **adam),
            "adamw": Config.of("keras.optimizers:AdamW", **adam),
            "nadam": Config.of("keras.optimizers:Nadam", **adam),
            "muon": Config.of("trickbook.training.optimizers:KernelMuon"),
        }[self.kind]
