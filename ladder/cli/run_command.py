"""The command ``trickbook run``."""

from __future__ import annotations

from ...training.keras_settings import settle_backend
from ..ladder import Ladder
from .carry_out import carry_out, carry_out_refit, end
from .flags import DecisionFlags, LadderFlags, RunFlags, with_flags
from .page_flags import PageFlags
from .refit_flags import RefitFlags


@with_flags
def run(
    ladder: LadderFlags,
    decision: DecisionFlags,
    refit: RefitFlags,
    flags: RunFlags,
    page: PageFlags,
) -> None:
    """Climb a ladder: train every rung with every seed, and report what each step was worth.

    Without LADDER it climbs the default ladder of the data: digits for digits and mnist, tabular
    for tables and rows, diabetes for diabetes, sequence for sequences, windows and tokens, and
    lecture for all others.

    Runs that are in the folder already are not trained again, so that the same command continues
    one that was stopped.
    """
    settle_backend(flags.backend)
    spec = ladder.spec(flags)
    ladder.check_has_rungs(spec)
    climber = Ladder.from_spec(spec)
    study = decision.study(climber.study, ladder.seeds)
    # First, so that a rung that cannot be refitted is refused before anything is trained.
    last = refit.study(climber, flags, decision)
    result = refitted = None
    with page.shown_if_asked(flags, study.name):
        if not refit.refit_only:
            result = carry_out(study, flags)
        if last is not None:
            refitted = carry_out_refit(last, result, flags)
    end(result, refitted)
