"""What `trickbook show` says about a built-in network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from ...recipes import NetworkSettings
from ...recipes.setting import setting_lines
from ...training.networks.built_in import BUILT_IN
from ...training.networks.honoured import honoured_recipes, refused_recipes
from ..ladder_file import BASELINE_SETTINGS


def network_text(name: str) -> str:
    """Returns what a network is, its settings in [baseline], its recipes, and advice."""
    network = BUILT_IN[name]
    refused = [f"{recipe}: {why}" for recipe, why in refused_recipes(name).items()]
    parts = {
        "What": network.about,
        f'Settings, beside base = "{name}" in [baseline] of a ladder file': _settings(
            network.slots
        ),
        "Recipes that it honours": ", ".join(honoured_recipes(name)),
        "Recipes that it does not honour": "\n".join(refused) or "none",
        "Advice": network.advice,
    }
    return card_text(name, parts)


def card_text(name: str, parts: Mapping[str, str]) -> str:
    """Returns the name, followed by the parts that are not empty, each with its title."""
    texts = [
        f"{title}:\n{text}" if "\n" in text else f"{title}: {text}"
        for title, text in parts.items()
        if text
    ]
    return "\n\n".join([name, *texts])


def _settings(slots: tuple[str, ...]) -> str:
    """Returns a line for each setting that a ladder file can set and the network honours."""
    names = [field.name for field in fields(NetworkSettings)]
    lines = dict(zip(names, setting_lines(NetworkSettings), strict=True))
    # An embedding of tokens can stand in front of any network.
    honoured = (*slots, "embedding_size")
    return "\n".join(lines[name] for name in BASELINE_SETTINGS if name in honoured)
