"""What goes wrong with ladders."""


class LadderError(ValueError):
    """A ladder, a command or a folder that cannot be used as it is."""
