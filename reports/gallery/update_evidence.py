"""Writes what the gallery's studies say of each recipe into the package: recipes/evidence.json.

    python reports/gallery/update_evidence.py

A study is a folder here with a ladder.csv, an ablation.csv or a levels.csv; its report says on
which data.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from trickbook.recipes import RECIPES
from trickbook.recipes.evidence import FILE, NOT_JUDGED
from trickbook.reports.pages.verdict_words import told_verdict
from trickbook.runs.atomic_files import json_text, write_text

GALLERY = Path(__file__).parent
BASELINE = "the baseline"
# The ways in which an ablation tells more than its ladder, as its columns have them, and what each
# is compared with.
WAYS = {"alone": BASELINE, "left_out": "the full stack without it"}
# What a rung of more tricks than so many is worth says nothing of one of them.
MOST_TOGETHER = 3
# It changes no training, so that no rung tells its worth, but the views beside it do.
VIEWS = "test_time_augmentation"
# What a report may call the examples of a data set.
EXAMPLES = ("images", "rows", "sequences", "windows", "examples")


def main() -> None:
    """Rewrites the file."""
    write_text(FILE, json_text(evidence()))


def evidence(gallery: Path = GALLERY) -> dict[str, list[dict[str, Any]]]:
    """Returns what each recipe was worth in every study, by its name."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in RECIPES}
    for folder in sorted(path for path in gallery.iterdir() if path.is_dir()):
        entries = (_of_ladder, _of_views, _of_ablation, _of_levels)
        for entry in (one for read in entries for one in read(folder)):
            name = _recipe(entry["use"])
            if name in found:
                found[name].append({"study": folder.name, **entry})
    return found


def _of_ladder(folder: Path) -> Iterator[dict[str, Any]]:
    uses: Counter[str] = Counter()
    below = ""
    for row in _rows(folder / "ladder.csv"):
        names = str(row["recipe"]).split("+")
        for name in names:
            uses[name] += 1
            difference = row["judged_delta"]
            if pd.notna(difference) and len(names) <= MOST_TOGETHER and name != VIEWS:
                yield {
                    "way": "in the ladder",
                    "use": name if uses[name] == 1 else f"{name}#{uses[name]}",
                    "together_with": [other for other in names if other not in (name, VIEWS)],
                    "against": below,
                    "changed": _text(row["changed"]),
                    "data": _data(folder / "report.md"),
                    "seeds": int(row["judged_seeds"]),
                    "metric": _metric(row),
                    **_figures(row, difference, "judged"),
                    "covers": _covers(row["interval_covers"]),
                    "verdict": _verdict(row, row["verdict"], _metric(row)),
                }
        below = _rung_name(row)


def _of_views(folder: Path) -> Iterator[dict[str, Any]]:
    for row in _rows(folder / "ladder.csv"):
        if VIEWS in str(row["recipe"]).split("+") and pd.notna(row.get("views_gain")):
            yield {
                "way": "in the ladder",
                "use": VIEWS,
                "together_with": [],
                "against": "one view of each",
                "changed": "",
                "data": _data(folder / "report.md"),
                "seeds": int(row["runs"]),
                "metric": _metric(row),
                **_figures(row, row["views_gain"], "views_gain"),
                "covers": "seeds",
                "verdict": NOT_JUDGED,  # A report tells what views gain, and judges steps alone.
            }


def _of_ablation(folder: Path) -> Iterator[dict[str, Any]]:
    rungs = _rows(folder / "ladder.csv")
    for row in _rows(folder / "ablation.csv"):
        metric = _metric(rungs[0])
        for way, against in WAYS.items():
            if pd.notna(row[way]):
                yield {
                    "way": way.replace("_", " "),
                    "use": str(row["trick"]),
                    "together_with": [],
                    "against": against,
                    "changed": "",
                    "data": _data(folder / "ablation.md"),
                    "seeds": int(row[f"{way}_seeds"]),
                    "metric": metric,
                    **_figures(row, row[way], way),
                    "covers": _covers(row[f"{way}_covers"]),
                    "verdict": _verdict(row, row[f"{way}_verdict"], metric),
                }


def _of_levels(folder: Path) -> Iterator[dict[str, Any]]:
    for row in _rows(folder / "levels.csv"):
        uses = str(row["trick"]).split("+") if pd.notna(row["delta"]) else []
        for use in uses:
            yield {
                "way": "alone",
                "use": use,
                "together_with": [_recipe(other) for other in uses if other != use],
                "against": BASELINE,
                "changed": "",
                "data": _data(folder / "levels.md"),
                "seeds": int(row["delta_seeds"]),
                "metric": row["metric"],
                **_figures(row, row["delta"], "delta"),
                "covers": _covers(row["delta_covers"]),
                "verdict": _verdict(row, row["verdict"], row["metric"]),
            }


def _recipe(use: str) -> str:
    """The recipe's name: `wider` of its second use, `wider#2`, or of `wider,factor=2`."""
    return re.split("[#,]", use)[0]


def _rows(table: Path) -> list[dict[Any, Any]]:
    """The rows of a table; none where there is no such file."""
    return pd.read_csv(table).to_dict("records") if table.exists() else []


def _metric(row: dict[Any, Any]) -> str:
    """The metric that decides, whose best validation figure a ladder's table has."""
    return next(name for name in map(str, row) if name.startswith("best_val_"))[len("best_val_") :]


def _figures(row: dict[Any, Any], difference: float, prefix: str) -> dict[str, float | None]:
    low, high = (row.get(f"{prefix}_{end}") for end in ("low", "high"))
    # What is the same in every seed gives no interval, and is no certainty.
    is_known = pd.notna(low) and low < high
    return {
        "difference": difference,
        "low": low if is_known else None,
        "high": high if is_known else None,
    }


def _verdict(row: dict[Any, Any], cell: str, metric: str) -> str:
    # Tables of before there was a column of margins lack it.
    return told_verdict(cell, metric, row.get("margin", math.nan))


def _covers(cell: Any) -> str:
    """What an interval covers; blank in a table where there is none."""
    return _text(cell) or "seeds"


def _text(cell: Any) -> str:
    return str(cell) if pd.notna(cell) else ""


def _rung_name(row: dict[Any, Any]) -> str:
    """As in `07-wider+augmentation`; a table has it where it says more than number and recipes."""
    name = row.get("name")
    return str(name) if pd.notna(name) else f"{row['rung']:02d}-{row['recipe']}"


def _data(report: Path) -> str:
    """The data set and its sizes, as the report says how it was made."""
    text = report.read_text(encoding="utf-8")
    known = dict(re.findall(r"^- Data, (\w+): (.*)$", text, flags=re.MULTILINE))
    kind = next(word for word in EXAMPLES if word in known)
    return f"{known['name']}, {known[kind]} {kind}"


if __name__ == "__main__":
    main()
