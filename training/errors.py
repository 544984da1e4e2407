"""Errors of ladders and other studies, their folders and their commands."""


class LadderError(ValueError):
    """A ladder, a command or a folder that cannot be used as it is."""
