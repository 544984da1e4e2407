"""The page of a search: what was searched, what won, what it is worth, what the search promised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..analysis.judgements import Judgement, judgements
from ..analysis.search_trials import (
    SearchTrial,
    best_trial,
    judged_arms,
    known_number,
    search_trials,
)
from ..figures.best_so_far_figure import best_so_far_figure
from ..figures.importance_figure import importance_figure
from ..figures.parallel_figure import parallel_figure
from ..figures.picture import png_bytes
from ..figures.pictures import Picture
from ..figures.search_axis import SearchAxis, value_text
from ..figures.setting_scores_figure import setting_scores_figure
from ..read.run_set import Rung, RunSet
from ..statistics.intervals import estimate
from ..wording import UNKNOWN, count_text, figure_text, metric_text, score_text
from .arm_parts import runs_text
from .difference_words import COVERED, judged_text
from .facts import Part, Table
from .shown_study import ShownStudy
from .tables import study_frame
from .tune_words import search_headline

# With fewer trials, no importance is computed.
_FEWEST_TRIALS = 10


def show_tune(run_set: RunSet, file: str) -> ShownStudy:
    """Work out the main part of a search's page."""
    trials, metric = search_trials(run_set), run_set.deciding.metric
    details = run_set.details
    names = [axis["name"] for axis in details["space"]]
    picture = best_so_far_figure(
        trials, run_set.deciding.sign, metric, known_number(details["own_score"])
    )
    return ShownStudy(
        title=f"Search of {details['rung']}",
        headline=search_headline(run_set, trials),
        frame=study_frame([_row(trial, details) for trial in trials], names),
        table=_judged_table(run_set),
        pictures=[Picture(f"{file}.png", "The best score so far over trials", png_bytes(picture))],
        notes=_notes(metric_text(metric)),
        parts=[*_search_parts(run_set, trials, file)],
    )


def _judged_table(run_set: RunSet) -> Table:
    own, winner = judged_arms(run_set)
    best, metric = best_trial(run_set), metric_text(run_set.deciding.metric)
    found = judgements(run_set)
    rows = [_judged_row(own, known_number(run_set.details["own_score"]), winner)]
    if winner is not None and winner is not own and best is not None:
        rows.append(_judged_row(winner, best.score, winner, found.get(winner.name)))
    columns = [
        *("arm", f"{metric} in the search", f"validation {metric}"),
        *("against its own settings", f"test {metric}", "runs"),
    ]
    return Table("", columns, rows, best=winner.name if winner else "")


def _judged_row(
    arm: Rung, searched: float, winner: Rung | None, found: Judgement | None = None
) -> list[str]:
    # A run shared with the ladder may have read the test set, which only the winner may show.
    tested = arm.values("test") if arm is winner else []
    return [
        arm.name,
        score_text(searched),
        figure_text(estimate(arm.values("val"))),
        judged_text(found),
        figure_text(estimate(tested)),
        runs_text(arm),
    ]


def _search_parts(run_set: RunSet, trials: Sequence[SearchTrial], file: str) -> list[Part]:
    details, deciding = run_set.details, run_set.deciding
    metric, sign = deciding.metric, deciding.sign
    axes, best = [SearchAxis.of(one) for one in details["space"]], best_trial(run_set)
    parts = [Part("What was searched", shown=[_space_table(details, best)])]
    if best is not None:
        scores = png_bytes(setting_scores_figure(trials, axes, metric, sign, best))
        lines = png_bytes(parallel_figure(trials, axes, metric, sign, best))
        parts += [
            Part(
                "Each setting against the score",
                [
                    "A dot is a trial, darker the later it was; the ring is round the winner. "
                    "Trials that were given up or failed have no score: they are marked on the "
                    "edge where the worst scores are."
                ],
                shown=[Picture(f"{file}-settings.png", "Each setting against the score", scores)],
            ),
            Part(
                "Every trial as a line through its settings",
                [
                    "A line is a trial with a score, on the last axis; darker the better it is. "
                    "The thick black one is the winner."
                ],
                shown=[Picture(f"{file}-parallel.png", "Parallel coordinates of trials", lines)],
            ),
            _importance_part(details, file),
        ]
    return [*parts, Part("Every trial", shown=[_trials_table(trials, details, metric)])]


