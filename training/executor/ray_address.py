"""Where a Ray cluster is, as `--on` says it, and whether anything answers there."""

from __future__ import annotations

import os
import re
import socket
import tempfile
from pathlib import Path

from ..errors import LadderError

# What `--on` takes for a cluster on this machine.
HERE = "ray"
CONNECT_SECONDS = 5.0
_CLIENT = "ray://"
_PLACE = re.compile(r"(?:ray://)?(?P<host>\[[^\]]+\]|[^:/\[\]\s]+):(?P<port>\d{1,5})")


def check_address(on: str) -> None:
    """Refuses what names no cluster.

    Args:
        on: "ray", "ray://HOST:PORT" or "HOST:PORT".

    Raises:
        LadderError: for anything else.
    """
    if on != HERE and _PLACE.fullmatch(on) is None:
        raise LadderError(
            "--on takes ray for a cluster on this machine, ray://HOST:PORT for one elsewhere "
            f"(10001 is Ray's own port), or HOST:PORT on a machine of it (6379). Received: {on!r}"
        )


def is_client(on: str) -> bool:
    """Whether the address is that of Ray's client server, which machines outside connect to."""
    return on.startswith(_CLIENT)


def check_it_answers(on: str) -> None:
    """Refuses an address where no server of Ray's kind answers within a few seconds.

    Args:
        on: "ray://HOST:PORT" or "HOST:PORT".

    Raises:
        LadderError: if nothing answers, or something else does.
    """
    host, port = _place(on)
    try:
        socket.create_connection((host, port), CONNECT_SECONDS).close()
    except OSError as error:
        raise LadderError(
            f"No Ray cluster answers at {on} ({error.strerror or error}). Is it up "
            "(`ray status` there), and is this its address?"
        ) from error
    if not _speaks_grpc(host, port):
        raise LadderError(f"What answers at {on} is no Ray cluster. Is the port right?")


def started_here() -> str | None:
    """Returns the address of the cluster that `ray start` started on this machine, if it runs."""
    if address := os.environ.get("RAY_ADDRESS"):
        return address
    temporary = os.environ.get("RAY_TMPDIR") or tempfile.gettempdir()
    file = Path(temporary) / "ray" / "ray_current_cluster"
    if not file.is_file():
        return None
    address = file.read_text().strip()
    try:
        # The file outlives a cluster that was killed.
        socket.create_connection(_place(address), CONNECT_SECONDS).close()
    except (OSError, LadderError):
        return None
    return address


def _place(on: str) -> tuple[str, int]:
    match = _PLACE.fullmatch(on)
    if match is None or int(match["port"]) > 65535:
        raise LadderError(f"{on!r} is no address of a Ray cluster.")
    return match["host"].strip("[]"), int(match["port"])


def _speaks_grpc(host: str, port: int) -> bool:
    import grpc  # which Ray's client brings

    place = f"[{host}]" if ":" in host else host
    with grpc.insecure_channel(f"{place}:{port}") as channel:
        try:
            grpc.channel_ready_future(channel).result(CONNECT_SECONDS)
        except grpc.FutureTimeoutError:
            return False
    return True
