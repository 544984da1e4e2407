"""A search of a rung's settings: what is varied, on which rung, by which sampler."""

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

# No list of seeds that is given as a number reaches it.
SEARCH_SEED = 1000
SAMPLER, PRUNER = "tpe", "median"


@dataclass(frozen=True)
class Tuning:
    """A search of a rung's settings, and how what it finds is judged.

    Every trial is a run of the rung with other values, trained with one seed on a part of the
    training examples and scored on the rest of them, or on examples that are unused otherwise. The
    best is then trained on all training examples with the ladder's seeds, which the search has not
    seen, beside the rung as it is, and judged by the validation set (decks L2 and L4: a search
    needs a validation set of its own).

    Attributes:
        ladder: the ladder's study; its seeds judge.
        rung: the rung.
        space: what is varied.
        trials: how many trials at most; None is any.
        minutes: after which no trial is begun any more; None is any.
        sampler: "tpe", "random", "grid" or "gp".
        pruner: "median", "hyperband" or "none".
        seed: of the draws, and of every trial's training.
        label: what the space's file is called; empty for the default space.

    Raises:
        LadderError: for a sampler or pruner that is unknown, or lacks a package; for a grid without
            end; where neither trials nor minutes are given; for a seed that judges too.
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
        """Name of its study's file: the rung, and what is chosen of how it is searched."""
        chosen = [
            self.label,
            self.sampler if self.sampler != SAMPLER else "",
            f"pruner-{self.pruner}" if self.pruner != PRUNER else "",
            f"seed-{self.seed}" if self.seed != SEARCH_SEED else "",
        ]
        return file_name("-".join(["tune", self.rung.name, *filter(None, chosen)]))

    @property
    def most_trials(self) -> int | None:
        """How many trials there may be: as many as are asked for, and no more than points."""
        known = [one for one in (self.trials, self.space.size) if one is not None]
        return min(known, default=None)

    def definition(self, facts: Mapping[str, Any]) -> str:
        """Returns the sha256, in hex, over what makes trials comparable.

        Args:
            facts: on what they are trained and with what, besides what the search itself says.
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
        """Returns the study of one trial: the rung with these values, in the search's own setup.

        Raises:
            RecipeError: for values that do not go together.
        """
        arm = Arm(name, self.blueprint(values, name), seeds=(self.seed,), held_out=HELD_OUT)
        return replace(self.ladder, arms=(arm,), kind="tune", file=self.file)

    def judged_study(self, winner: Mapping[str, Any] | None, details: Mapping[str, Any]) -> Study:
        """Returns the study that judges: the rung as it is, and with the winner's values.

        Args:
            winner: the values that won; None where the rung's own did, or none yet.
            details: what the report is told of the search.
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
        # A number of NumPy's goes into no fingerprint.
        object.__setattr__(self, "seed", int(self.seed))
        if self.seed in self.ladder.seeds:
            raise LadderError(
                f"Seed {self.seed} is the search's (--search-seed), and what it finds is judged "
                "with others. Leave it out of seeds (--seeds), or give the search another."
            )
        if self.ladder.splits or self.ladder.bagging:
            raise LadderError(
                "tune holds a part of one training set out for the search: leave out splits "
                "(--splits) and bagging (--bagging)."
            )


def make_tuning(
    ladder: Study, rung: Rung, space: Mapping[str, Any] | None = None, **settings: Any
) -> Tuning:
    """Returns the search of a ladder's rung.

    Args:
        ladder: the ladder's study.
        rung: the rung to search.
        space: as `make_space` takes it; None is what deck L2 names, in its order.
        **settings: those of `Tuning` that say how to search.

    Raises:
        LadderError: for an invalid space, sampler, pruner or budget.
    """
    # Before the space is read, as without Optuna nothing is searched.
    check_sampler(settings.get("sampler", SAMPLER), settings.get("pruner", PRUNER))
    return Tuning(ladder, rung, make_space(space, rung), **settings)
