"""A headless Chromium that a test drives, over the pipe of its DevTools protocol."""

import contextlib
import json
import os
import shutil
import subprocess
import time

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
MISSING = f"none of {', '.join(BROWSERS)} is here"


class Page:
    """A page that is open."""

    def __init__(self, orders, answers):
        self._orders, self._answers = orders, answers
        self._session, self._number = None, 0
        self.problems = []
        """What the page wrote to its console as an error, or left unhandled."""

    def ask(self, method, **parameters):
        """The result of one order; events that come before it are noted."""
        self._number += 1
        order = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            order["sessionId"] = self._session
        self._orders.write(json.dumps(order).encode() + b"\0")
        self._orders.flush()
        while True:
            message = json.loads(self._next())
            if message.get("id") == self._number:
                assert "error" not in message, message
                return message["result"]
            if message.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded"):
                self.problems.append(json.dumps(message["params"]))

    def open(self, address):
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for method in ("Runtime.enable", "Log.enable", "Page.enable"):
            self.ask(method)
        self.ask("Page.navigate", url=address)

    def value(self, expression):
        """What a JavaScript expression comes to."""
        found = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)["result"]
        assert found.get("subtype") != "error", found
        return found.get("value")

    def wait_for(self, expression, seconds=30):
        """Wait until the expression is true."""
        end = time.monotonic() + seconds
        while not self.value(f"Boolean({expression})"):
            assert time.monotonic() < end, (expression, self.value("document.body.innerText"))
            time.sleep(0.05)

    def look(self, width, height=900, dark=False):
        """Lets the window be so large, and the user prefer dark pages or light ones."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.ask("Emulation.setDeviceMetricsOverride", **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])

    def _next(self):
        message = bytearray()
        while (byte := self._answers.read(1)) != b"\0":
            assert byte, "the browser has ended"
            message += byte
        return message


@contextlib.contextmanager
def browsed(profile):
    """Gives a page of a browser of its own, which keeps what it needs in the folder `profile`."""
    from_test, to_browser = os.pipe()
    from_browser, to_test = os.pipe()

    def as_three_and_four():
        ours = os.dup(from_test), os.dup(to_test)
        os.dup2(ours[0], 3)
        os.dup2(ours[1], 4)

    command = [
        *(BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"),
        *(f"--user-data-dir={profile}", "about:blank"),
    ]
    with (
        os.fdopen(to_browser, "wb") as orders,
        os.fdopen(from_browser, "rb") as answers,
        subprocess.Popen(
            command,
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            close_fds=False,
            preexec_fn=as_three_and_four,  # noqa: PLW1509
        ) as browser,
    ):
        os.close(from_test)
        os.close(to_test)
        try:
            yield Page(orders, answers)
        finally:
            browser.kill()
