"""A search for a rung's settings: what is varied, on which rung, with which sampler."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...argument_checks import is_whole
from ...data.unused_examples import HELD_OUT
from ...recipes import Blueprint
from ...reports.analysis.search_trials import judged_names
from ...training.errors import LadderError
from ..ladder_file import LARGEST_SEED
from ..rung import Rung
from ..studies.effect_checks import built
from ..studies.file_names import file_name
from ..studies.study import Arm, Study
from .samplers import check_sampler
from .space import Space, make_space

# A number of seeds stands for seeds below 1000, so the search's seed is never one of them.
SEARCH_SEED = 1000
SAMPLER, PRUNER = "tpe", "median"


@dataclass(frozen=True)
class Tuning:
    """A search for a rung's settings, and how its result is judged.

    Every trial is a run of the rung with other values, trained with one seed. It is trained on a
    part of the training examples and scored on the rest of them; or, where enough examples would
    otherwise be unused, it is trained on all training examples and scored on those. The best
    settings are then trained on all training examples with the ladder's seeds, which the search has
    not seen, beside the unchanged rung, and judged by the validation set (decks L2 and L4: a search
    needs a validation set of its own).

    Attributes:
        ladder: the ladder's study, whose seeds judge.
        rung: the rung.
        space: what is varied.
        trials: the largest number of trials; None is no limit.
        minutes: time after which no trial is begun; None is no limit.
        sampler: "tpe", "random", "grid" or "gp".
        pruner: "median", "hyperband" or "none".
        seed: seed of the sampler, and of every trial's training.
        label: name of the space's file; empty for the default space.

    Raises:
        LadderError: for a sampler or pruner that is unknown, or that lacks a package; for a grid
            with infinitely many points; if neither trials nor minutes are given, except for a grid;
            for a seed that is also one of the ladder's; for a ladder with splits or bagging.
    """

    ladder: Study
    rung: Rung
    space: Space
    trials: int | None = None
    minutes: float | None = None
    sampler: str = SAMPLER
    pruner: str = PRUNER
    seed: int = SEARCH_SEED
    label: str = ""

    def __post_init__(self) -> None:
        check_sampler(self.sampler, self.pruner)
        if self.sampler == "grid":
            self.space.check_grid()
        self._check_budget()
        self._check_seeds()

    @property
    def file(self) -> str:
        """Name of its study's file: the rung, and what differs from the defaults of a search."""
        chosen = [
            self.label,
            self.sampler if self.sampler != SAMPLER else "",
            f"pruner-{self.pruner}" if self.pruner != PRUNER else "",
            f"seed-{self.seed}" if self.seed != SEARCH_SEED else "",
        ]
        return file_name("-".join(["tune", self.rung.name, *filter(None, chosen)]))

    @property
    def most_trials(self) -> int | None:
        """The largest number of trials: what is asked for, or the size of the space if smaller."""
        known = [one for one in (self.trials, self.space.size) if one is not None]
        return min(known, default=None)

    def definition(self, facts: Mapping[str, Any]) -> str:
        """Returns the sha256, in hex, over all that must be equal for trials to be comparable.

        Args:
            facts: what else must be equal, such as the data and the settings of Keras.
        """
        own = {
            "rung": self.rung.blueprint.to_dict(),
            "space": [dimension.facts() for dimension in self.space.dimensions],
            "sampler": self.sampler,
            "pruner": self.pruner,
            "seed": self.seed,
        }
        text = json.dumps({**own, **facts}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def blueprint(self, values: Mapping[str, Any], place: str) -> Blueprint:
        """Returns the rung's blueprint with other values.

        Raises:
            RecipeError: for values that do not go together.
        """
        return built(values, self.rung.baseline, self.rung.steps, place)

    def trial_study(self, name: str, values: Mapping[str, Any]) -> Study:
        """Returns the study of one trial: the rung with these values, in the search's setup.

        Raises:
            RecipeError: for values that do not go together.
        """
        arm = Arm(name, self.blueprint(values, name), seeds=(self.seed,), held_out=HELD_OUT)
        return replace(self.ladder, arms=(arm,), kind="tune", file=self.file)

    def judged_study(self, winner: Mapping[str, Any] | None, details: Mapping[str, Any]) -> Study:
        """Returns the study that judges: the unchanged rung, and the rung with the winner's values.

        Args:
            winner: the values that won; None if the rung's own values did, or none has won yet.
            details: what the report needs to know of the search.
        """
        own_name, name = judged_names(self.rung.name)
        own = Arm(own_name, self.rung.blueprint, beside_search=HELD_OUT)
        arms = [own]
        if winner is not None:
            blueprint = self.blueprint(winner, name)
            changed = blueprint.difference(self.rung.blueprint)
            arms.append(
                Arm(name, blueprint, against=own_name, changed=changed, beside_search=HELD_OUT)
            )
        return replace(
            self.ladder, arms=tuple(arms), kind="tune", file=self.file, details=dict(details)
        )

    def _check_budget(self) -> None:
        if self.trials is not None and not is_whole(self.trials, 1):
            raise LadderError(f"trials (--trials) is 1 or above. Received: {self.trials!r}")
        if self.minutes is not None and not 0 < self.minutes < math.inf:
            raise LadderError(f"minutes (--minutes) is above 0. Received: {self.minutes!r}")
        if self.trials is None and self.minutes is None and self.sampler != "grid":
            raise LadderError(
                "Say how long to search: trials (--trials N), or minutes (--minutes M)."
            )

    def _check_seeds(self) -> None:
        if not is_whole(self.seed, 0, LARGEST_SEED):
            raise LadderError(
                f"seed (--search-seed) must be a whole number from 0. Received: {self.seed!r}"
            )
        # A NumPy integer cannot be written to JSON, which fingerprints need.
        object.__setattr__(self, "seed", int(self.seed))
        if self.seed in self.ladder.seeds:
            raise LadderError(
                f"Seed {self.seed} is the search's (--search-seed), but its result must be judged "
                "with other seeds. Leave it out of seeds (--seeds), or give the search another."
            )
        if self.ladder.splits or self.ladder.bagging:
            raise LadderError(
                "tune holds out a part of one training set for the search: leave out splits "
                "(--splits) and bagging (--bagging)."
            )


def make_tuning(
    ladder: Study, rung: Rung, space: Mapping[str, Any] | None = None, **settings: Any
) -> Tuning:
    """Returns the search for the settings of a ladder's rung.

    Args:
        ladder: the ladder's study.
        rung: the rung to search.
        space: as `make_space` takes it; None is what deck L2 names, in its order.
        **settings: those of `Tuning` that say how to search.

    Raises:
        LadderError: for an invalid space, sampler, pruner or budget.
    """
    # Checked before the space is read: without Optuna there is no search at all.
    check_sampler(settings.get("sampler", SAMPLER), settings.get("pruner", PRUNER))
    return Tuning(ladder, rung, make_space(space, rung), **settings)
