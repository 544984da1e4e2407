"""How much memory is free for us, on the machine or within a container's limit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

# For versions 2 and 1 of cgroups, which limit memory: their folder, their controller, the files
# with the limit and the memory in use, and the entry of memory.stat for the part that is freed at
# need.
_CGROUPS = (
    ("sys/fs/cgroup", "", "memory.max", "memory.current", "inactive_file"),
    (
        "sys/fs/cgroup/memory",
        "memory",
        "memory.limit_in_bytes",
        "memory.usage_in_bytes",
        "total_inactive_file",
    ),
)


def available_bytes(root: Path = Path("/")) -> float:
    """Returns the memory that is free for us: the machine's, or what a container's limit leaves.

    Args:
        root: the folder of the system's files.
    """
    return min(_free_in_machine(root), _free_in_container(root))


def _free_in_machine(root: Path) -> float:
    meminfo = root / "proc/meminfo"
    if meminfo.exists():
        for line in meminfo.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _free_in_container(root: Path) -> float:
    return min(
        (
            _free_in_group(root / mount / path, *files)
            for mount, controller, *files in _CGROUPS
            for path in _groups_of_ours(root, controller)
        ),
        default=float("inf"),
    )


def _groups_of_ours(root: Path, controller: str) -> Iterator[Path]:
    """Yields the paths of the group that this process is in, and of all above it."""
    yield Path()
    listing = root / "proc/self/cgroup"
    for line in listing.read_text().splitlines() if listing.exists() else ():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            own = Path(path.lstrip("/"))
            yield from (own, *own.parents)


def _free_in_group(group: Path, limit: str, used: str, returnable: str) -> float:
    # Version 2 writes "max" where there is no limit, version 1 a number beyond all memory.
    if not (group / limit).exists() or (most := (group / limit).read_text().strip()) == "max":
        return float("inf")
    stat = group / "memory.stat"
    lines = map(str.split, stat.read_text().splitlines()) if stat.exists() else ()
    # Files that were read stay in memory only as long as nobody else needs it.
    cached = next((float(value) for name, value in lines if name == returnable), 0.0)
    return max(0.0, float(most) - float((group / used).read_text()) + cached)
