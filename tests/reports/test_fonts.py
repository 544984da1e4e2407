"""Names in letters that our font lacks."""

import warnings

import numpy as np
import pytest
from ladder_on_disk import write_ladder

from trickbook.reports.figures import fonts
from trickbook.reports.figures.confusion_figure import confusion_figure
from trickbook.reports.figures.fonts import missing_letters
from trickbook.reports.figures.picture import png_bytes
from trickbook.reports.pages.provenance import warnings as page_warnings
from trickbook.reports.pages.report import write_report
from trickbook.reports.read.run_set import read_run_set

pytestmark = pytest.mark.drawn

# In STIX, which comes with matplotlib, and not in DejaVu Sans.
ELSEWHERE = "\u2316"


@pytest.fixture
def only_matplotlibs_fonts(monkeypatch):
    own = {name: path for name, path in fonts._families().items() if "mpl-data" in path}
    monkeypatch.setattr(fonts, "_families", lambda: own)
    fonts._fallbacks.cache_clear()
    yield
    fonts._fallbacks.cache_clear()


def test_letters_that_another_font_has_are_drawn(only_matplotlibs_fonts):
    assert missing_letters(["cat", "Äß", ELSEWHERE]) == ""
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # as of a glyph that is missing
        figure = confusion_figure(np.eye(2), [f"target {ELSEWHERE}", "dog"], "title")
        data = png_bytes(figure)
    (label, other) = figure.axes[0].get_yticklabels()
    assert label.get_fontfamily()[0] == "DejaVu Sans" and len(label.get_fontfamily()) == 2
    assert other.get_fontfamily() == ["sans-serif"]
    again = confusion_figure(np.eye(2), [f"target {ELSEWHERE}", "dog"], "title")
    assert png_bytes(again) == data


def test_a_report_names_the_letters_that_no_font_has(only_matplotlibs_fonts, tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.8], "猫": [0.9]})
    (text,) = [text for text in page_warnings(read_run_set(folder)) if "font" in text]
    assert text.startswith("No font of this machine has 1 letter of the names, 猫, so that")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the page says it, and once
        write_report(folder)
    (folder / "ladder.json").unlink()
    assert "show boxes instead" in write_report(folder).markdown
