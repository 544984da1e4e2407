"""Folders of growths as `trickbook grow` leaves them, written by hand."""

import json

from ladder_on_disk import write_run

from trickbook.ladder.growing.aim import Aim
from trickbook.ladder.growing.growth import BASELINE, Entrant, Growth, Outcome, Race
from trickbook.ladder.growing.trick import Trick
from trickbook.ladder.ladder_file import read_ladder
from trickbook.recipes import make_recipe

OVER_FITTING = {
    "kind": "over-fitting",
    "sentence": "Over-fitting: train 0.99, val 0.70.",
    "advice": "regularise, or give it more examples",
}
DATA = {
    "name": "digits",
    "classes": [str(digit) for digit in range(10)],
    "image_shape": [8, 8, 1],
    "train": 200,
    "val": 360,
    "test": 360,
    "warnings": [],
    "notes": [],
    "fingerprint": "f" * 64,
}


def aim_of(ladder="digits", **settings):
    """What is to be grown of a built-in ladder."""
    spec = read_ladder(ladder)
    return Aim(spec, spec.data, **settings)


def trick(name, **settings):
    """The trick of one recipe."""
    return Trick(name, (make_recipe(name, settings),))


def race_of(names, number=1, against=BASELINE, leader="", looks=(), heat=1, **details):
    """A race of recipes by their names, called for by over-fitting.

    Args:
        names: The recipes.
        number: Of the race, from 1.
        against: The arm that it is run on.
        leader: The recipe that led, if any.
        looks: The numbers of its new seeds.
        heat: The seeds of the heat.
        **details: Other fields.
    """
    entrants = tuple(Entrant(f"{number}-{name}", trick(name)) for name in names)
    led = f"{number}-{leader}" if leader else ""
    held = {"rivals": max(1, len(names)), **details}
    return Race(against, OVER_FITTING, entrants, heat, leader=led, looks=looks, **held)


def ended(why, *set_aside):
    """What a race came to, after a minute."""
    return Outcome(why, set_aside, spent=60.0)


def write_growth(folder, growth, figures, aim=None, train=0.97):
    """A growth whose arms have these validation accuracies, one for each seed.

    Args:
        folder: Where to.
        growth: The record; the numbers of seeds of arms are those of the figures.
        figures: By an arm's name the accuracy of each seed, or "failed".
        aim: What was to be grown.
        train: The training accuracy of all.
    """
    aim = aim or aim_of()
    growth = growth.with_seeds({arm: len(values) for arm, values in figures.items()})
    study = aim.study(growth, {"mirrored": False})
    places = {arm.name: index for index, arm in enumerate(study.arms)}
    rungs = []
    for index, arm in enumerate(study.arms):
        prints = {}
        for seed, value in zip(study.seeds_of(arm), figures[arm.name], strict=True):
            prints[str(seed)] = print_ = f"{index:04d}{seed:04d}" + "0" * 56
            where = folder / "runs" / f"{arm.name}-s{seed}-{print_[:8]}"
            status, reason = ("failed", "The loss was nan.") if value == "failed" else ("done", "")
            val = 0.1 if value == "failed" else value
            write_run(
                where, arm.name, seed, val, train, status=status, reason=reason, fingerprint=print_
            )
        rungs.append(
            {
                "index": index,
                "name": arm.name,
                "recipes": list(arm.recipes),
                "against": None if arm.against is None else places[arm.against],
                "changed": arm.changed,
                "reported": None,
                "fingerprints": prints,
            }
        )
    content = {
        "format": 1,
        "kind": "grow",
        "ladder": "digits",
        "command": "trickbook grow",
        "created": "2026-01-02T03:04:05+00:00",
        "data": DATA,
        "rungs": rungs,
        "details": dict(study.details),
    }
    (folder / "grow.json").write_text(json.dumps(content))
    return growth


def grown_once(last=3):
    """A growth of one race, and its last runs."""
    outcome = ended("kept", "1-noise")
    names = ["dropout", "l2", "noise"]
    race = race_of(names, leader="dropout", looks=(3,), outcome=outcome, model_seeds=3)
    return Growth((race,), end="nothing", last_seeds=tuple(range(9, 9 + last)), spent=120.0)
