"""Opening a page in the user's browser, if there is one."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser


def open_page(address: str) -> None:
    """Opens the address in a browser, if this machine has a screen or `BROWSER` names one.

    Otherwise a browser might open in the terminal and hide what is printed there.
    """
    is_screenless = sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
    if is_screenless and not os.environ.get("BROWSER"):
        return
    # In a thread, because for some browsers `open` returns only when they are closed.
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
