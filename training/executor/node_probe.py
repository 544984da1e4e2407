"""Asking all nodes of a Ray cluster whether they can train for this machine."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import LadderError
from ..keras_settings import KerasSettings
from .failure_reasons import in_one_line
from .node_environment import node_environment
from .node_facts import SEEN, Facts, check_same, facts_reader, packages_of

ANSWER_SECONDS = 60.0


class NodeProbe:
    """Asks each live node for its versions, and whether it sees a file.

    Args:
        place: address of the cluster, for messages.
        settings: settings of Keras on the nodes.

    Attributes:
        packages: distributions whose versions are compared.
        versions: versions of Python and of these distributions on this machine.
    """

    def __init__(self, place: str, settings: KerasSettings) -> None:
        self._place, self._settings = place, settings
        self.packages = packages_of(settings.backend)
        self._ours = {**facts_reader()(self.packages, None)}
        del self._ours[SEEN]
        self.versions = {name: self._ours[name] for name in ("Python", *self.packages)}

    def check_nodes(self, shared: Path | None = None) -> None:
        """Refuses a cluster with a node that differs from this machine.

        Args:
            shared: folder that all nodes should see; it need not exist yet.

        Raises:
            LadderError: if a node differs or does not see the folder, naming the first such node,
                or if nodes do not answer.
        """
        with _marked(shared) as mark:
            found = self._ask_all(mark)
        check_same(self._place, found, self._ours)
        blind = [node for node, theirs in found.items() if not theirs[SEEN]]
        if shared is not None and blind:
            raise LadderError(
                f"--shared: node {blind[0]} of the cluster at {self._place} does not see "
                f"{shared.resolve()}. Put it on a path that all nodes share, or leave out --shared."
            )

    def _ask_all(self, file: str | None) -> dict[str, Facts]:
        import ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        ask = ray.remote(facts_reader())
        answers = {
            f"{node['NodeManagerAddress']}:{node['NodeManagerPort']}": ask.options(
                num_cpus=0,
                max_retries=0,
                scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False),
                runtime_env={"env_vars": node_environment(self._settings)},
            ).remote(self.packages, file)
            for node in ray.nodes()
            if node["Alive"]
        }
        found = {node: facts for node, one in answers.items() if (facts := self._facts(one))}
        if not found:
            raise LadderError(f"No node of the cluster at {self._place} answers.")
        return found

    def _facts(self, answer: Any) -> Facts | None:
        """Returns a node's answer; None if the node has gone in the meantime."""
        import ray

        errors = ray.exceptions
        try:
            facts: Facts = ray.get(answer, timeout=ANSWER_SECONDS)
        except (errors.TaskUnschedulableError, errors.NodeDiedError, errors.WorkerCrashedError):
            return None
        except errors.RayError as error:
            raise LadderError(
                f"A node of the cluster at {self._place} does not answer: {in_one_line(str(error))}"
            ) from error
        return facts


@contextmanager
def _marked(folder: Path | None) -> Iterator[str | None]:
    """Puts a file into the folder, or above it if it does not exist yet, and yields its path."""
    if folder is None:
        yield None
        return
    whole = folder.resolve()
    place = next(part for part in (whole, *whole.parents) if part.is_dir())
    mark = place / f".trickbook-{secrets.token_hex(8)}"
    mark.touch()
    try:
        yield str(mark)
    finally:
        mark.unlink(missing_ok=True)
