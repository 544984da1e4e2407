"""MNIST and Fashion-MNIST from their official files.

Sources: http://yann.lecun.com/exdb/mnist/ and
https://github.com/zalandoresearch/fashion-mnist; addresses and checksums as in `keras.datasets`.
"""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np

from ..errors import DataError
from .download import OfficialFile, find, obtain
from .npz import read_npz
from .part import Part
from .raw_arrays import RawImages

_BASE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"

MNIST = OfficialFile(
    name="mnist.npz",
    url=_BASE + "mnist.npz",
    sha256="731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
    cache_name="mnist.npz",
)


def _fashion_file(name: str) -> OfficialFile:
    return OfficialFile(name, _BASE + name, None, name, "datasets/fashion-mnist")


FASHION_TRAIN = (
    _fashion_file("train-images-idx3-ubyte.gz"),
    _fashion_file("train-labels-idx1-ubyte.gz"),
)
FASHION_TEST = (
    _fashion_file("t10k-images-idx3-ubyte.gz"),
    _fashion_file("t10k-labels-idx1-ubyte.gz"),
)
FASHION_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def read_mnist(data_dir: str | None) -> RawImages:
    """Return MNIST's training and test images (n, 28, 28) uint8.

    Raises:
        DataError: If mnist.npz cannot be had or is damaged.
    """
    raw = read_npz(_path(MNIST, data_dir))
    return RawImages(raw.train, test=raw.test, classes=tuple("0123456789"))


def read_fashion_mnist(data_dir: str | None) -> RawImages:
    """Return Fashion-MNIST's training and test images (n, 28, 28) uint8.

    Raises:
        DataError: If one of the four official files cannot be had or is damaged.
    """
    train, test = (
        Part(*(read_idx(_path(file, data_dir)) for file in files))
        for files in (FASHION_TRAIN, FASHION_TEST)
    )
    return RawImages(train, test=test, classes=FASHION_CLASSES)


def _path(file: OfficialFile, data_dir: str | None) -> Path:
    return obtain(file) if data_dir is None else find(data_dir, file.name)


def read_idx(path: Path) -> np.ndarray:
    """Read a gzipped IDX file of unsigned bytes: two zero bytes, 8, rank, sizes, values.

    Raises:
        DataError: If the file is cut off, damaged or something else.
    """
    try:
        with gzip.open(path) as file:
            data = file.read()
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} is cut off or damaged ({error}). Get it anew.") from error
    if data[:3] != b"\x00\x00\x08" or len(data) < 4 + 4 * data[3]:
        raise DataError(f"{path} is no IDX file of unsigned bytes. Get it anew.")
    rank = data[3]
    shape = tuple(int(side) for side in np.frombuffer(data, ">u4", rank, offset=4))
    if len(data) - 4 - 4 * rank != math.prod(shape):
        raise DataError(f"{path} is cut off or damaged: it should hold {shape}. Get it anew.")
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)
