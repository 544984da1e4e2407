"""What goes wrong with recipes."""


class RecipeError(ValueError):
    """A recipe that cannot be used as it is: a wrong setting, a clash, a missing slot."""


class NoEffectWarning(UserWarning):
    """A recipe that left the blueprint as it was, or a setting of it that did nothing."""
