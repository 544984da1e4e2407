"""Official files: found in a folder that the user names or in Keras's cache, or downloaded."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ...runs.keras_home import keras_home
from ..errors import DataError


@dataclass(frozen=True)
class OfficialFile:
    """A file that a data set is published as.

    Attributes:
        name: File name that the publisher uses.
        url: Address to download it from.
        sha256: Checksum of the official file; None where Keras has none either.
        cache_name: Name under which Keras itself caches the file, so that one copy serves both.
        cache_folder: Folder below Keras's home.
    """

    name: str
    url: str
    sha256: str | None
    cache_name: str
    cache_folder: str = "datasets"


def obtain(file: OfficialFile) -> Path:
    """Return the path of the file in Keras's cache, downloading it if it is not there.

    Raises:
        DataError: If the download fails, saying where to get the file and how to name its folder.
    """
    cached = keras_home() / file.cache_folder / file.cache_name
    # Looked up here first, because get_file costs the import of Keras and its backend.
    if cached.is_file() and (file.sha256 is None or _sha256(cached) == file.sha256):
        return cached
    return _download(file)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _download(file: OfficialFile) -> Path:
    import keras

    try:
        path = keras.utils.get_file(
            file.cache_name,
            origin=file.url,
            file_hash=file.sha256,
            cache_subdir=file.cache_folder,
            cache_dir=str(keras_home()),
        )
    except Exception as error:  # get_file raises plain Exception where the network fails
        raise DataError(
            f"{file.name} could not be downloaded ({error}). Download {file.url} by another way "
            "and name the folder that holds it with --data-dir FOLDER (data_dir in Python)."
        ) from error
    return Path(path)


def check(path: Path, file: OfficialFile) -> Path:
    """Return the path of a file that the user provides, after checking that it is the official one.

    Raises:
        DataError: If its checksum differs.
    """
    if file.sha256 is not None and (found := _sha256(path)) != file.sha256:
        raise DataError(
            f"{path} is not the official {file.name}: its sha256 begins with {found[:12]}, that of "
            f"the official one with {file.sha256[:12]}. Get {file.url} anew."
        )
    return path


def find(data_dir: str, name: str) -> Path:
    """Return the path of a file in the folder that the user named (or that file itself).

    Raises:
        DataError: If it is not there.
    """
    place = Path(data_dir).expanduser()
    for path in (place, place / name):
        if path.is_file() and path.name == name:
            return path
    raise DataError(
        f"There is no {name} in {place}. Put the official file there, "
        "or name the folder that holds it with --data-dir."
    )
