"""What averaging over several views of each image gains."""

from __future__ import annotations

from ...runs.deciding import Deciding
from ..read.measures import known_metric
from ..read.run_set import Rung
from ..statistics.intervals import Estimate, estimate


def with_views(rung: Rung, deciding: Deciding, split: str) -> list[float]:
    """The deciding figure over several views, of each run that is done; NaN for none."""
    name = f"{split}_{deciding.metric}_with_views"
    return [known_metric(run, name) for run in rung.done]


def view_gain(rung: Rung, deciding: Deciding, split: str) -> Estimate:
    """How much better that is than the plain figure, above zero; of no values where none is known.

    It is taken by seed, so that what the two share is no part of the spread.
    """
    pairs = zip(with_views(rung, deciding, split), rung.values(split), strict=True)
    return estimate([deciding.sign * (views - plain) for views, plain in pairs])
