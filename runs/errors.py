"""The errors and warnings of this room."""


class ReportError(ValueError):
    """A folder or file that cannot be reported on: what was wrong, where, and what to do."""


class DamagedRunWarning(UserWarning):
    """A run's files cannot be read; the others are reported on, or trained, without it."""
