"""How messages name the command that continues what this one has begun."""

from __future__ import annotations

import sys

FRESH = "--fresh"


def same_command() -> str:
    """Returns `the same command`, without `--fresh` if this one has it: that would begin anew."""
    return f"the same command without {FRESH}" if FRESH in sys.argv[1:] else "the same command"
