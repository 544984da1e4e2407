"""The hash of saved weights: what it is over, and that it stands for their path in fingerprints."""

import io
import shutil
import zipfile

import h5py
import numpy as np
import pytest

from trickbook.recipes import Blueprint, TrainingSettings
from trickbook.runs.errors import ReportError
from trickbook.runs.saved_weights import weights_hash, with_weights_hashes

KERNEL = np.arange(6, dtype="float32").reshape(2, 3)


def weights(kernel=KERNEL, name="dense/vars/0"):
    file = io.BytesIO()
    with h5py.File(file, "w") as held:
        held[f"layers/{name}"] = kernel
    return file.getvalue()


@pytest.fixture
def write(tmp_path):
    """Writes model.keras to a folder, as Keras's files are made, and returns the folder."""

    def written(folder, content, saved="today"):
        (tmp_path / folder).mkdir()
        with zipfile.ZipFile(tmp_path / folder / "model.keras", "w") as file:
            file.writestr("metadata.json", saved)
            file.writestr("model.weights.h5", content)
        return tmp_path / folder

    return written


def test_it_is_over_values_types_and_places_and_nothing_else(write, tmp_path):
    told = weights_hash(write("run", weights()))
    assert len(told) == 64
    assert told == weights_hash(write("later", weights(), saved="tomorrow") / "model.keras")
    (tmp_path / "alone.weights.h5").write_bytes(weights())
    assert told == weights_hash(tmp_path / "alone.weights.h5")
    others = [weights(-KERNEL), weights(KERNEL.T), weights(KERNEL.view("int32"))]
    others += [weights(name="dense_1/vars/0")]
    hashes = {weights_hash(write(f"other{n}", one)) for n, one in enumerate(others)}
    assert len(hashes | {told}) == 5


def test_weights_that_change_have_another_hash_under_the_same_path(write):
    folder = write("run", weights())
    before = weights_hash(folder)
    shutil.rmtree(folder)
    assert before != weights_hash(write("run", weights(KERNEL + 1)))


def test_a_blueprint_tells_the_hash_in_place_of_the_path(write):
    first, second = write("first", weights()), write("second", weights())
    told = [
        with_weights_hashes(Blueprint(training=TrainingSettings(warm_start=str(path))).to_dict())
        for path in (first, second)
    ]
    assert told[0] == told[1]
    assert told[0]["warm_start"] == weights_hash(first)
    plain = Blueprint().to_dict()
    assert with_weights_hashes(plain) == plain


@pytest.mark.parametrize(
    ("content", "text"),
    [(None, "no weights in .*run. Give a run's folder"), (b"text", "cannot be read")],
)
def test_what_holds_no_weights_is_refused(write, tmp_path, content, text):
    folder = tmp_path / "run" if content is None else write("run", content)
    with pytest.raises(ReportError, match=text):
        weights_hash(folder)
