"""Making room for new runs without losing the old ones."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from .study_files import STUDIES

# What a ladder's folder holds; anything else in it is the user's and stays.
OURS = (
    "runs",
    "searches",
    "ladder.json",
    "ladder.csv",
    "report.md",
    "report.html",
    "ladder.png",
    "curves.png",
    "curves",
    "confusion.png",
    "samples.png",
    "forest.png",
    "reliability.png",
    "confidently-wrong.png",
    "wrong-in-most.png",
    "residuals.png",
    "ablation-*.png",
    "levels-*.png",
    "grown.toml",
    "grow-*.png",
)
_ENDINGS = ("json", "csv", "md", "html", "png")


def move_aside(out: Path) -> None:
    """Moves a ladder's runs and report into a folder of their own inside `out`."""
    ours = [*OURS, *(f"{study}.{ending}" for study in STUDIES for ending in _ENDINGS)]
    held = sorted({path for name in ours for path in out.glob(name)})
    if not held:
        return
    aside = out / f"before-{datetime.now():%Y%m%d-%H%M%S-%f}"
    aside.mkdir()
    for path in held:
        path.rename(aside / path.name)
    (out / "runs").mkdir()
