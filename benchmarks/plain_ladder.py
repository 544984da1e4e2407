"""The default ladder written with Keras alone; see ladder_vs_plain.py.

python benchmarks/plain_ladder.py SEEDS FOLDER
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import sys
from pathlib import Path
from typing import Any

import keras

from trickbook.data import Dataset, load
from trickbook.ladder.ladder import Ladder
from trickbook.recipes import Blueprint
from trickbook.training.build import build_model


def main(seeds: int, folder: Path) -> None:
    """Trains, evaluates and saves every rung with every seed."""
    folder.mkdir(parents=True)
    ladder = Ladder("digits")
    data = load(ladder.spec.data)
    for rung in ladder.rungs:
        for seed in range(seeds):
            train(rung.blueprint, data, seed, folder / f"{rung.name}-{seed}.keras")


def train(blueprint: Blueprint, data: Dataset, seed: int, path: Path) -> None:
    """Trains one run with model.fit on NumPy arrays."""
    keras.utils.set_random_seed(seed)
    x = {split: data.scaling.apply(getattr(data, f"x_{split}")) for split in SPLITS}
    y = {split: getattr(data, f"y_{split}") for split in SPLITS}
    network = build_model(
        blueprint,
        data.image_shape,
        len(data.classes),
        data.scaling,
        steps_per_epoch=len(y["train"]) // blueprint.batch_size,
    ).training_model
    inputs = keras.Input(data.image_shape)
    hidden: Any = inputs
    for layer in random_layers(blueprint):
        hidden = layer(hidden)
    model = keras.Model(inputs, network(hidden))
    model.compile(
        optimizer=keras.optimizers.get(keras.optimizers.serialize(network.optimizer)),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=False,  # faster here than XLA, which Keras would choose
    )
    model.fit(
        x["train"],
        y["train"],
        batch_size=blueprint.batch_size,
        epochs=blueprint.epochs,
        validation_data=(x["val"][: data.val_in_epochs], y["val"][: data.val_in_epochs]),
        verbose=0,
    )
    for split in SPLITS:
        model.evaluate(x[split], y[split], verbose=0)
    model.save(path)


SPLITS = ("train", "val", "test")


def random_layers(blueprint: Blueprint) -> list[keras.layers.Layer]:
    """Returns Keras's own layers that come nearest to the blueprint's transforms."""
    made: list[keras.layers.Layer] = []
    for slot in blueprint.transforms:
        settings = dict(slot.config.arguments)
        if slot.recipe == "augmentation":
            shift, turn = settings["shift_pixels"] / 8, settings["rotation_degrees"] / 360
            fill = settings["fill_mode"]
            made.append(keras.layers.RandomTranslation(shift, shift, fill_mode=fill))
            made.append(keras.layers.RandomRotation(turn, fill_mode=fill))
        else:
            chance = settings["probability"]
            made.append(
                keras.layers.RandomErasing(
                    (chance, chance), settings["area"], fill_value=0.0, value_range=(-10.0, 10.0)
                )
            )
    return made


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
