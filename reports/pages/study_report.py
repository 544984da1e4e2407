"""`write_study`: from a study in a folder of runs to its table, picture and pages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...runs.study_files import study_files
from ..read.run_set import read_run_set
from .facts import Table
from .grow_page import gather_grow
from .render import html_summary
from .report import Report, write_facts, write_report
from .study_facts import gather_study


@dataclass(frozen=True)
class StudyReport(Report):
    """What a study that is no ladder shows. In a notebook it displays itself."""

    study: str
    """The name of its files, without ending."""
    table: Table
    """The main table in words."""


def write_study(folder: str | Path, study: str) -> Report:
    """Report on one study of `folder`, under the study's own name: a CSV, two pages, pictures.

    A ladder's files are named as in `write_report`.

    Args:
        folder: Holds the study's file and runs/.
        study: The name of its file, without ending.

    Raises:
        ReportError: The file cannot be read.
        OSError: A file cannot be written.
    """
    if study == "ladder":
        return write_report(folder)
    folder = Path(folder)
    run_set = read_run_set(folder, study)
    gather = gather_grow if run_set.kind == "grow" else gather_study
    facts = gather(run_set, study)
    markdown = write_facts(facts, folder, table=study, page=study)
    return StudyReport(folder, facts.frame, markdown, html_summary(facts), study, facts.table)


def write_all(folder: str | Path) -> list[Report]:
    """Report on every study of `folder`, or on its runs if it holds no study.

    Raises:
        ReportError: There are no runs, or a file cannot be read.
        OSError: A file cannot be written.
    """
    studies = [file.stem for file in study_files(Path(folder))]
    return [write_study(folder, study) for study in studies] or [write_report(folder)]
