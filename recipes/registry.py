"""Finding recipes by name, the built-in ones and those of users."""

from __future__ import annotations

import difflib
from dataclasses import MISSING, fields
from typing import Any

from .activation import Activation
from .augmentation import Augmentation
from .batch_norm import BatchNorm
from .batch_size import BatchSize
from .class_weight import ClassWeight
from .cutmix import Cutmix
from .deeper import Deeper
from .dropout import Dropout
from .early_stopping import EarlyStopping
from .errors import RecipeError
from .global_pooling import GlobalPooling
from .gradient_clipping import GradientClipping
from .group_norm import GroupNorm
from .initializer import Initializer
from .instance_norm import InstanceNorm
from .l1 import L1
from .l2 import L2
from .label_smoothing import LabelSmoothing
from .layer_norm import LayerNorm
from .logit_scaling import LogitScaling
from .longer import Longer
from .lr_cosine import LRCosine
from .lr_cyclical import LRCyclical
from .lr_decay import LRDecay
from .lr_inverse_time import LRInverseTime
from .lr_linear import LRLinear
from .lr_one_cycle import LROneCycle
from .lr_plateau import LRPlateau
from .lr_step import LRStep
from .lr_triangular import LRTriangular
from .mixup import Mixup
from .network import Network
from .noise import Noise
from .optimizer import Optimizer
from .own_code import find_own
from .patch_whitening import PatchWhitening
from .pooling import Pooling
from .rand_augment import RandAugment
from .recipe import Recipe
from .scaling import Scaling
from .skip_connections import SkipConnections
from .test_time_augmentation import TestTimeAugmentation
from .transfer import Transfer
from .warm_start import WarmStart
from .weight_averaging import WeightAveraging
from .weight_decay import WeightDecay
from .whitening import Whitening
from .wider import Wider

RECIPES: dict[str, type[Recipe]] = {
    recipe.name: recipe
    for recipe in (
        # Data.
        Scaling,
        Whitening,
        Noise,
        Augmentation,
        RandAugment,
        Mixup,
        Cutmix,
        ClassWeight,
        # Architecture.
        Network,
        Wider,
        Deeper,
        SkipConnections,
        Pooling,
        GlobalPooling,
        PatchWhitening,
        LogitScaling,
        Transfer,
        # Training.
        Initializer,
        Activation,
        BatchNorm,
        LayerNorm,
        InstanceNorm,
        GroupNorm,
        Dropout,
        L2,
        L1,
        WeightDecay,
        LabelSmoothing,
        Optimizer,
        BatchSize,
        GradientClipping,
        WeightAveraging,
        LRDecay,
        LRInverseTime,
        LRLinear,
        LRStep,
        LRPlateau,
        LRCyclical,
        LROneCycle,
        LRTriangular,
        LRCosine,
        Longer,
        EarlyStopping,
        TestTimeAugmentation,
        WarmStart,
    )
}


def nearest(name: str, known: Any) -> str:
    """Returns " Did you mean 'x'?" for the known name most like `name`, or an empty text."""
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" Did you mean {matches[0]!r}?" if matches else ""


def find_recipe(name: str) -> type[Recipe]:
    """Returns the recipe class called `name`, or the user's own at `"module:Class"`.

    Raises:
        RecipeError: if there is none; the message suggests the most similar name.
    """
    if ":" in name:
        return _own_recipe(name)
    if name not in RECIPES:
        raise RecipeError(
            f"There is no recipe {name!r}.{nearest(name, RECIPES)} "
            f"Known: {', '.join(RECIPES)}, or your own as 'module:Class'."
        )
    return RECIPES[name]


def make_recipe(name: str, settings: dict[str, Any]) -> Recipe:
    """Returns the recipe called `name` with the given settings.

    Raises:
        RecipeError: if there is no such recipe or setting, or a setting is missing or out of range.
    """
    cls = find_recipe(name)
    known = [field.name for field in fields(cls)]
    for setting in settings:
        if setting not in known:
            raise RecipeError(
                f"The recipe {name!r} has no setting {setting!r}.{nearest(setting, known)} "
                f"It has: {', '.join(known) or 'none'}."
            )
    missing = [setting for setting in _needed(cls) if setting not in settings]
    if missing:
        raise RecipeError(f"The recipe {name!r} needs the settings: {', '.join(missing)}.")
    return cls(**settings)


def _needed(cls: type[Recipe]) -> list[str]:
    return [
        field.name
        for field in fields(cls)
        if field.default is MISSING and field.default_factory is MISSING
    ]


def _own_recipe(path: str) -> type[Recipe]:
    cls = find_own(path, "The recipe")
    if not (isinstance(cls, type) and issubclass(cls, Recipe)):
        module_name, _, class_name = path.partition(":")
        raise RecipeError(
            f"{path!r} is no recipe: {module_name} has no subclass of trickbook.recipes.Recipe "
            f"called {class_name!r}."
        )
    return cls
