"""The fingerprint of a run: equal fingerprints stand for the same training."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def fingerprint(
    blueprint: Mapping[str, Any], data: Mapping[str, Any], seed: int, backend: str, precision: str
) -> str:
    """Returns the sha256, in hex, over all that decides a run's figures.

    Args:
        blueprint: what is trained, budget included, as `Blueprint.to_dict` returns it.
        data: the summary of the data set; its own fingerprint covers content, split and scaling.
        seed: seed of the run.
        backend: Keras's backend.
        precision: Keras's dtype policy.
    """
    decisive: dict[str, Any] = {
        "blueprint": blueprint,
        "data": data["fingerprint"],
        "split_seed": data["split_seed"],
        "limit_train": data["limit_train"],
        "scaling": data["scaling"],
        "seed": seed,
        "backend": backend,
        "precision": precision,
    }
    # Only where there is any, so that adding this left every other fingerprint as it was.
    if own := own_sources(blueprint):
        decisive["own_sources"] = own
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def own_sources(blueprint: Mapping[str, Any]) -> dict[str, str]:
    """Returns the sha256 of each source file of the user's that the blueprint names objects of.

    An edited layer is another training. Keras and trickbook themselves are left out: their
    versions are recorded, and mixing them in one report is warned of.
    """
    found = {}
    for module in sorted(own_modules(blueprint)):
        spec = importlib.util.find_spec(module)
        if spec is not None and spec.has_location and spec.origin is not None:
            found[module] = hashlib.sha256(Path(spec.origin).read_bytes()).hexdigest()
    return found


def own_modules(value: Any) -> set[str]:
    """Returns the user's modules in a blueprint's dictionary: those of its classes and its base."""
    if isinstance(value, list):
        return set().union(*map(own_modules, value))
    if not isinstance(value, dict):
        return set()
    paths = [value[key] for key in ("class", "base") if isinstance(value.get(key), str)]
    modules = {path.partition(":")[0] for path in paths}
    own = {name for name in modules if name.partition(".")[0] not in ("keras", "trickbook")}
    return own.union(*map(own_modules, value.values()))
