"""A study: arms to compare, on one data set, with one list of seeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...argument_checks import number_in
from ...data import Dataset, DataSpec
from ...recipes import Blueprint
from ...training.errors import LadderError


@dataclass(frozen=True)
class Arm:
    """A named blueprint, and the arm that it is compared with.

    Attributes:
        name: as in folders and pictures, `07-wider+augmentation`.
        blueprint: all that decides its training.
        recipes: names of the recipes that it adds to the arm that it is compared with.
        against: name of that arm, or None.
        changed: in words, what its blueprint changes against that arm's.
        reported: the accuracy that the study's source gives for it, 0..1, or None.
        train_size: how many of the training examples it has, as `nested_training_set` picks them;
            None is all.
        seeds: the seeds that it is trained with; None is the study's.
        held_out: it has the validation set of a search that holds so large a share of the training
            examples out, in place of the study's; None is none.
        beside_search: it is judged by what such a search leaves of the study's validation set; None
            is all of that.
        is_refit: whether it is trained on the validation examples too, and has none itself.
    """

    name: str
    blueprint: Blueprint
    recipes: tuple[str, ...] = ()
    against: str | None = None
    changed: str = ""
    reported: float | None = None
    train_size: int | None = None
    seeds: tuple[int, ...] | None = None
    held_out: float | None = None
    beside_search: float | None = None
    is_refit: bool = False


@dataclass(frozen=True)
class Study:
    """What is trained and compared.

    Attributes:
        name: in the report's title.
        arms: in the order of the report.
        data: which data, or a data set that is in memory.
        seeds: the seeds that an arm is trained with which names none of its own.
        kind: ladder, ablation, levels, sweep, sample-size, tune, grow or refit: what the report
            makes of it.
        file: name of its file and its report in the folder, without ending; studies of one folder
            that differ in it share their runs and leave each other's reports alone.
        details: what its kind needs besides, as values that JSON can hold.
        splits: whether each seed has a split of its own, so that the choice of training and
            validation examples counts too; seed 0 has the data's own.
        bagging: whether each seed trains on a bootstrap sample of the training examples.
        margin: what a difference must be larger than to matter, in the deciding metric's unit; None
            is one point of a share.
        looks: the numbers of seeds at which it is looked at, if it gains seeds until it is decided.
        most_seeds: the seeds that its looks go to, if the clock allows it.
        minutes: wall time that its looks may take together; None is any.
        is_built_in: whether its arms are those of a built-in ladder, which knows its own data.

    Raises:
        LadderError: for no arm, two arms of one name, an arm compared with none of the study's, or
            a margin that is not above 0.
    """

    name: str
    arms: tuple[Arm, ...]
    data: DataSpec | Dataset
    seeds: tuple[int, ...]
    kind: str = "ladder"
    file: str = "ladder"
    details: Mapping[str, Any] = field(default_factory=dict)
    splits: bool = False
    bagging: bool = False
    margin: float | None = None
    looks: tuple[int, ...] = ()
    most_seeds: int | None = None
    minutes: float | None = None
    is_built_in: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "margin", checked_margin(self.margin))
        names = [arm.name for arm in self.arms]
        if not names or len(set(names)) < len(names):
            raise LadderError(f"A study needs arms, each of its own name. Received: {names}")
        for arm in self.arms:
            if arm.against is not None and arm.against not in names:
                raise LadderError(
                    f"{arm.name} is to be compared with {arm.against}, which is no arm of the "
                    f"study. It has: {', '.join(names)}."
                )

    def seeds_of(self, arm: Arm) -> tuple[int, ...]:
        """Returns the seeds that the arm is trained with."""
        return self.seeds if arm.seeds is None else arm.seeds


def checked_margin(margin: Any) -> float | None:
    """Returns what a difference must be larger than to matter, as a study keeps it.

    Raises:
        LadderError: for what is no number above 0.
    """
    if margin is None:
        return None
    try:
        return number_in("margin", margin, 0, without_low=True)
    except ValueError:
        raise LadderError(
            f"margin (--margin) must be above 0, as a number. Received: {margin!r}"
        ) from None
