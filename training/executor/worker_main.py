"""A worker process: reads orders from standard input and writes events to standard output.

Every line is one JSON object, an order or an event as `worker_service` describes them; prepared
data are named by their folder. The process's arguments are the dtype policy and the number of
threads.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from collections.abc import Callable
from typing import Any, TextIO

from ...data import Dataset
from .worker_service import Tell, WorkerService


def main() -> None:
    """Serves the parent process until it closes our standard input."""
    service = WorkerService(sys.argv[1], _own_channel(), Dataset.load, threads=int(sys.argv[2]))
    orders = _orders(sys.stdin, service.stop)
    while True:
        service.carry_out(orders.get())


def _own_channel() -> Tell:
    """Reserves standard output for events; what libraries print there goes to standard error."""
    channel = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def tell(event: dict[str, Any]) -> None:
        channel.write(json.dumps(event) + "\n")

    return tell


def _orders(stdin: TextIO, stop: Callable[[str], None]) -> queue.SimpleQueue[dict[str, Any]]:
    """Reads orders in a separate thread, which notices during training if the parent is gone."""
    orders: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    def read() -> None:
        for line in stdin:
            order = json.loads(line)
            if order["do"] == "stop":
                stop(order["fingerprint"])
            else:
                orders.put(order)
        # The parent has ended or was killed: nobody waits for the work under way.
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    return orders


if __name__ == "__main__":
    main()
