"""Writes the generated parts of README.md, and recipes.md beside this, anew.

    python reports/gallery/update_readme.py

The README's are recipes, callbacks and the gallery's figures; each lies between
`<!-- begin NAME -->` and `<!-- end NAME -->`. recipes.md has each recipe's source, and its worth in
every ladder of the gallery.
"""

from __future__ import annotations

import ast
import math
import re
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from trickbook.recipes import RECIPES, Recipe
from trickbook.recipes.evidence import Evidence
from trickbook.reports.pages.verdict_words import told_verdict

GALLERY = Path(__file__).parent
README = GALLERY.parents[1] / "README.md"
RECIPES_PAGE = GALLERY / "recipes.md"


def main() -> None:
    """Rewrites both."""
    README.write_text(updated(README.read_text(encoding="utf-8")), encoding="utf-8")
    RECIPES_PAGE.write_text(recipes_page(), encoding="utf-8")


def updated(text: str) -> str:
    """Returns the README with its generated parts written anew."""
    text = _replaced(text, "recipes", recipe_table())
    text = _replaced(text, "callbacks", callback_examples())
    for name in ("digits", "cifar10-lecture"):
        text = _replaced(text, name, ladder_table(GALLERY / name / "ladder.csv"))
    text = _replaced(text, "deep", alone_table(GALLERY / "deep" / "levels.csv"))
    return _replaced(text, "ablation", ablation_table(GALLERY / "digits" / "ablation.csv"))


def recipe_table() -> str:
    """Returns a row per recipe: its level, name, what it does, and its worth alone on digits.

    Of one that does not stand alone there, its worth in the gallery's ladders.
    """
    rows = ["| level | recipe | what it does | alone on digits, in points |", "|---|---|---|---|"]
    for name, recipe in RECIPES.items():
        what = _in_a_cell(recipe.card()["What"])
        rows.append(
            f"| {recipe.level} | [`{name}`](recipes/{name}.py) | {what} | {_shown_worth(recipe)} |"
        )
    return "\n".join(rows)


def _shown_worth(recipe: type[Recipe]) -> str:
    alone = [_alone(one) for one in recipe.evidence() if _is_levels(one)]
    elsewhere = [_elsewhere(one) for one in recipe.evidence() if one.way == "in the ladder"]
    return "<br>".join(alone or elsewhere) or "in no study of the gallery"


def _alone(one: Evidence) -> str:
    # The settings by which this use differs from others, if there are any.
    settings = one.use.partition(",")[2]
    told = one.worth.replace(" points", "") + _but_undecided(one)
    return f"{settings}: {told}" if settings else told


def _elsewhere(one: Evidence) -> str:
    """In a ladder, against the rung below; of a second use there, by what it differs."""
    link = f"[{one.study}](reports/gallery/{one.study}/report.md)"
    use = f" ({one.use}, {_code(one.changed)})" if one.is_one_of_several else ""
    return f"elsewhere, {link}{use}: {one.worth}, {one.seeds_text}{_but_undecided(one)}"


def _but_undecided(one: Evidence) -> str:
    """The verdict, which most have not."""
    verdicts = {"undecided": "", "helps": ", **helps**", "hurts": ", **hurts**"}
    return verdicts.get(one.verdict, f", {one.verdict}")


def _code(text: str) -> str:
    """As code in a cell, so that no letter of it is taken for markup."""
    return f"`{_in_a_cell(text)}`"


def recipes_page() -> str:
    """Returns recipes.md: a row per recipe with its worth in the gallery and its source."""
    rows = [
        "# What each recipe was worth, and where it comes from\n",
        "`trickbook show RECIPE` prints the same, with the data of each study and the recipe's",
        "settings. *In the ladder* stands a rung less the one below, *alone* the baseline with the",
        "trick less the baseline, *left out* the full stack less the one without it: in validation",
        "accuracy, or in what decides there, turned so that above zero is always better, with a",
        "95 % interval. *No difference* is none larger than a point of accuracy. A use named as",
        "`wider#2` is the second in its ladder, with other settings. L0 to L4 are the lecture",
        "decks.\n",
        "| recipe | worth in the gallery | source |",
        "|---|---|---|",
    ]
    for name, recipe in RECIPES.items():
        source = _in_a_cell(recipe.card()["Source"])
        worth = "<br>".join(map(_worth, recipe.evidence())) or "in no study of the gallery"
        rows.append(f"| [`{name}`](../../recipes/{name}.py) | {worth} | {source} |")
    return "\n".join(rows) + "\n"


def _in_a_cell(text: str) -> str:
    """The text in one line, its bars as they stand in a table: of a norm, ||g||."""
    return " ".join(text.split()).replace("|", "\\|")


def _worth(one: Evidence) -> str:
    is_by_level = one.way == "alone" and (GALLERY / one.study / "levels.md").exists()
    page = "levels" if is_by_level else "report" if one.way == "in the ladder" else "ablation"
    told = replace(one, changed=_code(one.changed)) if one.changed else one
    return f"[{one.study}]({one.study}/{page}.md), {told.found}"


