"""Every kind of report is the same page: a ladder, runs without one, another study."""

import json
import re

import pytest
from growth_on_disk import race_of, write_growth
from ladder_on_disk import write_ladder, write_run

from trickbook.ladder.growing.growth import Growth, Outcome
from trickbook.reports.pages.study_report import write_all

pytestmark = pytest.mark.drawn

ARMS = {"baseline": [0.80, 0.81, 0.82], "noise": [0.84, 0.86, 0.85]}
ALWAYS = ["Learning curves", "How it was made", "How to read it"]


def write_flat(folder):
    """Two runs of LearningCurves, say."""
    for number, (name, values) in enumerate(ARMS.items()):
        write_run(folder / str(number), f"{number:02d}-{name}", 0, values[0])
    return "report"


def write_a_ladder(folder):
    """The same as a ladder."""
    write_ladder(folder, ARMS)
    return "report"


def write_sweep(folder):
    """The same as the two points of a sweep."""
    write_ladder(folder, ARMS)
    content = json.loads((folder / "ladder.json").read_text())
    axis = {"name": "rate", "log": False, "low": 0.0, "high": None, "own": {}}
    points = [{"arm": arm, "rung": "a", "values": {"rate": 0.1 * arm}} for arm in range(2)]
    content |= {"kind": "sweep", "details": {"axes": [axis], "draws": None, "points": points}}
    (folder / "ladder.json").unlink()
    (folder / "sweep-rate.json").write_text(json.dumps(content))
    return "sweep-rate"


def write_search(folder):
    """The same as a search's winner beside its rung."""
    write_ladder(folder, ARMS)
    content = json.loads((folder / "ladder.json").read_text())
    axis = {"name": "rate", "own": 0.1, "values": [], "low": 0.0, "high": 1.0}
    trial = {"number": 0, "values": {"rate": 0.5}, "state": "done", "reason": None}
    trial |= {"score": 0.9, "epochs": 3, "last": 0.9, "seconds": 1.0, "fingerprint": ""}
    details = {"rung": "01-noise", "sampler": "tpe", "own_score": 0.8, "best": 0, "trials": [trial]}
    details |= {"space": [axis | {"scale": "linear", "whole": False, "bounds": [0.0, None]}]}
    details |= {"searched_on": {"train": 30, "val": 10}}
    (folder / "ladder.json").unlink()
    (folder / "tune-a.json").write_text(json.dumps(content | {"kind": "tune", "details": details}))
    return "tune-a"


def write_growing(folder):
    """The same as a trick that was raced, and kept."""
    looks = (len(ARMS["noise"]),)
    race = race_of(["noise"], leader="noise", looks=looks, heat=0, outcome=Outcome("kept"))
    growth = Growth((race,), end="nothing")
    arms = {"0-baseline": ARMS["baseline"], "1-noise": ARMS["noise"]}
    write_growth(folder, growth, arms)
    return "grow"


KINDS = {
    write_flat: ["Every metric", "Run by run"],
    write_a_ladder: ["Every rung", "Rung by rung"],
    write_sweep: ["Every arm", "Arm by arm"],
    write_growing: ["Every arm", "Arm by arm"],
    write_search: ["Every arm", "Arm by arm", "What was searched", "Every trial"],
}


@pytest.fixture(scope="module", params=KINDS, ids=lambda write: write.__name__)
def pages(request, tmp_path_factory):
    """The folder of one kind of report, its two pages, and the sections of its kind."""
    folder = tmp_path_factory.mktemp(request.param.__name__)
    name = request.param(folder)
    write_all(folder)
    texts = ((folder / f"{name}.{kind}").read_text(encoding="utf-8") for kind in ("md", "html"))
    return folder, *texts, KINDS[request.param]


def test_both_pages_have_the_same_sections_in_the_same_order(pages):
    _, markdown, html, own = pages
    sections = re.findall(r"^## (.*)$", markdown, re.MULTILINE)
    assert re.findall("<summary><h2>(.*?)</h2>", html) == [
        *(["In words"] if "In words" in html else []),
        *sections,
    ]
    assert set(sections) >= {*ALWAYS, *own}


def test_each_arm_is_read_and_each_picture_is_there(pages):
    folder, markdown, html, own = pages
    by_arm = markdown.split(f"## {own[1]}")[1].split("\n## ")[0]
    assert re.findall(r"^### (?:0(?=\d))?(\S+)", by_arm, re.MULTILINE) == ["0-baseline", "1-noise"]
    assert by_arm.count("train 0.9") == 2
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", markdown)
    assert pictures and all((folder / picture).is_file() for picture in pictures)
    assert html.count("<img") == len(pictures)


def test_curves_zoom_whatever_the_study(pages):
    _, _, html, _ = pages
    curves = html.split("<h2>Learning curves</h2>")[1].split("</details>")[0]
    panels = json.loads(re.search('<script type="application/json">(.*?)</script>', curves)[1])
    assert panels["doc"]["roots"]
    # Scripts hide the picture, and its words with it.
    alt = re.search('<img [^>]*alt="(.*?)"', curves)[1]
    assert f'<div class="panels" role="group" aria-label="{alt}" hidden>' in curves
    assert html.count('id="bokeh"') == 1
