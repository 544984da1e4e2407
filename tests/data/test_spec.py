"""The values that name data are checked, and survive JSON."""

import json
import subprocess
import sys

import numpy as np
import pytest

from trickbook.data import DataError, DataSpec, from_arrays, load, task_of


def test_survives_json():
    spec = DataSpec(
        "folder:pets",
        image_size=(32, 48),
        fit="pad",
        color="grey",
        limit_train=100,
        unused="validation",
        classes=["cat", "dog"],
    )
    assert DataSpec.from_dict(json.loads(json.dumps(spec.to_dict()))) == spec


@pytest.mark.parametrize("name", ["digits", "mnist", "cifar100", "folder:a:b", "npz:/x/y.npz"])
def test_admits_names(name):
    assert DataSpec(name).name == name


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("digit", "digits"),
        ("fashion-mnist", "fashion_mnist"),
        ("cifar", "cifar10"),
        ("foldr:x", "folder:PATH"),
    ],
)
def test_unknown_name_is_refused_with_the_nearest(name, hint):
    with pytest.raises(DataError, match=f"Did you mean {hint}"):
        DataSpec(name)


def test_unknown_key_is_refused_with_the_nearest():
    with pytest.raises(DataError, match="Did you mean split_seed"):
        DataSpec.from_dict({"name": "digits", "splitseed": 1})
    with pytest.raises(DataError, match="lack a name"):
        DataSpec.from_dict({"split_seed": 1})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": "folder:"}, "lacks its path"),
        ({"scaling": "standardise"}, "Did you mean standardize"),
        ({"color": "gray"}, "Did you mean grey"),
        ({"name": "folder:x", "image_size": (32,)}, "height and a width"),
        ({"name": "folder:x", "image_size": [32, 0]}, "height and a width"),
        ({"name": "folder:x", "image_size": (32.0, 32)}, "height and a width"),
        ({"image_size": (32, 32)}, "resizes the images of folder"),
        ({"name": "folder:x", "fit": "cut"}, "no fit named 'cut'"),
        ({"fit": "crop"}, "is for images of folder:PATH; digits has none"),
        ({"data_dir": "/data"}, "digits has none"),
        ({"val_fraction": 0}, "between 0 and 1"),
        ({"test_fraction": 1.5}, "between 0 and 1"),
        ({"limit_train": 0}, "at least 1"),
        ({"limit_train": 10.5}, "whole number"),
        ({"limit_train": 50, "unused": "validate"}, "Did you mean validation"),
        ({"unused": "validation"}, "there is no limit_train"),
        ({"classes": ["cat"]}, "at least two different classes"),
        ({"ordered": 1}, "ordered must be true or false"),
        ({"name": "table:t.csv", "target": 3}, "name of a column, as text"),
        ({"split_seed": -1}, "at least 0"),
        ({"split_seed": 2**32}, "at most"),
    ],
)
def test_wrong_values_are_refused(values, message):
    with pytest.raises(DataError, match=message):
        DataSpec(**{"name": "digits", **values})


def test_shares_are_added_up_of_what_is_split_off_alone():
    images, labels = np.zeros((40, 4, 4, 1), np.uint8), np.arange(40) % 2
    with pytest.raises(DataError, match=r"leave something to train on.*0\.4 and 0\.6"):
        from_arrays(images, labels, val_fraction=0.6, test_fraction=0.4)
    with pytest.raises(DataError, match="leave something to train on"):
        load(DataSpec("breast_cancer", val_fraction=0.6, test_fraction=0.4))
    data = from_arrays(images, labels, images, labels, val_fraction=0.8)
    assert (len(data.x_train), len(data.x_val)) == (8, 32)


def test_shares_of_fewer_bits_are_what_their_digits_say():
    spec = DataSpec("digits", val_fraction=np.float32(0.2), test_fraction=np.float64(0.1))
    assert spec == DataSpec("digits", val_fraction=0.2, test_fraction=0.1)
    assert json.loads(json.dumps(spec.to_dict()))["val_fraction"] == 0.2


def test_a_name_stands_for_its_spec():
    assert load("digits").fingerprint == load(DataSpec("digits")).fingerprint
    assert (task_of("wine"), task_of("diabetes")) == ("classification", "regression")
    for read in (load, task_of):
        with pytest.raises(DataError, match=r"by a DataSpec or by their name.*Received: ndarray"):
            read(np.zeros((4, 2)))


def test_arrays_cannot_be_loaded():
    with pytest.raises(DataError, match="from_arrays"):
        load(DataSpec("arrays"))


def test_importing_is_light():
    code = (
        "import sys, trickbook.data; "
        "print([m for m in ('tensorflow', 'keras', 'sklearn', 'PIL', 'pandas', 'matplotlib')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
