"""The console that all text for people goes through."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape


def screen(*, stderr: bool = False) -> Console:
    """Returns a console that prints text as it is.

    Names, paths and reasons are the user's: without `emoji=False` "a:b:c" would come out as a
    picture. In a pipe lines are not broken, so that paths stay whole.
    """
    console = Console(stderr=stderr, emoji=False, highlight=False)
    console.soft_wrap = not console.is_terminal
    return console


def say(text: str) -> None:
    """Prints a sentence as it is."""
    screen().print(text, markup=False)


def say_error(text: str) -> None:
    """Prints what went wrong to standard error."""
    screen(stderr=True).print(f"[red]Error:[/red] {escape(text)}")
