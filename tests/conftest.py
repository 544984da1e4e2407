"""Fixtures that several test files share."""

from __future__ import annotations

import gc
import importlib
import io
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
import pytest
from forked_workers import forked_workers
from PIL import Image

from trickbook.ladder.cli.main import main
from trickbook.reports.figures import picture, pictures
from trickbook.runs.lock import locked
from trickbook.training.executor.local_processes import LocalProcesses

# Before any test imports TensorFlow or JAX: they read these once.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# Compiling takes far longer here than running; the JAX smoke test has all optimisations.
os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")


# What takes long begins first, so that all processes end at about one time: a file that mostly
# waits for processes of its own, and rooms with long files.
FIRST = "test_ray_cluster.py"
LONGEST = ("callbacks", "ladder", "training")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the longest file first and the short ones last."""
    items.sort(key=lambda item: (item.path.name != FIRST, item.path.parent.name not in LONGEST))


def pytest_collection_finish() -> None:
    """Keeps the collector from looking through all that was imported, as workers do."""
    gc.freeze()


TINY_LADDER = """
[data]
name = "npz:{data}"

[baseline]
filters = [4]
convolutions = 1
dense = [8]

[budget]
epochs = 3
batch_size = 10
seeds = 2

[[rung]]
recipes = ["batch_norm"]

[[rung]]
recipes = [{{ use = "dropout", rate = 0.25 }}, "noise"]
"""


@pytest.fixture(scope="session")
def tiny_images() -> dict[str, np.ndarray]:
    """Three classes of 8x8 images that differ in which third of the rows is bright."""
    generator = np.random.default_rng(7)
    arrays = {}
    for split, count in (("train", 90), ("test", 30)):
        labels = np.arange(count) % 3
        images = generator.integers(0, 120, (count, 8, 8, 1))
        for image, label in zip(images, labels, strict=True):
            image[2 + 2 * label : 4 + 2 * label] += 60
        arrays[f"x_{split}"] = images.astype(np.uint8)
        arrays[f"y_{split}"] = labels
    return arrays


@pytest.fixture(scope="session")
def write_tiny(tiny_images: dict[str, np.ndarray]) -> Callable[[Path], Path]:
    """Writes tiny.npz and tiny.toml, a ladder of three rungs on it with two seeds, to a folder."""

    def write(folder: Path) -> Path:
        np.savez(folder / "tiny.npz", **tiny_images)
        (folder / "tiny.toml").write_text(TINY_LADDER.format(data="tiny.npz"))
        return folder

    return write


@pytest.fixture
def tiny_folder(tmp_path: Path, write_tiny: Callable[[Path], Path]) -> Path:
    """A folder of its own with tiny.npz and tiny.toml."""
    return write_tiny(tmp_path)


@pytest.fixture(scope="session", autouse=True)
def workers_without_imports() -> Iterator[None]:
    """Workers that tests start in this process begin at once."""
    with forked_workers():
        yield


@pytest.fixture(scope="session", autouse=True)
def seconds_per_step_with() -> Iterator[Callable[..., float | None]]:
    """Lets dry runs time no other settings, each in a worker of its own, and returns what does."""
    measured = LocalProcesses.seconds_per_step_with
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LocalProcesses, "seconds_per_step_with", lambda *_: None)
        yield measured


@pytest.fixture(scope="session")
def trickbook() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command in a folder, in a process of its own, and returns what came of it."""

    def run(*arguments: str, cwd: Path, **options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "trickbook", *arguments],
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            **options,
        )

    return run


@pytest.fixture(scope="session")
def command() -> Callable[..., subprocess.CompletedProcess[str]]:
    """As `trickbook`, in this process: it starts at once."""

    def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        output, errors = io.StringIO(), io.StringIO()
        with (
            pytest.MonkeyPatch.context() as patch,
            redirect_stdout(output),
            redirect_stderr(errors),
        ):
            patch.chdir(cwd)
            patch.setattr(sys, "argv", ["trickbook", *arguments])
            # What the command sets for its process, and loads from its folder, ends with it.
            patch.setattr(sys, "path", [*sys.path])
            patch.setattr(warnings, "showwarning", warnings.showwarning)
            patch.setattr(signal, "signal", lambda *_: None)
            importlib.invalidate_caches()
            with pytest.raises(SystemExit) as ended:
                main()
            forget_modules_in(cwd)
        return subprocess.CompletedProcess(
            arguments, ended.value.code, output.getvalue(), errors.getvalue()
        )

    return run


def forget_modules_in(folder: Path) -> None:
    inside = f"{folder.resolve()}{os.sep}"
    for name, module in [*sys.modules.items()]:
        if (getattr(module, "__file__", None) or "").startswith(inside):
            del sys.modules[name]


DRAWN = picture.drawn, pictures.panels_json
BLANK = (lambda figure: Image.new("RGB", (8, 8))), (lambda panels: "")


@contextmanager
def pictures_by(draw: Callable[..., Image.Image], panels: Callable[..., str]) -> Iterator[None]:
    """Lets reports draw so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(picture, "drawn", draw)
        patch.setattr(pictures, "panels_json", panels)
        yield


@pytest.fixture(scope="module", autouse=True)
def blank_pictures(request: pytest.FixtureRequest) -> Iterator[None]:
    """Reports whose figures are made, and not drawn: few tests ask how they look.

    Those, or their modules, are marked `drawn`. What a module's fixtures write is drawn where the
    module is marked.
    """
    with pictures_by(*(DRAWN if request.node.get_closest_marker("drawn") else BLANK)):
        yield


@pytest.fixture(autouse=True)
def drawn_pictures(request: pytest.FixtureRequest) -> Iterator[None]:
    """As users have them, in a test that is marked."""
    is_marked = request.node.get_closest_marker("drawn")
    with pictures_by(*DRAWN) if is_marked else nullcontext():
        yield


@pytest.fixture(scope="session")
def climbed(tmp_path_factory, write_tiny, command) -> Path:
    """The folder of the tiny ladder, climbed by two workers, its pictures drawn; for reading alone.

    The processes of pytest-xdist share it: the first that asks for it climbs.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    folder /= "climbed"
    with locked(folder), pictures_by(*DRAWN):
        if not (folder / "out" / "report.html").exists():
            write_tiny(folder)
            result = command("run", "tiny.toml", "--out", "out", "--jobs", "2", cwd=folder)
            assert result.returncode == 0, result.stdout + result.stderr
    return folder / "out"
