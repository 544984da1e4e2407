"""Refusing, before any training, a start from a run that the arm cannot start from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...data.value_ranges import are_in_other_units
from ...recipes import Blueprint, Slot
from ...runs.move_aside import OURS
from ...runs.run_folder import Run, read_run
from ...runs.saved_weights import OF_WEIGHTS, is_path
from ...training.errors import LadderError
from ..trained.saved_model import check_saved
from .study import Study


def check_warm_start(name: str, blueprint: Blueprint, data: Mapping[str, Any]) -> None:
    """Refuses an arm that starts from no finished run, or from a run that does not fit it.

    Args:
        name: the arm's name.
        blueprint: the arm's blueprint.
        data: summary of the data that it is to be trained on.

    Raises:
        LadderError: naming the arm, what is wrong, and what to do.
    """
    if blueprint.warm_start is None:
        return
    folder = Path(blueprint.warm_start)
    if not (folder / "run.json").is_file():
        raise LadderError(
            f"{name}: there is no run in {folder} to start from (--warm-start). Give the folder of "
            "one run, such as DIR/runs/07-wider-s0-1a2b3c4d."
        )
    check_saved(folder)
    run = read_run(folder)
    if run.status != "done":
        raise LadderError(f"{name}: the run in {folder} is not done, so nothing can start from it.")
    if blueprint.base == "backbone":
        raise LadderError(
            f"{name}: a backbone brings weights of its own; start its training from a run by the "
            "recipe transfer instead, or leave the warm start out."
        )
    _check_front(name, run, blueprint)
    _check_inputs(name, run, blueprint, data)


def check_start_stays(study: Study, out: Path) -> None:
    """Refuses to move aside the saved weights that an arm starts from.

    Raises:
        LadderError: naming the arm and the path of the weights.
    """
    for arm in study.arms:
        for start in _starts(arm.blueprint):
            if _is_moved_aside(Path(start), out):
                raise LadderError(
                    f"{arm.name} starts from {start}, which fresh (--fresh) would move aside. Give "
                    "another folder as out (--out)."
                )


def _starts(blueprint: Blueprint) -> list[str]:
    """Returns the paths of saved weights that a blueprint names."""
    named = {name: blueprint.to_dict().get(name) for name in OF_WEIGHTS}
    return [
        str(value)
        for name, value in named.items()
        if value is not None and (name != "backbone" or is_path(value))
    ]


def _is_moved_aside(path: Path, out: Path) -> bool:
    return any(path.resolve().is_relative_to((out / name).resolve()) for name in OURS)


def _check_front(name: str, run: Run, blueprint: Blueprint) -> None:
    told = run.details.get("blueprint")
    if told is None:  # not a run of a ladder, so no layers of ours are in front
        return
    there = tuple(Slot.from_dict(one) for one in told.get("preprocessing", ()))
    if there != blueprint.preprocessing:
        raise LadderError(
            f"{name}: the network of {run.folder} has {_front_text(there)} at its front, which "
            f"its weights expect, but this one has {_front_text(blueprint.preprocessing)}. Put "
            "the same recipes, with the same settings, where the recipe warm_start is, or start "
            "from another run."
        )


def _front_text(slots: tuple[Slot, ...]) -> str:
    return " and ".join(f"{slot} of {slot.recipe}" for slot in slots) or "nothing"


def _check_inputs(name: str, run: Run, blueprint: Blueprint, data: Mapping[str, Any]) -> None:
    old = run.details.get("data") or {}
    are_images = all("image_shape" in one and "value_range" in one for one in (old, data))
    if are_images:
        (low, high), (least, most) = old["value_range"], data["value_range"]
        # The arm's own scaling is made for the range of its images, not for the old range.
        must_equal = blueprint.scaling is not None
        is_other = (low, high) != (least, most)
        is_wide = are_in_other_units((low, high), (least, most))
        if is_wide or (must_equal and is_other):
            raise LadderError(
                f"{name}: the pixels that {run.folder} learnt from go from {low:g} to {high:g}, "
                f"but these go from {least:g} to {most:g}. Bring them to the run's range."
            )
    there, here = _inputs(old), _inputs(data)
    if there and here and there != here:
        only = [column for column in (*there, *here) if (column in there) != (column in here)]
        what = f"{only[0][0]!r} differs" if only else "their order differs"
        raise LadderError(
            f"{name}: these are not the columns that {run.folder} learnt from: {what}. Give the "
            "table the run's columns and categories, in the same order."
        )


def _inputs(data: Mapping[str, Any]) -> list[tuple[str, tuple[str, ...] | None]]:
    """Returns the input columns of a table, each with its categories; None for numbers."""
    return [
        (one["name"], None if one["categories"] is None else tuple(one["categories"]))
        for one in (data.get("table") or {}).get("columns", ())
    ]
