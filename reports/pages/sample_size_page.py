"""The page of a sample-size study: would more data help, or is it the model?"""

from __future__ import annotations

import math
from typing import Any

from ..analysis.size_curves import SizeCurve, size_curves
from ..figures.picture import png_bytes
from ..figures.pictures import Picture
from ..figures.size_figure import size_figure
from ..read.run_set import RunSet
from ..statistics.power_law import LEAST_SIZES, PowerLaw
from ..wording import figure_text, join_words, metric_text, score_text
from .arm_parts import deviation_notes, runs_text
from .facts import Table
from .shown_study import ShownStudy
from .tables import difference_columns, study_frame
from .worth_by_size import WorthBySize

# A gain that is worth more data: a point of a share, a tenth of any other error.
POINT = 0.01
PART = 0.1
# Within this many times the data; beyond that a law says little.
FAR = 10


def show_sample_size(run_set: RunSet, file: str) -> ShownStudy:
    """Work out the main part of a sample-size study's page.

    Its table has a row per rung and number of training examples: `rung`, `size`; the means over the
    runs of the errors in training and on validation (`train_error`, `val_error`: of a share what it
    is short of 1), of the latter with the 95 % t interval over seeds and the deviation over them
    (`_low`, `_high`, `_std`); `gap`, the mean of validation error less training error; `law`, the
    error that the fitted law gives for the size; `delta`, the mean difference of a later rung to
    the first with as many examples in the deciding validation metric, above zero where it is
    better, with its 95 % interval `delta_low` to `delta_high`, and `verdict`, by Holm's procedure
    over all of these; `runs` and `failed`, how many ended so.
    """
    curves, metric = size_curves(run_set), metric_text(run_set.deciding.metric)
    known = [curve for curve in curves if curve.sizes]
    worth = WorthBySize(run_set, known)
    columns = [
        "rung",
        "training examples",
        f"train {metric}",
        f"validation {metric}",
        "gap",
        "runs",
    ]
    figure = size_figure(known, run_set.deciding.metric)
    what = f"Training and validation {metric} over the number of training examples"
    return ShownStudy(
        title=f"More data, or a new model? {join_words([curve.rung for curve in curves])}",
        headline=[
            *(text for curve in curves for text in _answer(curve, metric)),
            *worth.sentences(),
        ],
        frame=study_frame([row for curve in known for row in _rows(curve, worth)]),
        table=Table("", columns, [cells for curve in known for cells in _cells(curve)]),
        pictures=[Picture(f"{file}.png", what, png_bytes(figure))],
        notes=[*_notes(metric), *deviation_notes(run_set.rungs)],
        parts=worth.parts(file),
    )


def answer_of(curve: SizeCurve) -> str:
    """L0's question answered: `little left`, `more data`, `new model`, or `undecided`.

    `little left` if the error is a share below a point. `more data` if the law expects the error to
    fall by a point (by a tenth if it is not a share) within ten times the data, in 97.5 % of the
    laws that other seeds might have given; `new model` if in 97.5 % it does not. Sizes with a
    failed run are left out.
    """
    curve = curve.whole
    if not curve.sizes:
        return "undecided"
    if curve.is_share and curve.val[-1].mean < POINT:
        return "little left"
    if curve.law is None:
        return "undecided"
    last = curve.sizes[-1]
    _, low, high = curve.law.gain(last, FAR * last)
    step = _step(curve, curve.law)
    return "more data" if low >= step else "new model" if high < step else "undecided"


def _step(curve: SizeCurve, law: PowerLaw) -> float:
    return POINT if curve.is_share else PART * law.error(curve.sizes[-1])


def _answer(curve: SizeCurve, metric: str) -> list[str]:
    if not curve.sizes:
        return [f"{curve.rung}: no run is done, so there is nothing to report."]
    failed, whole = _failed_texts(curve), curve.whole
    if not whole.sizes:
        return [*failed, f"{curve.rung}: no size is left to show whether more data would help."]
    texts = [_verdict_text(whole, metric), _where_text(whole, metric), *_law_texts(whole, metric)]
    return [*texts, *failed]


def _failed_texts(curve: SizeCurve) -> list[str]:
    """Which sizes the law and the answer leave out."""
    failed = [
        f"{size:,} ({len(arm.failed)} of {len(arm.runs)} runs failed)"
        for size, arm in zip(curve.sizes, curve.arms, strict=True)
        if arm.failed
    ]
    if not failed:
        return []
    return [
        f"{curve.rung}: left out here, as the mean of the surviving runs is not the size's: "
        f"{join_words(failed)}."
    ]


def _verdict_text(curve: SizeCurve, metric: str) -> str:
    kind = answer_of(curve)
    if kind == "little left":
        return (
            f"{curve.rung}: little is left to gain. With {curve.sizes[-1]:,} examples the "
            f"validation {metric} is {curve.val[-1].mean:.2%} short of 1."
        )
    if curve.law is None:
        return (
            f"{curve.rung}: whether more data would help cannot be told from "
            f"{len(curve.sizes)} sizes; a law needs {LEAST_SIZES} or more."
        )
    last, law = curve.sizes[-1], curve.law
    step = _step(curve, law)
    unit = "one point" if curve.is_share else "a tenth of the error"
    if kind == "new model":
        gap = curve.gaps[-1].mean
        also = (
            f" A gap of {score_text(gap)} to training stays: regularise, or choose another model."
            if gap > 2 * step
            else " Training is no better: a model of more capacity, or of another kind."
        )
        return (
            f"{curve.rung}: a new model. Validation is flat: {FAR} times the data would bring less "
            f"than {unit}.{also}"
        )
    if kind == "more data":
        needed = law.size_for(law.error(last) - step)
        low, high = law.size_interval(last, step)
        return (
            f"{curve.rung}: more data. The error still falls: to gain {unit} takes about "
            f"{_size_text(needed)} training examples, {needed / last:.1f} times as many "
            f"(95 %: {_size_text(low)} to {_size_text(high)})."
        )
    return f"{curve.rung}: undecided. {_undecided_text(law, last, unit)}"


