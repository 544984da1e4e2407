"""Predicts before and after a module of the user's is there, as a process of its own does."""

import importlib
import io
import json
import os
import sys
from contextlib import redirect_stderr, redirect_stdout

from trickbook.ladder.cli.main import main


def predict_twice(run, picture, folder):
    """In `folder`, whose `elsewhere.py` is called `own_tricks.py` the second time.

    What came of both it writes to `predicted.json`.
    """
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    sys.argv = ["trickbook", "predict", str(run), picture]
    lost = _predict()
    (folder / "elsewhere.py").rename(folder / "own_tricks.py")
    importlib.invalidate_caches()
    (folder / "predicted.json").write_text(json.dumps([lost, _predict()]))


def _predict():
    output, errors, status = io.StringIO(), io.StringIO(), None
    with redirect_stdout(output), redirect_stderr(errors):
        try:
            main()
        except SystemExit as ended:
            status = ended.code
    return {"status": status, "output": output.getvalue(), "errors": errors.getvalue()}
