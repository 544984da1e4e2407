"""The panels that BokehJS draws: their data, their bytes, their size."""

import base64
import gzip
import json
import re

import numpy as np
import pandas as pd
import pytest
from bokeh.core.serialization import Deserializer
from bokeh.model import Model
from ladder_on_disk import write_ladder

from trickbook.reports.figures.live_curves import overlay_panels, run_panels
from trickbook.reports.figures.live_panels import LiveLine, LivePanel, bokeh_script, panels_json
from trickbook.reports.pages.report import write_report
from trickbook.reports.read.run_set import read_run_set
from trickbook.runs.deciding import Deciding

pytestmark = pytest.mark.drawn


def history(*values):
    epochs = np.arange(1, len(values) + 1)
    columns = {"epoch": epochs, "accuracy": values, "val_accuracy": values}
    return pd.DataFrame(columns | {"loss": 1 / epochs, "val_loss": 2 / epochs})


def roots_of(text):
    """The figures, read back by Bokeh itself."""
    document = json.loads(text)["doc"]
    return Deserializer().deserialize(document["roots"])


def data_of(figure, name):
    (renderer,) = [one for one in figure.renderers if one.name == name]
    return renderer.data_source.data


def test_panels_hold_the_means_and_the_ends_over_seeds():
    seeds = [history(0.1, 0.2, 0.6), history(0.3, 0.4, 0.8)]
    panels = run_panels(seeds, Deciding())
    assert [panel.title for panel in panels] == ["loss", "accuracy"]
    _, accuracy = roots_of(panels_json(panels))
    data = data_of(accuracy, "validation")
    np.testing.assert_allclose(data["x"], [1, 2, 3])
    np.testing.assert_allclose(data["y"], [0.2, 0.3, 0.7], rtol=1e-6)
    (thin,) = [one for one in accuracy.renderers if one.glyph.line_width == 1][:1]
    expected = [0.1, 0.2, 0.6, np.nan, 0.3, 0.4, 0.8, np.nan]
    np.testing.assert_allclose(thin.data_source.data["y"], expected, rtol=1e-6)


def test_the_same_panels_give_the_same_text_whatever_was_drawn_before():
    panels = run_panels([history(0.1, 0.2)], Deciding())
    first = panels_json(panels)
    Model()
    assert panels_json(panels) == first


def test_panels_share_an_axis_and_a_legend_hides_a_name_in_all():
    left, right = roots_of(panels_json(run_panels([history(0.1, 0.2)], Deciding())))
    assert left.x_range is right.x_range
    (legend,) = left.legend
    assert legend.click_policy == "hide"
    assert [item.label.value for item in legend.items] == ["train (running mean)", "validation"]
    (linked,) = legend.items[1].renderers[0].js_property_callbacks["change:visible"]
    assert linked.args["other"] in right.renderers
    assert not right.legend


def test_long_lines_are_thinned_and_a_name_cannot_end_the_page():
    x = np.arange(100_000.0)
    line = LiveLine("</script><b>", "#000000", x, np.sin(x), seeds=[(x, x)] * 5)
    text = panels_json([LivePanel("sine", [line])])
    assert len(text) < 30_000
    assert "<" not in text
    assert json.loads(text)["doc"]["roots"]


def test_nothing_to_draw_is_no_panel():
    nothing = LiveLine("none", "#000000", np.empty(0), np.empty(0))
    assert panels_json([LivePanel("empty", []), LivePanel("measured never", [nothing])]) == ""
    assert panels_json(run_panels([pd.DataFrame({"epoch": []})], Deciding())) == ""


def test_all_rungs_are_overlaid_and_the_later_epochs_fill_the_axis(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.7, 0.8], "noise": [0.9], "late": [None]})
    rungs = read_run_set(folder).rungs
    panels = overlay_panels(rungs, Deciding())
    assert [panel.title for panel in panels] == ["accuracy on validation", "loss on validation"]
    baseline, noise = panels[0].lines
    assert (baseline.name, noise.name) == ("00-baseline", "01-noise")
    rising = np.minimum(np.arange(1, 13), 6) / 6
    for values, last in ((baseline.y, 0.75), (baseline.low, 0.7), (baseline.high, 0.8)):
        assert values == pytest.approx(last * rising)
    # The first of twelve epochs is left out.
    low, high = panels[0].y_range
    first = 0.7 * 2 / 6  # of the lower seed
    margin = 0.05 * (0.9 - first)
    assert (low, high) == pytest.approx((first - margin, 0.9 + margin))


def test_a_page_of_nine_rungs_takes_less_than_three_megabytes(tmp_path):
    folder = write_ladder(tmp_path, {f"rung{n}": [0.8, 0.81, 0.82] for n in range(9)})
    generator = np.random.default_rng(0)
    for path in folder.glob("runs/*/history.csv"):
        names = ("accuracy", "loss", "cross_entropy", "val_accuracy", "val_cross_entropy")
        columns = {name: generator.normal(size=400) for name in names}
        pd.DataFrame({"epoch": range(1, 401)} | columns).to_csv(path, index=False)
    write_report(folder)
    assert (folder / "report.html").stat().st_size < 3_000_000


def test_bokehs_script_is_packed_with_its_licence():
    script = gzip.decompress(base64.b64decode(bokeh_script())).decode()
    assert re.search(r"Copyright \(c\) Anaconda", script[:1000])
    assert len(bokeh_script()) < 600_000
