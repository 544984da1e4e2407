"""The tricks that can be tried on a data set, in the order in which they are tried.

The ladder's own recipes come first, with its settings, which suit its data. Then comes the rest of
the book, with settings of ours where a card's default suits only large images or long trainings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...recipes import (
    L1,
    L2,
    RECIPES,
    Activation,
    Augmentation,
    BatchNorm,
    BatchSize,
    Blueprint,
    Cutmix,
    Deeper,
    Dropout,
    EarlyStopping,
    GlobalPooling,
    GradientClipping,
    GroupNorm,
    Initializer,
    LabelSmoothing,
    LayerNorm,
    LogitScaling,
    Longer,
    LRCosine,
    LRDecay,
    LROneCycle,
    LRPlateau,
    LRStep,
    Mixup,
    Network,
    Noise,
    Optimizer,
    Pooling,
    RandAugment,
    Recipe,
    Scaling,
    SkipConnections,
    WeightAveraging,
    WeightDecay,
    Whitening,
    Wider,
)
from ...recipes.training_settings import ADAM
from ...training.networks.built_in import BUILT_IN
from ...training.networks.honoured import refused_recipes
from ..ladder_file import LadderSpec
from ..mirrored_images import MAY_BE_MIRRORED
from ..rung import Step
from ..studies.levels import step_names
from .trick import Trick

# They need a run or a pretrained network, or change what is measured instead of what is learnt.
NEVER_TRIED = ("transfer", "warm_start", "test_time_augmentation")
# Deck L4: divide the rate by 2 or 10 where the loss oscillates or is on a plateau.
_LOWER = (2, 10)
_LOWER_AGAINST = ("oscillating", "saturated", "diverged")
# Another optimiser at the same rate calms nothing.
_OTHER_AGAINST = ("improving", "under-fitting", "saturated")


def tricks_for(
    spec: LadderSpec, data: Mapping[str, Any], blueprint: Blueprint, held: Sequence[Recipe] = ()
) -> list[Trick]:
    """Returns the tricks that may be tried on a model, each of them once.

    Args:
        spec: the ladder, whose own recipes come first.
        data: summary of the data.
        blueprint: the model's blueprint; the rates, lengths and batch sizes of the recipes that are
            not the ladder's depend on it.
        held: the recipes in the model.
    """
    own = [recipe for step in (*spec.steps, *spec.alone) for recipe in step.recipes]
    own = [_labels_kept(one, spec, data) for one in own if one.name not in NEVER_TRIED]
    known = {recipe.name for recipe in own}
    rest = [one for one in _book(data, blueprint) if one.name not in known]
    lower, other = [*_lower_rates(blueprint, held)], _nadam(blueprint)
    recipes: list[Recipe] = []
    # A list and not a set: a user's recipe may have settings that cannot be hashed.
    for one in (*own, *rest, *lower, other):
        if one not in recipes:
            recipes.append(one)
    names = step_names([Step((recipe,)) for recipe in recipes])

    def only(recipe: Recipe) -> tuple[str, ...] | None:
        if recipe == other:
            return _OTHER_AGAINST
        if isinstance(recipe, BatchSize) and not _is_larger(recipe, blueprint, data["train"]):
            return ()
        return _LOWER_AGAINST if recipe in lower else None

    found = zip(names, recipes, strict=True)
    return [Trick(name, (recipe,), only(recipe)) for name, recipe in found]


def mirrors(spec: LadderSpec, data: Mapping[str, Any]) -> bool:
    """Returns whether the growth may mirror images as the ladder's own recipes do."""
    return spec.is_own or data["name"] in MAY_BE_MIRRORED


def honoured(tricks: Sequence[Trick], base: str) -> list[Trick]:
    """Returns the tricks, except those whose recipes a built-in network has no place for.

    This looks at our own recipes only. For a user's network or recipe, it shows when the recipe is
    applied.
    """
    refused = refused_recipes(base) if base in BUILT_IN else {}

    def is_ours(recipe: Recipe) -> bool:
        return RECIPES.get(recipe.name) is type(recipe)

    return [
        trick
        for trick in tricks
        if not any(is_ours(recipe) and recipe.name in refused for recipe in trick.recipes)
    ]


def _labels_kept(recipe: Recipe, spec: LadderSpec, data: Mapping[str, Any]) -> Recipe:
    """The recipe, without mirroring where a mirrored image may be of another class (deck L4)."""
    if not isinstance(recipe, Augmentation) or mirrors(spec, data):
        return recipe
    return replace(recipe, flip_probability=0.0, vertical_flip_probability=0.0, flip_order="random")


def _book(data: Mapping[str, Any], blueprint: Blueprint) -> Iterator[Recipe]:
    """The rest of the book: the deck's ladder (L3) first, then the others."""
    epochs, shape = blueprint.epochs, data.get("image_shape")
    yield from (Noise(), BatchNorm(), Dropout(), L2())
    if shape:
        yield _small_moves(min(shape[:2]))
    yield LRDecay(gamma=round(0.1 ** (1 / epochs), 4))
    yield from (Wider(), SkipConnections(), Deeper(), Longer())
    if blueprint.base == "recurrent":
        yield from (Network("gru", bidirectional=True), Network("lstm", bidirectional=True))
    yield from (LabelSmoothing(), WeightDecay(), Mixup(), Cutmix(), RandAugment())
    yield from (EarlyStopping(patience=max(2, epochs // 5)), L1(), GlobalPooling())
    yield from (LRCosine(), LROneCycle(), WeightAveraging(), GradientClipping())
    yield BatchSize(2 * blueprint.training.batch_of(data["train"]))
    yield LRPlateau(patience=max(2, epochs // 10))
    yield LRStep(epochs=max(1, epochs // 4))
    yield from (Activation(), Initializer("lsuv"), LayerNorm(), GroupNorm())
    # The deck's epsilon turns pixels that hardly change into noise.
    yield from (Scaling("symmetric"), Whitening(epsilon=0.1), Pooling(), LogitScaling())


def _is_larger(batches: BatchSize, blueprint: Blueprint, examples: int) -> bool:
    """Whether a batch has more examples than the model's; smaller batches make the loss jump."""
    changed = batches.apply(blueprint)
    return changed.training.batch_of(examples) > blueprint.training.batch_of(examples)


def _nadam(blueprint: Blueprint) -> Optimizer:
    return Optimizer("nadam", learning_rate=blueprint.learning_rate)


def _small_moves(side: int) -> Augmentation:
    """Shifts and turns so small that a digit stays what it is."""
    return Augmentation(
        flip_probability=0.0,
        crop_area_min=1.0,
        shift_pixels=max(1.0, side / 16),
        rotation_degrees=10.0,
        fill_mode="nearest",
    )


def _lower_rates(blueprint: Blueprint, held: Sequence[Recipe]) -> Iterator[Recipe]:
    """The model's optimiser at lower rates; nothing if it is neither a recipe's nor plain Adam."""
    own = [recipe for recipe in held if isinstance(recipe, Optimizer)]
    if not own and blueprint.optimizer != ADAM:
        return
    optimizer = own[-1] if own else Optimizer("adam")
    for part in _LOWER:
        yield replace(optimizer, learning_rate=blueprint.learning_rate / part)
