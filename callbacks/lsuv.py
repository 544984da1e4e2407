"""`LSUV`: initialises the weights so that every layer's output has unit variance."""

import warnings
from typing import Any

import keras

from .evaluation.some_samples import some_samples
from .optimizers.optimizer_facts import batches_trained
from .unit_variance import ScaledLayer, apply_lsuv, check_arguments


class LSUV(keras.callbacks.Callback):
    """Initialises the model by layer-sequential unit variance before its first batch.

    See `trickbook.callbacks.apply_lsuv` for the algorithm and the layers that it applies to; that
    function does the same without a fit (arXiv 1511.06422; deck L4, algorithm 1).

    It acts once on a model, before the first batch of its first fit. Later fits with the same
    instance leave the weights alone, and so does a fit that continues an earlier one: by
    `initial_epoch`, or resumed by a callback. A model whose optimizer has made steps is left alone
    with a warning. One instance can serve several models in turn, as in cross-validation.
    Training draws the same random numbers as without this callback.

    Args:
        x: Inputs as the model takes them: an array, or a list or dict of arrays.
        tol: How far the output variance of a layer may be from 1, above 0.
        max_iterations: How many times a kernel is divided at most.
        max_samples: Use at most this many samples of `x`, evenly spaced; some hundreds are enough.
        seed: Seed of the orthonormal matrices; None: as `keras.utils.set_random_seed` decides.
        model: What to initialise instead of the model that is trained, for instance a part that has
            a `call` where the whole model has none.

    Attributes:
        layers: What was done to the model, a `ScaledLayer` for each layer; empty until the model
            is initialised.

    Raises:
        ValueError: An argument is out of range; or, before the first batch, the output of a layer
            does not vary, or the model has no `call`. The model is then as it was.

    Example:
    ```python
    model.fit(x, y, epochs=30, callbacks=[trickbook.callbacks.LSUV(x, seed=0)])
    ```
    """

    def __init__(
        self,
        x: Any,
        tol: float = 0.1,
        max_iterations: int = 10,
        max_samples: int = 256,
        seed: int | None = None,
        model: keras.Model | None = None,
    ) -> None:
        super().__init__()
        check_arguments(tol, max_iterations, max_samples)
        self.tol = tol
        self.max_iterations = max_iterations
        self.max_samples = max_samples
        self.seed = seed
        self.layers: list[ScaledLayer] = []
        self._part = model
        self._x = some_samples(x, max_samples, "LSUV")
        self._is_over = False

    def set_model(self, model: keras.Model) -> None:
        """Keras calls this before training begins; a new model is to be initialised.

        With a `model` argument it is the same for every fit, and initialised once.
        """
        if self._part is None and self.model not in (None, model):
            self.layers = []
            self._is_over = False
        super().set_model(model)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Initialise the model, if this is the first epoch of its training."""
        if self._is_over:
            return
        self._is_over = True
        if epoch == 0 and self._is_untrained():
            model = self._part or self.model
            self.layers = apply_lsuv(
                model, self._x, self.tol, self.max_iterations, self.max_samples, self.seed
            )

    def state_dict(self) -> dict[str, Any]:
        """Whether the first epoch has begun, and what was done then."""
        return {"is_over": self._is_over, "layers": [layer._asdict() for layer in self.layers]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` gave."""
        self._is_over = state["is_over"]
        self.layers = [ScaledLayer(**layer) for layer in state["layers"]]

    def _is_untrained(self) -> bool:
        steps = batches_trained(self.model.optimizer)
        if steps:
            warnings.warn(
                f"LSUV leaves the model as it is, as it has been trained for {steps} steps. To "
                "initialise it all the same, call trickbook.callbacks.apply_lsuv.",
                stacklevel=2,
            )
        return not steps
