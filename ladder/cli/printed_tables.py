"""The tables that commands print."""

from __future__ import annotations

import math
from typing import Any

from rich.table import Table

from ...reports.pages.facts import Table as Words
from ...reports.pages.report import Report
from ...reports.pages.study_report import StudyReport
from ...reports.wording import decimals_text, metric_text, signed_texts
from .screen import say, screen


def print_report(report: Report) -> None:
    """Prints the main table of a report and says where its pages are."""
    folder = report.folder
    if isinstance(report, StudyReport):
        print_words(report.table)
        name = report.study
        others = (f"{name}.{ending}" for ending in ("md", "csv", "png"))
        there = ", ".join(other for other in others if (folder / other).is_file())
        say(f"Report: {folder / f'{name}.html'}  (also {there})")
        return
    page = folder / "report.html"
    if "comparison" in report.frame:
        print_comparison(report.frame)
        say(f"Report: {page}")
    else:
        print_table(report.frame)
        say(f"Report: {page}  (also report.md, ladder.csv, ladder.png, curves.png)")


def print_words(table: Words) -> None:
    """Prints a table of words."""
    shown = Table(box=None, padding=(0, 1))
    for column in table.columns:
        shown.add_column(column, overflow="fold")
    for row in table.rows:
        shown.add_row(*row)
    screen().print(shown)


def print_table(frame: Any) -> None:
    """Prints the ladder's table in 80 columns."""
    metric = next(name.removeprefix("best_val_") for name in frame if name.startswith("best_val_"))
    table = Table(box=None, padding=(0, 1))
    for column in ("rung", "recipe", "runs", "train", "val", "test", "val against below, 95 %"):
        # Only a long recipe is broken over several lines, never a figure.
        table.add_column(column, no_wrap=column != "recipe", overflow="fold")
    for row in frame.to_dict("records"):
        table.add_row(
            str(row["rung"]),
            _recipe(row),
            _count(row),
            *(_figure(row[f"{split}_{metric}"]) for split in ("train", "val", "test")),
            _delta(row),
        )
    screen().print(table)


def print_comparison(frame: Any) -> None:
    """Prints the table of runs without a ladder: what is known of accuracy, RMSE and loss."""
    metrics = ("accuracy", "rmse", "loss")
    known = [f"{split}_{metric}" for metric in metrics for split in ("val", "train")]
    figures = [name for name in known if name in frame]
    table = Table("run", "runs", *map(metric_text, figures), box=None)
    for row in frame.to_dict("records"):
        shown = (_figure(row[name]) for name in figures)
        table.add_row(str(row["recipe"]), _count(row), *shown)
    screen().print(table)


def _recipe(row: dict[str, Any]) -> str:
    """Returns what the rung adds, as its name says it, or as its recipes if it has no name."""
    name = row.get("name")
    return name.partition("-")[2] if isinstance(name, str) else str(row["recipe"])


def _count(row: dict[str, Any]) -> str:
    return str(row["runs"]) + (f"+{row['failed']} failed" if row["failed"] else "")


def _figure(value: float) -> str:
    return "" if math.isnan(value) else decimals_text(value)


def _delta(row: dict[str, Any]) -> str:
    if math.isnan(row["delta"]):
        return ""
    shown, low, high = signed_texts(row["delta"], row["delta_low"], row["delta_high"])
    return f"{shown} ({low}..{high})" if row["delta_low"] < row["delta_high"] else shown
