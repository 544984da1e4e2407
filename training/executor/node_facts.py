"""What decides whether a node can train for us: versions, and what it sees of files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version

from ..errors import LadderError

Facts = Mapping[str, str | None]
# Distributions that decide digits, besides the backend's.
_PACKAGES = ("trickbook", "keras", "numpy")
# Whether the file is seen that was asked for.
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
    """Returns a function that travels to nodes by its code, also to those without trickbook.

    It takes names of distributions and the path of a file, or None, and returns the versions of
    Python and of those, a hash of trickbook's code, and whether the file is there.
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
    """Returns in words which of our facts are others on a node; None if none is."""
    other = [name for name, here in ours.items() if theirs[name] != here]
    told = [f"{name} {theirs[name] or 'missing'} (here {ours[name]})" for name in other]
    return ", ".join(told) or None


def check_same(place: str, found: Mapping[str, Facts], ours: Facts) -> None:
    """Refuses a cluster of which a node differs from this machine.

    Args:
        place: of the cluster.
        found: what each node found, by its name.
        ours: what was found here.

    Raises:
        LadderError: naming the first such node, and all that differs there.
    """
    for node, theirs in found.items():
        if text := difference_text(theirs, ours):
            raise LadderError(
                f"The cluster at {place} cannot train for this machine: node {node} has {text}. "
                "Install the same everywhere; from a checkout, first delete its folder build: it "
                "keeps modules that are gone."
            )
