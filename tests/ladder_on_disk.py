"""Folders of runs as a ladder leaves them, written by hand."""

import json

from trickbook.runs.history import empty_history
from trickbook.runs.run_folder import Run

VERSIONS = {"python": "3.11.7", "trickbook": "0.1.0", "keras": "3.15.1", "numpy": "2.4.0"}


class Unrecorded(Run):
    """A run of which no epoch was recorded."""

    history = empty_history()


def write_run(folder, name, seed, val, train=0.9, test=None, status="done", reason=None, **details):
    """A run folder whose validation accuracy rises to `val` within six of twelve epochs."""
    folder.mkdir(parents=True)
    run = {
        "format": 1,
        "name": name,
        "fingerprint": details.pop("fingerprint", None),
        "status": status,
        "reason": reason,
        "seed": seed,
        "blueprint": {"batch_size": 16},
        "versions": VERSIONS,
        "backend": "tensorflow",
        "precision": "float32",
        "machine": {"cpu": "Some CPU", "cores": 2, "memory_gb": 24, "system": "Linux"},
        "command": "trickbook run here",
        "seconds": 10.0 + (seed or 0),
    } | details
    (folder / "run.json").write_text(json.dumps(run))
    rows = [
        f"{epoch},{epoch},{train},{0.5 if train else ''},{val * min(epoch, 6) / 6},{1 / epoch}"
        for epoch in range(1, 13)
    ]
    header = "epoch,seconds,accuracy,loss,val_accuracy,val_loss"
    (folder / "history.csv").write_text("\n".join([header, *rows, ""]))
    if status == "done":
        metrics = {
            "params": 1000,
            "epochs": 12,
            "seconds": 10.0 + (seed or 0),
            "train_accuracy": train + 0.001,
            "val_accuracy": val,
            "test_accuracy": val - 0.01 if test is None else test,
            "best_val_accuracy": val + 0.002,
            "best_epoch": 11,
            "test_macro_f1": None,
            "classes": ["cat", "dog|<b>"],
            "confusion": [[9, 1], [3, 7]],
        }
        (folder / "metrics.json").write_text(json.dumps(metrics))


def write_ladder(folder, rungs, reported=None, **values):
    """A ladder: for each name the validation accuracy of each seed, or None, or a status."""
    entries = []
    for index, (name, accuracies) in enumerate(rungs.items()):
        prints = {}
        for seed, value in enumerate(accuracies):
            print_ = f"{index:04d}{seed:04d}" + "0" * 56
            prints[str(seed)] = print_
            where = folder / "runs" / f"{index:02d}-run-{print_[:8]}"
            if value in ("failed", "running"):
                reason = "The loss was nan <in> epoch 7 | stopped." if value == "failed" else None
                write_run(where, name, seed, 0.1, status=value, reason=reason, fingerprint=print_)
            elif value is not None:
                train = values.get("train", {}).get(name, 0.97)
                write_run(where, name, seed, value, train, fingerprint=print_)
        entries.append(
            {
                "index": index,
                "name": f"{index:02d}-{name}",
                "recipes": name.split("+") if index else [],
                "changed": f"rate: 0 -> {index}" if index else "",
                "reported": reported[index] if reported else None,
                "fingerprints": prints,
            }
        )
    ladder = {
        "format": 1,
        "ladder": "digits",
        "command": "trickbook run --out 'a b'",
        "created": "2026-01-02T03:04:05+00:00",
        "data": {
            "name": "digits",
            "classes": ["cat", "dog|<b>"],
            "image_shape": [8, 8, 1],
            "train": 200,
            "val": 360,
            "test": 360,
            "warnings": ["3 identical images stand on both sides."],
        },
        "rungs": entries,
    }
    (folder / "ladder.json").write_text(json.dumps(ladder))
    return folder
