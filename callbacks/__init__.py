"""Keras callbacks that work in any project: each is useful alone in a plain `model.fit`.

Each has a module of the same name. What they share is in the folders:

- `recording/`: what LearningCurves writes, and when and where it draws; a folder that cannot be
  written is refused before training, and a disk that fills up does not end it.
- `evaluation/`: evaluating a model on samples without disturbing its training, and measuring the
  signals and gradients in its layers.
- `optimizers/`: finding a model's optimizers, reading their rates, and setting the rate between
  batches.
- `state/`: what ExactResume saves, where, and for which fit; random states, and access to what
  Keras keeps private.
- `unit_variance`: the initialisation that LSUV performs.
"""

from ..reports.diagnosis.diagnose import diagnose
from ..reports.figures.plot_history import plot_history
from .clean_evaluation import CleanEvaluation
from .comparison_report import ComparisonReport
from .cyclical_learning_rate import CyclicalLearningRate
from .cyclical_schedule import CyclicalSchedule
from .diagnosis import Diagnosis
from .evaluation.signals import measure_signals
from .exact_resume import ExactResume
from .layer_signals import LayerSignals
from .learning_curves import LearningCurves
from .learning_rate_finder import LearningRateFinder
from .lsuv import LSUV
from .one_cycle import OneCycle
from .one_cycle_schedule import OneCycleSchedule
from .unit_variance import apply_lsuv

__all__ = [
    "LSUV",
    "CleanEvaluation",
    "ComparisonReport",
    "CyclicalLearningRate",
    "CyclicalSchedule",
    "Diagnosis",
    "ExactResume",
    "LayerSignals",
    "LearningCurves",
    "LearningRateFinder",
    "OneCycle",
    "OneCycleSchedule",
    "apply_lsuv",
    "diagnose",
    "measure_signals",
    "plot_history",
]
