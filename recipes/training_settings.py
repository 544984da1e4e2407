"""The training of a blueprint: what the images go through, what steps are taken, how many."""

from __future__ import annotations

from dataclasses import dataclass

from .config import Config
from .errors import RecipeError
from .setting import LARGEST, keep_checked, setting
from .slot import Slot

ADAM = Config.of("keras.optimizers:Adam")


@dataclass(frozen=True)
class TrainingSettings:
    """What decides a training, given a network and a task.

    The defaults are the lecture's (deck L3: Adam at 1e-3, 40 epochs, batch 256).

    The numbers among them say beside their fields what they are and may be.

    Attributes:
        transforms: train-only layers applied to scaled training images in the input pipeline;
            each offers `draws`, the number of uniform draws per image, and is called with
            (images, draws).
        optimizer: the optimiser, without its learning rate.
        schedule: a Keras learning-rate schedule. Each of its lengths is `{"epochs": n}` or
            `{"steps": n}`; those that Keras's own schedules call decay_steps, warmup_steps,
            first_decay_steps and boundaries are in epochs if they are plain numbers.
        scaling: what makes the scaling of the training inputs, in place of the data's own: a
            callable as `trickbook.data:fit_scaling` is, with its `name` for instance.
        callbacks: Keras callbacks of tricks that act while training; their lengths as above.
    """

    transforms: tuple[Slot, ...] = ()
    optimizer: Config | Slot = ADAM
    learning_rate: float = setting(1e-3, "initial learning rate", low=0, without_low=True)
    schedule: Slot | None = None
    epochs: int = setting(40, "passes over the training samples", whole=True, low=1, high=LARGEST)
    batch_size: int = setting(256, "samples per step", whole=True, low=1, high=LARGEST)
    scaling: Slot | None = None
    callbacks: tuple[Slot, ...] = ()

    def __post_init__(self) -> None:
        keep_checked(self, RecipeError)
