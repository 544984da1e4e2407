"""From the facts to the two pages, report.md and report.html."""

from __future__ import annotations

import base64
import re
import struct
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..figures.live_panels import bokeh_script
from ..figures.picture import DPI
from .facts import Facts

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).with_name("templates")


def markdown_page(facts: Facts) -> str:
    """report.md: its pictures are files beside it."""
    return page("page.md.j2", facts)


def html_page(facts: Facts) -> str:
    """report.html: one file that holds its pictures and needs no network."""
    return page("page.html.j2", facts)


def html_summary(facts: Facts) -> str:
    """What decides, and the picture that shows it, for a notebook's cell."""
    return page("notebook.html.j2", facts)


def page(template: str, facts: object) -> str:
    """The facts rendered by the template of that name, such as `page.md.j2`."""
    text = _environment().get_template(template).render(facts=facts)
    return f"{text.rstrip()}\n"


def escape_markdown(text: str) -> str:
    """`text` escaped so that Markdown shows it unchanged, also within a table's cell."""
    text = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
    # An underscore within a word, as in batch_norm, has no meaning and reads better unescaped.
    return re.sub(r"^>|[\\`*\[\]|~$]|\b_|_\b|(?<=\W)_|_(?=\W)", r"\\\g<0>", text)


def code_block(text: str) -> str:
    """`text` as a block of code in Markdown, whatever it holds."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def data_uri(png: bytes) -> str:
    """A PNG as a data URI."""
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


def unbroken(text: str) -> str:
    """`text` of a cell so that a line may break before its `± 0.1` or interval, but not inside.

    A long interval may still be broken, as a column might be too narrow for it.
    """
    interval = r"\[[^\]]{1,20}\]|\([^()]{1,10} to [^()]{1,10}\)"
    held = re.sub(interval, lambda part: part[0].replace(" ", "\u00a0"), text)
    return held.replace("± ", "±\u00a0")


def shown_size(png: bytes) -> tuple[int, int]:
    """Width and height at which a page shows a PNG of ours, in its pixels of 1/96 inch."""
    width, height = struct.unpack(">II", png[16:24])
    return round(width * 96 / DPI), round(height * 96 / DPI)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["bokeh_script"] = bokeh_script
    environment.filters.update(
        md=escape_markdown,
        code_block=code_block,
        data_uri=data_uri,
        shown_size=shown_size,
        unbroken=unbroken,
        address=quote,
        has_panels=lambda pictures: any(picture.panels for picture in pictures),
    )
    return environment