def _is_levels(one: Evidence) -> bool:
    """Whether it is of the study in which every trick stands alone."""
    return one.study == "levels"


def callback_examples() -> str:
    """Returns what each example of `callback_examples.py` does, its code and its picture."""
    source = (GALLERY / "callback_examples.py").read_text(encoding="utf-8")
    lines = source.splitlines()
    parts: list[str] = []
    for node in ast.parse(source).body:
        picture = GALLERY / "callbacks" / f"{getattr(node, 'name', '')}.png"
        if isinstance(node, ast.FunctionDef) and picture.exists():
            what = ast.get_docstring(node) or ""
            first, last = node.body[1].lineno, node.end_lineno or 0
            code = textwrap.dedent("\n".join(lines[first - 1 : _with_comments(lines, last)]))
            shown = f"![{node.name.replace('_', ' ')}]({picture.relative_to(README.parent)})"
            parts.append(f"{what}\n\n```python\n{code}\n```\n\n{shown}\n")
    return "\n".join(parts)


def _with_comments(lines: list[str], last: int) -> int:
    """The last line of a function that ends at `last`, the comments after it included."""
    while last < len(lines) and lines[last].startswith("    #"):
        last += 1
    return last


def ladder_table(path: Path) -> str:
    """Returns a row per rung of a ladder.csv, in per cent, and what the whole is worth."""
    table = pd.read_csv(path)
    heads = ["rung", "seeds", "train", "validation", "test", "validation against the rung below"]
    heads.append("verdict")
    rows = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for row in table.to_dict("records"):
        cells = [
            f"{row['rung']} {row['recipe']}",
            str(row["runs"]),
            *(f"{row[f'{split}_accuracy']:.1%}" for split in ("train", "val", "test")),
            _delta(row),
            _verdict(row, "verdict"),
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join([*rows, "", _stack(table)])


def _verdict(row: Any, column: str) -> str:
    # Tables of before there was a column of margins lack it.
    return told_verdict(_without_nothing(row[column]), "accuracy", row.get("margin", math.nan))


def _stack(table: pd.DataFrame) -> str:
    """What the top rung is worth against the lowest.

    A table that was written before it was judged tells the difference of the two means alone.
    """
    lowest, top = table.iloc[0], table.iloc[-1]
    if "stack_delta" in table:
        worth = _points(top["stack_delta"], top["stack_low"], top["stack_high"])
        verdict = _verdict(top, "stack_verdict")
    else:
        worth = _points(top["val_accuracy"] - lowest["val_accuracy"], math.nan, math.nan)
        verdict = "the difference of two means, not judged"
    return (
        f"The whole stack, rung {top['rung']} less rung {lowest['rung']}: {worth} points of "
        f"validation accuracy, {verdict}."
    )


def ablation_table(path: Path) -> str:
    """Returns a row per trick of an ablation.csv: its worth in points each way, with verdicts."""
    rows = [
        "| trick | in the ladder | alone | left out | which differ beyond chance |",
        f"|{'---|' * 5}",
    ]
    for row in pd.read_csv(path).to_dict("records"):
        ways = [_way(row, way) for way in ("in_the_ladder", "alone", "left_out")]
        # Which pairs; by how much, the report says.
        pairs = re.sub(r" \([^)]*\)", "", _without_nothing(row["disagree"]))
        cells = [row["trick"], *ways, pairs]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def alone_table(path: Path) -> str:
    """Returns a row per trick of a levels.csv: its worth alone in points, with its verdict."""
    rows = ["| trick | seeds | alone on the baseline | verdict |", f"|{'---|' * 4}"]
    for row in pd.read_csv(path).to_dict("records"):
        worth = _points(row["delta"], row["delta_low"], row["delta_high"])
        cells = [row["trick"], str(row["delta_seeds"]), worth, _verdict(row, "verdict")]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _way(row: dict[Any, Any], way: str) -> str:
    if pd.isna(row[way]):
        return ""
    shown = _points(row[way], row[f"{way}_low"], row[f"{way}_high"])
    return f"{shown} {row[f'{way}_verdict']}"


def _delta(row: dict[Any, Any]) -> str:
    """The difference that was judged."""
    if pd.isna(row["judged_delta"]):
        return ""
    return _points(row["judged_delta"], row["judged_low"], row["judged_high"])


def _points(value: float, low: float, high: float) -> str:
    """A difference of shares, and its interval where there is one, in points."""
    # So that none reads -0.0.
    value, low, high = (round(100 * share, 1) + 0.0 for share in (value, low, high))
    interval = f" ({low:+.1f} to {high:+.1f})" if pd.notna(low) else ""
    return f"{value:+.1f}{interval}"


def _without_nothing(cell: Any) -> str:
    return "" if pd.isna(cell) else str(cell)


def _replaced(text: str, name: str, content: str) -> str:
    pattern = rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)"
    replaced, count = re.subn(pattern, lambda m: f"{m[1]}{content}\n{m[2]}", text, flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"README.md must hold one generated part {name!r}, and holds {count}.")
    return replaced


if __name__ == "__main__":
    main()
