"""The watcher's page in a browser: it follows a folder that grows, and fits every width."""

import json
import shutil

import pytest
from ladder_on_disk import write_ladder
from piped_browser import BROWSER, MISSING, browsed

pytest.importorskip("starlette", reason="the extra `watch` is not installed")
pytest.importorskip("uvicorn", reason="the extra `watch` is not installed")

from trickbook.ladder.watching.web_server import served
from trickbook.reports.pages.report import write_report
from trickbook.runs.lock import locked

pytestmark = [pytest.mark.drawn, pytest.mark.skipif(BROWSER is None, reason=MISSING)]

# Whatever is wider than the window, or than what holds it.
OVERFLOWS = """[...document.querySelectorAll("body *")].filter((one) => {
  const {left, right, width} = one.getBoundingClientRect();
  return width && !one.closest("svg") && (left < -1 || right > innerWidth + 1
    || one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline");
}).map((one) => `${one.tagName} ${one.className}`)"""
TABLE = """[...document.querySelectorAll("#arms tr")].map((row) =>
  [...row.cells].map((cell) => cell.innerText.replaceAll(/\\s+/g, " ").trim()))"""
LINES = """[...document.querySelectorAll(".plot")].map((plot) =>
  [".mean", ".seed"].map((kind) => plot.querySelectorAll(`path${kind}`).length))"""

# What is told where a pointer stands at the end of a line, and whether it is told beside it.
TIP = """(() => {
  const svg = document.querySelector(".plot svg"), frame = svg.getBoundingClientRect();
  const line = svg.querySelector("path.seed").getBoundingClientRect();
  const at = {clientX: line.right, clientY: line.top};
  svg.dispatchEvent(new PointerEvent("pointermove", at));
  const tip = document.querySelector(".tip"), {top, bottom} = tip.getBoundingClientRect();
  return [tip.textContent, top >= frame.top - 1 && bottom < frame.bottom];
})()"""


def grow(folder, rungs):
    """Lets the folder be the ladder of these rungs, each file at once as a training writes it."""
    made = write_ladder(folder.parent / "next", rungs)
    for file in made.glob("runs/*/run.json"):
        file.write_text(json.dumps(json.loads(file.read_text()) | {"blueprint": {"epochs": 24}}))
    for file in sorted(file for file in made.rglob("*") if file.is_file()):
        place = folder / file.relative_to(made)
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists() or place.read_bytes() != file.read_bytes():
            file.replace(place)
    shutil.rmtree(made)


@pytest.fixture
def page(tmp_path):
    with browsed(tmp_path / "profile") as page:
        yield page
        assert page.problems == []


def test_the_page_follows_a_folder_that_grows(page, tmp_path):
    folder = tmp_path / "out"
    long, script = "x" * 80, "<img src=x onerror=document.title=1>"
    with served(folder, of_command=True) as address:
        page.open(address)
        page.wait_for("document.querySelector('#text')?.innerText.startsWith('Data are prepared')")

        grow(folder, {long: ["running", None], script: [None, None]})
        page.wait_for("document.querySelector('#text').innerText.startsWith('0 of 4 runs ended')")
        page.wait_for(f"JSON.stringify({LINES}) === '[[1,1],[1,1]]'")
        name, runs, validation, *_ = page.value(TABLE)[0]
        assert name == f"00-{long}"
        assert runs.startswith("1 running, 1 waiting seed 0, epoch 12/24")
        assert validation == "–"
        assert page.value("document.title") == "0/4 ladder"

        grow(folder, {long: [0.8, 0.81], script: [0.9, "running"]})
        running = next((folder / "runs").glob("01-*01"))
        with locked(running):
            page.wait_for("document.querySelector('#certainty').innerText.includes('Provisional')")
            page.wait_for("document.querySelector('#left').innerText.startsWith('About ')")
            page.wait_for(f"JSON.stringify({LINES}) === '[[2,4],[2,4]]'")
            assert [row[2] for row in page.value(TABLE)] == ["0.805 ± 0.007", "0.900"]

            page.value("document.querySelector('#arms button').click()")
            assert page.value(LINES) == [[2, 4], [2, 4]]  # its training lines beside validation
            assert page.value("document.querySelectorAll('tr.aside').length") == 1
            page.value("document.querySelector('#arms button').click()")
            assert page.value(TIP) == [f"00-{long}, seed 0, epoch 12: 0.8000", True]
            for width in (390, 1000, 1200):
                page.look(width, dark=width == 390)
                page.wait_for(f"innerWidth === {width}")
                assert page.value(OVERFLOWS) == [], width
                assert page.value("document.documentElement.scrollWidth") <= width

        grow(folder, {long: [0.8, 0.81], script: [0.9, 0.91]})
        write_report(folder)
        page.wait_for("document.querySelector('#text').innerText === 'Finished: all 4 runs ended.'")
        page.wait_for("document.querySelector('tr.helps, tr.best')")
        assert page.value("document.querySelector('#certainty').innerText") == ""
        assert page.value("document.querySelector('#report').innerText") == (
            f"Report at {folder / 'report.html'}"
        )
        link = page.value("document.querySelector('#report a').getAttribute('href')")
    page.wait_for("!document.querySelector('#lost').hidden")
    assert page.value("document.querySelector('#text').innerText").startswith("Finished")
    page.problems = [one for one in page.problems if "ERR_CONNECTION" not in one]

    with served(folder) as address:
        page.ask("Page.navigate", url=f"{address}{link}")
        page.wait_for("document.title.startsWith('The ladder')")
        page.look(1000, 5000)  # panels are drawn as they come into sight
        page.wait_for("document.querySelector('.panels:not([hidden]) > div')")
