"""What the pages say about ensembles: the mean of an arm's runs, and stacking."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..analysis.best_rung import best_rung
from ..analysis.ensembles import Ensemble, Gain, ensemble, ensemble_metrics
from ..analysis.members import SPLITS, arm_members
from ..analysis.stacking import Stacking, stackings
from ..read.run_set import RunSet
from ..wording import UNKNOWN, difference_text, metric_text, score_text
from .facts import Part, Table

MOST_ARMS = 30
"""With more arms, ensembles would fill pages, and their answers the memory."""

_SPLIT = {"val": "validation", "test": "test"}


def ensemble_parts(run_set: RunSet) -> list[Part]:
    """Work out the part of a page on ensembles.

    It is empty if no arm has two runs that kept their predictions. With more than `MOST_ARMS` arms
    it is about the best one only.

    Raises:
        ReportError: A file of predictions is damaged.
    """
    if len(run_set.rungs) > MOST_ARMS:
        best = best_rung(run_set)
        run_set = replace(run_set, rungs=(best,) if best else ())
    arms = arm_members(run_set)
    if not arms:
        return []
    found = [ensemble(run_set, members) for members in arms]
    stacked = stackings(run_set, arms)
    metrics = ensemble_metrics(run_set, arms[0])
    arm = run_set.arm_word
    tables = [_gains_table(found, metric, arm) for metric in metrics]
    tables.append(_errors_table(found, arm))
    if stacked:
        tables += [_stacked_table(stacked, metric) for metric in metrics]
    return [Part("Ensembles", shown=tables, notes=_notes(found, stacked))]


def _gains_table(found: Sequence[Ensemble], metric: str, arm: str) -> Table:
    splits = _splits([one.gains for one in found], metric)
    columns = [arm, "runs"]
    for split in splits:
        columns += [f"{_SPLIT[split]}, single", "of the mean", "gain"]
    rows = [
        [one.members.name, f"{len(one.members.seeds)}", *_gain_cells(one.gains, metric, splits)]
        for one in found
    ]
    title = f"The mean of the runs against a single one: {metric_text(metric)}"
    return Table(title, columns, rows)


def _splits(gains: Sequence[Mapping[tuple[str, str], Gain]], metric: str) -> list[str]:
    return [split for split in SPLITS if any((split, metric) in one for one in gains)]


def _gain_cells(
    gains: Mapping[tuple[str, str], Gain], metric: str, splits: Sequence[str]
) -> list[str]:
    cells = []
    for split in splits:
        gain = gains.get((split, metric))
        if gain is None:
            cells += [UNKNOWN] * 3
        else:
            scores = map(score_text, (gain.single, gain.ensemble))
            cells += [*scores, difference_text(gain.over_single)]
    return cells


def _errors_table(found: Sequence[Ensemble], arm: str) -> Table:
    is_tested = all("test" in one.errors for one in found)
    split = "test" if is_tested else "val"
    of_what = "probabilities" if found[0].members.tells_classes else "values"
    columns = [
        arm,
        "correlation",
        "single",
        "if independent",
        "by the correlation",
        "measured",
        "of endless runs",
    ]
    rows = [_error_row(one, split) for one in found]
    return Table(f"Squared error of the {of_what} on {_SPLIT[split]}", columns, rows)


def _error_row(one: Ensemble, split: str) -> list[str]:
    error = one.foretold(split)
    figures = [
        error.squared,
        error.independent,
        error.of_mean,
        one.squared[split],
        error.of_endless,
    ]
    return [one.members.name, _two_digits(error.correlation), *map(score_text, figures)]


def _stacked_table(stacked: Sequence[Stacking], metric: str) -> Table:
    splits = _splits([one.gains for one in stacked], metric)
    columns = ["stacked", "validation examples"]
    for split in splits:
        columns += [f"{_SPLIT[split]}, plain mean", "stacked", "gain"]
    rows = [
        [one.name, f"{one.images:,}", *_gain_cells(one.gains, metric, splits)] for one in stacked
    ]
    return Table(f"Stacked by a logistic regression: {metric_text(metric)}", columns, rows)


def _notes(found: Sequence[Ensemble], stacked: Sequence[Stacking]) -> list[str]:
    answers = "probabilities" if found[0].members.tells_classes else "values"
    notes = [
        f"The mean of the runs' {answers} is judged like a single network; predicting takes as "
        "many times longer as there are runs. Its gain is over the mean of the single runs, above "
        "zero if it is better; the 95 % interval covers another choice of examples, not of runs.",
        "n answers whose errors have the mean square sigma^2 and the correlation rho have a mean "
        "of squared error sigma^2 (rho + (1 - rho) / n): sigma^2 / n if they were independent, and "
        "never below rho sigma^2. rho is measured on validation, so what it says about test is a "
        "prediction. Near 1 the runs make the same mistakes, and more runs add little.",
    ]
    if stacked:
        notes.append(
            "Stacking weighs the log-probabilities by scikit-learn's logistic regression, fitted "
            "on validation examples, on which no run was trained. Its validation figures are out "
            "of fold (5 folds), by which the strength of its penalty was chosen; its test figures "
            f"are of the fit on all of them.{_other_examples_text(stacked)}"
        )
    return notes


def _other_examples_text(stacked: Sequence[Stacking]) -> str:
    """A note if the rows are of different validation examples; else empty."""
    if len({one.images for one in stacked}) == 1:
        return ""
    return (
        " The more networks, the longer a fit takes, so that rows are fitted on different numbers "
        "of validation examples, always the first ones. A row's validation figures, that of the "
        "plain mean too, are of its own examples: compare them within a row; on test all rows are "
        "of the same."
    )


def _two_digits(value: float) -> str:
    return UNKNOWN if math.isnan(value) else f"{value:.2f}"
