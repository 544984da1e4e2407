"""What a report says of runs whose networks begin with one that was trained before."""

import json

from ladder_on_disk import write_ladder

from trickbook.reports.pages.study_report import write_study

TITLE = "## What was trained before"


def test_source_hash_and_phases_are_told(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.6], "transfer": [0.8]})
    (path,) = folder.glob("runs/01-*")
    told = {"source": "MobileNetV2", "weights": "imagenet", "sha256": "0123456789abcdef" * 4}
    phases = [
        {"name": "frozen", "epochs": 5, "features_once": True},
        {"name": "unfrozen", "epochs": 7, "features_once": False},
    ]
    for name, more in (("run", {"backbone": told}), ("metrics", {"phases": phases})):
        file = path / f"{name}.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | more))
    write_study(folder, "ladder")
    section = (folder / "report.md").read_text().split(TITLE)[1].split("\n## ")[0]
    row = next(line for line in section.splitlines() if "01-transfer" in line)
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells == [
        *("01-transfer", "MobileNetV2, imagenet", "0123456789ab"),
        *("5", "7", "once, then at each step"),
    ]
    assert "00-baseline" not in section


def test_where_nothing_was_nothing_is_said(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.8], "other": [0.82]})
    write_study(folder, "ladder")
    assert TITLE not in (folder / "report.md").read_text()
