"""Reviews from a file as Keras's: read as Keras reads them, but without executing a pickle."""

import dataclasses
import hashlib
import os
import pickle

import keras
import numpy as np
import pytest

from trickbook.data import DataError, DataSpec, load
from trickbook.data.sources import imdb

COUNTS = {"train": 60, "test": 20}


def reviews(seed, count):
    draws = np.random.default_rng(seed)
    lists = [draws.integers(1, 40, draws.integers(1, 12)).tolist() for _ in range(count)]
    packed = np.empty(count, object)
    packed[:] = lists
    return packed, np.arange(count) % 2


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Writes a small imdb.npz, with that file's checksum as the official one."""

    def write(**changed):
        arrays = {}
        for seed, (split, count) in enumerate(COUNTS.items()):
            arrays[f"x_{split}"], arrays[f"y_{split}"] = reviews(seed, count)
        path = tmp_path / "imdb.npz"
        np.savez(path, **{**arrays, **changed})
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        monkeypatch.setattr(imdb, "IMDB", dataclasses.replace(imdb.IMDB, sha256=digest))
        return path

    return write


def rows(tokens):
    return sorted(map(tuple, np.asarray(tokens).astype(int).tolist()))


def test_the_official_file_is_keras_own(monkeypatch):
    asked = {}

    def get_file(**given):
        asked.update(given)
        raise OSError("no network")

    monkeypatch.setattr("keras.src.datasets.imdb.get_file", get_file)
    with pytest.raises(OSError, match="no network"):
        keras.datasets.imdb.load_data()
    assert (imdb.IMDB.url, imdb.IMDB.sha256) == (asked["origin"], asked["file_hash"])
    assert imdb.IMDB.cache_name == asked["fname"]


@pytest.mark.parametrize("num_words", [20, None])
def test_tokens_are_those_that_keras_makes(written, monkeypatch, num_words):
    path = written()
    monkeypatch.setattr("keras.src.datasets.imdb.get_file", lambda **given: str(path))
    (x_train, y_train), (x_test, _) = keras.datasets.imdb.load_data(num_words=num_words or 10_000)
    padded = keras.utils.pad_sequences(x_train, maxlen=8)
    data = load(DataSpec("imdb", data_dir=path.parent, num_words=num_words, maxlen=8))
    ours = np.concatenate([data.x_train, data.x_val])
    assert rows(ours) == rows(padded)
    assert rows(data.x_test) == rows(keras.utils.pad_sequences(x_test, maxlen=8))
    labels = np.concatenate([data.y_train, data.y_val])
    assert rows(ours[labels == 1]) == rows(padded[y_train == 1])
    assert data.vocabulary == (num_words or 10_000) and data.classes == ("negative", "positive")


def test_reviews_are_80_tokens_long_unless_said(written):
    data = load(DataSpec("imdb", data_dir=written()))
    assert data.input_shape == (80,) and not data.is_of_images
    assert (data.x_train[:, :60] == 0).all() and "their last 80 tokens" in data.notes[0]
    assert len(data.x_train) == 48 and len(data.x_test) == 20


def test_another_file_is_refused_by_its_checksum(written):
    path = written()
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(DataError, match=r"is not the official imdb\.npz: its sha256 begins"):
        load(DataSpec("imdb", data_dir=path))


def test_without_network_or_file_it_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))

    def no_network(*given, **named):
        raise OSError("no network")

    monkeypatch.setattr("keras.utils.get_file", no_network)
    with pytest.raises(DataError, match=r"Download https.*imdb\.npz by another way .*--data-dir"):
        load(DataSpec("imdb"))
    with pytest.raises(DataError, match=r"There is no imdb\.npz in"):
        load(DataSpec("imdb", data_dir=tmp_path))


class Harm:
    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (self.trace,)


def test_a_pickle_that_calls_something_is_not_executed(written, tmp_path):
    trace = tmp_path / "trace"
    packed, _ = reviews(0, COUNTS["train"])
    packed[3] = Harm(str(trace))
    path = written(x_train=packed)
    with pytest.raises(DataError, match=r"x_train in .*imdb\.npz was not read, because it asks"):
        load(DataSpec("imdb", data_dir=path))
    assert not trace.exists()
    assert pickle.loads(pickle.dumps(Harm(str(trace)))) is None and trace.exists()


def packed_with(one):
    packed, _ = reviews(0, COUNTS["train"])
    packed[3] = one
    return packed


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"x_train": np.zeros((60, 4), int)}, "x_train in .* holds no lists of word numbers"),
        ({"x_train": packed_with("text")}, "holds no lists of word numbers"),
        ({"x_train": packed_with([1.5])}, "holds no lists of word numbers"),
        ({"y_train": np.arange(59) % 2}, "60 sequences but 59 labels"),
        ({"y_train": np.array(["a"] * 60, object)}, "pickled objects, which are never loaded"),
        ({"y_test": np.arange(20) % 3}, "out of range: there is a label 2"),
    ],
)
def test_other_contents_are_refused(written, changed, message):
    with pytest.raises(DataError, match=message):
        load(DataSpec("imdb", data_dir=written(**changed)))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"num_words": 3}, "num_words must be a whole number of at least 4"),
        ({"maxlen": 0}, "maxlen must be a whole number of at least 1"),
        ({"inputs": "tokens"}, "what imdb holds is known"),
        ({"name": "digits", "maxlen": 5}, "maxlen is for imdb; digits has none"),
    ],
)
def test_settings_that_cannot_be_are_refused(values, message):
    with pytest.raises(DataError, match=message):
        DataSpec(**{"name": "imdb", **values})
