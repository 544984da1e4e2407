"""What a rung is worth against the first at each size of a sample-size study."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from ..analysis.effects import SHARES, margin_of
from ..analysis.judgements import Judgement, judge_pairs
from ..analysis.size_curves import SizeCurve
from ..figures.forest_figure import ForestRow, forest_figure, forest_note
from ..figures.picture import png_bytes
from ..figures.pictures import Picture
from ..read.run_set import RunSet
from ..wording import metric_text
from .difference_words import COVERED, effect_text, judged_text, seeds_of
from .facts import Part, Table
from .verdict_words import verdicts_text

_HEADS = ["rung", "training examples", "against the first rung", "cross-entropy", "seeds"]


@dataclass(frozen=True)
class WorthBySize:
    """Every later rung against the first, with as many examples; one family of verdicts.

    Attributes:
        run_set: The study.
        curves: Its rungs, in order.
    """

    run_set: RunSet
    curves: list[SizeCurve]

    @cached_property
    def judged(self) -> dict[tuple[str, int], Judgement]:
        """By rung and size; empty where there is one rung alone."""
        if not self.curves:
            return {}
        first, *others = self.curves
        against = dict(zip(first.sizes, first.arms, strict=True))
        places, pairs = [], []
        for curve in others:
            for size, arm in zip(curve.sizes, curve.arms, strict=True):
                if size in against:
                    places.append((curve.rung, size))
                    pairs.append((arm, against[size]))
        return dict(zip(places, judge_pairs(self.run_set, pairs), strict=True))

    def sentences(self) -> list[str]:
        """With how many examples each rung helps, hurts, and so on, a text each."""
        texts = []
        for curve in self.curves[1:]:
            own = [
                replace(one, arm=f"{size:,}")
                for (rung, size), one in self.judged.items()
                if rung == curve.rung
            ]
            if own:
                texts.append(
                    f"{curve.rung} against {self.curves[0].rung}, by the number of training "
                    f"examples. {verdicts_text(own, self.run_set)}"
                )
        return texts

    def parts(self, file: str) -> list[Part]:
        """The part of a page with all comparisons, as a table and a picture."""
        if not self.judged:
            return []
        metric, margin = self.run_set.deciding.metric, margin_of(self.run_set)
        shown = f"validation {metric_text(metric)}"
        named = {f"{rung}, {size:,} examples": one for (rung, size), one in self.judged.items()}
        figure = forest_figure(
            [ForestRow.of(name, one.difference, one.verdict.kind) for name, one in named.items()],
            is_share=metric in SHARES,
            metric=shown,
            margin=margin,
        )
        first = self.curves[0].rung
        what = f"What each rung is worth in {shown} against {first}, by training examples"
        rows = [
            [
                rung,
                f"{size:,}",
                judged_text(one),
                effect_text(one.cross_entropy),
                str(seeds_of(one)),
            ]
            for (rung, size), one in self.judged.items()
        ]
        return [
            Part(
                f"Against {first} at each size",
                shown=[
                    Table("", _HEADS, rows),
                    Picture(f"{file}-worth.png", what, png_bytes(figure), note=forest_note(margin)),
                ],
                notes=[
                    f"A rung less {first}, in {shown}, with as many training examples of the same "
                    "split; above zero the rung is better (L0: with and without a trick).",
                    COVERED,
                ],
            )
        ]
