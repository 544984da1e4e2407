"""The command ``trickbook``: its sub-commands, and how it ends when something is wrong."""

from __future__ import annotations

import io
import signal
import sys
import warnings
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import typer

from ...data import DataError
from ...recipes import RecipeError
from ...runs.errors import ReportError
from ...training.errors import LadderError
from .ablate_command import ablate
from .compare_command import compare
from .export_command import export
from .grow_command import grow_ladder
from .list_command import list_all
from .lr_find_command import lr_find
from .plot_command import plot
from .predict_command import predict
from .preview_command import preview
from .report_command import report
from .run_command import run
from .sample_size_command import sample_size
from .screen import say, say_error
from .show_command import show
from .signals_command import signals
from .sweep_command import sweep
from .tune_command import tune
from .watch_command import watch

USER_ERRORS = (DataError, RecipeError, LadderError, ReportError)
# Warnings that these libraries raise are not the user's concern, and are not shown.
_LIBRARIES = ("keras", "tensorflow", "numpy", "jax", "torch", "sklearn", "scipy", "pandas")

app = typer.Typer(
    name="trickbook",
    help="Which training tricks are worth it, here, and how sure are we?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
STUDIES = (run, ablate, sweep, tune, sample_size)
LOOKS = (preview, signals, lr_find)
for command in (*STUDIES, show, *LOOKS, report, compare, predict, export, plot, watch):
    app.command()(command)
app.command("list")(list_all)
app.command("grow")(grow_ladder)


def _tell_version(is_asked: bool) -> None:
    if is_asked:
        print("trickbook", metadata.version("trickbook"))
        raise typer.Exit


@app.callback()
def _before_any_command(
    _: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_tell_version, help="Print the version."),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Runs the command; a user's mistake ends in a sentence and exit status 2, no traceback."""
    _look_in_the_current_folder()
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A file's name need not be UTF-8: what cannot be encoded is shown as backslash escapes.
        sys.stdout.reconfigure(errors="backslashreplace")
    warnings.showwarning = _show_warning  # type: ignore[assignment]
    for name in ("SIGTERM", "SIGHUP"):
        # A signal that is ignored, as under nohup, stays ignored.
        if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) != signal.SIG_IGN:
            # Handled like a Ctrl-C, so that workers and scratch folders are cleared away.
            signal.signal(getattr(signal, name), signal.default_int_handler)
    try:
        app()
    except USER_ERRORS as error:
        say_error(str(error))
        sys.exit(2)
    except OSError as error:
        # Such as a full disk or a folder without permission: finished runs are still there.
        place = f": {error.filename}" if error.filename else ""
        say_error(f"{error.strerror or error}{place}. Runs that have ended are kept.")
        sys.exit(1)


def _look_in_the_current_folder() -> None:
    """Lets a user's own recipes be imported from the current folder.

    The folder comes last in the search path, so that a file there never hides an installed package
    or a module of Python of the same name.
    """
    here = str(Path.cwd())
    if sys.path[0] in ("", here):  # where `python -m trickbook` puts it
        del sys.path[0]
    if here not in sys.path:
        sys.path.append(here)


def _show_warning(
    message: Warning | str, category: type[Warning], filename: str, *place: Any
) -> None:
    """Prints a warning of ours, or of a user's own module, as one line."""
    if not any(f"/site-packages/{name}/" in Path(filename).as_posix() for name in _LIBRARIES):
        say(f"Warning: {message}", stderr=True)
