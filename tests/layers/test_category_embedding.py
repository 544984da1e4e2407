"""Codes of categories become vectors beside the numbers, whatever the precision."""

import keras
import numpy as np
import pytest

from trickbook.layers import CategoryEmbedding

ROWS = np.array([[0.5, 2, -1.5, 300], [0.25, 0, 2.5, 301]], "float32")


def vectors(layer):
    return [keras.ops.convert_to_numpy(weight) for weight in layer.weights]


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_numbers_come_first_then_each_columns_vectors(policy):
    layer = CategoryEmbedding((0, 3, 0, 400), (2, 5), dtype=policy)
    made = keras.ops.convert_to_numpy(keras.ops.cast(layer(ROWS), "float32"))
    few, many = vectors(layer)
    assert (few.shape, many.shape) == ((3, 2), (400, 5))
    expected = np.hstack([ROWS[:, [0, 2]], few[[2, 0]], many[[300, 301]]])
    np.testing.assert_allclose(made, expected, rtol=2**-8 if policy != "float32" else 0)
    # 300 and 301 are one number in bfloat16.
    assert not np.array_equal(made[0, -5:], made[1, -5:])


def test_windows_of_rows_are_taken_too_and_saved(tmp_path):
    windows = np.stack([ROWS, ROWS[::-1]])
    inputs = keras.Input((2, 4))
    model = keras.Model(inputs, CategoryEmbedding((0, 3, 0, 400), (2, 5))(inputs))
    assert model.output_shape == (None, 2, 9)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    made = keras.ops.convert_to_numpy(loaded(windows))
    np.testing.assert_array_equal(made, keras.ops.convert_to_numpy(model(windows)))
    np.testing.assert_array_equal(made[0, 0], made[1, 1])


def test_sizes_that_do_not_fit_are_refused():
    for sizes, lengths in (((0, 3), ()), ((0, 3), (2, 2)), ((0, 3), (0,)), ((-1,), ())):
        with pytest.raises(ValueError, match="takes a number of categories for each column"):
            CategoryEmbedding(sizes, lengths)
    with pytest.raises(ValueError, match="made for 2 columns"):
        CategoryEmbedding((0, 3), (2,))(ROWS)
