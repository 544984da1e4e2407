"""Serves the watcher's page for as long as a command needs it."""

from __future__ import annotations

import importlib.util
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...training.errors import LadderError
from .watcher import Watcher

HOST = "127.0.0.1"
# A page asks every two seconds; one that has been silent for this long is taken to be closed.
_LISTENS_SECONDS = 5.0
# How long to wait for an open page to ask once more.
_LAST_SECONDS = 4.0


@contextmanager
def served(folder: Path, port: int = 0, *, of_command: bool = False) -> Iterator[str]:
    """Serves the page of a folder to this machine, and yields its address.

    Args:
        folder: folder of studies or runs; it need not exist yet.
        port: port to listen on, 0..65535; 0 is any free port.
        of_command: whether a command that trains there has just begun. If so, a page that is still
            open at the end gets the state of the study once more.

    Raises:
        LadderError: the port is taken, or a package is missing.
    """
    check_packages()
    import uvicorn

    from .web_app import web_app

    listener, audience = _listener(port), _Audience()
    watcher = Watcher(folder, since=time.time() if of_command else 0.0)
    app = web_app(watcher, audience.has_asked)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
    )
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, daemon=True, name="watcher"
    )
    thread.start()
    try:
        yield f"http://{HOST}:{listener.getsockname()[1]}/"
        if of_command:
            audience.wait()
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def check_packages() -> None:
    """Refuses to serve if a package is missing.

    Raises:
        LadderError: saying which, and how to install it.
    """
    for name in ("starlette", "uvicorn"):
        if importlib.util.find_spec(name) is None:
            raise LadderError(
                f"The page of a study is served with {name}, which is not installed: "
                "pip install starlette uvicorn"
            )


class _Audience:
    """Knows whether a page is open."""

    def __init__(self) -> None:
        self._asked = threading.Condition()
        self._at = float("-inf")

    def has_asked(self) -> None:
        """Called when a page has been told the state of a study."""
        with self._asked:
            self._at = time.monotonic()
            self._asked.notify_all()

    def wait(self) -> None:
        """Waits until an open page has asked once more, but not for long."""
        with self._asked:
            if time.monotonic() - self._at < _LISTENS_SECONDS:
                self._asked.wait(_LAST_SECONDS)


def _listener(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except (OSError, OverflowError) as error:
        raise LadderError(
            f"Port {port} of {HOST} cannot be used ({error}). Give another as --port; 0 is any "
            "free port."
        ) from error
