"""Copies what a reader wants of a ladder's folder into the gallery.

    python reports/gallery/collect.py LADDER_FOLDER NAME

Takes tables, Markdown pages and pictures of its studies; the runs themselves stay where they are.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

GALLERY = Path(__file__).parent
PATTERNS = ("*.csv", "*.md", "*.png", "curves/*.png")


def main(folder: Path, name: str) -> None:
    """Replaces the gallery's folder of that name."""
    target = GALLERY / name
    shutil.rmtree(target, ignore_errors=True)
    for pattern in PATTERNS:
        for path in sorted(folder.glob(pattern)):
            copy = target / path.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
