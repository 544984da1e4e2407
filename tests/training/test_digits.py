"""The numbers that every run starts from, as they were when DIGITS_VERSION was last raised.

If one of these changes, equal blueprints no longer give equal figures: raise `DIGITS_VERSION` in
runs/fingerprint.py, so that old runs are not taken for new ones, and write the new numbers here.
"""

import keras
import numpy as np

from trickbook.data import DataSpec, load
from trickbook.data.batches.draw_table import draw_table, order_of_epoch
from trickbook.layers import RandomAugmentation, RandomGaussianNoise
from trickbook.recipes import Blueprint, Dropout
from trickbook.runs.fingerprint import DIGITS_VERSION
from trickbook.training.build import build_network


def test_the_version_these_numbers_are_of():
    assert DIGITS_VERSION == 2


def test_the_split():
    data = load(DataSpec("digits", limit_train=200))
    assert data.fingerprint.startswith("282a26bbeb1b3a5c")


def test_the_order_of_an_epoch():
    assert order_of_epoch(3, 2, 10).tolist() == [7, 4, 1, 8, 6, 0, 2, 9, 3, 5]


def test_the_draws_of_transforms():
    layers = [RandomAugmentation(zoom=0.1), RandomAugmentation(zoom=0.1), RandomGaussianNoise(0.1)]
    table = [keras.ops.convert_to_numpy(own) for own in draw_table(layers, 3, 2, 4)]
    np.testing.assert_allclose(
        [own[1, 0] for own in table], [0.53715956, 0.79613006, 0.02572531], atol=1e-7
    )


def test_the_noise():
    draws = draw_table([RandomGaussianNoise(1.0)], 3, 2, 4)[0]
    noise = keras.ops.convert_to_numpy(
        RandomGaussianNoise(1.0)(np.zeros((4, 2, 2, 1), "f4"), draws)
    )
    np.testing.assert_allclose(
        noise[:, 0, 0, 0], [-0.803091, 0.511193, 0.882689, -1.368295], atol=1e-5
    )


def test_the_weights_and_what_dropout_draws_from():
    blueprint = Dropout().apply(Blueprint(filters=(4,), convolutions=1, dense=(3,)))
    model = build_network(blueprint, (8, 8, 1), 2, seed=7)
    kernel = keras.ops.convert_to_numpy(model.get_layer("stage1_1_conv").kernel)
    if keras.backend.backend() == "tensorflow":  # each backend draws weights of its own
        np.testing.assert_allclose(
            kernel[0, 0, 0], [0.7262439, -0.7499542, -0.2879336, 1.0209022], atol=1e-6
        )
    assert model.get_layer("stage1_dropout").seed == 623294074
