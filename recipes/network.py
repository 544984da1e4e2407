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
        A network that is made for its kind of input needs fewer examples. Convolutions look for the
        same thing everywhere in an image. Recurrent layers go through a sequence, or the rows of an
        image, with a state that remembers. Dense layers assume nothing. A simple RNN forgets over
        long sequences, as gradients fade from step to step; LSTM and GRU keep what their gates let
        through. Where the whole sequence is known at once, a bidirectional network also sees what
        comes later. Airbench halves images early and has no hidden dense layers, so an epoch takes
        less time with the same filters.

    Source:
        L1 (the choice among CNN, fully connected, RNN, LSTM and GRU); Hochreiter and
        Schmidhuber 1997 (LSTM); Cho et al. 2014 (GRU); Schuster and Paliwal 1997 (two directions);
        Jordan 2024 (airbench, arXiv 2404.00498).

    Clashes:
        transfer before it, as another network has no use for its head and frozen epochs; after it,
        transfer replaces the network. The sizes come from [baseline], as far as the network has
        them: filters, dense, recurrent_units. Put this recipe before those that change the network:
        an earlier change to a part that the new network lacks has no effect.
    """

    level = "architecture"
    helps_against = ("under-fitting", "saturated")
    kind: Literal["conv", "airbench", "fully_connected", "simple_rnn", "lstm", "gru"] = setting(
        "lstm", "which network; the last three are recurrent, named by their cells", choices=KINDS
    )
    bidirectional: bool = setting(
        False, "whether a recurrent network reads from both ends", flag=True
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the network.

        Raises:
            RecipeError: for two directions without a recurrent network, or in place of a backbone.
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
        # The same blueprint as if it had never been recurrent.
        return blueprint.with_settings(
            base=self.kind, cell=NetworkSettings.cell, bidirectional=False
        )
