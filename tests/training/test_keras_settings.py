"""Which backend and precision Keras runs with, told without importing Keras."""

import importlib.util
import json
import os
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from trickbook.training.errors import LadderError
from trickbook.training.keras_settings import keras_settings, settle_backend


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """Pretends that these backends are installed, that nothing names one, and no Keras is there."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setenv("KERAS_BACKEND", "")
    monkeypatch.delitem(sys.modules, "keras", raising=False)

    def pretend(*names):
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: name in names or None)

    return pretend


@pytest.mark.parametrize(
    ("there", "taken"),
    [
        (("tensorflow", "jax", "torch"), "tensorflow"),
        (("jax", "torch"), "jax"),
        (("torch",), "torch"),
    ],
)
def test_where_nothing_names_one_it_is_the_first_that_is_installed(installed, there, taken):
    installed(*there)
    assert keras_settings()[:2] == (taken, "float32")
    settle_backend()
    assert os.environ["KERAS_BACKEND"] == taken


def test_what_is_asked_for_beats_the_environment_and_that_beats_the_file(
    installed, monkeypatch, tmp_path
):
    installed("tensorflow", "jax", "torch")
    (tmp_path / "keras.json").write_text('{"backend": "torch", "floatx": "float32"}')
    assert keras_settings()[:2] == ("torch", "float32")
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert keras_settings()[:2] == ("jax", "float32")
    assert keras_settings("tensorflow", "mixed_float16", 2) == ("tensorflow", "mixed_float16", 2)
    # As a run's fingerprint takes it.
    assert json.dumps(keras_settings(threads=np.int64(2)).threads) == "2"


def test_what_keras_writes_into_its_file_unasked_is_no_wish(installed, tmp_path):
    installed("jax", "torch")
    (tmp_path / "keras.json").write_text('{"backend": "tensorflow"}')
    assert keras_settings().backend == "jax"


@pytest.mark.parametrize("where", ["flag", "environment", "file"])
def test_what_is_not_installed_is_refused_by_name(installed, monkeypatch, tmp_path, where):
    installed("tensorflow", "torch")
    if where == "environment":
        monkeypatch.setenv("KERAS_BACKEND", "jax")
    if where == "file":
        (tmp_path / "keras.json").write_text('{"backend": "jax"}')
    with pytest.raises(LadderError, match=r"'jax', which is not installed.*: tensorflow, torch"):
        keras_settings("jax" if where == "flag" else None)


@pytest.mark.parametrize("content", ["[1]", "{", ""])
def test_a_broken_file_is_named(installed, tmp_path, content):
    installed("jax")
    (tmp_path / "keras.json").write_text(content)
    with pytest.raises(LadderError, match=r"keras\.json .* Fix or remove it"):
        keras_settings()


@pytest.mark.parametrize("floatx", ["float16", "float64", "mixed_float16"])
@pytest.mark.parametrize("precision", [None, "float32"])
def test_another_floatx_is_refused_whatever_the_policy(installed, tmp_path, floatx, precision):
    installed("tensorflow")
    (tmp_path / "keras.json").write_text(json.dumps({"floatx": floatx}))
    with pytest.raises(LadderError) as refused:
        keras_settings(precision=precision)
    for part in (str(tmp_path / "keras.json"), f"'{floatx}'", '"floatx": "float32"', "--precision"):
        assert part in str(refused.value)


@pytest.mark.parametrize("home", ["~/own", ""], ids=["by a tilde", "set to nothing"])
def test_it_is_refused_wherever_keras_finds_its_file(installed, monkeypatch, tmp_path, home):
    installed("tensorflow")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", home)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own").mkdir()
    folder = tmp_path / "own" if home else tmp_path
    (folder / "keras.json").write_text('{"floatx": "float16"}')
    with pytest.raises(LadderError, match=r"keras\.json sets floatx to 'float16'"):
        keras_settings()


@pytest.mark.parametrize("name", ["KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH"])
def test_an_environment_in_which_every_run_would_end_early_is_refused(installed, monkeypatch, name):
    installed("tensorflow")
    monkeypatch.setenv(name, "2")
    for settle in (keras_settings, settle_backend):
        with pytest.raises(LadderError, match=rf"{name} to '2', .* end every .* Unset it"):
            settle()


def with_policy(monkeypatch, name):
    """Pretends that this process has imported Keras and set its dtype policy."""
    config = SimpleNamespace(dtype_policy=lambda: SimpleNamespace(name=name))
    monkeypatch.setitem(sys.modules, "keras", SimpleNamespace(config=config))


def test_a_policy_that_the_process_has_set_is_taken_where_none_is_asked_for(installed, monkeypatch):
    installed("tensorflow")
    with_policy(monkeypatch, "mixed_bfloat16")
    assert keras_settings().precision == "mixed_bfloat16"
    assert keras_settings(precision="float32").precision == "float32"


def test_a_policy_that_no_run_is_trained_with_is_refused(installed, monkeypatch):
    installed("tensorflow")
    with_policy(monkeypatch, "float64")
    with pytest.raises(LadderError, match=r"set to 'float64' .* float32, mixed_bfloat16"):
        keras_settings()
    assert keras_settings(precision="float32").precision == "float32"
