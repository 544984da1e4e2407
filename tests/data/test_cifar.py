"""CIFAR's official files are read, and nothing in them is executed."""

import io
import os
import pickle
import struct
import tarfile

import numpy as np
import pytest

from trickbook.data import DataError, DataSpec, load
from trickbook.data.sources.plain_pickle import read_plain_pickle

NAMES = ["airplane", "automobile", "bird"]
BATCHES = [f"data_batch_{number}" for number in range(1, 6)]


def batch_arrays(seed, count=15):
    """Random images as CIFAR stores them, (n, 3072), and labels with every class."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, 3072)).astype(np.uint8), np.arange(count) % len(NAMES)


def python2_batch(pixels, labels, labels_key=b"labels"):
    """A batch opcode by opcode as Python 2 with NumPy 1 wrote the official ones."""

    def text(value):
        return b"U" + bytes([len(value)]) + value

    def named(module, name):
        return b"c" + module + b"\n" + name + b"\n"

    array = (
        named(b"numpy.core.multiarray", b"_reconstruct")
        + named(b"numpy", b"ndarray")
        + b"K\x00\x85" + text(b"b") + b"\x87R"
        + b"(K\x01" + b"M" + struct.pack("<H", len(pixels)) + b"M" + struct.pack("<H", 3072)
        + b"\x86" + named(b"numpy", b"dtype") + text(b"u1") + b"K\x00K\x01\x87R"
        + b"(K\x03" + text(b"|") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
        + b"\x89T" + struct.pack("<i", pixels.nbytes) + pixels.tobytes() + b"tb"
    )  # fmt: skip
    numbers = b"](" + b"".join(b"K" + bytes([label]) for label in labels) + b"e"
    pairs = text(b"data") + array + text(labels_key) + numbers
    return b"\x80\x02}(" + pairs + b"u."


def numpy1_batch(pixels, labels, protocol=2):
    """A batch as Python 3 with NumPy 1 wrote it."""
    batch = {b"data": pixels, b"labels": labels.tolist()}
    return pickle.dumps(batch, protocol).replace(
        b"numpy._core.multiarray", b"numpy.core.multiarray"
    )


def numpy2_batch(pixels, labels, protocol=4):
    return pickle.dumps({"data": pixels, "labels": labels.tolist()}, protocol)


def cifar10_files(write=python2_batch):
    files = {name: write(*batch_arrays(seed)) for seed, name in enumerate(BATCHES)}
    files["test_batch"] = write(*batch_arrays(9))
    meta = {b"label_names": [name.encode() for name in NAMES], b"num_vis": 3072}
    return {**files, "batches.meta": pickle.dumps(meta, 2), "readme.html": b"<html>"}


def cifar100_files():
    train, test = (python2_batch(*batch_arrays(seed), b"fine_labels") for seed in (1, 2))
    names = {"fine_label_names": NAMES, "coarse_label_names": ["x"]}
    return {"train": train, "test": test, "meta": pickle.dumps(names, 2)}


def write_folder(folder, files):
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)


def write_archive(path, folder, files):
    with tarfile.open(path, "w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(f"{folder}/{name}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path


@pytest.fixture
def archive(tmp_path):
    return write_archive(
        tmp_path / "cifar-10-python.tar.gz", "cifar-10-batches-py", cifar10_files()
    )


def load10(place):
    return load(DataSpec("cifar10", data_dir=str(place)))


def test_archive_pixels_and_labels(archive):
    data = load10(archive)
    pixels, labels = batch_arrays(9)
    assert data.classes == tuple(NAMES)
    assert (len(data.x_train), len(data.x_val)) == (60, 15)
    np.testing.assert_array_equal(data.y_test, labels)
    # A row is the red plane, the green plane, the blue plane, each in order of rows.
    for channel in range(3):
        plane = pixels[4, 1024 * channel : 1024 * (channel + 1)].reshape(32, 32)
        np.testing.assert_array_equal(data.x_test[4, :, :, channel], plane)


def test_every_place_gives_the_same(archive, tmp_path):
    write_folder(tmp_path / "unpacked" / "cifar-10-batches-py", cifar10_files())
    places = [
        archive.parent,
        tmp_path / "unpacked",
        tmp_path / "unpacked" / "cifar-10-batches-py",
    ]
    expected = load10(archive).fingerprint
    assert [load10(place).fingerprint for place in places] == [expected] * 3
    assert not (archive.parent / "cifar-10-batches-py").exists()


@pytest.mark.parametrize("write", [numpy1_batch, numpy2_batch])
def test_every_writer_gives_the_same(archive, tmp_path, write):
    write_folder(tmp_path / "again", cifar10_files(write))
    assert load10(tmp_path / "again").fingerprint == load10(archive).fingerprint


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4])
@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=">i4").reshape(2, 3),
        np.asfortranarray(np.ones((2, 3)).cumsum(1)),
        np.ones(2, "?"),
    ],
)
def test_arrays_of_plain_numbers_are_read(protocol, array):
    found = read_plain_pickle(pickle.dumps({"a": array, "b": [1, None, "x"]}, protocol), "file")
    np.testing.assert_array_equal(found["a"], array)
    assert found["b"] == [1, None, "x"]


def test_cifar100_has_fine_labels(tmp_path):
    write_folder(tmp_path / "cifar-100-python", cifar100_files())
    data = load(DataSpec("cifar100", data_dir=str(tmp_path)))
    assert data.classes == tuple(NAMES)
    np.testing.assert_array_equal(data.y_test, batch_arrays(2)[1])


class Command:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize(
    ("function", "name"), [(os.mkdir, "posix.mkdir|nt.mkdir"), (eval, "builtin.*eval")]
)
def test_a_command_is_refused_not_run(tmp_path, protocol, function, name):
    target = tmp_path / "made"
    argument = str(target) if function is os.mkdir else f"__import__('os').mkdir({str(target)!r})"
    files = cifar10_files()
    files["data_batch_3"] = pickle.dumps({"data": Command(function, argument)}, protocol)
    write_folder(tmp_path / "evil", files)
    with pytest.raises(DataError, match=f"data_batch_3 in .*evil.*({name})"):
        load10(tmp_path / "evil")
    assert not target.exists()


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (np.array([{}], object), "numpy.dtype"),
        (np.zeros(1, [("a", "u1")]), "numpy.dtype"),
        (np.load, "numpy.load"),
        (Command(eval, "1"), "eval"),
        ({1, 2}, "set"),
    ],
)
def test_what_is_no_plain_value_is_refused(value, name):
    with pytest.raises(DataError, match=f"batch was not read.*{name}"):
        read_plain_pickle(pickle.dumps({"data": value}, 2), "batch")


def test_other_codecs_are_refused():
    import _codecs

    with pytest.raises(DataError, match=r"rot13"):
        read_plain_pickle(pickle.dumps({"a": Command(_codecs.encode, "x", "rot13")}), "batch")


@pytest.mark.parametrize("share", [0, 0.01, 0.3, 0.7, 0.99])
def test_cut_off_archive_is_named(archive, share):
    whole = archive.read_bytes()
    archive.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(DataError, match=r"cifar-10-python\.tar\.gz is cut off or damaged"):
        load10(archive.parent)


def test_damaged_archive_is_named(archive):
    data = bytearray(archive.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 200] = b"\x00" * 200
    archive.write_bytes(bytes(data))
    with pytest.raises(DataError, match=r"cifar-10-python\.tar\.gz is cut off or damaged"):
        load10(archive)


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.999])
def test_cut_off_batch_is_named(tmp_path, share):
    files = cifar10_files()
    files["data_batch_2"] = files["data_batch_2"][: int(share * len(files["data_batch_2"]))]
    write_folder(tmp_path / "cut", files)
    with pytest.raises(DataError, match=r"data_batch_2 in .* is cut off or damaged"):
        load10(tmp_path / "cut")


@pytest.mark.parametrize(
    "batch",
    [
        {"labels": [0, 1]},
        {"data": np.zeros((2, 3072), np.uint8), "labels": [0]},
        {"data": np.zeros((2, 1024), np.uint8), "labels": [0, 1]},
        {"data": np.zeros((2, 3072), np.float32), "labels": [0, 1]},
        {"data": "text", "labels": [0, 1]},
    ],
)
def test_batch_of_another_form_is_named(tmp_path, batch):
    write_folder(tmp_path / "odd", {**cifar10_files(), "test_batch": pickle.dumps(batch, 2)})
    with pytest.raises(DataError, match=r"test_batch in .* does not hold"):
        load10(tmp_path / "odd")


def test_no_dictionary_is_named(tmp_path):
    write_folder(tmp_path / "odd", {**cifar10_files(), "test_batch": pickle.dumps([1], 2)})
    with pytest.raises(DataError, match=r"test_batch in .* holds no dictionary"):
        load10(tmp_path / "odd")


@pytest.mark.parametrize("name", ["data_batch_4", "batches.meta"])
def test_missing_file_is_named(tmp_path, name):
    files = cifar10_files()
    del files[name]
    write_folder(tmp_path / "part", files)
    with pytest.raises(DataError, match=f"part lacks {name}"):
        load10(tmp_path / "part")


def test_empty_place_is_told(tmp_path):
    with pytest.raises(
        DataError, match=r"neither cifar-10-python.tar.gz nor .*cifar-10-batches-py"
    ):
        load10(tmp_path)
