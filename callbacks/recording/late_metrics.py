"""`LateMetrics`: warns if a callback that adds metrics comes after one that records them."""

import warnings
from collections.abc import Mapping
from typing import Any


class LateMetrics:
    """Notices metrics that are added to the logs of an epoch after these have been recorded.

    Keras gives one dict to all callbacks, in the order of their list, so what one of them adds
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
        # Keras's own callbacks log the rate, which recorders read themselves.
        self._recorded = {*self._logs, "learning_rate"}

    def warn(self) -> None:
        """Warn once if metrics were added after `note`; call it when the epoch is over."""
        late = [name for name in self._logs if name not in self._recorded]
        if late and not self._warned:
            self._warned = True
            warnings.warn(
                f"{self._recorder} misses the metrics {', '.join(late)}: the callback that adds "
                f"them to the logs comes after it. Put {self._recorder} further down the list.",
                stacklevel=3,
            )
