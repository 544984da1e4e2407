"""On JAX too, all callbacks take part in a fit.

Every case runs there with `make test-backends`; this one tells at once when JAX is forgotten.
"""

import os
import subprocess
import sys
from pathlib import Path

import keras
import pytest

HERE = Path(__file__).parent
CASE = "test_cases_fits.py::test_no_validation[all]"


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="`make test-backends` has every case"
)
def test_all_callbacks_on_jax(tmp_path, cache):
    pytest.importorskip("jax")
    settings = {
        "KERAS_BACKEND": "jax",
        "JAX_DISABLE_MOST_OPTIMIZATIONS": "0",
        # What JAX has compiled serves the next time too; a key to it holds all of it.
        "JAX_COMPILATION_CACHE_DIR": str(cache.mkdir("jax-programs")),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    }
    alone = ("-p", "no:cacheprovider", "-p", "no:xdist", f"--basetemp={tmp_path / 'jax'}")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *alone, CASE],
        cwd=HERE,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout, done.stdout
