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
# Methods that change nothing: one of the server that the cluster's nodes connect to, and one of the
# server that clients connect to.
_OF_HEAD, _OF_CLIENTS = (
    "/ray.rpc.NodeInfoGcsService/GetClusterId",
    "/ray.rpc.RayletDriver/ClusterInfo",
)
_PLACE = re.compile(r"(?:ray://)?(?P<host>\[[^\]]+\]|[^:/\[\]\s]+):(?P<port>\d{1,5})")


def check_address(on: str) -> None:
    """Refuses an address that cannot be one of a cluster.

    Args:
        on: "ray", "ray://HOST:PORT" or "HOST:PORT".

    Raises:
        LadderError: if it is anything else.
    """
    if on != HERE and _PLACE.fullmatch(on) is None:
        raise LadderError(
            "on (--on) takes ray for a cluster on this machine, ray://HOST:PORT for one elsewhere "
            f"(10001 is Ray's own port), or HOST:PORT on a machine of it (6379). Received: {on!r}"
        )


def check_it_answers(on: str) -> None:
    """Refuses an address where no Ray server answers within a few seconds.

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
    if not _knows(_OF_CLIENTS if on.startswith(_CLIENT) else _OF_HEAD, host, port):
        raise LadderError(
            f"What answers at {on} is no Ray cluster of that kind: ray:// takes the port of Ray's "
            "client server (10001), HOST:PORT that of the head node (6379)."
        )


def started_here() -> str | None:
    """Returns the address of the cluster that `ray start` started here, or None if none runs."""
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


def _knows(method: str, host: str, port: int) -> bool:
    """Whether a server knows a method: it answers the call, even if with an error."""
    import grpc  # installed with Ray's client

    place = f"[{host}]" if ":" in host else host
    with grpc.insecure_channel(f"{place}:{port}") as channel:
        try:
            channel.unary_unary(method)(b"", timeout=CONNECT_SECONDS, wait_for_ready=True)
        except grpc.RpcError as error:
            codes = grpc.StatusCode
            nothing = (codes.UNIMPLEMENTED, codes.DEADLINE_EXCEEDED, codes.UNAVAILABLE)
            return error.code() not in nothing
    return True
