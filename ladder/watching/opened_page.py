"""Opening a page in the user's browser, where there is one."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser


def open_page(address: str) -> None:
    """Opens the address in a browser, if this machine has a screen or names one in `BROWSER`.

    A browser in the terminal would take the place of what is told there.
    """
    is_screenless = sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
    if is_screenless and not os.environ.get("BROWSER"):
        return
    # Some browsers are waited for until they are closed.
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
