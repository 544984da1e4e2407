"""Keras's folder is found as Keras's own source finds it."""

import ast
import importlib.util
import os
from pathlib import Path

import pytest

from trickbook.runs.keras_home import keras_home


def as_keras_finds_it():
    """Carries out the part of Keras's source that says where its folder is."""
    source = Path(importlib.util.find_spec("keras").origin).parent / "src/backend/config.py"
    (rule,) = (
        node
        for node in ast.parse(source.read_text(encoding="utf-8")).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "'KERAS_HOME' in os.environ"
    )
    names = {"os": os}
    exec(compile(ast.Module([rule], []), str(source), "exec"), names)
    return os.path.expanduser(os.path.join(names["_KERAS_DIR"], "keras.json"))  # noqa: PTH111, PTH118


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ({}, "HOME/.keras"),
        ({"KERAS_HOME": "/else/where"}, "/else/where"),
        ({"KERAS_HOME": "~/mine"}, "HOME/mine"),
        ({"KERAS_HOME": ""}, "."),
        ({"HOME": "/no/such/home"}, "/tmp/.keras"),
    ],
    ids=["nothing is set", "set", "by a tilde", "set to nothing", "a home not to be written"],
)
def test_the_folder_is_that_in_which_keras_looks(tmp_path, monkeypatch, environment, found):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KERAS_HOME", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert keras_home() == Path(found.replace("HOME", str(tmp_path)))
    assert keras_home() / "keras.json" == Path(as_keras_finds_it())
