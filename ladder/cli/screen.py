"""The console that all text for people goes through."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.segment import Segment

# The control characters of ASCII, but for tab and new line, as their pictures; those of Latin-1,
# which have none, as what stands for any character.
_SHOWN = {
    **{number: 0x2400 + number for number in range(0x20) if chr(number) not in "\t\n"},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
}


class _Screen(Console):
    """A console on which no name or reason does what a terminal's control characters do."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            # What moves the cursor in a live display is no text.
            yield segment if segment.control else _shown(segment)


def _shown(segment: Segment) -> Segment:
    return segment._replace(text=segment.text.translate(_SHOWN))


def screen(*, stderr: bool = False) -> Console:
    """Returns a console that prints text as it is, control characters by a sign for each.

    Names, paths and reasons are the user's: without `emoji=False` "a:b:c" would come out as a
    picture. In a pipe lines are not broken, so that paths stay whole.
    """
    console = _Screen(stderr=stderr, emoji=False, highlight=False)
    console.soft_wrap = not console.is_terminal
    return console


def say(text: str) -> None:
    """Prints a sentence as it is."""
    screen().print(text, markup=False)


def say_error(text: str) -> None:
    """Prints what went wrong to standard error."""
    screen(stderr=True).print(f"[red]Error:[/red] {escape(text)}")
