"""Reading the record of what an earlier command has grown in a folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...runs.atomic_files import json_text
from ...runs.errors import ReportError
from ...runs.run_folder import read_object
from ...training.errors import LadderError
from ...training.keras_settings import KerasSettings
from .aim import FILE, Aim
from .growth import Growth

_ADVICE = "Give another folder as out (--out), or move the old one aside with fresh (--fresh)."
# The command's options for the values that a record is checked for.
_FLAGS = {
    name: f"--{name.replace('_', '-')}"
    for name in ("max_seeds", "first_seed", "minutes", "backend", "precision", "threads")
}


def read_growth(aim: Aim, out: Path, settings: KerasSettings | None = None) -> Growth:
    """Returns the record in the folder, or an empty one.

    Args:
        aim: what is to be grown.
        out: folder.
        settings: what Keras runs with; None accepts whatever the record was made with.

    Raises:
        LadderError: for a record that cannot be read, or that has another aim or other settings of
            Keras: its decisions hold only for those, and may have been judged on the test set.
    """
    path = out / f"{FILE}.json"
    if not path.exists():
        return Growth()
    try:
        details = read_object(path)["details"]
        growth, told = Growth.from_dict(details), details["aim"]
    except (ReportError, KeyError, TypeError) as error:
        raise LadderError(f"{path} cannot be read ({error}). {_ADVICE}") from error
    # In the form in which the file has it: JSON has no tuples.
    asked = json.loads(json_text(aim.told))
    if settings is not None and "settings" in details:
        told, asked = {**told, **details["settings"]}, {**asked, **settings._asdict()}
    other = [name for name, value in asked.items() if told.get(name) != value]
    if other:
        name = other[0]
        was, now = told.get(name), asked[name]
        short = len(f"{was}{now}") < 60
        values = f" ({was} there, {now} now)" if short else ""
        raise LadderError(
            f"{out} holds a growth with another {_FLAGS.get(name, name)}{values}; the command that "
            f"began it continues it. {_ADVICE}"
        )
    return growth


def check_same_split(out: Path, data: Mapping[str, Any]) -> None:
    """Refuses to continue a growth on other examples.

    Args:
        out: folder.
        data: summary of the data.

    Raises:
        LadderError: if the record in the folder is of another choice or split of examples.
    """
    path = out / f"{FILE}.json"
    if path.exists() and read_object(path)["data"].get("fingerprint") != data["fingerprint"]:
        raise LadderError(
            f"{out} holds a growth on other examples of {data['name']}, or on another split of "
            f"them. {_ADVICE}"
        )
