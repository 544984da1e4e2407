"""`trickbook.callbacks` needs nothing that a foreign project has no use for."""

import os
import subprocess
import sys

PROGRAM = """
import sys

# Keras imports some of these itself where it finds them, so their absence is the proof.
absent = ["trickbook.ladder", "trickbook.recipes", "sklearn", "typer", "IPython"]
absent += ["matplotlib.pyplot"]
sys.modules.update(dict.fromkeys(absent))
from trickbook.callbacks import LearningCurves

import keras

assert "trickbook.data" not in sys.modules
model = keras.Sequential([keras.layers.Dense(1)])
model.compile("sgd", "mse", run_eagerly=True)
x = keras.ops.ones((2, 1))
model.fit(x, x, verbose=0, callbacks=[LearningCurves(sys.argv[1], name="foreign")])
"""


def test_learning_curves_alone(tmp_path):
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "curves.png").stat().st_size > 1000
