"""`TolerantWriter`: a full disk must not end a training that has run for hours."""

import warnings
from collections.abc import Callable
from pathlib import Path


class TolerantWriter:
    """Writes while a model trains; the first write of a fit that fails gives a warning.

    Args:
        callback: The name of the callback that writes, for the warning.
        folder: Where it writes, for the warning.
    """

    def __init__(self, callback: str, folder: Path) -> None:
        self._callback = callback
        self._folder = folder
        self._warned = False

    def write(self, action: Callable[[], object]) -> OSError | None:
        """Call `action`, and catch any `OSError`.

        Returns:
            The error, or None.
        """
        try:
            action()
        except OSError as error:
            if not self._warned:
                self._warned = True
                warnings.warn(
                    f"{self._callback} could not save to {self._folder} ({error}). Training goes "
                    "on, and every epoch tries again.",
                    stacklevel=3,
                )
            return error
        return None
