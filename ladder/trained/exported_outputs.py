"""The outputs of exported models, each from the runtime of its format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np


def _keras(path: Path, inputs: np.ndarray) -> np.ndarray:
    import keras

    return keras.saving.load_model(path).predict_on_batch(inputs)


def _savedmodel(path: Path, inputs: np.ndarray) -> np.ndarray:
    import tensorflow as tf

    # Keep a reference to the loaded object: its functions use its variables, but do not hold them.
    loaded = tf.saved_model.load(str(path))
    return loaded.serve(inputs).numpy()


def _onnx(path: Path, inputs: np.ndarray) -> np.ndarray:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: inputs})[0]


def _tflite(path: Path, inputs: np.ndarray) -> np.ndarray:
    import tensorflow as tf

    interpreter = tf.lite.Interpreter(model_path=str(path))
    place = interpreter.get_input_details()[0]["index"]
    interpreter.resize_tensor_input(place, inputs.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(place, inputs)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


#: For each format a function from a path and inputs, (n, ...), float32, to outputs, (n, units).
READERS: Mapping[str, Callable[[Path, np.ndarray], np.ndarray]] = {
    "keras": _keras,
    "savedmodel": _savedmodel,
    "onnx": _onnx,
    "tflite": _tflite,
}
