"""What decides whether a node can train for us: its versions and the files that it sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version

from ..errors import LadderError

Facts = Mapping[str, str | None]
# Distributions that affect digits, besides the backend's.
_PACKAGES = ("trickbook", "keras", "numpy")
# The fact that says whether a node sees the requested file.
SEEN = "seen"


def packages_of(backend: str) -> tuple[str, ...]:
    """Returns the distributions whose versions must be the same everywhere."""
    names = ("tensorflow", "tensorflow-cpu") if backend == "tensorflow" else (backend,)
    return (*_PACKAGES, *[name for name in names if _is_installed(name)][:1])


def _is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def facts_reader() -> Callable[[tuple[str, ...], str | None], Facts]:
    """Returns a function that is sent to nodes as code, so that they need no trickbook to run it.

    It takes names of distributions and the path of a file, or None. It returns the versions of
    Python and of the distributions, a hash of trickbook's code, and whether the file exists.
    """

    def facts(packages: tuple[str, ...], file: str | None = None) -> Facts:
        import importlib
        import platform
        from importlib import metadata
        from pathlib import Path

        found: dict[str, str | None] = {"Python": platform.python_version()}
        for name in packages:
            try:
                found[name] = metadata.version(name)
            except metadata.PackageNotFoundError:
                found[name] = None
        try:
            code = importlib.import_module("trickbook.runs.code_hash").code_hash()
        except ImportError:
            code = None
        seen = "yes" if file is not None and Path(file).exists() else None
        return {**found, "trickbook's code": code, "seen": seen}

    return facts


def difference_text(theirs: Facts, ours: Facts) -> str | None:
    """Returns in words which facts differ on a node from ours; None if none does."""
    other = [name for name, here in ours.items() if theirs[name] != here]
    told = [f"{name} {theirs[name] or 'missing'} (here {ours[name]})" for name in other]
    return ", ".join(told) or None


def check_same(place: str, found: Mapping[str, Facts], ours: Facts) -> None:
    """Refuses a cluster with a node that differs from this machine.

    Args:
        place: address of the cluster, for the message.
        found: the facts of each node, by its name.
        ours: the facts of this machine.

    Raises:
        LadderError: names the first such node, and everything that differs there.
    """
    for node, theirs in found.items():
        if text := difference_text(theirs, ours):
            raise LadderError(
                f"The cluster at {place} cannot train for this machine: node {node} has {text}. "
                "Install the same everywhere. When installing from a checkout, first delete its "
                "folder build, which keeps modules that no longer exist."
            )
