"""A server of the watcher's page, for as long as a command needs it."""

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
# A page asks every two seconds; one that has been silent for so long is closed.
_LISTENS_SECONDS = 5.0
_LAST_SECONDS = 4.0


@contextmanager
def served(folder: Path, port: int = 0, *, of_command: bool = False) -> Iterator[str]:
    """Serves the page of a folder to this machine, and gives its address.

    Args:
        folder: of studies or runs; it need not be there yet.
        port: where to listen, 0..65535; 0 is any free one.
        of_command: whether a command trains there that has just begun. A page that looks on in the
            end is then told once more how the study stands.

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
    """Refuses to serve where a package is missing.

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
    """Knows whether a page looks on."""

    def __init__(self) -> None:
        self._asked = threading.Condition()
        self._at = float("-inf")

    def has_asked(self) -> None:
        """A page has been told how a study stands."""
        with self._asked:
            self._at = time.monotonic()
            self._asked.notify_all()

    def wait(self) -> None:
        """Waits until a page that looks on has asked once more."""
        with self._asked:
            if time.monotonic() - self._at < _LISTENS_SECONDS:
                self._asked.wait(_LAST_SECONDS)


def _listener(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except (OSError, OverflowError) as error:
        raise LadderError(
            f"Port {port} of {HOST} cannot be used ({error}). Give another as --port; 0 is any "
            "free one."
        ) from error
