"""What `trickbook grow` picks, against the default ladder's best rung and against Optuna's TPE.

    python benchmarks/grow_against.py OUT [--data digits] [--minutes 10] [--repeats 5]
        [--judged 5] [--ways grow,ladder,tpe] [--ladder-seeds 3] [--csv OUT/grow_against.csv]
    python benchmarks/grow_against.py OUT --data cifar10 --data-dir DIR --limit-train 10000
        --width 0.25 --epochs 10 --minutes 60 --repeats 1
        --ways grow,ladder --ladder-seeds 2 --judged 3

Each repeat has seeds of its own and three ways to a model, none of which reads the test set:

- grow: `Ladder.grow` for `--minutes`;
- ladder: every rung of the data's default ladder with three seeds, of which the best by validation
  is taken, however long that takes (its minutes are recorded; fewer seeds take fewer);
- tpe: `Ladder.tune` of the ladder's uppermost rung, which has all its recipes, over the settings
  that L2 names and the recipes' own, with as many minutes for the search (judging its winner takes
  extra time); left out if Optuna is not installed.

The three models are then trained with `judged` seeds that no way has used, and measured on the test
set, side by side. Each row of the CSV is a way in a repeat: its test figure, and grow's minus its
own, with an interval over these seeds and the test examples. The last lines printed are the means
over the repeats, with t intervals over them; they show which way wins.

It resumes: ways that have ended are read from OUT, and the CSV is written anew after each repeat.
If runs were lost, for example for lack of memory, it ends before anything is picked, and the same
command goes on.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from trickbook.data import DataSpec
from trickbook.ladder import Ladder, LadderResult
from trickbook.ladder.studies.run_options import RunOptions
from trickbook.ladder.studies.run_study import run_study
from trickbook.ladder.studies.study import Arm, Study
from trickbook.recipes import Blueprint
from trickbook.reports.analysis.effects import contrast
from trickbook.reports.pages.grow_words import stacked
from trickbook.reports.read.run_set import Rung, RunSet
from trickbook.reports.statistics.intervals import Estimate, estimate
from trickbook.reports.wording import count_text
from trickbook.runs.atomic_files import write_json, write_text

# How far apart the seeds of two repeats are.
STRIDE = 1000
GROW = "grow"


@dataclass(frozen=True)
class Budget:
    """What each repeat may use."""

    data: DataSpec
    minutes: float
    judged: int
    ladder_seeds: int
    epochs: int | None
    width: float

    def of(self, way: str) -> dict[str, Any]:
        """What this way's pick depends on, as plain values."""
        told = {name: value for name, value in asdict(self).items() if name != "judged"}
        del told["minutes" if way == "ladder" else "ladder_seeds"]
        return {**told, "data": self.data.to_dict()}

    def ladder(self, seeds: list[int]) -> Ladder:
        """Returns the data's default ladder with these seeds."""
        plain = Ladder(self.data.name).spec
        given = {"data_dir": self.data.data_dir, "limit_train": self.data.limit_train}
        # What is not given stays as the ladder has it.
        said = {name: value for name, value in given.items() if value is not None}
        data = replace(plain.data, **said)
        baseline = plain.baseline if self.width == 1 else plain.baseline.scaled(self.width)
        baseline = baseline.with_budget(self.epochs, None)
        return Ladder.from_spec(replace(plain, data=data, baseline=baseline, seeds=tuple(seeds)))


