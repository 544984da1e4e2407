"""The console that all text for people goes through."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

# How control characters are shown: those of ASCII, except tab and newline, as their Unicode
# pictures; those of Latin-1, which have no pictures, as the replacement character.
_SHOWN = {
    **{number: 0x2400 + number for number in range(0x20) if chr(number) not in "\t\n"},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
}


class _Screen(Console):
    """A console on which control characters in names and reasons are shown, not obeyed."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            # Segments that move the cursor in a live display are Rich's own, not text.
            yield segment if segment.control else _shown(segment)


def _shown(segment: Segment) -> Segment:
    return segment._replace(text=segment.text.translate(_SHOWN))


def screen(*, stderr: bool = False, quiet: bool = False) -> Console:
    """Returns a console that prints text as it is, with a sign for each control character.

    Names, paths and reasons are the user's: as markup of Rich, "a:b:c" would show an emoji, and
    "[red]" nothing at all. In a pipe, lines are not wrapped, so that paths stay whole.
    """
    console = _Screen(stderr=stderr, quiet=quiet, markup=False, emoji=False, highlight=False)
    console.soft_wrap = not console.is_terminal
    return console


def say(text: str, *, stderr: bool = False) -> None:
    """Prints a sentence as it is."""
    screen(stderr=stderr).print(text)


def say_error(text: str) -> None:
    """Prints what went wrong to standard error."""
    screen(stderr=True).print(Text.assemble(("Error:", "red"), f" {text}"))
