"""Predictions as lines to read, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from ...runs.atomic_files import json_text
from ...training.errors import LadderError
from .predict import Predictions

# How many classes a line of text shows.
_SHOWN = 5


class Format(StrEnum):
    """How predictions are written."""

    TEXT = "text"
    CSV = "csv"
    JSON = "json"


def format_for(file: Path | None, asked: Format | None) -> Format:
    """Returns the format of predictions: the one asked for, or else that of the file's ending.

    Args:
        file: where they are written; None is the screen.
        asked: the format; None leaves it to the ending `.csv` or `.json`, and is text for any
            other.

    Raises:
        LadderError: if the ending contradicts the format asked for.
    """
    endings = {".csv": Format.CSV, ".json": Format.JSON}
    named = None if file is None else endings.get(file.suffix.lower())
    if asked is None:
        return named or Format.TEXT
    if named not in (None, asked):
        raise LadderError(
            f"--format {asked} and --out {file} do not agree. Leave --format out for {named}, or "
            "give the file another ending."
        )
    return asked


def prediction_text(found: Predictions, form: Format, runs: list[str]) -> str:
    """Returns the predictions as a text, with a line or an object for each input.

    CSV has the columns `input`, `class`, `probability`, and `probability of CLASS` for each class.
    JSON holds `runs` and `predictions`; a prediction has `input`, `class`, `probability` and all
    `probabilities` by class. If numbers are predicted, both have `input` and `value`.

    Args:
        found: the predictions.
        form: the format.
        runs: folders of the runs that made them.
    """
    rows = [*_rows(found)]
    if form is Format.CSV:
        return _csv(found.classes, rows)
    if form is Format.JSON:
        return json_text({"runs": runs, "predictions": rows})
    return "".join(map(_line, rows))


def _rows(found: Predictions) -> Iterator[dict[str, Any]]:
    """Yields the prediction for each input, with the likeliest class first."""
    orders = np.argsort(-found.answers, axis=1, kind="stable")
    for name, answer, order in zip(found.inputs, found.answers.tolist(), orders, strict=True):
        if not found.classes:
            yield {"input": name, "value": answer[0]}
            continue
        chances = {found.classes[place]: answer[place] for place in order}
        best = next(iter(chances))
        yield {"input": name, "class": best, "probability": chances[best], "probabilities": chances}


def _line(row: dict[str, Any]) -> str:
    if "value" in row:
        return f"{row['input']}: {row['value']:.7g}\n"
    shown = [f"{label} {chance:.3f}" for label, chance in row["probabilities"].items()]
    return f"{row['input']}: {'  '.join(shown[:_SHOWN])}\n"


def _csv(classes: Sequence[str], rows: Sequence[dict[str, Any]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    columns = ("input", "class", "probability") if classes else ("input", "value")
    writer.writerow([*columns, *(f"probability of {name}" for name in classes)])
    for row in rows:
        told = [row[column] for column in columns]
        writer.writerow([*told, *(row["probabilities"][name] for name in classes)])
    return file.getvalue()
