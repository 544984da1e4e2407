"""The command ``trickbook``."""

from __future__ import annotations

import math
import os
import shlex
import signal
import sys
import warnings
from dataclasses import fields, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from ...data import DataError
from ...recipes import RECIPES, NoEffectWarning, RecipeError, find_recipe, nearest
from ...runs.errors import DamagedRunWarning, ReportError
from ...training.errors import LadderError
from ...training.keras_settings import settle_backend
from ...training.output import printed_to
from ..climb import climb, estimate
from ..ladder import Ladder, default_ladder
from ..ladder_file import BUILT_IN, LadderSpec, ladder_text, read_ladder, seed_list
from .display import duration
from .lr_find_command import lr_find
from .options import DataDir, DataName, LadderName, LimitTrain, Width, data_spec, scaled
from .plot_command import plot
from .screen import screen

USER_ERRORS = (DataError, RecipeError, LadderError, ReportError)

app = typer.Typer(
    name="trickbook",
    help="Which training tricks are worth it, here, and how sure are we?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


@app.command()
def run(
    ladder: LadderName = None,
    data: DataName = None,
    data_dir: DataDir = None,
    image_size: Annotated[
        str | None,
        typer.Option(metavar="H,W", help="Resize the images of a folder.", rich_help_panel="Data"),
    ] = None,
    color: Annotated[str | None, typer.Option(help="rgb or grey.", rich_help_panel="Data")] = None,
    limit_train: LimitTrain = None,
    val_fraction: Annotated[
        float | None,
        typer.Option(
            help="Share of the images kept for validation, where there is no validation set.",
            rich_help_panel="Data",
        ),
    ] = None,
    split_seed: Annotated[
        int | None, typer.Option(help="Seed of the split.", rich_help_panel="Data")
    ] = None,
    scaling: Annotated[
        str | None,
        typer.Option(help="unit, symmetric or standardize.", rich_help_panel="Data"),
    ] = None,
    seeds: Annotated[
        str | None,
        typer.Option(
            help="3 stands for seeds 0, 1 and 2; 7,9 for those two.", rich_help_panel="Budget"
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="Passes over the training images.", rich_help_panel="Budget"
        ),
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Images per step.", rich_help_panel="Budget"),
    ] = None,
    width: Width = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Folder for runs and report.", show_default="trickbook-LADDER"
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Worker processes.", show_default="one per core"),
    ] = None,
    backend: Annotated[
        str | None,
        typer.Option(help="tensorflow, jax or torch.", show_default="Keras's own setting"),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(
            help="float32, mixed_bfloat16 or mixed_float16.", show_default="Keras's own setting"
        ),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Move old runs aside and start anew.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how many runs there are and how long they take.")
    ] = False,
    no_models: Annotated[
        bool, typer.Option("--no-models", help="Do not keep each run's model.keras.")
    ] = False,
) -> None:
    """Climb a ladder: train every rung with every seed, and report what each step was worth.

    Without LADDER it is the data's default one: digits for digits and mnist, diabetes for diabetes,
    else lecture.

    What is in the folder already is not trained again: a stopped command goes on.
    """
    settle_backend(backend)
    ladder = ladder or default_ladder(data or "digits")
    spec = read_ladder(ladder)
    spec = replace(
        spec,
        data=data_spec(
            spec.data,
            data,
            data_dir=data_dir,
            image_size=None if image_size is None else _image_size(image_size),
            color=color,
            limit_train=limit_train,
            val_fraction=val_fraction,
            split_seed=split_seed,
            scaling=scaling,
        ),
        baseline=scaled(spec.baseline, width).with_budget(epochs, batch_size),
        seeds=spec.seeds if seeds is None else _seeds(seeds),
    )
    out = out or Path(f"trickbook-{spec.name}")
    climber = Ladder.from_spec(spec)
    if dry_run:
        _print_estimate(climber, out, jobs, backend, precision)
        return
    command = shlex.join(["trickbook", *sys.argv[1:]])
    try:
        result = climb(
            climber,
            out,
            jobs=jobs,
            models=not no_models,
            fresh=fresh,
            command=command,
            backend=backend,
            precision=precision,
        )
    except KeyboardInterrupt:
        _say(
            f"Stopped. Finished runs are kept in {out}: the same command trains what is missing, "
            f"and `trickbook report {shlex.quote(str(out))}` reports on what is there."
        )
        raise typer.Exit(130) from None
    _print_table(result.written.frame)
    _say(f"Report: {out / 'report.html'}  (also report.md, ladder.csv, ladder.png, curves.png)")
    if not result.ok:
        _print_failures(result)
        raise typer.Exit(1)


