"""Saved weights that a training starts from: where they are, and the hash that stands for them."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from .damage import DAMAGE
from .errors import ReportError

MODEL = "model.keras"
# The name of the weights that Keras downloads.
DOWNLOADED = "imagenet"
# The settings of a blueprint that name saved weights. Fingerprints hold the weights' hash in place
# of their path: the same weights elsewhere make the same training, others at that path do not.
OF_WEIGHTS = ("warm_start", "backbone", "backbone_weights")
# Keys of a saved network's config that a transfer does not take over or each process names anew.
_UNUSED = ("compile_config", "build_config", "shared_object_id")


def is_path(backbone: str) -> bool:
    """Whether a backbone is named by a file or a folder, not by its name in keras.applications."""
    if Path(backbone).suffix == ".keras" or "/" in backbone:
        return True
    # A run's folder may have the name of an application.
    return (Path(backbone) / MODEL).is_file()


def weights_file(path: str | Path) -> Path:
    """Return the file of weights that a path names: a run's folder stands for its model.

    Raises:
        ReportError: There is none.
    """
    folder = Path(path)
    file = folder / MODEL if folder.is_dir() else folder
    if not file.is_file():
        what = f"a run's folder with a {MODEL} in it, or a .keras or .h5 file"
        raise ReportError(f"There are no weights in {folder}. Give {what}.")
    return file


def weights_hash(path: str | Path) -> str:
    """Return the sha256, in hex, over every array of weights: its place, type, shape and values.

    What else a file holds, such as the time when it was saved, does not count.

    Args:
        path: A run's folder, a .keras file, or one of weights alone (.weights.h5, .h5).

    Raises:
        ReportError: There is no such file, or it holds no weights.
    """
    return _hash_of(weights_file(path))


def network_hash(path: str | Path) -> str:
    """Return the sha256, in hex, over a saved network: weights and, of a .keras file, layers.

    The same weights make another network if layers without weights differ, such as activations. The
    loss and the metrics that it was compiled with do not count.

    Args:
        path: A run's folder, or the file of a whole network.

    Raises:
        ReportError: There is no such file, or it holds no network.
    """
    return _hash_of(weights_file(path), with_layers=True)


def with_weights_hashes(blueprint: Mapping[str, Any]) -> dict[str, Any]:
    """Return a blueprint's dictionary with the paths of saved weights replaced by hashes.

    For a backbone, the hash is over the whole network; for other weights, over these alone.

    Raises:
        ReportError: There are no weights at such a path.
    """
    named = {name: blueprint[name] for name in OF_WEIGHTS if blueprint.get(name)}
    if not is_path(named.get("backbone", "")):
        named.pop("backbone", None)
    hashes = {
        name: network_hash(path) if name == "backbone" else weights_hash(path)
        for name, path in named.items()
    }
    return {**blueprint, **hashes}


def backbone_facts(blueprint: Mapping[str, Any]) -> dict[str, str] | None:
    """Return what run.json says about the backbone, a network that was trained before, if any.

    Args:
        blueprint: As `Blueprint.to_dict` returns it.

    Returns:
        `source`; `weights`, unless they are the source's own; and `sha256` of the weights, or of
        the network if it comes from a file, but not of weights that Keras downloads.

    Raises:
        ReportError: There are no weights at the path that it names.
    """
    source, weights = blueprint.get("backbone"), blueprint.get("backbone_weights")
    if source is None:
        return None
    if is_path(source):
        return {"source": source, "sha256": network_hash(source)}
    if weights is None:
        return {"source": source, "weights": DOWNLOADED}
    return {"source": source, "weights": weights, "sha256": weights_hash(weights)}


def downloaded(backbone: Mapping[str, str] | None) -> str | None:
    """Return the hash of weights that Keras downloaded, from what run.json says; else None."""
    is_downloaded = backbone is not None and backbone.get("weights") == DOWNLOADED
    return backbone["sha256"] if backbone is not None and is_downloaded else None


def _hash_of(file: Path, *, with_layers: bool = False) -> str:
    state = file.stat()
    return _hash(file.resolve(), state.st_size, state.st_mtime_ns, with_layers)


@cache
def _hash(file: Path, size: int, changed: int, with_layers: bool) -> str:
    """Hash the file's weights; size and time of change make the cache notice a changed file."""
    import h5py

    digest = hashlib.sha256()

    def add(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            digest.update(f"{name} {item.dtype.str} {item.shape}".encode())
            digest.update(item[()].tobytes())

    try:
        with h5py.File(_weights_in(file), "r") as held:
            held.visititems(add)
        if with_layers and file.suffix == ".keras":
            digest.update(_layers_in(file))
    except DAMAGE as error:
        raise ReportError(f"The weights in {file} cannot be read ({error}).") from error
    return digest.hexdigest()


def _weights_in(file: Path) -> Path | io.BytesIO:
    if file.suffix != ".keras":
        return file
    with zipfile.ZipFile(file) as held:
        return io.BytesIO(held.read("model.weights.h5"))


def _layers_in(file: Path) -> bytes:
    with zipfile.ZipFile(file) as held:
        config = json.loads(held.read("config.json"))
    return json.dumps(_used(config), sort_keys=True).encode()


def _used(config: Any) -> Any:
    if isinstance(config, list):
        return [_used(item) for item in config]
    if isinstance(config, dict):
        return {key: _used(value) for key, value in config.items() if key not in _UNUSED}
    return config
