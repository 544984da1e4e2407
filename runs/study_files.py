"""The files in a folder of runs that say what its studies are: one per study, beside its report."""

from __future__ import annotations

from pathlib import Path

# Names of studies' files without their ending, as patterns; a ladder's report has its own names.
STUDIES = ("ladder", "grow", "ablation", "levels", "sweep-*", "sample-size-*", "refit-*", "tune-*")


def study_files(folder: Path) -> list[Path]:
    """Returns the files of the studies in a folder, the ladder's first."""
    return [file for study in STUDIES for file in sorted(folder.glob(f"{study}.json"))]
