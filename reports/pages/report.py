"""`write_report`: from a folder of runs to its tables, pictures and pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ...runs.atomic_files import write_bytes, write_text
from ..figures.picture import is_ours
from ..figures.pictures import CHANGED, CONFUSION, CURVES, FOREST, SAMPLES
from ..read.run_set import read_run_set
from .comparison_facts import gather_comparison
from .facts import Facts
from .image_facts import CONFIDENT, RELIABILITY, WRONG
from .ladder_facts import gather_ladder
from .render import html_page, html_summary, markdown_page
from .residual_facts import RESIDUALS
from .tables import runs_frame_of, write_csv

if TYPE_CHECKING:
    import pandas as pd

# Pictures that some reports have and others do not.
_NOT_ALWAYS = (CONFUSION, FOREST, SAMPLES, CHANGED, RELIABILITY, CONFIDENT, WRONG, RESIDUALS)


@dataclass(frozen=True)
class Report:
    """What a folder's runs show. In a notebook it displays itself."""

    folder: Path
    frame: pd.DataFrame
    """A row per rung, as in ladder.csv; without a ladder a row per run's name."""
    markdown: str
    """The text of report.md."""
    summary: str = field(repr=False)
    """The headline, the table and the ladder's picture, as HTML."""

    def _repr_html_(self) -> str:
        return self.summary

    def _repr_markdown_(self) -> str:
        return self.markdown


def write_report(folder: str | Path) -> Report:
    """Report on the runs in `folder`: ladder.csv, report.md, report.html and their pictures.

    The same runs give the same bytes, whenever the report is written.

    Args:
        folder: Holds a ladder.json and runs/, or else folders with a run.json each.

    Raises:
        ReportError: There are no runs, or a file of theirs cannot be read.
        OSError: A file cannot be written.
    """
    folder = Path(folder)
    run_set = read_run_set(folder)
    facts = gather_ladder(run_set) if run_set.is_ladder else gather_comparison(run_set)
    markdown = write_facts(facts, folder, table="ladder", page="report")
    _remove_stale(folder, facts)
    return Report(folder, facts.frame, markdown, html_summary(facts))


def write_facts(facts: Facts, folder: Path, table: str, page: str) -> str:
    """Write the table, the pictures and both pages.

    Args:
        facts: What they say.
        folder: Where to.
        table: The name of the CSV, without ending.
        page: That of the pages.

    Returns:
        The Markdown page.
    """
    markdown = markdown_page(facts)
    write_csv(facts.frame, folder / f"{table}.csv")
    for picture in facts.drawn:
        write_bytes(folder / picture.path, picture.data)
    write_text(folder / f"{page}.md", markdown)
    write_text(folder / f"{page}.html", html_page(facts))
    return markdown


def runs_frame(folder: str | Path, study: str | None = None) -> pd.DataFrame:
    """A row per run in `folder`: rung, name, seed, status, reason and its final figures.

    Args:
        folder: Holds runs.
        study: The name of a study's file there, without ending; by default the ladder's.

    Raises:
        ReportError: There are no runs, or a file of theirs cannot be read.
    """
    return runs_frame_of(read_run_set(folder, study))


def _remove_stale(folder: Path, facts: Facts) -> None:
    """Remove pictures of an earlier report; those that a user put there stay."""
    current = {folder / picture.path for picture in facts.drawn}
    files = [folder / name for name in _NOT_ALWAYS if (folder / name).is_file()]
    for path in [*(folder / CURVES).glob("*.png"), *files]:
        if path not in current and is_ours(path):
            path.unlink()
