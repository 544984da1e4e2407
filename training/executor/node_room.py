"""How many workers the nodes of a cluster have room for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import LadderError
from .capacity import bytes_of_worker


class Room:
    """The resources of a worker, and how many workers the nodes have room for.

    What other users run on the nodes is not subtracted. If any node has a GPU, each worker takes
    one, and nodes without a GPU get no workers, because digits differ between CPU and GPU.

    Args:
        place: address of the cluster, for the message.
        nodes: the nodes, as `ray.nodes` returns them.
        threads: threads of a worker.
        data_bytes: memory that the data take.

    Attributes:
        of_a_worker: the resources that an actor requests from Ray.
        workers: number of workers that the nodes have room for.

    Raises:
        LadderError: if no node has room for a worker.
    """

    def __init__(
        self, place: str, nodes: Sequence[Mapping[str, Any]], threads: int, data_bytes: int
    ) -> None:
        alive = [node["Resources"] for node in nodes if node["Alive"]]
        memory = int(bytes_of_worker(data_bytes))
        needed = {"CPU": threads, "memory": memory}
        if any(resources.get("GPU", 0) >= 1 for resources in alive):
            needed["GPU"] = 1
        self.of_a_worker: dict[str, float] = {
            "num_cpus": threads,
            "num_gpus": needed.get("GPU", 0),
            "memory": memory,
        }
        self.workers = sum(
            min(int(resources.get(name, 0) // amount) for name, amount in needed.items())
            for resources in alive
        )
        if not self.workers:
            gpu = " and a GPU" if "GPU" in needed else ""
            raise LadderError(
                f"No node of the cluster at {place} has room for a run: it takes {threads} CPUs, "
                f"{memory / 1e9:.1f} GB of memory{gpu}."
            )
