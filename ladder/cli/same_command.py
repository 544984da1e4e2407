"""What to call the command that goes on with what this one has begun."""

from __future__ import annotations

import sys

FRESH = "--fresh"


def same_command() -> str:
    """Returns `the same command`, in words that do not make it begin anew."""
    return f"the same command without {FRESH}" if FRESH in sys.argv[1:] else "the same command"
