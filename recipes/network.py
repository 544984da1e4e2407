"""Another network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .blueprint import Blueprint
from .errors import RecipeError
from .network_settings import CELLS, NetworkSettings
from .recipe import Recipe
from .setting import setting

KINDS = ("conv", "airbench", "fully_connected", *CELLS)


@dataclass(frozen=True)
class Network(Recipe):
    """Takes a network of another kind: of convolutions, of dense layers, or a recurrent one.

    Why:
        A network that is made for its inputs needs fewer examples of them. Convolutions look for
        the same thing in all places of an image; recurrent layers go through a sequence, and
        through an image's rows, with a state that remembers; dense layers assume nothing. A simple
        RNN forgets over long sequences, for gradients fade from step to step; LSTM and GRU keep
        what their gates let through. Two directions see what comes after, too, where all of the
        sequence is there at once. Airbench halves images early and has no dense layers, so that an
        epoch takes less time at the same filters.

    Source:
        L1 (the choice among CNN, fully connected, RNN, LSTM and GRU); Hochreiter and
        Schmidhuber 1997 (LSTM); Cho et al. 2014 (GRU); Schuster and Paliwal 1997 (two directions);
        Jordan 2024 (airbench, arXiv 2404.00498).

    Clashes:
        transfer before it, whose head and frozen epochs another network has no use for; after it,
        transfer takes its place. Sizes are those of [baseline] that the network has: filters,
        dense, recurrent_units. Put it before what changes the network: what a recipe has changed
        that the new network lacks does nothing there.
    """

    level = "architecture"
    helps_against = ("under-fitting", "saturated")
    kind: Literal["conv", "airbench", "fully_connected", "simple_rnn", "lstm", "gru"] = setting(
        "lstm", "which network; the last three are recurrent, by their cells", choices=KINDS
    )
    bidirectional: bool = setting(False, "whether a recurrent one reads from both ends", flag=True)

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the network.

        Raises:
            RecipeError: for two directions of what is not recurrent, or in place of a backbone.
        """
        if blueprint.base == "backbone":
            raise RecipeError(
                "network: there is a backbone already (transfer), whose head and frozen epochs "
                "another network has no use for. Put network before transfer, or leave one of them "
                "out."
            )
        if self.kind in CELLS:
            return blueprint.with_settings(
                base="recurrent", cell=self.kind, bidirectional=self.bidirectional
            )
        if self.bidirectional:
            raise RecipeError(
                f"network: bidirectional is for {', '.join(CELLS)}. Received: kind={self.kind!r}"
            )
        # As where it was never recurrent.
        return blueprint.with_settings(
            base=self.kind, cell=NetworkSettings.cell, bidirectional=False
        )
