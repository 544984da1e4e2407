"""Own arrays in an npz file."""

import zipfile

import numpy as np
import pytest

from trickbook.data import DataError, DataSpec, from_arrays, load

X = np.random.default_rng(0).integers(0, 256, (30, 4, 4, 3)).astype(np.uint8)
Y = np.arange(30) % 3


def save(tmp_path, **arrays):
    path = tmp_path / "own.npz"
    np.savez(path, **arrays)
    return DataSpec(f"npz:{path}")


def test_training_images_alone_are_split(tmp_path):
    data = load(save(tmp_path, x_train=X, y_train=Y))
    assert data.fingerprint == from_arrays(X, Y).fingerprint


def test_all_parts_and_class_names(tmp_path):
    names = np.array(["cat", "dog", "bird"])
    given = {"x_test": X[:9] // 2, "y_test": Y[:9], "x_val": X[9:18] // 2, "y_val": Y[9:18]}
    data = load(save(tmp_path, x_train=X, y_train=Y, classes=names, **given))
    assert data.fingerprint == from_arrays(X, Y, **given, classes=names.tolist()).fingerprint
    assert data.classes == ("cat", "dog", "bird")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"images": X, "labels": Y}, "lacks x_train and y_train; it holds images, labels"),
        ({"x_train": X}, "holds x_train but not y_train"),
        ({"x_train": X, "y_train": Y, "y_test": Y}, "holds y_test but not x_test"),
        ({"x_train": X, "y_train": Y, "classes": np.arange(3)}, "array of text"),
        ({"x_train": X, "y_train": Y.astype(object)}, "pickled objects, which are never loaded"),
        (
            {"x_train": X, "y_train": np.array(["cat", "dog", "bird"])[Y]},
            r"these are text: cat, dog, .* classes, y = numpy\.unique\(y, return_inverse=True\)",
        ),
        ({"x_train": X[:20], "y_train": Y}, "own.npz, training part has 20 images but 30 labels"),
    ],
)
def test_wrong_contents_are_refused(tmp_path, arrays, message):
    with pytest.raises(DataError, match=message):
        load(save(tmp_path, **arrays))


def test_missing_file():
    with pytest.raises(DataError, match="There is no file"):
        load(DataSpec("npz:/nowhere/own.npz"))


@pytest.mark.parametrize("share", [0, 0.4, 0.9])
def test_cut_off_file_is_named(tmp_path, share):
    save(tmp_path, x_train=X, y_train=Y)
    path = tmp_path / "own.npz"
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(DataError, match=r"own\.npz cannot be read"):
        load(DataSpec(f"npz:{path}"))


def test_bytes_that_say_it_is_encrypted_are_noticed(tmp_path):
    save(tmp_path, x_train=X, y_train=Y)
    path = tmp_path / "own.npz"
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] = 1
    path.write_bytes(bytes(data))
    with pytest.raises(DataError, match=r"own\.npz cannot be read .*encrypted"):
        load(DataSpec(f"npz:{path}"))


def test_more_than_memory_holds_is_refused(tmp_path):
    path = tmp_path / "own.npz"
    about = {"descr": "|u1", "fortran_order": False, "shape": (10**15, 4, 4, 3)}
    with zipfile.ZipFile(path, "w") as file, file.open("x_train.npy", "w") as member:
        np.lib.format.write_array_header_1_0(member, about)
    with pytest.raises(DataError, match=r"own\.npz cannot be read .*allocate.* more memory"):
        load(DataSpec(f"npz:{path}"))


def test_damaged_bytes_are_noticed(tmp_path):
    save(tmp_path, x_train=X, y_train=Y)
    path = tmp_path / "own.npz"
    data = bytearray(path.read_bytes())
    data[1000] ^= 255
    path.write_bytes(bytes(data))
    with pytest.raises(DataError, match=r"own\.npz cannot be read"):
        load(DataSpec(f"npz:{path}"))


def test_single_array_is_refused(tmp_path):
    np.save(tmp_path / "x.npy", X)
    with pytest.raises(DataError, match="single array"):
        load(DataSpec(f"npz:{tmp_path / 'x.npy'}"))
