"""Examples that follow one another in time, as blocks of neighbours.

Neighbours in time are alike: what an arm makes wrong of one it makes wrong of the next, and so many
examples tell less than as many independent ones. Means of a few long blocks hang together hardly
at all, and the t test of them, with one degree of freedom less than there are blocks, holds also
where some blocks vary more than others (Ibragimov and Mueller, Journal of Business and Economic
Statistics 28, 2010, 453-468). They use 8 blocks or 16; of fewer and longer ones the intervals hold
the truth more often where neighbours far apart are alike, and are wider.
"""

from __future__ import annotations

import numpy as np

MOST_BLOCKS = 8
# Of fewer the t interval is so wide that it says nothing.
FEWEST_BLOCKS = 4


def block_count(examples: int, reach: int | None) -> int:
    """Into how many blocks to divide examples in order: 4 to 8, or 1 if there are too few.

    Args:
        examples: How many follow one another.
        reach: Examples within this many neighbours, 1 or more, share rows: no block is shorter.
            None: they are in no order, and each is a block.
    """
    if reach is None:
        return examples
    count = min(MOST_BLOCKS, examples // reach)
    return count if count >= FEWEST_BLOCKS else 1


def in_blocks(scores: np.ndarray, reach: int | None) -> np.ndarray:
    """Scores (..., examples) as those of `block_count` blocks, (..., blocks), of the same mean.

    Blocks differ by one example at most in size; a longer one counts for so much more.
    """
    examples = scores.shape[-1]
    blocks = block_count(examples, reach)
    first = np.arange(blocks) * examples // blocks
    means: np.ndarray = np.add.reduceat(scores, first, axis=-1) * (blocks / examples)
    return means
