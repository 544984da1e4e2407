"""From raw inputs to a head's inputs, through a backbone that is split where unfreezing begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from ...recipes import RecipeError, nearest
from .graph import cut
from .inference_mode import InferenceMode
from .pretrained import Backbone, is_rgb_for_grey

_POOLINGS = {
    "average": keras.layers.GlobalAveragePooling2D,
    "max": keras.layers.GlobalMaxPooling2D,
}


class Body:
    """A backbone in two parts: one that is never trained, and one that may be.

    Args:
        backbone: the pretrained network.
        input_shape: shape of a raw input.
        unfreeze: the layer from which on the backbone is trained in the end: its name, or its
            position counted from the end, where 1 is the last; None: no layer is trained.
        pooling: how the head pools maps: "average" (also for None), "max" or "flatten".

    Attributes:
        frozen: raw inputs -> inputs of the part that may be trained, or all features if nothing is
            unfrozen; None if that part holds all of the backbone's weights.
        layers: the unfrozen layers with weights; empty if nothing is unfrozen.

    Raises:
        RecipeError: if there is no such layer, suggesting the nearest name, or if there are no
            weights from that layer on.
    """

    def __init__(
        self,
        backbone: Backbone,
        input_shape: tuple[int, ...],
        unfreeze: str | int | None = None,
        pooling: str | None = None,
    ) -> None:
        self._backbone = backbone
        self._pooling = None if pooling == "flatten" else _POOLINGS[pooling or "average"]
        self._input_shape = input_shape
        self.layers = _unfrozen(backbone, unfreeze)
        model = backbone.model
        place = cut(model, self.layers) if self.layers else None
        self._never = model if not self.layers else None
        self._later: keras.Model | None = model if self.layers else None
        if place is not None:
            never = keras.Model(model.inputs, place)
            if never.weights:
                self._never, self._later = never, keras.Model(place, model.outputs[0])
        self.frozen = None if self._never is None else self._from_raw(self.before)

    @property
    def source(self) -> str:
        """What the user calls the backbone."""
        return self._backbone.source

    @property
    def shows_grey_as_rgb(self) -> bool:
        """Whether images of one channel get three for the backbone."""
        return is_rgb_for_grey(self._backbone.model, self._input_shape)

    @property
    def features(self) -> keras.Model:
        """Raw inputs -> what the head takes."""
        return self._from_raw(lambda raw: self.after(self.before(raw)))

    def before(self, raw: Any, *, trains: bool = False) -> Any:
        """Applies the preprocessing and the part that is never trained.

        Args:
            raw: symbolic batch of raw inputs.
            trains: whether the result is for a network that will be trained.
        """
        preprocessed = self._backbone.preprocess(raw)
        if self._never is None:
            return preprocessed
        found = _called(self._never, preprocessed, trains)
        return self._pooled(found) if self._later is None else found

    def after(self, given: Any, *, trains: bool = False) -> Any:
        """Returns the head's inputs from what `before` returns."""
        if self._later is None:
            return given
        return self._pooled(_called(self._later, given, trains))

    def freeze(self) -> None:
        """Makes no layer of the backbone trainable."""
        self._train(())

    def unfreeze(self) -> None:
        """Makes the unfrozen layers trainable, and no others."""
        self._train(self.layers)

    def restore(self) -> None:
        """Sets the backbone back to the weights that it was loaded with."""
        self._backbone.restore()

    def _train(self, layers: Sequence[keras.layers.Layer]) -> None:
        chosen = {id(layer) for layer in layers}
        for layer in self._backbone.model.layers:
            layer.trainable = id(layer) in chosen

    def _pooled(self, maps: Any) -> Any:
        if self._pooling is None or len(maps.shape) != 4:
            return maps
        return self._pooling(name="pool")(maps)

    def _from_raw(self, given: Any) -> keras.Model:
        raw = keras.Input(self._input_shape, name="images")
        return keras.Model(raw, given(raw))


def _called(model: keras.Model, inputs: Any, trains: bool) -> Any:
    # The model that is saved does without InferenceMode, so loading it does not need the class.
    return InferenceMode(model)(inputs) if trains else model(inputs, training=False)


def _unfrozen(backbone: Backbone, unfreeze: str | int | None) -> tuple[keras.layers.Layer, ...]:
    """Returns the layers from the given one on, in the order of the network."""
    layers = [one for one in backbone.model.layers if not isinstance(one, keras.layers.InputLayer)]
    if unfreeze is None:
        return ()
    if isinstance(unfreeze, int):
        if unfreeze > len(layers):
            raise RecipeError(
                f"transfer: {backbone.source} has {len(layers)} layers before its head. "
                f"Received: unfreeze={unfreeze}"
            )
        chosen = layers[-unfreeze:]
    else:
        chosen = layers[_place(backbone.source, [one.name for one in layers], unfreeze) :]
    with_weights = [layer for layer in chosen if layer.weights]
    if not with_weights:
        last = next(layer.name for layer in reversed(layers) if layer.weights)
        raise RecipeError(
            f"transfer: the layers of {backbone.source} from unfreeze={unfreeze!r} on have no "
            f"weights to train. The last layer with weights is {last!r}."
        )
    return tuple(with_weights)


def _place(source: str, names: Sequence[str], name: str) -> int:
    if name not in names:
        raise RecipeError(
            f"transfer: {source} has no layer {name!r}.{nearest(name, names)} The last of its "
            f"{len(names)} layers: {', '.join(names[-20:])}."
        )
    return names.index(name)
