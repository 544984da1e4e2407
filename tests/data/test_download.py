"""Official files come from Keras's cache or are fetched; failures say what to do by hand."""

import dataclasses
import gzip
import hashlib
import io
import pickle
import re
import struct
import tarfile

import keras
import numpy as np
import pytest

from trickbook.data import DataError, DataSpec, load, loading
from trickbook.data.sources import cifar, mnist

FASHION = {
    "train-images-idx3-ubyte.gz": 1,
    "train-labels-idx1-ubyte.gz": 1,
    "t10k-images-idx3-ubyte.gz": 2,
    "t10k-labels-idx1-ubyte.gz": 2,
}


@pytest.fixture(autouse=True)
def keras_home(tmp_path, monkeypatch):
    home = tmp_path / "keras"
    home.mkdir()
    monkeypatch.setenv("KERAS_HOME", str(home))
    return home


def images(seed, count=50):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, 28, 28)).astype(np.uint8), np.arange(count, dtype="u1") % 10


def mnist_bytes():
    (x_train, y_train), (x_test, y_test) = images(1), images(2)
    file = io.BytesIO()
    np.savez(file, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    return file.getvalue()


def idx(values):
    header = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
    return gzip.compress(header + values.tobytes())


def write_fashion(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, seed in FASHION.items():
        x, y = images(seed)
        (folder / name).write_bytes(idx(x if "images" in name else y))


def publish(monkeypatch, module, constant, url, data):
    """Let an official file be at `url`, with the checksum of `data`."""
    file = getattr(module, constant)
    digest = hashlib.sha256(data).hexdigest()
    monkeypatch.setattr(module, constant, dataclasses.replace(file, url=url, sha256=digest))


def no_network(*_, **__):
    raise Exception("URL fetch failure: no network")  # as keras.utils.get_file raises it


def test_mnist_is_downloaded_once(tmp_path, monkeypatch, keras_home):
    source = tmp_path / "published.npz"
    source.write_bytes(mnist_bytes())
    publish(monkeypatch, mnist, "MNIST", source.as_uri(), source.read_bytes())
    first = load(DataSpec("mnist"))
    assert (keras_home / "datasets" / "mnist.npz").read_bytes() == source.read_bytes()
    monkeypatch.setattr("keras.utils.get_file", no_network)
    assert load(DataSpec("mnist")).fingerprint == first.fingerprint
    assert first.image_shape == (28, 28, 1)
    assert first.classes == tuple("0123456789")
    np.testing.assert_array_equal(first.x_test[..., 0], images(2)[0])


def test_wrong_checksum_is_refused(tmp_path, monkeypatch):
    source = tmp_path / "published.npz"
    source.write_bytes(mnist_bytes())
    publish(monkeypatch, mnist, "MNIST", source.as_uri(), b"something else")
    with pytest.raises(DataError, match=r"could not be downloaded.*hash"):
        load(DataSpec("mnist"))


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "cifar10", "cifar100"])
def test_failed_download_says_what_to_do(monkeypatch, name):
    monkeypatch.setattr("keras.utils.get_file", no_network)
    with pytest.raises(DataError, match=r"no network.*https://.*--data-dir FOLDER"):
        load(DataSpec(name))


def test_cifar_comes_from_the_archive_that_keras_caches(monkeypatch, keras_home):
    batch = {b"data": np.zeros((4, 3072), np.uint8), b"fine_labels": [0, 1, 0, 1]}
    batch[b"data"] += np.arange(4, dtype=np.uint8)[:, np.newaxis]
    files = {
        "train": {**batch, b"data": np.repeat(batch[b"data"], 5, 0), b"fine_labels": [0, 1] * 10},
        "test": batch,
        "meta": {b"fine_label_names": [b"apple", b"bear"]},
    }
    archive = keras_home / "datasets" / "cifar-100-python-target_archive"
    archive.parent.mkdir()
    with tarfile.open(archive, "w:gz") as tar:
        for name, content in files.items():
            data = pickle.dumps(content, 2)
            member = tarfile.TarInfo(f"cifar-100-python/{name}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    known = dataclasses.replace(cifar.CIFAR100.archive, sha256=digest)
    monkeypatch.setattr(loading, "CIFAR100", dataclasses.replace(cifar.CIFAR100, archive=known))
    data = load(DataSpec("cifar100"))
    assert data.classes == ("apple", "bear")
    assert data.x_test[:, 0, 0, 0].tolist() == [0, 1, 2, 3]


def test_fashion_mnist_from_the_cache(keras_home):
    write_fashion(keras_home / "datasets" / "fashion-mnist")
    data = load(DataSpec("fashion_mnist"))
    described = re.findall(
        r"\| +(\d) +\| (.+?) +\|", keras.datasets.fashion_mnist.load_data.__doc__
    )
    assert list(enumerate(data.classes)) == [(int(label), name) for label, name in described]
    assert len(data.classes) == 10
    np.testing.assert_array_equal(data.x_test[..., 0], images(2)[0])
    np.testing.assert_array_equal(data.y_test, images(2)[1])


def test_data_dir_serves_both(tmp_path):
    folder = tmp_path / "files"
    write_fashion(folder)
    (folder / "mnist.npz").write_bytes(mnist_bytes())
    assert len(load(DataSpec("fashion_mnist", data_dir=str(folder))).x_test) == 50
    in_folder = load(DataSpec("mnist", data_dir=str(folder)))
    as_file = load(DataSpec("mnist", data_dir=str(folder / "mnist.npz")))
    assert in_folder.fingerprint == as_file.fingerprint


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_empty_data_dir_is_told(tmp_path, name):
    with pytest.raises(DataError, match=r"There is no .* in .*--data-dir"):
        load(DataSpec(name, data_dir=str(tmp_path)))


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: b"",
        lambda data: b"no gzip at all",
        lambda data: gzip.compress(gzip.decompress(data)[:-1]),
        lambda data: gzip.compress(b"\x00\x00\x08\x03"),
        lambda data: gzip.compress(b"\x00\x00\x0d" + gzip.decompress(data)[3:]),
    ],
)
def test_damaged_idx_is_named(tmp_path, damage):
    write_fashion(tmp_path)
    path = tmp_path / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DataError, match=r"t10k-images-idx3-ubyte\.gz is"):
        load(DataSpec("fashion_mnist", data_dir=str(tmp_path)))
