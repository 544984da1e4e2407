"""Letters that our font lacks, such as Chinese, Japanese and Korean ones, drawn by another font."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from .style import FONT

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# It draws a box for any letter at all.
_NO_FONT = "Last Resort"
_REGULAR = 400


def use_fallback_fonts(figure: Figure) -> None:
    """Give each text with letters that our font lacks a font of this machine that has them."""
    from matplotlib.text import Text

    for artist in figure.findobj(Text):
        assert isinstance(artist, Text)
        lacking = _lacking(artist.get_text())
        if lacking:
            artist.set_fontfamily([FONT, *_fallbacks(lacking)[0]])


def missing_letters(texts: Iterable[str]) -> str:
    """The letters of `texts` that no font of this machine can draw, each once, in order."""
    lacking = _lacking("".join(texts))
    return "".join(sorted(_fallbacks(lacking)[1])) if lacking else ""


def _lacking(text: str) -> frozenset[str]:
    if text.isascii():
        return frozenset()
    return frozenset(letter for letter in text if letter.isprintable()) - _our_letters()


@cache
def _fallbacks(lacking: frozenset[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """The fonts that have most of the letters, one after the other; and the letters that none has.

    The same fonts for the same letters on one machine.
    """
    having = {name: _letters(path) & lacking for name, path in _families().items()}
    chosen: list[str] = []
    while lacking:
        best = max(sorted(having), key=lambda name: len(having[name] & lacking), default="")
        if not best or not having[best] & lacking:
            break
        chosen.append(best)
        lacking -= having[best]
    return tuple(chosen), lacking


@cache
def _families() -> dict[str, str]:
    """The path of each font of this machine by its family, also of those new to matplotlib."""
    from matplotlib import font_manager

    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    for path in sorted(set(font_manager.findSystemFonts()) - known):
        try:
            font_manager.fontManager.addfont(path)
        except (OSError, RuntimeError):
            continue  # FreeType reads no such font
    found: dict[str, str] = {}
    # Of a family the upright and regular one first.
    for entry in sorted(
        font_manager.fontManager.ttflist,
        key=lambda one: (one.style != "normal", one.weight != _REGULAR, one.fname),
    ):
        if not entry.name.startswith(_NO_FONT):
            found.setdefault(entry.name, entry.fname)
    return found


@cache
def _letters(path: str) -> frozenset[str]:
    """What a font can draw."""
    from matplotlib import font_manager

    return frozenset(map(chr, font_manager.get_font(path).get_charmap()))


@cache
def _our_letters() -> frozenset[str]:
    from matplotlib import font_manager

    return _letters(font_manager.findfont(FONT))
