"""The blueprint of a training and the tricks that change it, one module per trick.

- `blueprint` holds everything that decides one training, as plain values; `task`,
  `network_settings` and `training_settings` are its parts.
- `recipe` is the base class of the tricks, `compose` applies several of them, `registry` finds them
  by name.
- `config` describes a Keras object, `slot` one that a recipe placed in a blueprint.
- `setting` states what a field is and which values it may have.
- `evidence` tells what each trick was worth in the gallery's studies.
"""

from .activation import Activation
from .augmentation import Augmentation
from .batch_norm import BatchNorm
from .batch_size import BatchSize
from .blueprint import Blueprint
from .class_weight import ClassWeight
from .compose import compose
from .config import Config
from .cutmix import Cutmix
from .deeper import Deeper
from .dropout import Dropout
from .early_stopping import EarlyStopping
from .errors import NoEffectWarning, RecipeError
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
from .network_settings import NETWORK_FIELDS, NetworkSettings
from .noise import Noise
from .optimizer import Optimizer
from .patch_whitening import PatchWhitening
from .pooling import Pooling
from .rand_augment import RandAugment
from .recipe import Recipe
from .registry import RECIPES, find_recipe, make_recipe, nearest
from .scaling import Scaling
from .setting import setting
from .skip_connections import SkipConnections
from .slot import Slot
from .task import Task
from .test_time_augmentation import TestTimeAugmentation
from .training_settings import TrainingSettings
from .transfer import Transfer
from .warm_start import WarmStart
from .weight_averaging import WeightAveraging
from .weight_decay import WeightDecay
from .whitening import Whitening
from .wider import Wider

__all__ = [
    "L1",
    "L2",
    "NETWORK_FIELDS",
    "RECIPES",
    "Activation",
    "Augmentation",
    "BatchNorm",
    "BatchSize",
    "Blueprint",
    "ClassWeight",
    "Config",
    "Cutmix",
    "Deeper",
    "Dropout",
    "EarlyStopping",
    "GlobalPooling",
    "GradientClipping",
    "GroupNorm",
    "Initializer",
    "InstanceNorm",
    "LRCosine",
    "LRCyclical",
    "LRDecay",
    "LRInverseTime",
    "LRLinear",
    "LROneCycle",
    "LRPlateau",
    "LRStep",
    "LRTriangular",
    "LabelSmoothing",
    "LayerNorm",
    "LogitScaling",
    "Longer",
    "Mixup",
    "Network",
    "NetworkSettings",
    "NoEffectWarning",
    "Noise",
    "Optimizer",
    "PatchWhitening",
    "Pooling",
    "RandAugment",
    "Recipe",
    "RecipeError",
    "Scaling",
    "SkipConnections",
    "Slot",
    "Task",
    "TestTimeAugmentation",
    "TrainingSettings",
    "Transfer",
    "WarmStart",
    "WeightAveraging",
    "WeightDecay",
    "Whitening",
    "Wider",
    "compose",
    "find_recipe",
    "make_recipe",
    "nearest",
    "setting",
]