@app.command("list")
def list_() -> None:
    """List the recipes and the built-in ladders."""
    table = Table("recipe", "what it does", box=None, padding=(0, 2), title_justify="left")
    for name, recipe in RECIPES.items():
        table.add_row(name, recipe.card()["What"])
    ladders = Table("ladder", "data", "rungs", box=None, padding=(0, 2))
    for name in BUILT_IN:
        spec = read_ladder(name)
        ladders.add_row(name, spec.data.name, str(len(spec.steps) + 1))
    console = screen()
    console.print(table)
    console.print()
    console.print(ladders)
    _say("\nMore on one of them: trickbook show NAME")


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A recipe, a ladder or a ladder file.")],
    toml: Annotated[
        bool, typer.Option("--toml", help="Print a ladder as TOML, to start one of your own from.")
    ] = False,
) -> None:
    """Show a recipe's card, or what the rungs of a ladder change."""
    if name in BUILT_IN or name.endswith(".toml"):
        if toml:
            print(ladder_text(name), end="")
        else:
            _show_ladder(read_ladder(name))
    elif name in RECIPES or ":" in name:
        if toml:
            raise LadderError(f"{name} is a recipe; --toml prints ladders.")
        _show_recipe(name)
    else:
        known = [*RECIPES, *BUILT_IN]
        raise LadderError(
            f"There is no recipe or ladder {name!r}.{nearest(name, known)} "
            f"Known: {', '.join(known)}."
        )


@app.command()
def report(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A ladder's folder, or one of runs.")
    ],
) -> None:
    """Write the report of a folder anew from the runs that are in it."""
    from ...reports.pages.report import write_report

    written = write_report(folder)
    show = _print_comparison if "comparison" in written.frame else _print_table
    show(written.frame)
    _say(f"Report: {folder / 'report.html'}")


@app.command()
def predict(
    run: Annotated[
        Path, typer.Argument(help="A run's folder, with model.keras and run.json in it.")
    ],
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE...", help="Image files.")],
) -> None:
    """Tell the classes of images and their probabilities, by a trained run."""
    from ..predict import predict_files

    found = predict_files(run, images)
    for path, chances in found.chances.items():
        shown = "  ".join(f"{name} {chance:.3f}" for name, chance in chances[:5])
        _say(f"{path}: {shown}")
    for reason in found.unreadable.values():
        _say_error(reason)
    if found.unreadable:
        raise typer.Exit(1)


app.command()(plot)
app.command()(lr_find)


def main() -> None:
    """Runs the command; a user's mistake is a sentence and exit status 2, never a traceback."""
    # A recipe of the user's own may lie in the current folder.
    sys.path.insert(0, str(Path.cwd()))
    warnings.showwarning = _show_warning  # type: ignore[assignment]
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            # As a Ctrl-C: workers and scratch are cleared away.
            signal.signal(getattr(signal, name), signal.default_int_handler)
    try:
        app()
    except USER_ERRORS as error:
        _say_error(str(error))
        sys.exit(2)
    except OSError as error:
        # A full disk, a folder without permission: what was trained is there.
        place = f": {error.filename}" if error.filename else ""
        _say_error(f"{error.strerror or error}{place}. Runs that have ended are kept.")
        sys.exit(1)


def _show_warning(message: Warning, category: type[Warning], *place: Any) -> None:
    if issubclass(category, (NoEffectWarning, DamagedRunWarning)):
        screen(stderr=True).print(f"Warning: {message}", markup=False)


def _say(text: str) -> None:
    screen().print(text, markup=False)


def _say_error(text: str) -> None:
    screen(stderr=True).print(f"[red]Error:[/red] {escape(text)}")


def _image_size(text: str) -> tuple[int, int]:
    try:
        height, width = (int(side) for side in text.split(","))
    except ValueError:
        raise DataError(
            f"--image-size takes height and width in pixels, as 32,32. Received: {text!r}"
        ) from None
    return height, width


