"""How a run ended."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        status: "done" or "failed"; "shared" if another command trained it; "stopped" if that was
            requested while it trained; "lost" if the machine stopped it, because its process died
            or memory or disk ran out; or "cancelled".
        reason: why it failed or was lost, or where it was stopped.
    """

    status: str
    reason: str | None = None
