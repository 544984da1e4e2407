"""The pages as a browser lays them out: nothing overflows at any width, scripts on or off."""

import html
import json
import re
import shutil
import subprocess

import numpy as np
import pytest
from ladder_on_disk import write_ladder, write_run

from trickbook.reports.pages.report import write_report
from trickbook.reports.pages.study_report import write_study

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
WIDTHS = (390, 1000, 1200)

pytestmark = pytest.mark.skipif(BROWSER is None, reason=f"none of {', '.join(BROWSERS)} is here")

# A frame without scripts is one that a sandbox holds; all stand within the window, so that what is
# drawn as it comes into sight is drawn.
FRAMES = "".join(
    f'<iframe src="report.html" width="{width}" height="9000"{sandbox}></iframe>'
    for width in WIDTHS
    for sandbox in ("", ' sandbox="allow-same-origin"')
)
MEASURE = """
const overflows = (view) => [...view.document.querySelectorAll("body, body *")].filter((one) => {
  const {left, right, width} = one.getBoundingClientRect();
  const isClipped = getComputedStyle(one).overflowX !== "visible";
  return width && (left < -1 || right > view.innerWidth + 1
    || (isClipped && one.scrollWidth > one.clientWidth + 1));
}).map((one) => `${one.tagName} ${one.className}`);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
addEventListener("load", async () => {
  const views = [...document.querySelectorAll("iframe")].map((frame) => frame.contentWindow);
  for (const view of views) view.document.querySelectorAll("details").forEach((one) => {
    one.open = true;
  });
  await pause(8000);
  document.title = "measured " + JSON.stringify(views.map((view) => ({
    width: view.innerWidth,
    scroll: view.document.documentElement.scrollWidth,
    overflows: overflows(view),
    panels: view.document.querySelectorAll(".panels:not([hidden]) > div").length,
    pictures: [...view.document.images].filter((one) => one.clientWidth).length,
    loaded: view.performance.getEntriesByType("resource").map((one) => one.name)
      .filter((name) => !name.startsWith("data:")),
  })));
});
"""


def measured(folder):
    """What the browser says of the page in `folder` in each frame, in the order of `FRAMES`."""
    page = f"<!doctype html><title>not measured</title><script>{MEASURE}</script><body>{FRAMES}"
    (folder / "frames.html").write_text(page, encoding="utf-8")
    done = subprocess.run(
        [
            *(BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"),
            *("--allow-file-access-from-files", "--virtual-time-budget=60000"),
            *("--window-size=5600,9100", f"--user-data-dir={folder / 'profile'}"),
            (folder / "frames.html").as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    title = re.search(r"<title>measured (.*?)</title>", done.stdout)
    assert title, done.stdout[:500] + done.stderr[-2000:]
    return json.loads(html.unescape(title[1]))


def check(views, panels, pictures):
    for view, width in zip(views, np.repeat(WIDTHS, 2), strict=True):
        assert view["scroll"] <= width, view
        assert view["overflows"] == [], view
        assert view["loaded"] == [], view
    for live, still in zip(views[::2], views[1::2], strict=True):
        assert (live["panels"], still["panels"]) == (panels, 0)
        assert (live["pictures"], still["pictures"]) == pictures


def test_the_page_of_a_ladder(tmp_path):
    names = ["baseline", "noise", "wider+augmentation+" * 4 + "dropout", "x" * 90]
    rungs = {name: [0.8 + 0.01 * place, 0.81, 0.8] for place, name in enumerate(names)}
    rungs["broken"] = ["failed", "running", None]
    rungs["long figures"] = [-2345.678, 0.0, 12345.678]
    folder = write_ladder(tmp_path, rungs, reported=[0.5] * 6)
    entries = json.loads((folder / "ladder.json").read_text())
    entries["rungs"][-1]["against"] = 0
    (folder / "ladder.json").write_text(json.dumps(entries))
    write_report(folder)
    # Two panels of all rungs and two of each; forest, ladder and confusion are pictures alone.
    check(measured(folder), panels=2 + 6 * 2, pictures=(3, 3 + 1 + 6))


def test_the_page_of_runs_without_a_ladder(tmp_path):
    for number, name in enumerate(["wide", "narrow", "y" * 80]):
        write_run(tmp_path / str(number), name, 0, 0.7 + 0.1 * number)
    write_report(tmp_path)
    check(measured(tmp_path), panels=2 + 3 * 2, pictures=(0, 4))


def test_the_page_of_a_study_that_is_no_ladder(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.8, 0.81], "x" * 60: [0.82, 0.85]})
    content = json.loads((folder / "ladder.json").read_text())
    content["rungs"][1]["changed"] = f"transforms: + {'RandomAugmentation' * 3}(erasing=(0.01,0.3))"
    trick = {"name": "x" * 60, "rung": 1, "alone": 1, "without": 0, "refused": []}
    content |= {"kind": "ablation", "details": {"baseline": 0, "full": 1, "tricks": [trick]}}
    (folder / "ablation.json").write_text(json.dumps(content))
    write_study(folder, "ablation")
    (folder / "ablation.html").rename(folder / "report.html")
    # Two panels of all arms; what the study shows is a picture alone.
    check(measured(folder), panels=2, pictures=(1, 2))
