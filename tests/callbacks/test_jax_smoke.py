"""On JAX too, all callbacks take part in a fit, and a killed training goes on bit for bit.

Every case runs there with `make test-backends`; these few tell at once when JAX is forgotten.
"""

import os
import subprocess
import sys
from pathlib import Path

import keras
import pytest

HERE = Path(__file__).parent
CASES = [
    "test_cases_fits.py::test_no_validation[all]",
    "test_exact_resume.py::test_same_weights_and_history_wherever_it_is_killed[2]",
]


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="`make test-backends` has the cases"
)
def test_all_callbacks_on_jax(tmp_path):
    pytest.importorskip("jax")
    settings = {"KERAS_BACKEND": "jax", "JAX_DISABLE_MOST_OPTIMIZATIONS": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", f"--basetemp={tmp_path / 'jax'}", *CASES],
        cwd=HERE,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(CASES)} passed" in done.stdout, done.stdout
