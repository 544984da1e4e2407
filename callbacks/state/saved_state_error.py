"""What is wrong with a saved state."""


class SavedStateError(ValueError):
    """A saved state that is damaged, or of another training; delete it to begin afresh."""
