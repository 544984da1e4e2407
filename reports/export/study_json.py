"""All that is known of a folder's studies, as JSON."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...runs.atomic_files import json_text
from ...runs.run_folder import Run
from ..analysis.best_rung import best_rung, why_never_best
from ..analysis.ensembles import Ensemble, Gain, ensemble
from ..analysis.judgements import Judgement, judgements
from ..analysis.members import arm_members
from ..analysis.stacking import Stacking, stackings
from ..pages import provenance
from ..read.measures import figure_name, measures, measures_beside
from ..read.run_set import Rung, RunSet, read_run_sets
from ..statistics.intervals import estimate
from ..statistics.two_sources import Difference


def studies_json(folder: str | Path) -> str:
    """The studies of `folder` with arms, runs, figures and differences, as JSON text.

    `null` is what is not known. A difference is above zero where the arm is better than the one
    that it is compared with. Figures have the names of ladder.csv.

    Raises:
        ReportError: There are no runs, or a file cannot be read.
    """
    studies = [_study(name, run_set) for name, run_set in read_run_sets(folder).items()]
    return json_text({"format": 1, "studies": studies})


def _study(name: str, run_set: RunSet) -> dict[str, Any]:
    best, members, judged = best_rung(run_set), arm_members(run_set), judgements(run_set)
    made = provenance.made(run_set)
    return {
        "study": name,
        "kind": run_set.kind,
        "name": run_set.ladder.get("ladder"),
        "created": run_set.ladder.get("created"),
        "commands": made.commands,
        "data": run_set.data,
        "decides": asdict(run_set.deciding),
        "software": dict(made.software),
        "machines": made.machines,
        "warnings": provenance.warnings(run_set),
        "missing": provenance.missing_runs(run_set),
        "best": best.name if best else None,
        "details": run_set.details,
        "arms": [_arm(rung, run_set, judged.get(rung.name)) for rung in run_set.rungs],
        "ensembles": [_ensemble(ensemble(run_set, one)) for one in members],
        "stacked": [_stacking(one) for one in stackings(run_set, members)],
    }


def _arm(rung: Rung, run_set: RunSet, judged: Judgement | None) -> dict[str, Any]:
    metric = run_set.deciding.metric
    return {
        "index": rung.index,
        "name": rung.name,
        "recipes": rung.recipe,
        "changed": rung.changed,
        "reported": rung.reported,
        "against": judged.against if judged else None,
        "never_best": why_never_best(rung, run_set) or None,
        "figures": {
            figure_name(name, metric): asdict(estimate(rung.values(name)))
            for name in measures_beside(metric)
        },
        "difference": _difference(judged.difference) if judged else None,
        "cross_entropy_difference": _difference(judged.cross_entropy) if judged else None,
        "verdict": _verdict(judged) if judged else None,
        "runs": [_run(run) for run in rung.runs],
        "not_started": list(rung.not_started),
    }


def _difference(found: Difference | None) -> dict[str, Any] | None:
    return asdict(found) if found else None


def _verdict(judged: Judgement) -> dict[str, Any]:
    open_ = judged.outlook
    return {
        **asdict(judged.verdict),
        "failed": judged.failed or None,
        "outlook": asdict(open_) if open_ else None,
    }


def _run(run: Run) -> dict[str, Any]:
    figures = measures(run) if run.status == "done" else {}
    metric = str((run.details.get("task") or {}).get("metric", "accuracy"))
    return {
        "seed": run.seed,
        "status": run.status,
        "reason": run.reason,
        "folder": run.folder.name,
        "fingerprint": run.fingerprint,
        "figures": {figure_name(name, metric): value for name, value in figures.items()},
    }


def _ensemble(one: Ensemble) -> dict[str, Any]:
    return {
        "arm": one.members.name,
        "seeds": list(one.members.seeds),
        "gains": [_gain(*key, gain) for key, gain in one.gains.items()],
        "squared_errors": {
            split: {
                "single": error.squared,
                "correlation": error.correlation,
                "independent": error.independent,
                "by_validation_correlation": one.foretold(split).of_mean,
                "measured": one.squared[split],
            }
            for split, error in one.errors.items()
        },
    }


def _stacking(one: Stacking) -> dict[str, Any]:
    return {
        "of": one.name,
        "images": one.images,
        "strength": one.strength,
        "gains": [_gain(*key, gain) for key, gain in one.gains.items()],
    }


def _gain(split: str, metric: str, gain: Gain) -> dict[str, Any]:
    return {"split": split, "metric": metric, **asdict(gain)}