def main() -> None:
    """Runs what is missing, writes the CSV and prints who wins."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", default="digits")
    parser.add_argument("--data-dir", help="the official files of --data")
    parser.add_argument("--limit-train", type=int, help="training examples, stratified")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--judged", type=int, default=5, help="seeds that judge")
    parser.add_argument("--ways", type=ways, default=",".join(WAYS), help="grow and others")
    parser.add_argument("--ladder-seeds", type=int, default=3, help="seeds of each ladder rung")
    parser.add_argument("--epochs", type=int, help="epochs of the baseline")
    parser.add_argument("--width", type=float, default=1.0, help="width of the baseline")
    parser.add_argument("--csv", type=Path)
    given = parser.parse_args()
    data = DataSpec(given.data, data_dir=given.data_dir, limit_train=given.limit_train)
    spent = (given.minutes, given.judged, given.ladder_seeds)
    budget = Budget(data, *spent, given.epochs, given.width)
    path = given.csv or given.out / "grow_against.csv"
    rows: list[dict[str, Any]] = []
    for repeat in range(given.repeats):
        rows += repeated(budget, given.ways, repeat, given.out / f"repeat-{repeat}")
        write_text(path, pd.DataFrame(rows).to_csv(index=False, lineterminator="\n"))
        for row in rows[-len(given.ways) :]:
            print(row, flush=True)
    for line in summary(pd.DataFrame(rows)):
        print(line)


def repeated(
    budget: Budget, names: tuple[str, ...], repeat: int, out: Path
) -> list[dict[str, Any]]:
    """Returns a row for each of these ways of a repeat."""
    first = STRIDE * (repeat + 1)
    picks = {name: picked(name, budget, first, out) for name in names}
    arms = tuple(
        Arm(name, Blueprint.from_dict(pick["blueprint"]), against=None if name == GROW else GROW)
        for name, pick in picks.items()
    )
    seeds = list(range(first + STRIDE // 2, first + STRIDE // 2 + budget.judged))
    study = Study("judged", arms, budget.ladder(seeds).spec.data, tuple(seeds))
    # Equal models share their runs; then there is no difference between them.
    result = run_study(study, out / "judged", RunOptions(models=False))
    check_whole(result)
    run_set = result.run_set()
    return [_row(run_set, repeat, name, pick) for name, pick in picks.items()]


def picked(name: str, budget: Budget, first: int, out: Path) -> dict[str, Any]:
    """Returns the model that a way picks, and how long that took; a pick is made only once."""
    path, spent = out / f"{name}.json", budget.of(name)
    if not path.exists():
        began, goes_on = time.monotonic(), (out / name).exists()
        blueprint, what = WAYS[name](budget, first, out / name)
        # If an earlier try was killed, the time that it took is unknown.
        minutes = None if goes_on else round((time.monotonic() - began) / 60, 2)
        pick = {"what": what, "minutes": minutes, "blueprint": blueprint}
        write_json(path, {"budget": spent, **pick})
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if found.get("budget") != spent:
        raise SystemExit(f"{path} was picked with another budget. Give another OUT.")
    return found


def grown(budget: Budget, first: int, out: Path) -> tuple[dict[str, Any], str]:
    """The model that growing picks."""
    options = {"models": False, "read_test": False}
    result = budget.ladder([first]).grow(out, minutes=budget.minutes, first_seed=first, **options)
    check_whole(result)
    run_set = result.run_set()
    pick = _rung(run_set, result.growth.pick)
    return _blueprint(pick), "+".join(["baseline", *stacked(run_set, pick.name)])


def climbed(budget: Budget, first: int, out: Path) -> tuple[dict[str, Any], str]:
    """The best rung of the default ladder by validation."""
    seeds = list(range(first, first + budget.ladder_seeds))
    result = budget.ladder(seeds).run(out, models=False, read_test=False)
    check_whole(result)
    best = _rung(result.run_set(), result.best().name)
    return _blueprint(best), best.name


def tuned(budget: Budget, first: int, out: Path) -> tuple[dict[str, Any], str]:
    """The best settings of the uppermost rung by Optuna's TPE."""
    ladder = budget.ladder([first])
    top = len(ladder.rungs) - 1
    result = ladder.tune(
        out, top, minutes=budget.minutes, seed=first + 1, models=False, read_test=False
    )
    check_whole(result)
    winner = result.run_set().rungs[-1]
    return _blueprint(winner), winner.name


def check_whole(result: LadderResult) -> None:
    """Ends the program if the machine lost runs: nothing is picked from those that are left."""
    if result.lost:
        name, reason = next(iter(result.lost.items()))
        raise SystemExit(
            f"{count_text(len(result.lost), 'run')} of {result.folder} got lost, the first {name}: "
            f"{reason} The same command goes on."
        )


WAYS: dict[str, Callable[[Budget, int, Path], tuple[dict[str, Any], str]]] = {
    GROW: grown,
    "ladder": climbed,
    "tpe": tuned,
}


def ways(text: str) -> tuple[str, ...]:
    """Returns the ways that a list names; without Optuna, tpe is left out."""
    names = tuple(dict.fromkeys(text.split(",")))
    if GROW not in names or not set(names) <= set(WAYS):
        raise argparse.ArgumentTypeError(f"{GROW} and some of {', '.join(WAYS)}, not {text!r}")
    has_optuna = importlib.util.find_spec("optuna") is not None
    return tuple(name for name in names if name != "tpe" or has_optuna)


def summary(rows: pd.DataFrame) -> Iterator[str]:
    """Yields each way's test figure, and grow's gain over each other way, over the repeats."""
    table = rows.pivot(index="repeat", columns="way", values="test")
    sign = 1 if rows["direction"][0] == "max" else -1
    for name in table:
        found = estimate(table[name])
        yield f"{name}: test {found.mean:.4f}{_interval(found, '.4f')}"
    for name in table.columns.drop(GROW):
        found = estimate(sign * (table[GROW] - table[name]))
        yield f"grow better than {name} by {found.mean:+.4f}{_interval(found, '+.4f')}"


def _interval(found: Estimate, form: str) -> str:
    """The interval over repeats; one repeat has none. Rows have those over seeds and examples."""
    return f" ({found.low:{form}} to {found.high:{form}})" if found.count > 1 else ""


def _row(run_set: RunSet, repeat: int, name: str, pick: dict[str, Any]) -> dict[str, Any]:
    arm, grow = _rung(run_set, name), _rung(run_set, GROW)
    less = None if name == GROW else contrast(run_set, [grow], [arm], split="test")
    test = estimate(arm.values("test"))
    return {
        "repeat": repeat,
        "way": name,
        "picked": pick["what"],
        "minutes": pick["minutes"],
        "seeds": test.count,
        "metric": run_set.deciding.metric,
        "direction": run_set.deciding.direction,
        "val": estimate(arm.values("val")).mean,
        "test": test.mean,
        "test_std": test.std,
        "grow_less": less and less.mean,
        "grow_less_low": less and less.low,
        "grow_less_high": less and less.high,
        "covers": less and less.covers,
    }


def _rung(run_set: RunSet, name: str) -> Rung:
    return next(rung for rung in run_set.rungs if rung.name == name)


def _blueprint(rung: Rung) -> dict[str, Any]:
    found: dict[str, Any] = rung.done[0].details["blueprint"]
    return found


if __name__ == "__main__":
    main()
