"""CIFAR-10 and CIFAR-100 (fine labels) from their official archives or unpacked folders.

Source: https://www.cs.toronto.edu/~kriz/cifar.html. Addresses and checksums are those of
`keras.datasets`, whose loaders are not used because they unpickle what they find.
"""

import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import DataError, listed
from .download import OfficialFile, obtain
from .part import Part
from .plain_pickle import read_plain_pickle
from .raw_arrays import RawImages


@dataclass(frozen=True)
class Cifar:
    """Where one of the two data sets keeps its parts.

    Attributes:
        archive: The official archive.
        folder: Folder inside the archive.
        train: Names of the training batches.
        test: Name of the test batch.
        meta: Name of the file that holds the class names.
        labels_key: Key of the labels in a batch.
        names_key: Key of the class names in `meta`.
    """

    archive: OfficialFile
    folder: str
    train: tuple[str, ...]
    test: str
    meta: str
    labels_key: str
    names_key: str

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that is needed."""
        return (*self.train, self.test, self.meta)


CIFAR10 = Cifar(
    archive=OfficialFile(
        name="cifar-10-python.tar.gz",
        url="https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
        sha256="6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
        cache_name="cifar-10-batches-py-target_archive",
    ),
    folder="cifar-10-batches-py",
    train=tuple(f"data_batch_{number}" for number in range(1, 6)),
    test="test_batch",
    meta="batches.meta",
    labels_key="labels",
    names_key="label_names",
)
CIFAR100 = Cifar(
    archive=OfficialFile(
        name="cifar-100-python.tar.gz",
        url="https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
        sha256="85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
        cache_name="cifar-100-python-target_archive",
    ),
    folder="cifar-100-python",
    train=("train",),
    test="test",
    meta="meta",
    labels_key="fine_labels",
    names_key="fine_label_names",
)


def read_cifar(cifar: Cifar, data_dir: str | None) -> RawImages:
    """Return the official training and test images (n, 32, 32, 3) uint8 with class names.

    Args:
        cifar: `CIFAR10` or `CIFAR100`.
        data_dir: The official archive, its unpacked folder, or the folder that holds either;
            None downloads the archive through Keras's cache.

    Raises:
        DataError: If the files are not there, cut off, damaged, or hold more than plain values.
    """
    place = obtain(cifar.archive) if data_dir is None else _locate(cifar, data_dir)
    parts: dict[str, Part] = {}
    names: tuple[str, ...] = ()
    for file, data in _files(cifar, place):
        where = f"{file} in {place}"
        if file == cifar.meta:
            names = _class_names(cifar, data, where)
        else:
            parts[file] = _batch(cifar, data, where)
    missing = [file for file in cifar.files if file not in parts and file != cifar.meta]
    missing += [] if names else [cifar.meta]
    if missing:
        raise DataError(f"{place} lacks {listed(missing)}. Get {cifar.archive.url} anew.")
    train = [parts[file] for file in cifar.train]
    images = np.concatenate([part.inputs for part in train])
    labels = np.concatenate([part.labels for part in train])
    return RawImages(Part(images, labels), test=parts[cifar.test], classes=names)


def _locate(cifar: Cifar, data_dir: str) -> Path:
    place = Path(data_dir).expanduser()
    if place.is_file():
        return place
    for folder in (place, place / cifar.folder):
        if (folder / cifar.test).is_file():
            return folder
    if (place / cifar.archive.name).is_file():
        return place / cifar.archive.name
    raise DataError(
        f"{place} holds neither {cifar.archive.name} nor its unpacked folder {cifar.folder}. "
        f"Put {cifar.archive.url} there, or name another folder with --data-dir."
    )


def _files(cifar: Cifar, place: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the wanted files in a folder or an archive."""
    if place.is_dir():
        for file in cifar.files:
            if (place / file).is_file():
                yield file, (place / file).read_bytes()
        return
    try:
        yield from _members(cifar, place)
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise DataError(
            f"{place} is cut off or damaged ({error}). Get {cifar.archive.url} anew."
        ) from error


def _members(cifar: Cifar, archive: Path) -> Iterator[tuple[str, bytes]]:
    # Read in memory, one member after the other: nothing is ever extracted to disk.
    with tarfile.open(archive, "r|*") as tar:
        for member in tar:
            file = Path(member.name).name
            stream = tar.extractfile(member) if member.isfile() else None
            if file in cifar.files and stream is not None:
                yield file, stream.read()


def _class_names(cifar: Cifar, data: bytes, where: str) -> tuple[str, ...]:
    names = read_plain_pickle(data, where).get(cifar.names_key)
    if not isinstance(names, list) or not names:
        raise DataError(f"{where} holds no {cifar.names_key}. Get {cifar.archive.url} anew.")
    return tuple(name.decode("utf-8") if isinstance(name, bytes) else str(name) for name in names)


def _batch(cifar: Cifar, data: bytes, where: str) -> Part:
    batch = read_plain_pickle(data, where)
    pixels, labels = batch.get("data"), np.asarray(batch.get(cifar.labels_key))
    if (
        not isinstance(pixels, np.ndarray)
        or pixels.dtype != np.uint8
        or pixels.ndim != 2
        or pixels.shape[1] != 3 * 32 * 32
        or labels.shape != (len(pixels),)
    ):
        raise DataError(
            f"{where} does not hold data (n, 3072) in bytes and n {cifar.labels_key}, "
            f"as an official batch does. Get {cifar.archive.url} anew."
        )
    return Part(pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), labels)