def _undecided_text(law: PowerLaw, last: int, unit: str) -> str:
    gain, low, high = law.gain(last, FAR * last)
    if math.isnan(low):
        return (
            f"The law expects {FAR} times the data to bring "
            f"{score_text(gain)}, and one seed gives no interval; add seeds (--seeds 3)."
        )
    return (
        f"{FAR} times the data would bring {score_text(gain)} "
        f"[{score_text(low)}, {score_text(high)}], which includes {unit}; more seeds or a larger "
        "size would tell more."
    )


def _where_text(curve: SizeCurve, metric: str) -> str:
    first, last = curve.sizes[0], curve.sizes[-1]
    val, train = curve.val[-1], curve.train[-1]
    return (
        f"With {last:,} examples the validation {metric} is {score_text(curve.shown(val.mean))} "
        f"and the training {metric} {score_text(curve.shown(train.mean))}: a gap of "
        f"{score_text(curve.gaps[-1].mean)}, after {score_text(curve.gaps[0].mean)} with {first:,}."
    )


def _law_texts(curve: SizeCurve, metric: str) -> list[str]:
    law, last = curve.law, curve.sizes[-1]
    if law is None:
        return []
    expected = [_expected_text(curve, law, times * last) for times in (2, 4)]
    texts = [
        f"Its validation error follows {_floor_text(law, last)} + {law.scale:.3g} "
        f"n^-{law.exponent:.2f}; it expects a validation {metric} of {join_words(expected)}."
    ]
    if curve.check is not None:
        said, measured = map(curve.shown, curve.check)
        texts.append(
            "How far to trust it: from the smaller sizes alone it would have said "
            f"{score_text(said)} for {last:,}, where {score_text(measured)} was measured."
        )
    return texts


def _floor_text(law: PowerLaw, size: int) -> str:
    """The error that no number of examples goes below; 0 up to the rounding of a fit."""
    power = law.scale * size**-law.exponent
    return "0" if law.floor < 1e-6 * power else score_text(law.floor)


def _expected_text(curve: SizeCurve, law: PowerLaw, size: int) -> str:
    low, high = sorted(map(curve.shown, law.interval(size)))
    interval = "" if math.isnan(low) else f" [{score_text(low)}, {score_text(high)}]"
    return f"{score_text(curve.shown(law.error(size)))}{interval} at {size:,}"


def _size_text(size: float) -> str:
    if math.isinf(size) or size >= 1e9:
        return "more than a billion"
    return f"{float(f'{size:.2g}'):,.0f}"


def _cells(curve: SizeCurve) -> list[list[str]]:
    rows = zip(curve.sizes, curve.arms, curve.train, curve.val, curve.gaps, strict=True)
    return [
        [
            curve.rung,
            f"{size:,}",
            _shown_text(curve, train),
            _shown_text(curve, val),
            figure_text(gap),
            runs_text(arm),
        ]
        for size, arm, train, val, gap in rows
    ]


def _shown_text(curve: SizeCurve, error: Any) -> str:
    spread = "" if math.isnan(error.std) else f" ± {score_text(error.std)}"
    return f"{score_text(curve.shown(error.mean))}{spread}"


def _rows(curve: SizeCurve, worth: WorthBySize) -> list[dict[str, Any]]:
    law = curve.law
    judged = [worth.judged.get((curve.rung, size)) for size in curve.sizes]
    return [
        {
            "rung": curve.rung,
            "size": size,
            "train_error": train.mean,
            "val_error": val.mean,
            "val_error_low": val.low,
            "val_error_high": val.high,
            "val_error_std": val.std,
            "gap": gap.mean,
            "law": math.nan if law is None else law.error(size),
            **difference_columns("delta", one.difference if one else None),
            "verdict": one.verdict.kind if one else "",
            "runs": len(arm.done),
            "failed": len(arm.failed),
        }
        for size, arm, train, val, gap, one in zip(
            curve.sizes, curve.arms, curve.train, curve.val, curve.gaps, judged, strict=True
        )
    ]


def _notes(metric: str) -> list[str]:
    return [
        "L0 asks: are the errors converging? While the gap between training and validation closes "
        "as data grow, more data help; where both are flat, a new model does.",
        "Every size is trained from fresh weights, for as many epochs, so that fewer examples also "
        "mean fewer steps. Validation examples are the same for all sizes; a smaller training set "
        "is part of every larger one.",
        f"The law err(n) = a + b n^-c is fitted to the mean validation errors (1 less the {metric} "
        "where that is a share). Its brackets hold 95 % of the laws that other seeds might have "
        "given: new means are drawn by Student's t about the measured ones. They do not cover "
        "other validation examples, nor whether the law continues to hold.",
        f"More data: within {FAR} times the data the law expects a gain of a point of a share, or "
        "a tenth of another error, in at least 97.5 % of the draws. A new model: in at least "
        "97.5 % it does not. Else undecided.",
    ]
