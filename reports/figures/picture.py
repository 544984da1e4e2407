"""From a figure to the bytes of a PNG, the same way for every figure."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...runs.atomic_files import write_bytes
from .fonts import use_fallback_fonts
from .style import house_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL.Image import Image

DPI = 130
_COLOURS = 256
_INVISIBLE = 12
"""Of 255: a colour that shifts by so much cannot be told from what it was."""
_SOFTWARE = "trickbook"


def png_bytes(figure: Figure) -> bytes:
    """The PNG of `figure`: the same bytes whenever the same figure is drawn."""
    return _as_png(drawn(figure))


def paletted_png(figure: Figure) -> bytes:
    """As `png_bytes`, with a palette of 256 colours where none of them shifts visibly.

    A drawing takes a third of the room, so that a page can hold many; photographs stay as they are.
    """
    from PIL.Image import Dither, Quantize

    with warnings.catch_warnings():
        # A report says itself, and once, which letters no font has.
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        image = drawn(figure)
    # Rare colours, such as those of a few points, are kept, unlike by a median cut.
    small = image.quantize(_COLOURS, Quantize.MAXCOVERAGE, dither=Dither.NONE)
    shift = np.abs(np.asarray(small.convert("RGB"), np.int16) - np.asarray(image, np.int16)).max()
    return _as_png(image) if shift > _INVISIBLE else _as_png(small, optimize=True)


def drawn(figure: Figure) -> Image:
    """The pixels of `figure`."""
    from PIL import Image

    buffer = io.BytesIO()
    use_fallback_fonts(figure)
    with house_style():
        figure.savefig(buffer, format="tiff", dpi=DPI)  # as it is, to be packed once
    return Image.open(buffer).convert("RGB")


def _as_png(image: Image, **settings: bool) -> bytes:
    from PIL.PngImagePlugin import PngInfo

    text, buffer = PngInfo(), io.BytesIO()
    text.add_text("Software", _SOFTWARE)
    image.save(buffer, "PNG", pnginfo=text, dpi=(DPI, DPI), **settings)
    return buffer.getvalue()


def svg_bytes(figure: Figure) -> bytes:
    """The SVG of `figure`: the same bytes whenever the same figure is drawn."""
    import matplotlib

    buffer = io.BytesIO()
    use_fallback_fonts(figure)
    with house_style(), matplotlib.rc_context({"svg.hashsalt": _SOFTWARE}):
        figure.savefig(buffer, format="svg", metadata={"Creator": _SOFTWARE, "Date": None})
    return buffer.getvalue()


def save_png(figure: Figure, path: str | Path) -> bytes:
    """Write `figure` to `path` at once as a PNG, and return its bytes."""
    data = png_bytes(figure)
    write_bytes(path, data)
    return data


def is_ours(path: str | Path) -> bool:
    """Whether the PNG at `path` came from this module."""
    with Path(path).open("rb") as file:
        return f"Software\0{_SOFTWARE}".encode() in file.read(400)
