"""The fingerprint of a run: equal fingerprints stand for the same training."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from .own_sources import own_sources
from .saved_weights import with_weights_hashes

# Raised whenever the same blueprint, data and seed give other digits than before, so that old runs
# are not taken for new ones; tests/training/test_digits.py notices such changes.
# 2: finite normal draws; weights and draws by the layer's name; one order on every backend.
DIGITS_VERSION = 2


def fingerprint(
    blueprint: Mapping[str, Any],
    data: Mapping[str, Any],
    seed: int,
    backend: str,
    precision: str,
    threads: int = 1,
    *,
    downloaded: str | None = None,
) -> str:
    """Returns the sha256, in hex, over all that decides a run's figures.

    Args:
        blueprint: what is trained, budget included, as `Blueprint.to_dict` returns it.
        data: the summary of the data set; its own fingerprint covers content, split and scaling.
        seed: seed of the run.
        backend: Keras's backend.
        precision: Keras's dtype policy.
        threads: threads of each worker; sums that several threads share end in other digits.
        downloaded: hash of a backbone's weights that Keras has downloaded.

    Raises:
        ReportError: if the blueprint starts from weights that are not there.
    """
    decisive: dict[str, Any] = {
        "digits": DIGITS_VERSION,
        "blueprint": with_weights_hashes(blueprint),
        "data": data["fingerprint"],
        "split_seed": data["split_seed"],
        "limit_train": data["limit_train"],
        "scaling": data["scaling"],
        "seed": seed,
        "backend": backend,
        "precision": precision,
    }
    # Each is added only where it applies, so that all other fingerprints stay as they were.
    if own := own_sources(blueprint):
        decisive["own_sources"] = own
    if threads != 1:
        decisive["threads"] = threads
    if downloaded is not None:
        decisive["downloaded"] = downloaded
    if "val_in_epochs" in data:
        decisive["val_in_epochs"] = data["val_in_epochs"]
    if data.get("fit", "stretch") != "stretch":
        decisive["fit"] = data["fit"]
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()
