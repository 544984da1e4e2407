"""Weighted means of two images."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from ..argument_checks import number_in
from .beta_draws import beta, beta_quantiles


@keras.saving.register_keras_serializable(package="trickbook")
class MixUp(keras.layers.Layer):
    """Mixes each image with a partner: share * image + (1 - share) * partner.

    Keras's MixUp draws from a generator of its own, one share per batch; this one takes its draws
    and the partners as inputs, so that both can be functions of (seed, epoch, image).

    Args:
        alpha: the share is drawn from Beta(alpha, alpha), above 0; 1 is uniform, smaller values
            give shares nearer to 0 or 1.

    Call arguments:
        images: (n, ...), floating.
        partners: of the same shape.
        draws: uniform draws in 0..1, (n, `MixUp.draws`).

    Returns:
        The mixed images, and the weight of each image's own label, (n,), float32.

    Source:
        Zhang et al. 2018, "mixup: Beyond Empirical Risk Minimization".
    """

    draws = 1

    def __init__(self, alpha: float = 0.2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = number_in("alpha", alpha, 0, without_low=True)
        self._quantiles = beta_quantiles(self.alpha)
        # Draws need all their bits, whatever type the network computes in.
        self.autocast = False

    def call(self, images: Any, partners: Any, draws: Any) -> tuple[Any, Any]:
        """Returns the mixed images and the shares."""
        share = beta(draws[:, 0], self._quantiles)
        own = ops.reshape(ops.cast(share, images.dtype), (-1, *[1] * (len(images.shape) - 1)))
        return own * images + (1.0 - own) * partners, share

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments, for saving."""
        return {**super().get_config(), "alpha": self.alpha}
