"""Keras callbacks that work in any project: each is useful alone in a plain `model.fit`."""

from ..reports.diagnosis import diagnose
from ..reports.plot_history import plot_history
from .clean_evaluation import CleanEvaluation
from .comparison_report import ComparisonReport
from .cyclical_learning_rate import CyclicalLearningRate
from .cyclical_schedule import CyclicalSchedule
from .diagnosis import Diagnosis
from .exact_resume import ExactResume
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
    "LearningCurves",
    "LearningRateFinder",
    "OneCycle",
    "OneCycleSchedule",
    "apply_lsuv",
    "diagnose",
    "plot_history",
]
