"""Networks that the benchmarks of speed train, from one of the smallest to the speedrun's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from runner import noise_images

from trickbook.data import Dataset, DataSpec, load
from trickbook.ladder.ladder_file import read_ladder
from trickbook.recipes import Activation, BatchNorm, Blueprint, PatchWhitening, compose


def digits() -> tuple[Dataset, Blueprint]:
    """The baseline of the digits ladder."""
    data = load(DataSpec("digits", limit_train=200))
    return data, replace(read_ladder("digits").baseline, epochs=20)


def digits_batch_norm() -> tuple[Dataset, Blueprint]:
    """The same with batch norm."""
    data, blueprint = digits()
    return data, compose(blueprint, [BatchNorm()])


def quarter_of_lecture() -> tuple[Dataset, Blueprint]:
    """The lecture's network with batch norm, at a quarter of its width."""
    wide = Blueprint(filters=(16, 32, 64), dense=(128,), epochs=4, batch_size=64)
    return noise_images(1280), compose(wide, [BatchNorm()])


def airbench() -> tuple[Dataset, Blueprint]:
    """The network of the speedrun ladder, with few steps: one takes seconds on an old CPU."""
    plain = Blueprint(base="airbench", filters=(64, 256, 256), dense=(), epochs=3, batch_size=512)
    data = noise_images(1720)  # of which more than two batches are for training
    return data, compose(plain, [BatchNorm(), Activation(kind="gelu"), PatchWhitening()])


NETWORKS: dict[str, Callable[[], tuple[Dataset, Blueprint]]] = {
    "digits": digits,
    "digits-bn": digits_batch_norm,
    "32x32": quarter_of_lecture,
    "airbench": airbench,
}
