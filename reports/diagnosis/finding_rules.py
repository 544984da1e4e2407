"""The lecture's rules for reading learning curves, and the sentences that say what they see.

Deck L3: while training is far above validation, regularise; once they are close, add capacity and
expect validation to follow. L4: a validation loss that falls, then rises while the training loss
falls on, is over-fitting, and where it turned is the epoch to stop at; where the loss oscillates,
the rate is too high, and on a plateau it is divided by 2 or 10. L2: high bias (training itself is
low) against high variance (training far above validation). L0: where both are on a plateau, a new
model.

Each rule states how often it errs on 2,520 simulated curves (`tests/curves_of_known_kind.py`: 28
formulas, 15, 40 and 200 epochs, three strengths of noise, rounded upwards): the share of the curves
of its kind that it misses, and the share of the others that it names wrongly. A test checks these
rates.
"""

from __future__ import annotations

import math
from dataclasses import replace

from ...runs.history import ACCURACIES
from ..wording import metric_text, number_text
from .curve_signs import CurveSigns
from .error_curve import ErrorCurve
from .finding import Finding

_NOT_CAPACITY = (
    "the loss is far above that of guessing, which capacity cannot fix: lower the learning rate, "
    "and check the inputs, the labels and the loss"
)


def findings(signs: CurveSigns) -> list[Finding]:
    """What the rules see, the most important first."""
    over, improving = _over_fitting(signs), _improving(signs)
    under, saturated = _under_fitting(signs), _saturated(signs)
    found = [
        # A model that is not fitted and still improves may yet close its gap.
        *((over, improving) if signs.is_fitted or signs.is_mostly_gap else (improving, over)),
        _oscillating(signs),
        _validation_better(signs),
        *((under, saturated) if signs.train_end > signs.limits.low else (saturated, under)),
    ]
    seen = [one for one in found if one is not None] or [_balanced(signs)]
    return [_of_a_part(one, signs) for one in seen] if signs.is_cut else seen


def _of_a_part(one: Finding, signs: CurveSigns) -> Finding:
    of = f"; of epochs {signs.first} to {signs.epochs} alone."
    return replace(one, sentence=one.sentence.removesuffix(".") + of)


def _over_fitting(signs: CurveSigns) -> Finding | None:
    """Training far above validation (L3, L2), or a validation loss that has turned (L4).

    It misses 0 %, names wrongly 0 %.
    """
    if not signs.is_over_fitting:
        return None
    sentence = f"Over-fitting: {_ends_text(signs)}"
    remedies = "regularise, give it more examples"
    advice = f"{remedies}, or take a smaller network"
    numbers = _ends(signs) | {"gap": signs.gap}
    turn, is_share = signs.turn, signs.metric.is_share
    # A loss that has turned passes its final level twice; one that still improves has not
    # reached a level yet.
    since = signs.since if not signs.is_improving and (is_share or turn is None) else None
    if since is not None:
        # Validation may have ended its rise while training still lay below it.
        since = max(since, signs.far_since)
        sentence += f" since epoch {since}" if signs.first < since < signs.epochs else ""
    if turn is None:
        return Finding("over-fitting", f"{sentence}.", advice, since, numbers)
    sentence += (
        f"; validation {metric_text(signs.metric.loss)} was lowest at epoch {turn.epoch} "
        f"({number_text(turn.lowest)}), now {number_text(turn.last)}"
    )
    numbers |= {"lowest_loss": turn.lowest, "last_loss": turn.last}
    if not is_share:  # the best epoch by accuracy is often a later one
        advice = f"{remedies}, take a smaller network, or stop at epoch {turn.epoch}"
    return Finding("over-fitting", f"{sentence}.", advice, turn.epoch, numbers)


def _oscillating(signs: CurveSigns) -> Finding | None:
    """A curve that jumps to and fro (L4). It misses 0 %, names wrongly 0 %."""
    curve = signs.oscillating
    if curve is None:
        return None
    swing = curve.swing
    return Finding(
        "oscillating",
        f"Oscillating: {_name_of(curve, signs)} moves up and down by about {number_text(swing)} "
        f"from epoch to epoch ({_ends_text(signs)}).",
        "lower the learning rate, or let it decay",
        numbers=_ends(signs) | {"swing": swing},
    )


def _improving(signs: CurveSigns) -> Finding | None:
    """A curve that still gets better at the end. It misses 0 %, names wrongly 0 %."""
    if not signs.is_improving:
        return None
    gain, verb = signs.trend.gain, "gained" if signs.metric.is_share else "fell by"
    return Finding(
        "improving",
        f"Still improving at the end: {_name_of(signs.trend, signs)} {verb} {number_text(gain)} "
        f"over the last quarter of {signs.epochs - signs.first + 1} epochs ({_ends_text(signs)}).",
        "raise the learning rate, for it improves evenly and slows down nowhere, or train for more "
        "epochs"
        if signs.is_even
        else "train for more epochs",
        numbers=_ends(signs) | {"gain": gain},
    )


