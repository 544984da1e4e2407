"""The hash of what was saved: what it is over, and that it stands for a path in fingerprints."""

import io
import shutil
import zipfile

import h5py
import keras
import numpy as np
import pytest

from trickbook.recipes import Blueprint, TrainingSettings
from trickbook.runs.errors import ReportError
from trickbook.runs.saved_weights import (
    backbone_facts,
    downloaded,
    is_path,
    network_hash,
    weights_hash,
    with_weights_hashes,
)

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


def saved_network(path, activation="relu", factor=None, loss="mse"):
    """Saves a network of the same weights whatever its activation, and returns its path."""
    ones = keras.initializers.Ones()  # that layers share is told by a number of the process's
    layers = [
        keras.Input((2,), name="inputs"),
        *([] if factor is None else [keras.layers.Rescaling(factor, name="rescaling")]),
        keras.layers.Dense(3, activation, kernel_initializer=ones, name="hidden"),
        keras.layers.Dense(2, kernel_initializer=ones, name="logits"),
    ]
    model = keras.Sequential(layers, name="source")
    model.compile("sgd", loss)
    model.save(path)
    return str(path)


def test_a_backbone_is_another_where_its_layers_are_though_its_weights_are_the_same(tmp_path):
    paths = [
        saved_network(tmp_path / "plain.keras"),
        saved_network(tmp_path / "again.keras"),
        saved_network(tmp_path / "for another loss.keras", loss="mae"),
        saved_network(tmp_path / "other.keras", activation="tanh"),
        saved_network(tmp_path / "rescaled.keras", factor=0.5),
    ]
    assert len({weights_hash(path) for path in paths}) == 1
    first, *more = (with_weights_hashes({"backbone": path})["backbone"] for path in paths)
    assert more[:2] == [first, first]
    assert len({first, *more}) == 3
    assert [backbone_facts({"backbone": path})["sha256"] for path in paths] == [first, *more]
    # What starts from weights alone, of whatever network, has another hash than the network.
    start = with_weights_hashes({"warm_start": paths[0]})["warm_start"]
    assert start == weights_hash(paths[0]) != first


def test_a_bare_name_is_that_of_an_application_unless_a_model_lies_there(
    write, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "MobileNetV2" / "runs").mkdir(parents=True)  # as --out MobileNetV2 makes
    told = {"backbone": "MobileNetV2"}
    assert with_weights_hashes(told) == told
    assert backbone_facts(told) == {"source": "MobileNetV2", "weights": "imagenet"}
    write("run", weights())
    assert is_path("run")


def test_only_weights_that_keras_downloads_count_by_themselves_in_a_fingerprint():
    facts = {"source": "MobileNetV2", "sha256": "ab"}
    assert downloaded({**facts, "weights": "imagenet"}) == "ab"
    # Of others the blueprint tells the hash.
    for other in (None, facts, {**facts, "weights": "own.weights.h5"}):
        assert downloaded(other) is None


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (None, "no weights in .*run. Give a run's folder"),
        (b"text", "cannot be read"),
        (weights().replace(b"TREE", b"LOST"), r"cannot be read \(.*visit"),
    ],
    ids=["none", "text", "damaged"],
)
def test_what_holds_no_weights_is_refused(write, tmp_path, content, text):
    folder = tmp_path / "run" if content is None else write("run", content)
    for hashed in (weights_hash, network_hash):
        with pytest.raises(ReportError, match=text):
            hashed(folder)


def test_a_backbone_that_does_not_tell_its_layers_is_refused(write):
    with pytest.raises(ReportError, match=r"config\.json.* cannot be read|cannot be read .*config"):
        network_hash(write("run", weights()))
