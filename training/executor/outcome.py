"""How a run ended."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        status: "done" or "failed"; "shared", which another command trained; "stopped", which was
            asked for while it trained; "lost", which the machine stopped: its process died, or
            memory or disk ran out; or "cancelled".
        reason: why it failed or was lost, or where it was stopped.
    """

    status: str
    reason: str | None = None
