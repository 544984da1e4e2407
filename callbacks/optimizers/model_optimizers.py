"""The optimizers that a model trains with, wherever it keeps them."""

from collections.abc import Iterable, Iterator
from typing import Any

import keras

from ..state.keras_private import all_layers

_Named = tuple[str, keras.optimizers.Optimizer]


def own_optimizers(model: keras.Model) -> dict[str, keras.optimizers.Optimizer]:
    """The optimizers that a model holds besides the compiled one, as a GAN does.

    They are named by attribute; those in lists, tuples and dicts also by index or key, as in
    `optimizers_0` and `optimizers_critic`. Those of sub-models are left out: a part that was
    trained separately before still has an optimizer that nothing uses any more.
    """
    compiled = {id(one) for one in [model.optimizer, *_inside(model.optimizer)]}
    return {name: one for name, one in _distinct(_held(model)) if id(one) not in compiled}


def all_optimizers(model: keras.Model) -> list[keras.optimizers.Optimizer]:
    """All optimizers that a model and its parts hold, compiled ones included."""
    held = (named for part in all_layers(model) for named in _held(part))
    return [one for _, one in _distinct(held)]


def simple_optimizers(optimizer: Any) -> list[Any]:
    """The optimizers with a rate inside an optimizer: several in a `MultiOptimizer`, else one."""
    inner = without_wrappers(optimizer)
    return list(getattr(inner, "optimizers", None) or [inner])


def wrapped_optimizers(optimizer: Any) -> list[Any]:
    """An optimizer, the one within it, the one within that, and so on.

    In mixed precision Keras wraps an optimizer in a `LossScaleOptimizer`; other libraries wrap
    optimizers in the same way.
    """
    found = [optimizer]
    while (inner := getattr(found[-1], "inner_optimizer", None)) is not None:
        found.append(inner)
    return found


def without_wrappers(optimizer: Any) -> Any:
    """The innermost optimizer, which takes the steps."""
    return wrapped_optimizers(optimizer)[-1]


def _held(part: keras.Layer) -> Iterator[_Named]:
    for name, value in vars(part).items():
        # TensorFlow's tracking holds the attributes a second time.
        if not name.startswith("_self_"):
            yield from _found(value, (name,))


def _found(value: Any, path: tuple[Any, ...]) -> Iterator[_Named]:
    if isinstance(value, keras.optimizers.Optimizer):
        yield "_".join(map(str, path)), value
    elif isinstance(value, dict | list | tuple):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _found(item, (*path, key))


def _distinct(held: Iterable[_Named]) -> list[_Named]:
    """Each optimizer once, by its first name, without those that others consist of."""
    first: dict[int, _Named] = {}
    for name, one in held:
        first.setdefault(id(one), (name, one))
    inside = {id(inner) for _, one in first.values() for inner in _inside(one)}
    return [named for key, named in first.items() if key not in inside]


def _inside(optimizer: Any) -> list[Any]:
    within = [*wrapped_optimizers(optimizer), *simple_optimizers(optimizer)]
    return [one for one in within if one is not optimizer]
