"""Every recipe that changes the network is built and trained for two steps, on any backend."""

import keras
import numpy as np
import pytest
from recipe_examples import EXAMPLES

from trickbook.recipes import NETWORK_FIELDS, Blueprint, RecipeError, compose
from trickbook.training.build import build_model
from trickbook.training.preprocessing import fit_preprocessing

BACKEND = keras.backend.backend()
SHAPE, CLASSES = (8, 8, 1), 3
SMALL = Blueprint(filters=(2,), convolutions=1, dense=(4,), batch_size=4)
RNG = np.random.default_rng(0)
IMAGES, LABELS = RNG.normal(size=(4, *SHAPE)).astype("f4"), np.arange(4) % CLASSES


class Unscaled:
    """Leaves inputs as they are."""

    scale, offset = (1.0,), (0.0,)


# What a network may honour, what all of them do, and what stands in front of them.
FIELDS = (*NETWORK_FIELDS, "logit_scale", "preprocessing")


def of_networks():
    """Names of the recipes whose example changes the network.

    But for transfer, whose backbone is trained elsewhere: test_transfer.py is about it.
    """
    return [
        name
        for name, recipe in EXAMPLES.items()
        if name != "transfer"
        and any(getattr(recipe.apply(SMALL), field) != getattr(SMALL, field) for field in FIELDS)
    ]


def stacked(names):
    """The same names in as few stacks as compose: where each step is compiled, it takes seconds."""
    stacks = []
    for name in names:
        for stack in stacks:
            try:
                compose(SMALL, [EXAMPLES[one] for one in (*stack, name)])
            except RecipeError:
                continue
            stack.append(name)
            break
        else:
            stacks.append([name])
    return stacks


TRIED = [[name] for name in of_networks()] if BACKEND == "tensorflow" else stacked(of_networks())


def test_what_is_tried_holds_the_tricks_of_architecture():
    names = {name for stack in TRIED for name in stack}
    architecture = {name for name, one in EXAMPLES.items() if one.level == "architecture"}
    assert names >= architecture - {"transfer"}
    assert names >= {"initializer", "activation", "batch_norm", "layer_norm", "dropout", "l2"}


@pytest.mark.parametrize("names", TRIED, ids="+".join)
def test_two_steps_move_every_weight(names):
    blueprint = compose(SMALL, [EXAMPLES[name] for name in names])
    model = build_model(
        blueprint,
        SHAPE,
        CLASSES,
        Unscaled,
        steps_per_epoch=2,
        preprocessing=fit_preprocessing(blueprint, IMAGES),
    ).training_model
    if BACKEND == "tensorflow":
        model.run_eagerly = True  # Tracing would take longer than the steps.
    kernels = [weight for weight in model.trainable_weights if "kernel" in weight.path]
    before = [keras.ops.convert_to_numpy(kernel) for kernel in kernels]
    for _ in range(2):
        logs = model.train_on_batch(IMAGES, LABELS, return_dict=True)
    assert np.isfinite(logs["loss"])
    for kernel, start in zip(kernels, before, strict=True):
        after = keras.ops.convert_to_numpy(kernel)
        assert np.isfinite(after).all()
        assert (after != start).any(), kernel.path
