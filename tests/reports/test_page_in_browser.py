"""The pages as a browser lays them out: nothing overflows at any width, scripts on or off."""

import contextlib
import functools
import http.server
import json
import queue
import subprocess
import threading

import numpy as np
import pytest
from ladder_on_disk import write_ladder, write_run
from piped_browser import BROWSER, MISSING

from trickbook.reports.pages.report import write_report
from trickbook.reports.pages.study_report import write_study

WIDTHS = (390, 1000, 1200)

pytestmark = [pytest.mark.drawn, pytest.mark.skipif(BROWSER is None, reason=MISSING)]

# A frame without scripts is one that a sandbox holds; all stand within the window, so that what is
# drawn as it comes into sight is drawn.
FRAMES = "".join(
    f'<iframe src="report.html" width="{width}" height="9000"{sandbox}></iframe>'
    for width in WIDTHS
    for sandbox in ("", ' sandbox="allow-same-origin"')
)
# What is drawn by scripts is waited for; where it never comes, what there is counts. Time is the
# clock's: unpacking what the panels show is no part of a browser's virtual time.
MEASURE = """
const overflows = (view) => [...view.document.querySelectorAll("body, body *")].filter((one) => {
  const {left, right, width} = one.getBoundingClientRect();
  const isClipped = getComputedStyle(one).overflowX !== "visible";
  return width && (left < -1 || right > view.innerWidth + 1
    || (isClipped && one.scrollWidth > one.clientWidth + 1));
}).map((one) => `${one.tagName} ${one.className}`);
const panels = (view) => view.document.querySelectorAll(".panels:not([hidden]) > div").length;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const pictures = (view) => [...view.document.images].filter((one) => one.clientWidth).length;
const [allPanels, picturesLeft] = location.hash.slice(1).split(",").map(Number);
const isDrawn = (view) => panels(view) >= allPanels && pictures(view) <= picturesLeft;
addEventListener("load", async () => {
  const views = [...document.querySelectorAll("iframe")].map((frame) => frame.contentWindow);
  for (const view of views) view.document.querySelectorAll("details").forEach((one) => {
    one.open = true;
  });
  const live = views.filter((_, place) => place % 2 == 0);
  for (let tries = 0; tries < 900 && !live.every(isDrawn); tries++) await pause(100);
  await pause(300);  // in which the panels take their width
  fetch("measured", {method: "POST", body: JSON.stringify(views.map((view) => ({
    width: view.innerWidth,
    scroll: view.document.documentElement.scrollWidth,
    overflows: overflows(view),
    panels: panels(view),
    pictures: pictures(view),
    loaded: view.performance.getEntriesByType("resource").map((one) => one.name)
      .filter((name) => !name.startsWith("data:")),
  })))});
});
"""


class FolderAndAnswer(http.server.SimpleHTTPRequestHandler):
    """Serves a folder and keeps what is posted to it."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()
        self.server.answers.put(json.loads(body))

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def served(folder):
    handler = functools.partial(FolderAndAnswer, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.answers = queue.Queue()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def measured(folder, panels, pictures):
    """What the browser says of the page in `folder` in each frame, in the order of `FRAMES`.

    It does so once the frames with scripts show so many panels and no more pictures.
    """
    page = f"<!doctype html><title>frames</title><script>{MEASURE}</script><body>{FRAMES}"
    (folder / "frames.html").write_text(page, encoding="utf-8")
    with served(folder) as server:
        command = [
            *(BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=5600,9100"),
            # Without a port to be driven by it would end once the page is loaded.
            *("--remote-debugging-port=0", f"--user-data-dir={folder / 'profile'}"),
            f"http://127.0.0.1:{server.server_port}/frames.html#{panels},{pictures}",
        ]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as browser:
            try:
                return server.answers.get(timeout=120)
            finally:
                browser.kill()


def check(folder, panels, pictures):
    views = measured(folder, panels, pictures[0])
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
    check(folder, panels=2 + 6 * 2, pictures=(3, 3 + 1 + 6))


def test_the_page_of_runs_without_a_ladder(tmp_path):
    for number, name in enumerate(["wide", "narrow", "y" * 80]):
        write_run(tmp_path / str(number), name, 0, 0.7 + 0.1 * number)
    write_report(tmp_path)
    check(tmp_path, panels=2 + 3 * 2, pictures=(0, 4))


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
    check(folder, panels=2, pictures=(1, 2))
