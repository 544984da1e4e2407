"""The command ``trickbook show``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from ...recipes import RECIPES, find_recipe, nearest
from ...recipes.network_settings import widths_of
from ...recipes.task_cards import TASK_CARDS
from ...training.errors import LadderError
from ...training.networks.built_in import BUILT_IN as BUILT_IN_NETWORKS
from ...training.output import quiet_import
from ..ladder import Ladder
from ..ladder_file import BUILT_IN, LadderSpec, ladder_text, read_ladder
from .network_text import card_text, network_text
from .screen import say, screen

# The names that have a card, with the kind of thing that each one is.
CARDS = {
    **dict.fromkeys(RECIPES, "recipe"),
    **dict.fromkeys(BUILT_IN_NETWORKS, "network"),
    **dict.fromkeys(TASK_CARDS, "task"),
}


def show(
    name: Annotated[
        str, typer.Argument(help="A recipe, a network, a task, a ladder or a ladder file.")
    ],
    toml: Annotated[
        bool, typer.Option("--toml", help="Print a ladder as TOML, as a start for your own.")
    ] = False,
) -> None:
    """Show a recipe's card, a network's settings, or what the rungs of a ladder change.

    For a task, classification or regression, it shows the losses and metrics.
    """
    if name in BUILT_IN or name.endswith(".toml"):
        if toml:
            print(ladder_text(name), end="")
        else:
            _show_ladder(read_ladder(name))
    elif toml and (name in CARDS or ":" in name):
        kind = CARDS.get(name, "recipe")
        raise LadderError(f"{name} is a {kind}; --toml prints ladders.")
    elif name in BUILT_IN_NETWORKS:
        say(network_text(name))
    elif name in TASK_CARDS:
        say(card_text(name, TASK_CARDS[name]))
    elif name in RECIPES or ":" in name:
        _show_recipe(name)
    else:
        known = [*CARDS, *BUILT_IN]
        raise LadderError(
            f"There is no recipe, network, task or ladder {name!r}.{nearest(name, known)} "
            f"Known: {', '.join(known)}."
        )


def _show_ladder(spec: LadderSpec) -> None:
    baseline = spec.start
    say(
        f"{spec.name}: {spec.data.name}, {baseline.epochs} epochs of batches of "
        f"{baseline.training.batch_words}, seeds {', '.join(map(str, spec.seeds))}"
    )
    table = Table("rung", "what it changes", "reported", box=None, padding=(0, 2))
    for rung in Ladder.from_spec(spec).rungs:
        sizes = dict.fromkeys((widths_of(baseline.base), "dense"))
        start = ", ".join(f"{name} {getattr(baseline, name)}" for name in sizes)
        reported = "" if rung.reported is None else f"{rung.reported:.1%}"
        # Rung 0 may have tricks of its own.
        changes = rung.changed if rung.index else "; ".join(filter(None, (start, rung.changed)))
        table.add_row(rung.name, changes, reported)
    screen().print(table)
    if spec.alone:
        alone = Table("level", "alone", "what it changes", box=None, padding=(0, 2))
        study = Ladder.from_spec(spec).levels()
        for trick in study.details["tricks"]:
            changed = study.arms[trick["arm"]].changed
            alone.add_row(trick["level"], trick["name"], changed)
        screen().print(alone)


def _show_recipe(name: str) -> None:
    with quiet_import(name):
        recipe = find_recipe(name)
    say(card_text(name, recipe.card()))
