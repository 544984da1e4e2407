"""The training of a blueprint: what is done to the images, which steps are taken, how many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .config import Config
from .errors import RecipeError
from .setting import LARGEST, keep_checked, setting
from .slot import Slot, check_slot, checked_slots

ADAM = Config.of("keras.optimizers:Adam")
# The kinds of views that a network may be judged by.
VIEWS = ("mirror", "mirror_and_shift")
_LSUV = "trickbook.callbacks:LSUV"
_IMAGE_SCALING = "trickbook.layers:ImageScaling"


@dataclass(frozen=True)
class TrainingSettings:
    """What decides a training, given a network and a task.

    The defaults are the lecture's (deck L3: Adam at 1e-3, 40 epochs, batch 256).

    Settings that are not listed here are described beside their fields.

    Attributes:
        transforms: train-only layers applied to scaled training images in the input pipeline;
            each offers `draws`, the number of uniform draws per image, and is called with
            (images, draws).
        optimizer: the optimiser, without its learning rate.
        schedule: a Keras learning-rate schedule, or a callback that sets the rate. Each of its
            lengths is `{"epochs": n}`, `{"steps": n}` or, as a share, `{"of_training": n}`. In
            Keras's own schedules, plain numbers for decay_steps, warmup_steps, first_decay_steps
            and boundaries are epochs. `{"of_rate": n}` is n times the learning rate.
        scaling: makes the scaling of the training inputs, in place of the data's own: a callable
            like `trickbook.data:fit_scaling`, with arguments such as its `name`.
        preprocessing: layers at the front of the network, after the scaling and all that is done to
            training images; one with an `adapt(inputs)` is fitted on scaled training inputs.
        callbacks: Keras callbacks of tricks that act while training; their lengths as above. An
            argument `{"training_inputs": n}` becomes n scaled training inputs, spread over the
            classes.
        rate_factors: factors on the learning rate of some weights; each makes a rule of
            `trickbook.training.optimizers:RateFactors`.
        averaging: averages the weights while training: called with `inner_optimizer`, it returns
            the optimiser that trains. The averages are evaluated and saved.
        mixing: train-only layer that mixes the transformed images of a batch in pairs, called with
            (images, partners, draws) for the mixed images and the share of each label that stays;
            it offers `draws` as above. For classifications only.
        warm_start: folder of the run whose weights the training starts from, matched by layers'
            names and shapes; inputs, and the targets of a regression, stay scaled as in that run.
            None: weights are drawn.
        class_weight: "balanced", n / (K n_k) for each of the n_k of n training examples of K
            classes, or numbers by the names of classes, 1 for the others; None is 1 for all.
    """

    transforms: tuple[Slot, ...] = ()
    optimizer: Config | Slot = ADAM
    learning_rate: float = setting(
        1e-3, "initial learning rate", low=0, without_low=True, search=(0.0001, 0.1), scale="log"
    )
    schedule: Slot | None = None
    epochs: int = setting(40, "passes over the training samples", whole=True, low=1, high=LARGEST)
    batch_size: int = setting(
        256,
        "samples per step; 0 is the whole training set",
        whole=True,
        low=0,
        high=LARGEST,
        search=(8, 512),
        scale="log",
    )
    scaling: Slot | None = None
    preprocessing: tuple[Slot, ...] = ()
    callbacks: tuple[Slot, ...] = ()
    clip_norm: float | None = setting(
        None, "largest norm of each weight's gradient", optional=True, low=0, without_low=True
    )
    clip_global_norm: float | None = setting(
        None, "largest norm of all gradients together", optional=True, low=0, without_low=True
    )
    clip_value: float | None = setting(
        None, "largest size of each entry of a gradient", optional=True, low=0, without_low=True
    )
    weight_decay: float | None = setting(
        None,
        "share of each kernel taken away at each step, per unit of the learning rate; None is the "
        "optimiser's own, which AdamW has",
        optional=True,
        low=0,
    )
    rate_factors: tuple[Slot, ...] = ()
    averaging: Slot | None = None
    mixing: Slot | None = None
    label_smoothing: float = setting(
        0.0, "share of each label spread over all classes", low=0, high=1, without_high=True
    )
    views: str | None = setting(
        None,
        "which views of each image the network is judged by beside the image itself",
        choices=VIEWS,
        optional=True,
    )
    class_weight: str | tuple[tuple[str, float], ...] | None = setting(
        None,
        "how much the examples of each class count in the loss",
        choices=("balanced",),
        by_name=True,
        optional=True,
        low=0,
        without_low=True,
    )

    unfreeze: str | int | None = setting(
        None,
        "layers of a backbone that are trained after the frozen epochs: the name of the first one, "
        "or how many at its end; None: none",
        optional=True,
        text=True,
        whole=True,
        low=1,
        high=LARGEST,
    )
    frozen_epochs: int | None = setting(
        None,
        "epochs in which the whole backbone is frozen, before `unfreeze`; None is half of all "
        "epochs",
        optional=True,
        whole=True,
        low=1,
        high=LARGEST,
    )
    unfrozen_rate: float = setting(
        0.1,
        "share of the learning rate that is left after `unfreeze`",
        low=0,
        high=1,
        without_low=True,
    )
    warm_start: str | None = setting(
        None, "folder of the run whose weights the training starts from", optional=True, text=True
    )

    def __post_init__(self) -> None:
        keep_checked(self, RecipeError)
        for name in ("transforms", "preprocessing", "callbacks", "rate_factors"):
            object.__setattr__(self, name, checked_slots(name, getattr(self, name)))
        for name in ("schedule", "scaling", "averaging", "mixing"):
            check_slot(name, getattr(self, name))
        if not isinstance(self.optimizer, Config | Slot):
            raise RecipeError(
                'optimizer must be a config, like Config.of("keras.optimizers:SGD", momentum=0.9), '
                f"or a slot. Received: optimizer={self.optimizer!r}"
            )
        self._check_warm_start()
        limits = ("clip_norm", "clip_global_norm", "clip_value")
        given = [name for name in limits if getattr(self, name) is not None]
        if len(given) > 1:
            raise RecipeError(
                f"Gradients can be clipped only in one way. Received: {' and '.join(given)}"
            )
        if self.mixing is not None and self.batch_size == 1:
            raise RecipeError(
                f"{self.mixing.recipe} mixes an image with another of its batch: batch_size must "
                "be 2 or more. Received: batch_size=1"
            )

    @property
    def told_decay(self) -> float | None:
        """The weight decay for the optimiser: 0 only if it would otherwise decay on its own."""
        is_off = self.weight_decay == 0 and self.optimizer_config.class_name != "AdamW"
        return None if is_off else self.weight_decay

    @property
    def optimizer_config(self) -> Config:
        """The config of the optimiser, whether the baseline's or a recipe's."""
        return self.optimizer.config if isinstance(self.optimizer, Slot) else self.optimizer

    @property
    def lsuv_recipe(self) -> str | None:
        """The recipe that sets all weights anew by LSUV; None where there is none."""
        found = [slot.recipe for slot in self.callbacks if slot.config.path == _LSUV]
        return found[0] if found else None

    def _check_warm_start(self) -> None:
        """Refuses what would undo the start from trained weights."""
        if self.warm_start is None:
            return
        if self.scaling is not None and not self._scales_each_image(self.scaling.recipe):
            raise RecipeError(
                f"warm_start clashes with {self.scaling.recipe}: the weights that it starts from "
                "expect the scaling of their own training. Keep one of them."
            )
        if lsuv := self.lsuv_recipe:
            raise RecipeError(
                f"warm_start clashes with {lsuv}: LSUV replaces the weights that it starts from. "
                "Keep one of them."
            )

    def _scales_each_image(self, recipe: str) -> bool:
        """Says whether the recipe scales each image on its own, without a fit on the data."""
        return any(
            slot.recipe == recipe and slot.config.path == _IMAGE_SCALING
            for slot in self.preprocessing
        )

    def check_classes(self, classes: Sequence[str]) -> None:
        """Refuses weights of classes that the data do not have.

        Raises:
            RecipeError: naming the class.
        """
        named = self.class_weight if isinstance(self.class_weight, tuple) else ()
        for name, _ in named:
            if name not in classes:
                shown = ", ".join(classes[:20]) + (", ..." if len(classes) > 20 else "")
                raise RecipeError(f"class_weight: there is no class {name!r}. There are: {shown}.")

    def batch_of(self, examples: int) -> int:
        """Returns the samples per step when training on this many examples."""
        return self.batch_size or examples

    @property
    def batch_words(self) -> str:
        """How many samples a step takes, in words."""
        return str(self.batch_size or "all")
