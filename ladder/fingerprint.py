"""The fingerprint of a run: equal fingerprints stand for the same training."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from ..recipes import Blueprint


def fingerprint(
    blueprint: Blueprint, data: dict[str, Any], seed: int, backend: str, precision: str
) -> str:
    """Returns the sha256, in hex, over all that decides a run's figures.

    Args:
        blueprint: what is trained, budget included.
        data: the summary of the data set; its own fingerprint covers content, split and scaling.
        seed: seed of the run.
        backend: Keras's backend.
        precision: Keras's dtype policy.
    """
    decisive = {
        "blueprint": blueprint.to_dict(),
        "data": data["fingerprint"],
        "split_seed": data["split_seed"],
        "limit_train": data["limit_train"],
        "scaling": data["scaling"],
        "seed": seed,
        "backend": backend,
        "precision": precision,
    }
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()
