"""`trickbook plot`: pictures from the shell."""

import subprocess
import sys
from pathlib import Path

import pytest

from trickbook.ladder.cli import plot_command
from trickbook.reports.figures.plot_history import plot_history

pytestmark = pytest.mark.drawn

RUN = "epoch,seconds,learning_rate,loss,val_loss\n1,5,0.1,2,3\n2,10,0.1,1,2\n"


@pytest.fixture
def two_runs(tmp_path):
    for name in ("base", "wide"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "history.csv").write_text(RUN)
    return tmp_path


def test_it_says_where_it_drew(command, two_runs):
    result = command("plot", "base", cwd=two_runs)
    assert (result.returncode, result.stdout) == (0, "Curves: history.png\n")
    assert (two_runs / "history.png").read_bytes().startswith(b"\x89PNG")
    out = "new/both.SVG"
    options = ("--x", "time", "--smooth", "0.5", "--metric", "loss", "--out", out)
    result = command("plot", "base", "wide/history.csv", *options, cwd=two_runs)
    assert (result.returncode, result.stdout) == (0, f"Curves: {out}\n")
    assert "</svg>" in (two_runs / out).read_text()


def test_options_reach_the_picture(command, two_runs, monkeypatch):
    asked = []

    def draw(histories, **options):
        asked.append((histories, options))
        return plot_history(histories, **options)

    monkeypatch.setattr(plot_command, "plot_history", draw)
    command("plot", "base", cwd=two_runs)
    plain = {"metric": None, "x": "epoch", "smooth": 0.0, "band": None}
    assert asked == [(Path("base"), plain)]
    options = ("--x", "time", "--smooth", "0.5", "--metric", "loss", "--band", "range")
    assert command("plot", "base", "wide", *options, cwd=two_runs).returncode == 0
    given = {"metric": "loss", "x": "time", "smooth": 0.5, "band": "range"}
    assert asked[1:] == [([Path("base"), Path("wide")], given)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "There is no file or folder nowhere"),
        (["notes.txt"], "is no training history"),
        (["base", "--metric", "f1"], "No metric 'f1' was recorded. There are: loss"),
        (["base", "--x", "step"], "x='step' needs the column 'step'"),
        (["base", "--x", "day"], "x='day'"),
        (["base", "--smooth", "2"], "smooth=2.0"),
        (["base", "--out", "a.pdf"], "ends in .png or .svg"),
        ([], "PATH"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_status_2(command, two_runs, arguments, said):
    (two_runs / "notes.txt").write_text("buy milk\n")
    result = command("plot", *arguments, cwd=two_runs)
    assert result.returncode == 2
    assert said in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr
    assert not (two_runs / "history.png").exists()


def test_it_imports_no_tensorflow(two_runs):
    program = (
        "import sys\n"
        "sys.modules.update(dict.fromkeys(['tensorflow', 'keras', 'matplotlib.pyplot']))\n"
        "sys.argv = ['trickbook', 'plot', '.']\n"
        "from trickbook.ladder.cli.main import main; main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=two_runs, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
