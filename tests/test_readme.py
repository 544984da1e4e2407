"""The generated parts of the README are what the recipes and the gallery say."""

import importlib.util
import json
from pathlib import Path

import pandas as pd

from trickbook.recipes import RECIPES
from trickbook.recipes.evidence import FILE

ROOT = Path(__file__).parents[1]


def gallery_script(name):
    path = ROOT / "reports" / "gallery" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


def test_the_readme_is_up_to_date():
    script = gallery_script("update_readme")
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert script.updated(text) == text, "run `make readme`"
    assert script.recipes_page() == script.RECIPES_PAGE.read_text(encoding="utf-8")
    for name in ("digits", "cifar10-lecture"):
        assert (ROOT / "reports" / "gallery" / name / "report.md").exists()


def test_the_evidence_in_the_package_is_what_the_gallery_says():
    held = json.loads(FILE.read_text(encoding="utf-8"))
    assert gallery_script("update_evidence").evidence() == held, "run `make readme`"
    assert list(held) == list(RECIPES)
    table = pd.read_csv(ROOT / "reports" / "gallery" / "digits" / "ladder.csv")
    for row in table.dropna(subset="delta").to_dict("records"):
        found = [one for one in RECIPES[row["recipe"]].evidence() if one.study == "digits"]
        assert found[0].difference == row["delta"]
        if row["delta_low"] <= 0 <= row["delta_high"]:
            assert found[0].verdict not in ("helps", "hurts")
