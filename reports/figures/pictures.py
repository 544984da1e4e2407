"""All the pictures of a report, as the bytes of PNGs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ...runs.array_file import load_arrays
from ...runs.run_folder import Run
from ..analysis.best_rung import best_rung
from ..analysis.effects import SHARES, margin_of
from ..read.run_set import Rung, RunSet
from ..wording import count_text, metric_text
from .confusion_figure import confusion_figure
from .curves import plot_runs
from .forest_figure import ForestRow, forest_figure, forest_note
from .image_sheet import image_sheet
from .ladder_figure import ladder_figure
from .live_curves import overlay_panels, run_panels
from .live_panels import panels_json
from .overlay_figure import MOST_NAMED, overlay_caption, overlay_figure, overlay_metrics
from .picture import paletted_png, png_bytes

FOREST = "forest.png"
LADDER = "ladder.png"
OVERLAY = "curves.png"
CONFUSION = "confusion.png"
SAMPLES = "samples.png"
CHANGED = "changed-images.png"
CURVES = "curves"

# Of a file's name, in bytes: a file system takes 255, and a number and an ending come after.
_LONGEST_STEM = 120
# Images of a rung beside those of the others.
_IMAGES_EACH = 8


@dataclass(frozen=True)
class Picture:
    """A PNG of the report."""

    path: str
    """Below the report's folder, with forward slashes."""
    alt: str
    """What it shows, for those who cannot see it."""
    data: bytes = field(repr=False)
    panels: str = field(default="", repr=False)
    """The same as JSON, from which BokehJS draws panels that zoom; empty where there are none."""
    note: str = ""
    """What to say below it: how to read it, or that a run of it diverged."""


@dataclass(frozen=True)
class Confusion:
    """Which class was taken for which, on the test set, over all seeds of one rung."""

    rung: str
    runs: int
    """Over how many runs it is summed, each on its test set."""
    classes: list[str]
    counts: np.ndarray
    """Of shape (classes, classes): rows true, columns predicted."""

    @property
    def of_what(self) -> str:
        """`2 runs of 08-wider`."""
        return f"{count_text(self.runs, 'run')} of {self.rung}"

    def worst(self) -> list[str]:
        """The three pairs that are confused most, in words."""
        wrong = self.counts - np.diag(np.diag(self.counts))
        order = np.argsort(-wrong, axis=None, kind="stable")[:3]
        pairs = [np.unravel_index(place, wrong.shape) for place in order]
        return [
            f"{self.classes[true]} taken for {self.classes[taken]} ({int(wrong[true, taken]):,} of "
            f"{int(self.counts[true].sum()):,})"
            for true, taken in pairs
            if wrong[true, taken] > 0
        ]


def draw_forest(run_set: RunSet, rows: Sequence[ForestRow], path: str, what: str) -> Picture:
    """The picture of what tricks are worth.

    Args:
        run_set: The study.
        rows: A difference in its deciding validation metric each.
        path: The picture's file.
        what: What it shows, as `each step is worth against the rung below`.
    """
    deciding, margin = run_set.deciding, margin_of(run_set)
    metric = f"validation {metric_text(deciding.metric)}"
    figure = forest_figure(rows, is_share=deciding.metric in SHARES, metric=metric, margin=margin)
    alt = f"What {what}, in {metric}"
    return Picture(path, alt, paletted_png(figure), note=forest_note(margin))


def draw_ladder(run_set: RunSet) -> Picture:
    """The picture of the deciding figures per rung."""
    metric = run_set.deciding.metric
    data = paletted_png(ladder_figure(run_set.rungs, metric))
    what, on = metric_text(metric), "images" if run_set.is_of_images else "examples"
    splits = "training, validation and test" if run_set.is_tested else "training and validation"
    return Picture(LADDER, f"{what[0].upper()}{what[1:]} of each rung on {splits} {on}", data)


def draw_overlay(run_set: RunSet, path: str = OVERLAY) -> Picture:
    """The picture of all arms' validation curves, for a file of that name."""
    deciding = run_set.deciding
    arm = run_set.arm_word
    done = [rung for rung in run_set.rungs if rung.done]
    named = _standing_out(run_set, done)
    data = paletted_png(overlay_figure(run_set.rungs, deciding, named))
    other = metric_text(overlay_metrics(done, deciding)[1].removeprefix("val_"))
    what = f"Validation {metric_text(deciding.metric)} and {other} of each {arm} by epoch"
    panels = panels_json(overlay_panels(run_set.rungs, deciding, named))
    others = f"The first {arm} and the best stand out; the others are grey." if named else ""
    notes = (overlay_caption(done), others, first_validation_text(run_set))
    return Picture(path, what, data, panels, " ".join(filter(None, notes)))


def _standing_out(run_set: RunSet, done: Sequence[Rung]) -> list[str] | None:
    """Of too many arms those that stand out: the first, and the best; None where all do."""
    if len(done) <= MOST_NAMED:
        return None
    best = best_rung(run_set)
    return [done[0].name, *([best.name] if best else [])]


def first_validation_text(run_set: RunSet) -> str:
    """That curves are of some validation examples alone, where they are; else empty."""
    first, every = run_set.first_validation, run_set.validation_images
    if first is None or every is None:
        return ""
    return (
        f"Validation in the curves is measured on the first {first:,} {run_set.example}s, the "
        f"final figures in the tables on all {every:,}."
    )


