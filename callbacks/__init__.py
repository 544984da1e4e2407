"""Keras callbacks that work in any project: each is useful alone in a plain `model.fit`.

Each has a module of its own name. Besides, they share:

- `history_table`, `batch_log`, `run_record`, `provenance`, `outputs`: what LearningCurves writes
  down; `drawing_pace` and `notebook` say when and where it draws, and `late_metrics` warns of what
  comes too late.
- `model_optimizers`, `optimizer_facts`: a model's optimizers, and what they tell.
- `samples`, `scoring`, `seeds`: evaluation that leaves training as it was; `variable_values`: what
  has to be put back.
- `settable_rate`, `rate_per_batch`: setting the learning rate between batches.
- `training_state`, `callback_state`, `state_file`, `data_order`, `fit_call`: what ExactResume
  keeps, where, and of which fit.
- `unit_variance`: the initialisation that LSUV makes.
- `writable_folder`, `tolerant_writer`: a folder that cannot be written is refused before training,
  and a disk that fills up does not end it.
"""

from ..reports.diagnosis.diagnose import diagnose
from ..reports.figures.plot_history import plot_history
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
