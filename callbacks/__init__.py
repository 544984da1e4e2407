"""Keras callbacks that work in any project: each is useful alone in a plain `model.fit`."""

from .clean_evaluation import CleanEvaluation
from .comparison_report import ComparisonReport
from .learning_curves import LearningCurves

__all__ = ["CleanEvaluation", "ComparisonReport", "LearningCurves"]
