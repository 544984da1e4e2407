"""The folder of a study: whether it may be used, and the file that says what the study is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...data.same_data import same_data
from ...runs.atomic_files import write_json
from ...runs.errors import ReportError
from ...runs.lock import FolderIsHeldError, locked
from ...runs.move_aside import move_aside
from ...runs.run_folder import read_object
from ...runs.study_files import study_files
from ...training.errors import LadderError
from ..problem import READ_AS
from .study import Arm, Study

if TYPE_CHECKING:
    from .plan import Plan

# What follows from a user's choice of examples and scaling.
_CHOSEN = ("limit_train", "split_seed", "scaling", "train", "val", "test")
# Settings that may change the examples of a data set, but need not.
_MAY_CHANGE = ("data_dir", "fit", "missing")


def check_folder(out: Path) -> None:
    """Refuses a path that is no folder, or a folder that holds something other than studies.

    Raises:
        LadderError: saying which it is.
    """
    if out.exists() and not out.is_dir():
        raise LadderError(f"{out} is a file; out (--out) takes a folder.")
    is_other = out.is_dir() and any(out.iterdir()) and not study_files(out)
    if is_other and not (out / "runs").is_dir():
        raise LadderError(
            f"{out} is not empty and holds no ladder. Give a new or an empty folder as out (--out)."
        )


def make_folder(out: Path) -> None:
    """Makes the folder, and one for its runs.

    Raises:
        LadderError: if nothing can be written there.
    """
    try:
        (out / "runs").mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out / "runs"):
            pass
    except OSError as error:
        raise LadderError(
            f"{out} cannot be written: {error.strerror}. Give another folder as out (--out)."
        ) from error


def check_same_data(out: Path, data: dict[str, Any]) -> None:
    """Refuses to replace the report in the folder by one on other data.

    Raises:
        LadderError: saying what is different.
    """
    for there in _data_there(out):
        _check_data(out, there, data)


def _data_there(out: Path) -> Iterator[dict[str, Any]]:
    """Yields the summary of the data of each of the folder's studies."""
    for file in study_files(out):
        try:
            yield read_object(file).get("data") or {}
        except ReportError:
            continue  # The next report mends it.


def _check_data(out: Path, there: dict[str, Any], data: dict[str, Any]) -> None:
    advice = "Give another folder as out (--out), or move the old one aside with fresh (--fresh)."
    is_same = there.get("name") is None or same_data(there["name"], data["name"])
    # If the content is the same, so are the data, wherever they lie now.
    if not is_same and there.get("fingerprint") != data["fingerprint"]:
        raise LadderError(
            f"{out} holds a study of {there['name']}, but this one is of {data['name']}. {advice}"
        )
    # Another limit or split does not make it another data set; the runs have other fingerprints.
    same = all(there.get(key) == data[key] for key in _CHOSEN)
    told, tells = (one.get("table", {}).get("target") for one in (there, data))
    if told != tells and None not in (told, tells):
        raise LadderError(
            f"{out} holds a study that predicts {told!r} of {data['name']}, but this one predicts "
            f"{tells!r}. {advice}"
        )
    if there.get("fingerprint") in (None, data["fingerprint"]):
        return
    # Arrays have no name and no settings that tell them apart; their content does.
    sources = {one.get("source_fingerprint") for one in (there, data)}
    if len(sources - {None}) > 1:
        raise LadderError(f"{out} holds a study of other {data['name']} than this one. {advice}")
    if other := _read_otherwise(there, data, (*READ_AS, *_MAY_CHANGE) if same else READ_AS):
        raise LadderError(f"{out} holds a study of {data['name']} with {other}. {advice}")
    if same:
        raise LadderError(
            f"{out} holds a study of {data['name']}, whose content has changed since. {advice}"
        )


def _read_otherwise(there: dict[str, Any], data: dict[str, Any], keys: Sequence[str]) -> str:
    """Returns, in words, which of these settings of the same data differ; empty for none."""
    before, now = (one.get("spec") or {} for one in (there, data))
    read = {key: (before.get(key), now.get(key)) for key in keys}
    other = {key: pair for key, pair in read.items() if pair[0] != pair[1]} if before else {}
    return ", ".join(
        f"{key} {_value_text(old)}, and this one has {_value_text(new)}"
        for key, (old, new) in other.items()
    )


def _value_text(value: Any) -> str:
    if value is None:
        return "not given"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def fit_there(out: Path) -> str | None:
    """Returns how the folder's study fits pictures of another shape.

    Returns:
        `crop` if there is no study; None if its file does not say, as before there was a choice.
    """
    return next((there.get("fit") for there in _data_there(out)), "crop")


def check_nobody_trains(out: Path) -> None:
    """Refuses to move aside runs that another command is training.

    Raises:
        LadderError: naming one of them.
    """
    for folder in sorted(path for path in (out / "runs").glob("*") if path.is_dir()):
        refusal = (
            f"Another command is training {folder}. Wait for it, or stop it, before you move its "
            "runs aside."
        )
        with held_alone(folder, refusal):
            pass


@contextmanager
def held_alone(folder: Path, refusal: str) -> Iterator[None]:
    """Holds the lock of a folder.

    Raises:
        LadderError: with the text `refusal`, if another command holds the lock.
    """
    try:
        with locked(folder, wait=False):
            yield
    except FolderIsHeldError as error:
        raise LadderError(refusal) from error


def move_old_aside(out: Path) -> None:
    """Moves the folder's contents aside, unless another command has begun to train there.

    Raises:
        LadderError: naming a run that the other command trains.
    """
    check_nobody_trains(out)
    move_aside(out)


def told_before(study: Study, out: Path) -> dict[str, Any]:
    """Returns the content of the study's file in the folder; empty if it cannot be read."""
    try:
        return read_object(out / f"{study.file}.json")
    except (OSError, ReportError):
        return {}


def write_study_file(study: Study, out: Path, plan: Plan, command: str) -> None:
    """Writes the study's file: its arms in order, what each of them changes, and their runs."""
    places = {arm.name: index for index, arm in enumerate(study.arms)}
    costs = {job.fingerprint: plan.cost(job) for job in plan.jobs}

    def entry(arm: Arm) -> dict[str, Any]:
        keys = {str(seed): plan.fingerprints[arm.name, seed] for seed in study.seeds_of(arm)}
        return {
            "index": places[arm.name],
            "name": arm.name,
            "recipes": list(arm.recipes),
            "against": None if arm.against is None else places[arm.against],
            "changed": arm.changed,
            "reported": arm.reported,
            "cost": next((costs[key] for key in keys.values()), None),
            "fingerprints": keys,
        }

    if_any = {
        "splits": study.splits,
        "bagging": study.bagging,
        "details": dict(study.details),
        "margin": study.margin,
        "looks": list(study.looks),
        "max_seeds": study.most_seeds,
        "minutes": study.minutes,
    }
    write_json(
        out / f"{study.file}.json",
        {
            "format": 1,
            "kind": study.kind,
            "ladder": study.name,
            "command": command,
            "created": datetime.now().astimezone().isoformat(timespec="seconds"),
            "seeds": list(study.seeds),
            "task": study.arms[0].blueprint.task.facts(),
            "data": plan.data,
            "rungs": [*map(entry, study.arms)],
            **{name: value for name, value in if_any.items() if value},
        },
    )
