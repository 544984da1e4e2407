"""Images with a rectangle of another image pasted in."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from ..argument_checks import number_in
from .beta_draws import beta, beta_quantiles


@keras.saving.register_keras_serializable(package="trickbook")
class CutMix(keras.layers.Layer):
    """Pastes a rectangle of a partner into each image, at the same place.

    A share is drawn from Beta(alpha, alpha). The rectangle has the image's proportions and
    1 - share of its area; its centre is anywhere in the image, and what lies beyond the border is
    cut off. Labels are mixed by the share of pixels that were actually replaced. Keras's CutMix
    draws from a generator of its own; this one takes its draws and the partners as inputs.

    Args:
        alpha: parameter of the beta distribution, above 0; 1 is uniform.

    Call arguments:
        images: (n, height, width, channels), height and width fixed, floating.
        partners: of the same shape.
        draws: uniform draws in 0..1, (n, `CutMix.draws`).

    Returns:
        The mixed images, and the weight of each image's own label, (n,), float32.

    Source:
        Yun et al. 2019, "CutMix: Regularization Strategy to Train Strong Classifiers".
    """

    draws = 3

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = number_in("alpha", alpha, 0, without_low=True)
        self._quantiles = beta_quantiles(self.alpha)
        self.input_spec = keras.layers.InputSpec(ndim=4)
        # Draws need all their bits, whatever type the network computes in.
        self.autocast = False

    def call(self, images: Any, partners: Any, draws: Any) -> tuple[Any, Any]:
        """Returns the mixed images and the shares."""
        height, width = images.shape[1:3]
        side = ops.sqrt(1.0 - beta(draws[:, 0], self._quantiles))
        rows, columns = _span(draws[:, 1], side, height), _span(draws[:, 2], side, width)
        is_cut = ops.logical_and(rows[:, :, None], columns[:, None, :])
        share = 1.0 - ops.mean(ops.cast(is_cut, "float32"), axis=(1, 2))
        return ops.where(is_cut[..., None], partners, images), share

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments, for saving."""
        return {**super().get_config(), "alpha": self.alpha}


def _span(place: Any, side: Any, size: int) -> Any:
    """Returns which positions lie in a span of `side` times `size` about a pixel, (n, size)."""
    length = ops.floor(side * size)
    first = (ops.floor(place * size) - ops.floor(length / 2.0))[:, None]
    positions = ops.reshape(ops.arange(size, dtype="float32"), (1, size))
    return ops.logical_and(positions >= first, positions < first + length[:, None])