def _importance_part(details: Mapping[str, Any], file: str) -> Part:
    shares = details.get("importance")
    title = "Which settings made the difference"
    if not shares:
        return Part(title, [_no_importance_text(details)])
    picture = png_bytes(importance_figure(shares))
    return Part(
        title,
        [
            "The share of the scores' variance that a setting explains by itself, averaged over "
            "all others (functional ANOVA by a random forest), over bootstrap samples of the "
            "trials; the bar's error is one standard deviation. The rest up to 1 is due to "
            "settings together, and to chance. It holds only for the ranges that were searched: a "
            "setting matters more over a wider range."
        ],
        shown=[Picture(f"{file}-importance.png", "Importance of settings", picture)],
    )


def _no_importance_text(details: Mapping[str, Any]) -> str:
    if "importance" not in details:
        return "It is computed when the search has ended; the same command continues it."
    done = sum(one["state"] == "done" for one in details["trials"])
    if done < _FEWEST_TRIALS:
        return (
            f"Too few trials: {count_text(done, 'trial')} came to an end with a score. Below "
            f"{_FEWEST_TRIALS}, shares of their variance are noise."
        )
    return "All scores are the same, or no setting had more than one value: nothing to explain."


def _space_table(details: Mapping[str, Any], best: SearchTrial | None) -> Table:
    rows = [
        [
            axis["name"],
            _range_text(axis),
            value_text(axis["own"]),
            UNKNOWN if best is None else value_text(best.values[axis["name"]]),
        ]
        for axis in details["space"]
    ]
    return Table("", ["setting", "searched over", "the rung has", "the winner has"], rows)


def _range_text(axis: Mapping[str, Any]) -> str:
    if axis["values"]:
        return ", ".join(map(value_text, axis["values"]))
    scale = {
        "linear": "",
        "log": ", logarithmic",
        "log_to_one": ", logarithmic in what is missing to 1",
    }[axis["scale"]]
    return f"{value_text(axis['low'])} to {value_text(axis['high'])}{scale}"


def _trials_table(trials: Sequence[SearchTrial], details: Mapping[str, Any], metric: str) -> Table:
    names = [axis["name"] for axis in details["space"]]
    rows = [
        [
            str(trial.number),
            *(value_text(trial.values[name]) for name in names),
            score_text(trial.score),
            _end_text(trial),
        ]
        for trial in trials
    ]
    best = "" if details["best"] is None else str(details["best"])
    columns = ["trial", *names, f"{metric_text(metric)} in the search", "how it ended"]
    return Table("", columns, rows, best=best)


def _end_text(trial: SearchTrial) -> str:
    if trial.state == "pruned":
        return f"given up after epoch {trial.epochs}, at {score_text(trial.last)}"
    return f"failed: {trial.reason}" if trial.state == "failed" else "done"


def _row(trial: SearchTrial, details: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "trial": trial.number,
        **trial.values,
        "state": trial.state,
        "score": trial.score,
        "epochs": trial.epochs,
        "last": trial.last,
        "is_best": trial.number == details["best"],
        "reason": trial.reason,
    }


def _notes(metric: str) -> list[str]:
    return [
        "The search decides on a validation set of its own, a part of the training examples or of "
        "those that limit_train leaves unused. So the validation set has not been searched on, and "
        "judges the winner like any other arm.",
        f"A trial's score is its {metric} there, with one seed, after its last epoch. Trials that "
        "were given up have none; what stands beside them is the last figure of their curve. "
        "Between equal scores the lower cross-entropy there wins.",
        "The winner and the rung's own settings are trained again, on all training examples, with "
        "seeds that no trial had. " + COVERED,
        "How much the search flattered itself is the winner's score less what it is judged to be. "
        "The two differ in the examples that are trained on and scored by, too; against the rung's "
        "own settings, which went through both, that cancels out where it is the same for both.",
    ]
