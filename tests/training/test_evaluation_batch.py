"""How many examples are measured at a time: as many as there is room for, whatever they are."""

import keras
import pytest

from trickbook.data import UNSCALED
from trickbook.recipes import Blueprint
from trickbook.training.backbones.saved import load_saved
from trickbook.training.build import build_model, build_network
from trickbook.training.evaluation_batch import MOST_BYTES, evaluation_batch

# Of 224x224 pixels and 64 maps each example takes 12.8 MB.
OF_LARGE = MOST_BYTES // (4 * 224 * 224 * 64)


@pytest.mark.parametrize(
    ("shape", "blueprint", "batch"),
    [
        ((8, 8, 1), Blueprint(filters=(16, 32), batch_size=25), 500),
        # The lecture's last rung, at its full width.
        ((32, 32, 3), Blueprint(filters=(144, 288, 576), batch_size=256), 500),
        ((32, 32, 3), Blueprint(base="airbench", filters=(128, 512, 512), batch_size=1024), 500),
        ((224, 224, 3), Blueprint(filters=(64, 8), convolutions=1, batch_size=4), OF_LARGE),
        ((4,), Blueprint(base="mlp", dense=(300_000,)), 447),
    ],
    ids=["digits", "lecture", "airbench", "pictures", "dense"],
)
def test_it_is_500_but_for_networks_of_large_layers(shape, blueprint, batch):
    assert evaluation_batch(build_network(blueprint, shape, 10)) == batch


def test_it_is_a_few_of_what_is_larger_than_all_room(monkeypatch):
    network = build_network(Blueprint(filters=(8,), convolutions=1), (32, 32, 3), 10)
    monkeypatch.setattr("trickbook.training.evaluation_batch.MOST_BYTES", 1000)
    assert evaluation_batch(network) == 1


def test_networks_within_a_network_count():
    blueprint = Blueprint(filters=(64,), convolutions=1, batch_size=4)
    whole = build_model(blueprint, (224, 224, 3), 10, UNSCALED, steps_per_epoch=1)
    assert evaluation_batch(whole.inference_model) == OF_LARGE
    assert evaluation_batch(whole.inference_model, most=7) == 7


def test_a_backbone_for_pictures_of_any_size_counts_at_the_size_of_these(tmp_path):
    layers = keras.layers
    saved = keras.Sequential(
        [
            keras.Input((None, None, 3)),
            layers.Conv2D(64, 3, padding="same"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(4),
        ]
    )
    saved.save(tmp_path / "saved.keras")
    backbone = load_saved(str(tmp_path / "saved.keras"), (224, 224, 3), (0, 255))
    assert evaluation_batch(backbone.model) == OF_LARGE
