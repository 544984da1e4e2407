"""Refusing arms, before any training, that could only fail in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...recipes import Blueprint, RecipeError, Slot
from ...runs.example_word import example_word
from ...training.errors import LadderError
from ...training.networks.built_in import BUILT_IN
from ...training.transforms import AUGMENTATION
from .study import Study
from .warm_start_checks import check_warm_start

_FOR_IMAGES = (
    *(AUGMENTATION, "trickbook.layers:CutMix", "trickbook.layers:ImageScaling"),
    "trickbook.layers:WhiteningConvolution",
)


def check_arms(study: Study, data: Mapping[str, Any]) -> None:
    """Refuses an arm that does not fit the data: its task, network, recipes or sizes.

    Args:
        study: the study whose arms are checked.
        data: summary of the data.

    Raises:
        LadderError: naming the arm, what does not fit, and what to do.
    """
    for arm in study.arms:
        check_arm(arm.name, arm.blueprint, data, arm.train_size)


def check_arm(
    name: str, blueprint: Blueprint, data: Mapping[str, Any], train_size: int | None = None
) -> None:
    """Refuses one arm, as `check_arms` does."""
    _check_task(name, blueprint.task.kind, data)
    _check_classes(name, blueprint, data)
    _check_network(name, blueprint.base, data)
    check_warm_start(name, blueprint, data)
    _check_batch(name, blueprint, train_size or data["train"], f"{example_word(data)}s")
    if "image_shape" in data:
        height, width, _ = data["image_shape"]
        _check_moves(name, blueprint, height, width)
        _check_pooling(name, blueprint, height, width)
    else:
        _check_other_inputs(name, blueprint, data)


def _check_task(name: str, kind: str, data: Mapping[str, Any]) -> None:
    wanted = "classification" if "classes" in data else "regression"
    if kind != wanted:
        raise LadderError(
            f"{name}: the ladder's task is {kind}, and {data['name']} is for a {wanted}. Say "
            f'kind = "{wanted}" in [task] of a ladder file, or name other data (--data).'
        )


def _check_network(name: str, base: str, data: Mapping[str, Any]) -> None:
    word = example_word(data)
    if base not in BUILT_IN or word in BUILT_IN[base].takes:
        return
    # The last network that fits makes the most of the order in such examples.
    fitting = [other for other, network in BUILT_IN.items() if word in network.takes]
    raise LadderError(
        f"{name}: the network {base} is for {BUILT_IN[base].takes[0]}s, and {data['name']} has "
        f'{word}s. Write base = "{fitting[-1]}" in [baseline] of a ladder file, or leave the '
        "ladder to the data."
    )


def _check_other_inputs(name: str, blueprint: Blueprint, data: Mapping[str, Any]) -> None:
    held = (*blueprint.transforms, *blueprint.preprocessing, blueprint.mixing)
    # A scaling of a table leaves its categories as they are.
    held_for_ids = (*held, blueprint.scaling) if "vocabulary" in data else held
    _check_ids(name, [slot for slot in held_for_ids if slot], data)
    recipes = [slot.recipe for slot in held if slot and slot.config.path in _FOR_IMAGES]
    recipes += ["test_time_augmentation"] if blueprint.views else []
    if recipes:
        raise LadderError(
            f"{name}: {recipes[0]} is for images, and {data['name']} has {example_word(data)}s. "
            "Leave it out."
        )


def _check_ids(name: str, slots: list[Slot], data: Mapping[str, Any]) -> None:
    """Refuses layers that compute with the inputs, where some inputs are ids and not amounts."""
    if not slots or ("vocabulary" not in data and "category_sizes" not in data):
        return
    ids = "tokens" if "vocabulary" in data else "codes of categories"
    raise LadderError(
        f"{name}: {slots[0].recipe} computes with the inputs, but inputs of {data['name']} are "
        f"{ids}, which are not amounts. Leave it out."
    )


def _check_classes(name: str, blueprint: Blueprint, data: Mapping[str, Any]) -> None:
    try:
        blueprint.training.check_classes(data.get("classes", ()))
    except RecipeError as error:
        raise LadderError(f"{name}: {error}") from None


def _check_batch(name: str, blueprint: Blueprint, count: int, examples: str) -> None:
    if blueprint.batch_size > count:
        raise LadderError(
            f"{name}: the batch size is {blueprint.batch_size}, and there are only "
            f"{count} training {examples}. Lower batch_size (--batch-size)."
        )


def _check_moves(name: str, blueprint: Blueprint, height: int, width: int) -> None:
    # Only our own layer: in a user's layer these names may mean something else.
    moves = [slot.config for slot in blueprint.transforms if slot.config.path == AUGMENTATION]
    smaller = min(height, width)
    for field, size in (
        *(("shift_pixels", smaller), ("crop_padding_pixels", smaller)),
        *(("height_shift", height), ("width_shift", width)),
    ):
        given = [config.keywords().get(field, 0) for config in moves]
        moved = max((max(one) if isinstance(one, tuple) else one for one in given), default=0)
        if moved >= size:
            raise LadderError(
                f"{name}: {field} is {moved:g}, which moves the images, of "
                f"{height}x{width} pixels, out of sight. Lower it in the ladder file."
            )


def _check_pooling(name: str, blueprint: Blueprint, height: int, width: int) -> None:
    smallest = 2 ** len(blueprint.filters)
    if blueprint.base == "conv" and min(height, width) < smallest:
        raise LadderError(
            f"{name}: the network halves the images {len(blueprint.filters)} times, so "
            f"they need at least {smallest}x{smallest} pixels, and these have "
            f"{height}x{width}. Give fewer `filters` in [baseline] of a ladder file."
        )
