"""The training of a blueprint: what the images go through, what steps are taken, how many."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real

from .config import Config
from .counts import check_count
from .errors import RecipeError
from .slot import Slot

ADAM = Config.of("keras.optimizers:Adam")


@dataclass(frozen=True)
class TrainingSettings:
    """What decides a training, given a network and a task.

    The defaults are the lecture's (deck L3: Adam at 1e-3, 40 epochs, batch 256).

    Attributes:
        transforms: train-only layers applied to scaled training images in the input pipeline;
            each offers `draws`, the number of uniform draws per image, and is called with
            (images, draws).
        optimizer: the optimiser, without its learning rate.
        learning_rate: initial learning rate.
        schedule: a Keras learning-rate schedule. Each of its lengths is `{"epochs": n}` or
            `{"steps": n}`; those that Keras's own schedules call decay_steps, warmup_steps,
            first_decay_steps and boundaries are in epochs if they are plain numbers.
        epochs: passes over the training images.
        batch_size: images per step.
        scaling: what makes the scaling of the training inputs, in place of the data's own: a
            callable as `trickbook.data:fit_scaling` is, with its `name` for instance.
        callbacks: Keras callbacks of tricks that act while training; their lengths as above.
    """

    transforms: tuple[Slot, ...] = ()
    optimizer: Config | Slot = ADAM
    learning_rate: float = 1e-3
    schedule: Slot | None = None
    epochs: int = 40
    batch_size: int = 256
    scaling: Slot | None = None
    callbacks: tuple[Slot, ...] = ()

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size"):
            object.__setattr__(self, name, check_count(name, getattr(self, name)))
        rate = self.learning_rate
        is_number = isinstance(rate, float | Real) and not isinstance(rate, bool)
        if not is_number or not 0 < rate < math.inf:
            raise RecipeError(
                f"learning_rate must be a finite number above 0. Received: learning_rate={rate!r}"
            )
        # 1 and 1.0 must not pass for two different trainings.
        object.__setattr__(self, "learning_rate", float(rate))
