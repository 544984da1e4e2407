"""The generated parts of the README are what the recipes and the gallery say."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_readme_is_up_to_date():
    path = ROOT / "reports" / "gallery" / "update_readme.py"
    spec = importlib.util.spec_from_file_location("update_readme", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert script.updated(text) == text, "run `make readme`"
    for name in ("digits", "cifar10-lecture"):
        assert (ROOT / "reports" / "gallery" / name / "report.md").exists()
