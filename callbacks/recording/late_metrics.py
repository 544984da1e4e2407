"""`LateMetrics`: a word to those who list a callback that adds metrics after one that records."""

import warnings
from collections.abc import Mapping
from typing import Any


class LateMetrics:
    """Notices metrics that join the logs of an epoch when these have been recorded already.

    Keras gives one dict to all callbacks, in the order of their list, so that what one of them adds
    reaches only those that follow it.

    Args:
        recorder: The name of the callback that records, for the warning.
    """

    def __init__(self, recorder: str) -> None:
        self._recorder = recorder
        self._logs: Mapping[str, Any] = {}
        self._recorded: set[str] = set()
        self._warned = False

    def note(self, logs: Mapping[str, Any] | None) -> None:
        """Remember what the logs of an epoch hold when they are recorded."""
        self._logs = logs or {}
        # Keras's own callbacks log the rate, of which recorders need not hear from them.
        self._recorded = {*self._logs, "learning_rate"}

    def warn(self) -> None:
        """Warn once if the logs hold more by now; called when their epoch is over."""
        late = [name for name in self._logs if name not in self._recorded]
        if late and not self._warned:
            self._warned = True
            warnings.warn(
                f"{self._recorder} misses the metrics {', '.join(late)}: the callback that adds "
                f"them to the logs comes after it. Put {self._recorder} further down the list.",
                stacklevel=3,
            )
