"""The generated parts of the README are what the recipes and the gallery say."""

import importlib.util
import json
import re
import shlex
from pathlib import Path

import pandas as pd
import pytest
import typer

from trickbook.ladder.cli.main import app
from trickbook.ladder.ladder_file import read_ladder
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


def test_a_recipes_worth_is_told_in_full_where_it_is_told():
    script = gallery_script("update_readme")
    page = script.recipes_page()
    for name, recipe in RECIPES.items():
        row = next(line for line in page.splitlines() if line.startswith(f"| [`{name}`]"))
        for one in recipe.evidence():
            assert one.worth in row and (one.use in row or not one.is_one_of_several)
            assert f"against {one.against}" in row
    table = script.recipe_table()
    assert not [line for line in table.splitlines() if line.endswith("|  |")]
    transfer = next(line for line in table.splitlines() if "[`transfer`]" in line)
    assert "transfer#2, `unfreeze: stage3_1_conv -> none" in transfer


@pytest.mark.parametrize(
    ("verdict", "margin"),
    [("no difference larger than 0.06", None), ("no difference", 0.06), (None, None)],
    ids=["of before there was a column of margins", "with that column", "not judged"],
)
def test_the_table_of_a_ladder_ends_with_what_the_whole_is_worth(tmp_path, verdict, margin):
    table = pd.read_csv(ROOT / "reports" / "gallery" / "digits" / "ladder.csv")
    # As tables were before the whole was judged.
    later = [name for name in table if name == "margin" or name.startswith("stack_")]
    table, top = table.drop(columns=later), table.index[-1]
    gained = table["val_accuracy"][top] - table["val_accuracy"][0]
    told = f"rung 8 less rung 0: {100 * gained:+.1f}"
    if margin is not None:
        table["margin"] = margin
    if verdict is not None:
        table.loc[top, ["stack_delta", "stack_low", "stack_high"]] = gained, -0.0012, 0.0512
        table.loc[top, "stack_verdict"] = verdict
        told += " (-0.1 to +5.1) points of validation accuracy, no difference larger than 6 points."
    table.to_csv(tmp_path / "ladder.csv", index=False)
    *_, last = gallery_script("update_readme").ladder_table(tmp_path / "ladder.csv").splitlines()
    assert told in last
    assert ("not judged" in last) == (verdict is None)


def told_commands(text):
    """The trickbook commands in the shell blocks of a page, in words."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    lines = [line for kind, block in blocks if kind in ("sh", "") for line in block.splitlines()]
    return [shlex.split(line, comments=True) for line in lines if line.startswith("trickbook ")]


def test_the_commands_that_the_readme_tells_can_be_given():
    group = typer.main.get_command(app)
    commands = told_commands((ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(commands) > 30
    for _, *words in commands:
        if words[0] == "COMMAND":
            continue
        context = group.make_context("trickbook", [words[0]], resilient_parsing=True)
        name, command, _ = group.resolve_command(context, words[:1])
        # Words that it does not know end in an error that names them.
        with command.make_context(name, words[1:], parent=context) as given:
            assert not {"data", "data_dir"} <= given.params.keys() or _can_be_read(given.params)


def _can_be_read(flags):
    """Whether data of that name, which a ladder's is without --data, take what --data-dir gives."""
    if flags["data_dir"] is None:
        return True
    return (flags["data"] or read_ladder(flags["ladder"] or "digits").data.name) != "digits"


def test_the_commands_of_the_gallery_train_as_many_seeds_as_its_reports_show():
    seen = 0
    for table in sorted((ROOT / "reports" / "gallery").glob("*/ladder.csv")):
        text = table.with_name("report.md").read_text(encoding="utf-8")
        for _, kind, *words in told_commands(text):
            assert kind == "run"
            spec = read_ladder(words[0])
            said = words.index("--seeds") + 1 if "--seeds" in words else None
            seeds = len(spec.seeds) if said is None else int(words[said])
            assert set(pd.read_csv(table)["runs"]) == {seeds}, table
            seen += 1
    assert seen > 4
