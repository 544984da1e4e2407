"""The orders that a worker gets for a transfer, in a process that has computed nothing yet."""

from __future__ import annotations

import keras

from trickbook.data import Dataset, DataSpec
from trickbook.recipes import Blueprint, Transfer
from trickbook.training.backbones import application
from trickbook.training.executor.worker_service import WorkerService

PLAIN = Blueprint(base="mlp", dense=(2,), epochs=1, batch_size=8)


def main(folder: str) -> None:
    """Prepares data to the folder, hashes an application's weights and checks a blueprint."""
    told: list[dict] = []
    service = WorkerService("float32", told.append, Dataset.load)
    # In place of one whose weights would have to be downloaded.
    application.made = lambda *_: keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    spec = DataSpec("digits", limit_train=40).to_dict()
    service.carry_out({"do": "prepare", "spec": spec, "folder": folder})
    transfer = Transfer("MobileNetV2").apply(PLAIN)
    service.carry_out({"do": "hash_weights", "blueprint": transfer.to_dict()})
    service.carry_out({"do": "check", "blueprint": PLAIN.to_dict(), "data": folder})
    assert [event["event"] for event in told] == ["prepared", "weights_hashed", "checked"]
