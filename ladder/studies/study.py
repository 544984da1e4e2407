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
        name: its name in folders and pictures, such as `07-wider+augmentation`.
        blueprint: all that decides its training.
        recipes: names of the recipes that it adds to the arm that it is compared with.
        against: name of that arm, or None.
        changed: in words, what its blueprint changes in that arm's.
        reported: the accuracy that the study's source gives for it, 0..1, or None.
        train_size: how many of the training examples it has, as `nested_training_set` picks them;
            None is all.
        seeds: the seeds that it is trained with; None is the study's.
        held_out: for a search's trial, the share of the training examples that the search holds
            out; what it holds out is the arm's validation set. None for other arms.
        beside_search: for an arm that judges a search, that same share: the arm's validation set is
            what the search leaves of the study's. None for other arms.
        is_refit: whether it is trained on the validation examples too, and has none left.
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
        name: its name in the report's title.
        arms: its arms, in the order of the report.
        data: which data to load, or a data set in memory.
        seeds: the seeds of the arms that have none of their own.
        kind: ladder, ablation, levels, sweep, sample-size, tune, grow or refit; it decides what the
            report shows.
        file: name of its file and its report in the folder, without ending; studies in one folder
            with different file names share their runs and leave each other's reports alone.
        details: what else its kind needs, as values that JSON can hold.
        splits: whether each seed has its own split, so that the choice of training and validation
            examples counts too; seed 0 has the split of the data.
        bagging: whether each seed trains on a bootstrap sample of the training examples.
        margin: what a difference must exceed to matter, in the deciding metric's unit; None is one
            percentage point of a metric that is a share.
        looks: the numbers of seeds at which it is looked at, if it gains seeds until it is decided.
        most_seeds: the number of seeds at its last look, if the clock allows that look.
        minutes: wall time that its looks may take together; None is no limit.
        is_built_in: whether its arms are those of a built-in ladder, which is made for its own
            data.

    Raises:
        LadderError: if there is no arm, if two arms have the same name, if an arm is compared with
            one that is not in the study, or for a margin that is not above 0.
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
                    f"{arm.name} is to be compared with {arm.against}, which is not an arm of the "
                    f"study. It has: {', '.join(names)}."
                )

    def seeds_of(self, arm: Arm) -> tuple[int, ...]:
        """Returns the seeds that the arm is trained with."""
        return self.seeds if arm.seeds is None else arm.seeds


def checked_margin(margin: Any) -> float | None:
    """Returns the margin as a study keeps it: what a difference must exceed to matter.

    Raises:
        LadderError: if it is not a number above 0.
    """
    if margin is None:
        return None
    try:
        return number_in("margin", margin, 0, without_low=True)
    except ValueError:
        raise LadderError(
            f"margin (--margin) must be above 0, as a number. Received: {margin!r}"
        ) from None