def _seeds(text: str) -> tuple[int, ...]:
    try:
        numbers = [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise LadderError(
            f"--seeds takes how many, as 3, or a list, as 7,9. Received: {text!r}"
        ) from None
    return seed_list(numbers if "," in text or not numbers else numbers[0])


def _print_estimate(
    ladder: Ladder, out: Path, jobs: int | None, backend: str | None, precision: str | None
) -> None:
    expected = estimate(ladder, out, jobs=jobs, backend=backend, precision=precision)
    if expected.new == 0:
        _say(f"{expected.runs} runs, all in {out} already: nothing to train.")
        return
    plural = "" if expected.jobs == 1 else "es"
    _say(
        f"{expected.runs} runs, {expected.new} of them new; about {duration(expected.seconds)} "
        f"with {expected.jobs} process{plural}."
    )


def _print_table(frame: Any) -> None:
    """Prints the ladder's table in 80 columns."""
    metric = next(name.removeprefix("best_val_") for name in frame if name.startswith("best_val_"))
    table = Table(box=None, padding=(0, 1))
    for column in ("rung", "recipe", "runs", "train", "val", "test", "val against below, 95 %"):
        # A long recipe gives way, not a figure.
        table.add_column(column, no_wrap=column != "recipe", overflow="fold")
    for row in frame.to_dict("records"):
        table.add_row(
            str(row["rung"]),
            escape(str(row["recipe"])),
            _count(row),
            *(_figure(row[f"{split}_{metric}"]) for split in ("train", "val", "test")),
            _delta(row),
        )
    screen().print(table)


def _print_comparison(frame: Any) -> None:
    """Prints the table of runs without a ladder: accuracy and loss, as far as they are known."""
    known = ("val_accuracy", "train_accuracy", "val_loss", "train_loss")
    figures = [name for name in known if name in frame]
    table = Table("run", "runs", *(name.replace("_", " ") for name in figures), box=None)
    for row in frame.to_dict("records"):
        shown = (_figure(row[name]) for name in figures)
        table.add_row(escape(str(row["recipe"])), _count(row), *shown)
    screen().print(table)


def _count(row: dict[str, Any]) -> str:
    return str(row["runs"]) + (f"+{row['failed']} failed" if row["failed"] else "")


def _figure(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.3f}"


def _delta(row: dict[str, Any]) -> str:
    if math.isnan(row["delta"]):
        return ""
    shown = f"{row['delta']:+.3f}"
    if not math.isnan(row["delta_low"]):
        shown += f" ({row['delta_low']:+.3f}..{row['delta_high']:+.3f})"
    return shown


def _print_failures(result: Any) -> None:
    for row in result.frame[result.frame["status"] == "failed"].to_dict("records"):
        _say(f"Failed: {row['name']} seed {row['seed']}: {row['reason']}")
    for name, reason in result.lost.items():
        _say(f"Lost: {name}: {reason} The same command trains it again.")


def _show_ladder(spec: LadderSpec) -> None:
    baseline = spec.baseline
    _say(
        f"{spec.name}: {spec.data.name}, {baseline.epochs} epochs of batches of "
        f"{baseline.batch_size}, seeds {', '.join(map(str, spec.seeds))}"
    )
    table = Table("rung", "what it changes", "reported", box=None, padding=(0, 2))
    for rung in Ladder.from_spec(spec).rungs:
        start = f"filters {baseline.filters}, dense {baseline.dense}"
        reported = "" if rung.reported is None else f"{rung.reported:.1%}"
        table.add_row(rung.name, escape(rung.changed or start), reported)
    screen().print(table)


def _show_recipe(name: str) -> None:
    # A user's own recipe may import Keras, whose backend greets at length.
    with printed_to(os.devnull):
        recipe = find_recipe(name)
    _say(name)
    for section, text in recipe.card().items():
        if text:
            _say(f"\n{section}: {text}" if "\n" not in text else f"\n{section}:\n{text}")
    defaults = ", ".join(f"{field.name} = {field.default!r}" for field in fields(recipe))
    _say(f"\nDefaults: {defaults or 'no settings'}")
