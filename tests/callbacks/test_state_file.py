"""The file that a training's state is kept in."""

import keras
import numpy as np
import pytest

from trickbook.callbacks.state.state_file import read_state, write_state


def test_numbers_texts_and_arrays_come_back(tmp_path):
    half = keras.ops.convert_to_tensor([1.5, -2.0], "bfloat16")
    state = {"a": [1, None, "x"], "b": {"c": np.arange(3, dtype=np.int8)}, "half": half}
    write_state(tmp_path / "state.npz", state)
    found = read_state(tmp_path / "state.npz")
    assert found["a"] == [1, None, "x"]
    assert found["b"]["c"].dtype == np.int8
    assert found["b"]["c"].tolist() == [0, 1, 2]
    assert found["half"].tolist() == [1.5, -2.0]


def test_objects_are_refused_and_never_pickled(tmp_path):
    with pytest.raises(TypeError, match="array of Python objects"):
        write_state(tmp_path / "state.npz", {"a": np.array([{1}], object)})
    assert not (tmp_path / "state.npz").exists()
