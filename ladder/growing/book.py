"""The tricks that there are for a data set, in the order in which they are tried, with settings.

First come the ladder's own, as it has them: its settings suit its data. Then the rest of the book,
with settings of ours where a card's default suits large images or long trainings alone.
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

# What needs a run, or a network trained before, or changes what is measured and not what is learnt.
NEVER_TRIED = ("transfer", "warm_start", "test_time_augmentation")
# L4: divide the rate by 2 or 10, where the loss oscillates or is on a plateau.
_LOWER = (2, 10)
_LOWER_AGAINST = ("oscillating", "saturated", "diverged")
# Another optimiser at the same rate calms nothing.
_OTHER_AGAINST = ("improving", "under-fitting", "saturated")


def tricks_for(
    spec: LadderSpec, data: Mapping[str, Any], blueprint: Blueprint, held: Sequence[Recipe] = ()
) -> list[Trick]:
    """Returns what may be tried on a model, each trick once.

    Args:
        spec: the ladder, whose own recipes come first.
        data: summary of the data.
        blueprint: the model's, to which rates, lengths and batches of the others are fitted.
        held: the recipes in it.
    """
    own = [recipe for step in (*spec.steps, *spec.alone) for recipe in step.recipes]
    own = [_labels_kept(one, spec, data) for one in own if one.name not in NEVER_TRIED]
    known = {recipe.name for recipe in own}
    rest = [one for one in _book(data, blueprint) if one.name not in known]
    lower, other = [*_lower_rates(blueprint, held)], _nadam(blueprint)
    recipes: list[Recipe] = []
    # One of the user's own may hold what cannot be hashed.
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
    """Returns whether mirrored images are tried where the ladder's own recipes mirror."""
    return spec.is_own or data["name"] in MAY_BE_MIRRORED


def honoured(tricks: Sequence[Trick], base: str) -> list[Trick]:
    """Returns the tricks for whose recipes of ours a network has a place.

    Of a network, or a recipe, of the user's own that shows where it is applied.
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
    """The recipe without mirrored images where these may be of another class (deck, L4)."""
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
    # The deck's epsilon makes noise of pixels that hardly change.
    yield from (Scaling("symmetric"), Whitening(epsilon=0.1), Pooling(), LogitScaling())


def _is_larger(batches: BatchSize, blueprint: Blueprint, examples: int) -> bool:
    """Whether a step takes more examples than the model's: fewer make the loss jump more."""
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
    """The model's own optimiser at lower rates; none where no recipe of ours can say it."""
    own = [recipe for recipe in held if isinstance(recipe, Optimizer)]
    if not own and blueprint.optimizer != ADAM:
        return
    optimizer = own[-1] if own else Optimizer("adam")
    for part in _LOWER:
        yield replace(optimizer, learning_rate=blueprint.learning_rate / part)