def draw_rung_curves(run_set: RunSet, prefix: str = f"{CURVES}/") -> dict[str, Picture]:
    """The learning curves of each rung that has a history, by the rung's name.

    Args:
        run_set: The study.
        prefix: What the names of its files begin with. A ladder's report clears the folder of its
            own, so that another study's are elsewhere.
    """
    files = curve_files([rung.name for rung in run_set.rungs])
    pictures = {}
    for rung in run_set.rungs:
        # A rung of which every run failed still shows how far they came.
        histories = [run.history for run in rung.done or rung.failed if len(run.history)]
        if histories:
            note = trouble_text(rung)
            title = f"{rung.name}: {note}" if note else rung.name
            data = paletted_png(plot_runs(histories, title, run_set.deciding))
            path = f"{prefix}{files[rung.name]}"
            panels = panels_json(run_panels(histories, run_set.deciding))
            alt = f"Learning curves of {title}"
            pictures[rung.name] = Picture(path, alt, data, panels, note)
    return pictures


def trouble_text(rung: Rung) -> str:
    """`1 of 3 runs failed: diverged: the loss was nan ...`; empty where none failed."""
    if not rung.failed:
        return ""
    which = f"{len(rung.failed)} of {len(rung.runs)} runs" if rung.done else "every run"
    # What comes after the first clause is advice.
    reasons = [(run.reason or "").split(";")[0].strip().rstrip(".") for run in rung.failed]
    listed = "; ".join(dict.fromkeys(reason for reason in reasons if reason))
    return f"{which} failed{f': {listed}' if listed else ''}"


def draw_confusion(confusion: Confusion) -> Picture:
    """The picture of a confusion matrix."""
    title = f"{confusion.of_what}, test set"
    data = paletted_png(confusion_figure(confusion.counts, confusion.classes, title))
    return Picture(CONFUSION, f"Confusion matrix of {confusion.of_what} on the test set", data)


def best_confusion(run_set: RunSet) -> Confusion | None:
    """The confusion matrix of the best rung, summed over its seeds; None if none was recorded."""
    best = best_rung(run_set)
    if best is None:
        return None
    recorded = [run.metrics for run in best.done if run.metrics.get("confusion")]
    if not recorded:
        return None
    counts = np.sum([metrics["confusion"] for metrics in recorded], axis=0, dtype=float)
    classes: Sequence[object] = recorded[0].get("classes") or run_set.classes
    if len(classes) != len(counts):
        classes = range(len(counts))
    return Confusion(best.name, len(recorded), [str(name) for name in classes], counts)


def draw_samples(run_set: RunSet) -> Picture | None:
    """Some training images as the best rung's network sees them; None if no run kept any.

    Raises:
        ReportError: A file of them is damaged.
    """
    best = best_rung(run_set)
    kept = _kept_images(best) if best else None
    if best is None or kept is None:
        return None
    run, images, labels = kept
    classes = run.metrics.get("classes") or run_set.classes
    titles = [str(classes[label]) for label in labels] if classes else None
    data = png_bytes(image_sheet(images, titles))
    return Picture(SAMPLES, f"Training images as {best.name} sees them", data)


def draw_changed_images(run_set: RunSet) -> Picture | None:
    """The same training images as each rung sees them that changes them; None if none does.

    Raises:
        ReportError: A file of them is damaged.
    """
    rows: list[tuple[str, np.ndarray]] = []
    for rung in run_set.rungs:
        kept = _kept_images(rung)
        if kept is None or len(kept[1]) < _IMAGES_EACH:
            continue
        every = len(kept[1]) // _IMAGES_EACH
        images = kept[1][::every][:_IMAGES_EACH]
        if not rows or not np.array_equal(images, rows[-1][1]):
            rows.append((rung.name, images))
    if len(rows) < 2 or len({images.shape for _, images in rows}) > 1:
        return None
    titles = [text for name, _ in rows for text in (name, *[""] * (_IMAGES_EACH - 1))]
    data = png_bytes(image_sheet(np.concatenate([images for _, images in rows]), titles))
    names = ", ".join(name for name, _ in rows[1:])
    return Picture(CHANGED, f"The same images as {rows[0][0]} sees them, and {names}", data)


def _kept_images(rung: Rung) -> tuple[Run, np.ndarray, np.ndarray] | None:
    """The first run of a rung that kept training images, these and their labels."""
    for run in rung.done:
        kept = load_arrays(run.folder / "samples.npz", "Delete it, and its picture is left out.")
        if kept is not None:
            return run, kept["images"], kept["labels"]
    return None


def curve_files(names: Sequence[str]) -> dict[str, str]:
    """A file name for the curves of each rung: its name, less what a file name cannot hold."""
    files: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        stem = re.sub(r"[^\w+=,.\- ]", "_", name).strip(" .")
        stem = stem.encode()[:_LONGEST_STEM].decode(errors="ignore") or "unnamed"
        number = 2
        unique = stem
        while unique.casefold() in taken:
            unique, number = f"{stem}-{number}", number + 1
        taken.add(unique.casefold())
        files[name] = f"{unique}.png"
    return files