def _validation_better(signs: CurveSigns) -> Finding | None:
    """Validation is better than training. It misses 0 %, names wrongly 0 %."""
    if not signs.is_validation_better:
        return None
    sentence = f"Validation is better than training: {_ends_text(signs)}."
    advice = "check if the validation samples are easier, too few, or also in the training set"
    if not signs.is_clean:
        sentence += (
            " Dropout, augmentation and the mean over an epoch worsen only the training figure."
        )
        advice = f"measure training with CleanEvaluation; if it is still worse, {advice}"
    numbers = _ends(signs) | {"gap": signs.gap}
    return Finding("validation-better", sentence, advice, numbers=numbers)


def _under_fitting(signs: CurveSigns) -> Finding | None:
    """Training itself is low: high bias (L2). It misses 0 %, names wrongly 2 %."""
    if not signs.is_under_fitting:
        return None
    sentence = f"Under-fitting: {_ends_text(signs)}{_since(signs)}; "
    unfitted = "the model does not fit its own training samples"
    if signs.metric.is_share:
        sentence += unfitted
    else:  # how low a loss can get is not known
        kept = 100 * signs.train_end / signs.began
        sentence += f"{kept:.0f} % of the loss after the first epoch is left in training: if it "
        sentence += f"can be much lower, {unfitted}"
    return Finding(
        "under-fitting",
        f"{sentence}.",
        _against_under_fitting(signs),
        numbers=_ends(signs),
    )


def _against_under_fitting(signs: CurveSigns) -> str:
    if signs.is_far_above_chance:
        return _NOT_CAPACITY
    if signs.is_near_chance:
        return (
            "it has learnt hardly anything: try learning rates ten times as high and as low first "
            "(LearningRateFinder, trickbook lr-find), and other first weights; then add capacity"
        )
    if signs.is_over_fitting:
        return "add capacity as well, and more examples or regularisation with it"
    if signs.is_saturated:
        return "add capacity, or regularise less"
    return "add capacity, train longer, or regularise less"


def _saturated(signs: CurveSigns) -> Finding | None:
    """Both curves on a plateau, early (L0, L4). It misses 4 %, names wrongly 3 %."""
    if not signs.is_saturated:
        return None
    return Finding(
        "saturated",
        f"Saturated early: nothing has improved since epoch {signs.since} of {signs.epochs} "
        f"({_ends_text(signs)}).",
        "divide the learning rate by 2 or 10 there, or try another model; more epochs will not "
        "help",
        signs.since,
        _ends(signs),
    )


def _balanced(signs: CurveSigns) -> Finding:
    """What is left where nothing is wrong (L3). It misses 0 %, names wrongly 1 %.

    Without validation, or without training, it says little.
    """
    since = signs.since
    if math.isnan(signs.gap):
        missing, what = (
            ("training", "a gap") if math.isnan(signs.train_end) else ("validation", "over-fitting")
        )
        return Finding(
            "unread",
            f"Converged: {_ends_text(signs)}{_since(signs)}; no {missing} "
            f"{metric_text(signs.metric.name)} was recorded, so {what} cannot be seen.",
            epoch=since,
            numbers=_ends(signs),
        )
    small = ""
    if signs.gap > signs.limits.far:
        small = (
            f"; a gap of {number_text(signs.gap)} is within the noise of so few validation samples "
            "and seeds"
        )
    return Finding(
        "balanced",
        f"Converged and balanced: {_ends_text(signs)}{_since(signs)}{small}.",
        _NOT_CAPACITY
        if signs.is_far_above_chance
        else "add capacity and expect validation to follow"
        if signs.train_end > signs.limits.step
        else "more data, or new samples made from it, can still help; of capacity the curves of a "
        "fitted training set say nothing",
        since,
        _ends(signs) | {"gap": signs.gap},
    )


def _ends(signs: CurveSigns) -> dict[str, float]:
    """The final figures that are known, in the units of the metric."""
    ends = {"train": signs.train_end, "val": signs.val_end}
    return {name: signs.metric.value(end) for name, end in ends.items() if not math.isnan(end)}


def _ends_text(signs: CurveSigns) -> str:
    name = "" if signs.metric.name in ACCURACIES else f" {metric_text(signs.metric.name)}"
    return ", ".join(f"{key}{name} {number_text(value)}" for key, value in _ends(signs).items())


def _name_of(curve: ErrorCurve, signs: CurveSigns) -> str:
    which = "validation" if curve is signs.val else "training"
    name = "accuracy" if signs.metric.name in ACCURACIES else signs.metric.name
    return f"{which} {metric_text(name)}"


def _since(signs: CurveSigns) -> str:
    return f" since epoch {signs.since}" if signs.first < signs.since < signs.epochs else ""
