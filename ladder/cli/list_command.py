"""The command ``trickbook list``."""

from __future__ import annotations

from rich.table import Table

from ...recipes import RECIPES
from ...training.networks.built_in import BUILT_IN as BUILT_IN_NETWORKS
from ..ladder_file import BUILT_IN, read_ladder
from .screen import say, screen


def list_all() -> None:
    """List the recipes, the networks and the built-in ladders."""
    table = Table("level", "recipe", "what it does", box=None, padding=(0, 2))
    for name, recipe in RECIPES.items():
        table.add_row(recipe.level, name, recipe.card()["What"])
    ladders = Table("ladder", "data", "rungs", "tricks alone", box=None, padding=(0, 2))
    for name in BUILT_IN:
        spec = read_ladder(name)
        ladders.add_row(name, spec.data.name, str(len(spec.steps) + 1), str(len(spec.alone)))
    networks = Table("network", "what it is", box=None, padding=(0, 2))
    for name, network in BUILT_IN_NETWORKS.items():
        networks.add_row(name, network.about)
    console = screen()
    for shown in (table, networks):
        console.print(shown)
        console.print()
    console.print(ladders)
    say("\nMore on one of them: trickbook show NAME")
