"""Predictions as lines to read, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from ...runs.atomic_files import json_text
from ...training.errors import LadderError
from .predict import Predictions

# As many classes stand in a line to read.
_SHOWN = 5


class Format(StrEnum):
    """How predictions are written."""

    TEXT = "text"
    CSV = "csv"
    JSON = "json"


def format_for(file: Path | None, asked: Format | None) -> Format:
    """Returns how predictions are written: as is asked for, or else as the file's ending says.

    Args:
        file: where they are written; None is the screen.
        asked: how; None leaves it to the ending, `.csv` or `.json`, and is text for any other.

    Raises:
        LadderError: where the ending says something else than is asked for.
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
    """Returns a line, or an object, for each input.

    CSV has the columns `input`, `class`, `probability`, and `probability of CLASS` for each class;
    JSON holds `runs` and `predictions`, each with the same and all `probabilities` by class. Of
    numbers both have `input` and `value`.

    Args:
        found: what is told.
        form: how.
        runs: folders of the runs that tell it.
    """
    if form is Format.CSV:
        return _csv(found)
    if form is Format.JSON:
        return json_text({"runs": runs, "predictions": _rows(found)})
    if not found.classes:
        return "".join(f"{name}: {value:.7g}\n" for name, value in _values(found))
    return "".join(_line(*one) for one in zip(*_columns(found), strict=True))


def _values(found: Predictions) -> Iterator[tuple[str, float]]:
    """Yields each input with the number that is told of it."""
    return zip(found.inputs, found.answers[:, 0].tolist(), strict=True)


def _columns(found: Predictions) -> tuple[tuple[str, ...], list[dict[str, float]]]:
    """Returns the inputs, and the probabilities of each by class, the likeliest first."""
    orders = np.argsort(-found.answers, axis=1, kind="stable")
    return found.inputs, [
        {found.classes[place]: float(row[place]) for place in order}
        for row, order in zip(found.answers, orders, strict=True)
    ]


def _rows(found: Predictions) -> list[dict[str, Any]]:
    if not found.classes:
        return [{"input": name, "value": value} for name, value in _values(found)]
    return [*map(_row, *_columns(found))]


def _row(name: str, chances: dict[str, float]) -> dict[str, Any]:
    best = next(iter(chances))
    return {"input": name, "class": best, "probability": chances[best], "probabilities": chances}


def _line(name: str, chances: dict[str, float]) -> str:
    shown = [f"{label} {chance:.3f}" for label, chance in chances.items()]
    return f"{name}: {'  '.join(shown[:_SHOWN])}\n"


def _csv(found: Predictions) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    if not found.classes:
        writer.writerows([("input", "value"), *_values(found)])
        return file.getvalue()
    classes = [f"probability of {name}" for name in found.classes]
    writer.writerow(["input", "class", "probability", *classes])
    for name, row in zip(found.inputs, found.answers.tolist(), strict=True):
        best = int(np.argmax(row))
        writer.writerow([name, found.classes[best], row[best], *row])
    return file.getvalue()
