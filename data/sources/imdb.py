"""Film reviews of IMDB as word numbers, good or bad, from Keras's file (Maas et al. 2011).

The reviews are lists of numbers in arrays of objects, which NumPy reads only as pickles; here they
are read without executing one.
"""

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from ...runs.damage import DAMAGE
from ..errors import DataError
from .download import OfficialFile, check, find, obtain
from .npz import plain_arrays
from .part import Part
from .plain_pickle import read_plain_objects
from .raw_arrays import RawSequences

IMDB = OfficialFile(
    name="imdb.npz",
    url="https://storage.googleapis.com/tensorflow/tf-keras-datasets/imdb.npz",
    sha256="69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
    cache_name="imdb.npz",
)
CLASSES = ("negative", "positive")
NUM_WORDS, MAXLEN = 10_000, 80
# As in Keras's load_data: 0 is padding, then come these, then the words by their frequency.
START, OUT_OF_VOCABULARY, INDEX_FROM = 1, 2, 3


def read_imdb(
    data_dir: str | None, num_words: int | None = None, maxlen: int | None = None
) -> RawSequences:
    """Return 25,000 reviews to train and 25,000 to test, int32 tokens (n, maxlen).

    Token numbers are those of Keras's `load_data`. But longer reviews keep their last tokens,
    whereas `load_data` leaves such reviews out, and shorter ones begin with zeros.

    Args:
        data_dir: The official imdb.npz, or the folder that holds it; None downloads it through
            Keras's cache.
        num_words: Tokens from this one on become 2; None: `NUM_WORDS`.
        maxlen: Tokens of each review; None: `MAXLEN`.

    Raises:
        DataError: If the file is not there, is not the official one, or holds something else.
    """
    path = obtain(IMDB) if data_dir is None else check(find(data_dir, IMDB.name), IMDB)
    words, length = num_words or NUM_WORDS, maxlen or MAXLEN
    labels = plain_arrays(path, ("y_train", "y_test"))
    train, test = (
        Part(_tokens(_reviews(path, f"x_{split}"), words, length, path), labels[f"y_{split}"])
        for split in ("train", "test")
    )
    note = (
        f"Reviews are cut to their last {length:,} tokens, shorter ones begin with zeros, and "
        f"words from token {words:,} on all become token {OUT_OF_VOCABULARY}."
    )
    return RawSequences(
        train,
        test=test,
        classes=CLASSES,
        notes=(note,),
        kind="tokens",
        vocabulary=words,
    )


def _reviews(path: Path, key: str) -> list[Any]:
    where = f"{key} in {path}"
    try:
        with zipfile.ZipFile(path) as archive:
            file = io.BytesIO(archive.read(f"{key}.npy"))
        np.lib.format.read_magic(file)
        _, _, dtype = np.lib.format.read_array_header_1_0(file)
    except DAMAGE as error:
        raise DataError(f"{where} cannot be read ({error}). Get {IMDB.url} anew.") from error
    if not dtype.hasobject:
        raise DataError(f"{where} holds no lists of word numbers. Get {IMDB.url} anew.")
    return read_plain_objects(file.read(), where)


def _tokens(reviews: list[Any], num_words: int, maxlen: int, path: Path) -> np.ndarray:
    tokens = np.zeros((len(reviews), maxlen), np.int32)
    for row, review in zip(tokens, reviews, strict=True):
        words = np.asarray(review, dtype=None if review else int)
        if not isinstance(review, list) or words.dtype.kind not in "iu" or words.ndim != 1:
            raise DataError(f"{path} holds no lists of word numbers. Get {IMDB.url} anew.")
        all_of_it = np.concatenate([[START], words + INDEX_FROM])[-maxlen:]
        row[maxlen - len(all_of_it) :] = np.where(
            all_of_it < num_words, all_of_it, OUT_OF_VOCABULARY
        )
    return tokens
