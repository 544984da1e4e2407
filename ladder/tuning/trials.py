"""The trials of a search, kept in a file in its folder, so that a killed search can go on."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .samplers import make_pruner, make_sampler
from .space import Space

_FILE = "trials.log"
# What Optuna's storage keeps of a trial in addition to its parameters and its curve.
FINGERPRINT, FAILURE, SECONDS = "fingerprint", "failure", "seconds"
_CROSS_ENTROPY = "cross_entropy"
# What it keeps of the search.
_SPENT, _ENDED_MINUTES = "spent", "ended_minutes"


@dataclass(frozen=True)
class Trial:
    """A trial that is under way.

    Attributes:
        number: its number from 0, in the order in which trials were asked for.
        values: its values by the names of the settings.
        held: Optuna's trial.
    """

    number: int
    values: dict[str, Any]
    held: Any


def searches_in(folder: Path) -> list[str]:
    """Returns the names of the searches whose trials the folder keeps."""
    import optuna

    if not (folder / _FILE).exists():
        return []
    with _quiet():
        return list(optuna.get_all_study_names(_storage(folder)))


class Trials:
    """The trials of one search, kept by Optuna; opening them again continues the search.

    Args:
        folder: folder of the search, in which no other process is at work.
        name: name of the search; trials of another name in the folder are another search's.
        space: what is searched.
        sampler: one of `samplers.SAMPLERS`.
        pruner: one of `samplers.PRUNERS`.
        epochs: number of epochs of a trial.
        direction: which way is better, "max" or "min".
        seed: seed of the search.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        space: Space,
        sampler: str,
        pruner: str,
        epochs: int,
        direction: str,
        seed: int,
    ) -> None:
        import optuna

        self.space, self._name, self._sampler, self._seed = space, name, sampler, seed
        with _quiet():
            self._storage = _storage(folder)
            self._study = optuna.create_study(
                storage=self._storage,
                study_name=name,
                direction="maximize" if direction == "max" else "minimize",
                sampler=optuna.samplers.RandomSampler(seed=seed),
                pruner=make_pruner(pruner, epochs),
                load_if_exists=True,
            )
        self._interrupted = self._adopted()
        self._begin()

    def ask(self) -> Trial:
        """Returns the next trial: one that was interrupted, or a new one."""
        if self._interrupted:
            return self._interrupted.pop(0)
        with _quiet(), self._sampling(len(self._counted())):
            held = self._study.ask()
            values = {one.name: one.suggested(held) for one in self.space.dimensions}
            return Trial(held.number, values, held)

    def report(self, trial: Trial, epoch: int, value: float) -> bool:
        """Records a figure of the validation curve; returns whether to give the trial up."""
        with _quiet():
            if epoch not in self._of(trial).intermediate_values:
                trial.held.report(value, epoch)
            return bool(trial.held.should_prune())

    def note(self, trial: Trial, key: str, value: Any) -> None:
        """Records a fact on the trial."""
        trial.held.set_user_attr(key, value)

    def tell_done(self, trial: Trial, score: float, cross_entropy: float = math.nan) -> None:
        """Records the trial's score, and its cross-entropy, which decides between equal scores.

        Args:
            trial: the trial, which is done.
            score: its deciding figure.
            cross_entropy: its cross-entropy on the same examples, in nats; NaN if there is none.
        """
        if math.isfinite(cross_entropy):
            self.note(trial, _CROSS_ENTROPY, cross_entropy)
        self._study.tell(trial.held, score)

    def tell_pruned(self, trial: Trial) -> None:
        """Records that the trial was given up; Optuna keeps the last figure of its curve."""
        import optuna

        self._study.tell(trial.held, state=optuna.trial.TrialState.PRUNED)

    def tell_failed(self, trial: Trial, reason: str) -> None:
        """Records that the trial's run failed.

        For Optuna the trial is one that was given up, and counts among the worst. From a failed
        trial Optuna would learn nothing, and would try similar values again.
        """
        self.note(trial, FAILURE, reason)
        self.tell_pruned(trial)

    @property
    def ended(self) -> list[Any]:
        """Optuna's trials that have ended, in order."""
        return [one for one in self._counted() if one.state.is_finished()]

    @property
    def scored(self) -> list[Any]:
        """The ended trials that have a score: they were neither given up nor failed."""
        return [one for one in self.ended if one.state.name == "COMPLETE"]

    def ended_like(self, fingerprint: str) -> Any | None:
        """Returns the first trial with the same run that was given up without failing, if any."""
        return next(
            (
                one
                for one in self.ended
                if one.user_attrs.get(FINGERPRINT) == fingerprint
                and one.state.name == "PRUNED"
                and FAILURE not in one.user_attrs
            ),
            None,
        )

    @property
    def spent(self) -> float:
        """Seconds that all commands have taken for the search so far."""
        return float(self._study.user_attrs.get(_SPENT, 0.0))

    @spent.setter
    def spent(self, seconds: float) -> None:
        self._study.set_user_attr(_SPENT, round(seconds, 3))

    def end_after(self, minutes: float) -> None:
        """Records that there was no time for one more trial within these minutes."""
        self._study.set_user_attr(_ENDED_MINUTES, minutes)

    def has_ended_after(self, minutes: float | None) -> bool:
        """Returns whether the clock has ended the search before, with at least these minutes."""
        return minutes is not None and minutes <= self._study.user_attrs.get(_ENDED_MINUTES, 0.0)

    def values_of(self, frozen: Any) -> dict[str, Any]:
        """Returns the settings' values of one of Optuna's trials."""
        return {one.name: one.value_of(frozen.params[one.name]) for one in self.space.dimensions}

    def best(self) -> Any | None:
        """Returns the trial with the best score; None if no trial has a score.

        Among equal scores it is the trial with the lowest cross-entropy, and then the first.
        """
        sign = 1 if self._study.direction.name == "MAXIMIZE" else -1

        def rank(one: Any) -> tuple[float, float]:
            return sign * one.value, -one.user_attrs.get(_CROSS_ENTROPY, math.inf)

        return max(self.scored, key=rank, default=None)

    def _counted(self) -> list[Any]:
        """All trials that were begun, except those that were killed before they had values."""
        found = self._study.get_trials(deepcopy=False)
        return [one for one in found if one.state.name not in ("FAIL", "WAITING")]

    def _of(self, trial: Trial) -> Any:
        return self._study.get_trials(deepcopy=False)[trial.number]

    def _adopted(self) -> list[Trial]:
        """Takes over the trials that were under way when the search was killed."""
        import optuna

        found = []
        for one in self._study.get_trials(deepcopy=True):
            if one.state != optuna.trial.TrialState.RUNNING:
                continue
            if set(one.params) != set(self.space.names):
                # Killed while its values were being proposed: they are proposed anew.
                self._study.tell(one.number, state=optuna.trial.TrialState.FAIL)
                continue
            held = optuna.trial.Trial(self._study, self._id_of(one.number))
            found.append(Trial(one.number, self.values_of(one), held))
        return found

    def _id_of(self, number: int) -> int:
        study = self._storage.get_study_id_from_name(self._name)
        return int(self._storage.get_trial_id_from_study_id_trial_number(study, number))

    def _begin(self) -> None:
        """Makes the rung's own settings the first trial, if the space holds them."""
        own = self.space.own_parameters()
        if own is not None and self._sampler != "grid" and not self._study.get_trials():
            self._study.enqueue_trial(own)

    @contextmanager
    def _sampling(self, asked: int) -> Iterator[None]:
        """Uses a sampler that is made for this trial only.

        Between trials another sampler stands in: Optuna's grid sampler would try to stop Optuna's
        own optimisation loop, which is not used here.
        """
        plain = self._study.sampler
        self._study.sampler = make_sampler(self._sampler, self.space, self._seed, asked)
        try:
            yield
        finally:
            self._study.sampler = plain


def _storage(folder: Path) -> Any:
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    file = folder / _FILE
    _mend(file)
    with _quiet():
        return JournalStorage(JournalFileBackend(str(file)))


def _mend(file: Path) -> None:
    """Removes what a killed command has left: a lock, and a last line that is incomplete.

    Optuna would wait for the lock, and fail to read the line once another one follows it.
    """
    for lock in file.parent.glob(f"{file.name}.lock*"):
        lock.unlink(missing_ok=True)
    if not file.exists():
        return
    content = file.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        with file.open("rb+") as held:
            held.truncate(whole)


@contextmanager
def _quiet() -> Iterator[None]:
    """Hides Optuna's messages: that a study was created, or that a feature is experimental."""
    from optuna import logging
    from optuna.exceptions import ExperimentalWarning

    before = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=ExperimentalWarning)
            yield
    finally:
        logging.set_verbosity(before)
