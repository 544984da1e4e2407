"""`LSUV`: weights with which every layer's output has unit variance, before training begins."""

import warnings
from typing import Any

import keras

from .optimizers.optimizer_facts import batches_trained
from .unit_variance import ScaledLayer, apply_lsuv, check_arguments, some_samples


class LSUV(keras.callbacks.Callback):
    """Initialises the model by layer-sequential unit variance before its first batch.

    What that is, and which layers it concerns, `trickbook.callbacks.apply_lsuv` tells, which does
    the same without a fit (arXiv 1511.06422; deck L4, algorithm 1).

    It acts once on a model, before the first batch of its first fit. Later fits with the same
    instance leave the weights alone, and so does a fit that continues an earlier one: by
    `initial_epoch`, or resumed by a callback. A model whose optimizer has made steps is left alone
    with a warning. An instance serves one model after the other, as in cross-validation.
    Training draws the same random numbers as without it.

    Args:
        x: Inputs as the model takes them: an array, or a list or dict of arrays.
        tol: The output variance of every layer shall be within this of 1.
        max_iterations: At most so many times a kernel is divided.
        max_samples: Use so many samples of `x`, evenly spaced; some hundreds tell enough.
        seed: Of the orthonormal matrices; None: as `keras.utils.set_random_seed` decides.
        model: What to initialise in place of the model that is trained, for instance the part of it
            that has a `call` where it has none itself.

    Attributes:
        layers: What was done to the model, a `ScaledLayer` for each layer; empty until it has
            acted.

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
        self._x = some_samples(x, max_samples)
        self._is_over = False

    def set_model(self, model: keras.Model) -> None:
        """Keras calls this before training begins; another model than before is to be initialised.

        A part that was given stays the same.
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
        """Whether its time is over, and what it did."""
        return {"is_over": self._is_over, "layers": [layer._asdict() for layer in self.layers]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` gave."""
        self._is_over = state["is_over"]
        self.layers = [ScaledLayer(**layer) for layer in state["layers"]]

    def _is_untrained(self) -> bool:
        steps = batches_trained(self.model.optimizer)
        if steps:
            warnings.warn(
                f"LSUV leaves the model as it is, for it has been trained for {steps} steps. To "
                "initialise it all the same, call trickbook.callbacks.apply_lsuv.",
                stacklevel=2,
            )
        return not steps
