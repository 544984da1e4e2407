"""The command ``trickbook ablate``."""

from __future__ import annotations

from ...training.keras_settings import settle_backend
from ..ladder import Ladder
from .carry_out import carry_out, end
from .flags import LadderFlags, StudyFlags, with_flags


@with_flags
def ablate(ladder: LadderFlags, flags: StudyFlags) -> None:
    """Ablate a ladder: each trick alone on the baseline, and each left out of the full stack.

    In the ladder's folder it shares the ladder's runs, and its report, ablation.html, stands beside
    the ladder's.
    """
    settle_backend(flags.backend)
    end(carry_out(Ladder.from_spec(ladder.spec()).ablation(), flags))
