"""Where the figures come from: data set, versions, machines, commands, missing runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..analysis.best_rung import is_unbalanced, majority_share
from ..figures.fonts import missing_letters
from ..read.measures import train_is_running_mean
from ..read.run_set import RunSet
from ..wording import count_text, join_words, metric_text
from .facts import Made, Part


def made(run_set: RunSet) -> Made:
    """How the runs were made."""
    return Made(
        commands=_commands(run_set),
        data=data_facts(run_set),
        software=software_facts(run_set),
        machines=_distinct(_machine_text(run.details.get("machine") or {}) for run in run_set.runs),
        created=str(run_set.ladder.get("created") or ""),
    )


def data_facts(run_set: RunSet) -> list[tuple[str, str]]:
    """What is known of the data set, as pairs of a name and a text."""
    data = run_set.data
    sizes = {"train": "training", "val": "validation", "test": "test"}
    known = [
        f"{data[key]:,} {name}" for key, name in sizes.items() if isinstance(data.get(key), int)
    ]
    shape = data.get("image_shape")
    counts = data.get("class_counts") or {}
    classes = run_set.classes
    listed = ", ".join(classes[:20]) + (", ..." if len(classes) > 20 else "")
    facts = {
        "name": data.get("name"),
        f"{run_set.example}s": join_words(known) or None,
        f"{run_set.example}s of each class": _counts_text(classes, counts),
        "classes": f"{len(classes)}: {listed}" if classes else None,
        "read": " ".join(data.get("notes") or []) or None,
        "image shape": " x ".join(str(side) for side in shape) if shape else None,
        "steps and features": _sequence_text(data),
        "scaling": data.get("scaling"),
        "split seed": data.get("split_seed"),
        f"training {run_set.example}s limited to": data.get("limit_train"),
        "validation in every epoch": _first_images(data),
        "splits": "each seed has its own" if run_set.ladder.get("splits") else None,
        "training sets": _samples(run_set),
        "fingerprint": data.get("fingerprint"),
    }
    return [(name, str(value)) for name, value in facts.items() if value is not None]


def _sequence_text(data: dict[str, Any]) -> str | None:
    """What a sequence or a window is made of, if the data have any."""
    shape: list[int] = data.get("input_shape") or []
    if "vocabulary" in data:
        return f"{shape[0]:,} tokens of {data['vocabulary']:,} that there are, 0 for padding"
    return " x ".join(str(side) for side in shape) if len(shape) > 1 else None


def _samples(run_set: RunSet) -> str | None:
    if not run_set.ladder.get("bagging"):
        return None
    return f"each seed trains on a bootstrap sample of the training {run_set.example}s (bagging)"


def _first_images(data: dict[str, Any]) -> str | None:
    first = data.get("val_in_epochs")
    if first is None:
        return None
    return f"on the first {first:,}; the others count only in the final figures"


def _counts_text(classes: list[str], counts: dict[str, list[int]]) -> str | None:
    """The training images of the classes, from the largest to the smallest."""
    if not counts or len(classes) != len(counts["train"]):
        return None
    order = sorted(zip(counts["train"], classes, strict=True), key=lambda pair: -pair[0])
    listed = ", ".join(f"{name} {count:,}" for count, name in order[:20])
    return f"{listed}{', ...' if len(order) > 20 else ''} (training)"


def _class_counts(run_set: RunSet) -> str:
    """How many images each class has, where that may mislead."""
    share, counts = majority_share(run_set), run_set.data.get("class_counts")
    if share is None or not counts or not is_unbalanced(run_set):
        return ""
    example = run_set.example
    listed = ", ".join(
        f"{name} {train:,} and {val:,}"
        for name, train, val in zip(run_set.classes, counts["train"], counts["val"], strict=True)
    )
    return (
        f"The classes are of unequal size (training and validation {example}s: {listed}). Always "
        f"predicting the largest class is right on {share:.1%} of the validation {example}s, so "
        "an accuracy below that says little; the balanced accuracy, the mean of the classes' own, "
        "stands beside it."
    )


def software_facts(run_set: RunSet) -> list[tuple[str, str]]:
    """The versions, backend, precision and threads of the runs, with all values that occur."""
    return [(name, ", ".join(values)) for name, values in _software(run_set).items()]


def mixed_software(run_set: RunSet) -> str:
    """A warning when runs differ in versions, backend, precision, threads or accelerator, or ""."""
    machines = accelerators(run_set)
    decisive = {**_software(run_set), "accelerator": machines}
    mixed = [
        f"{name} ({', '.join(values)})" for name, values in decisive.items() if len(values) > 1
    ]
    if not mixed:
        return ""
    return (
        f"The runs of this report differ in {join_words(mixed)}, so a difference between rungs "
        "may come from that. Train them again with one set of versions"
        f"{', on machines that are alike' if len(machines) > 1 else ''} (--fresh)."
    )


def accelerators(run_set: RunSet) -> list[str]:
    """What the runs were trained on, each name once: a GPU or TPU, or `none` for a CPU alone."""
    machines = [run.details.get("machine") or {} for run in run_set.runs]
    return sorted({str(one["accelerator"] or "none") for one in machines if "accelerator" in one})


def _commands(run_set: RunSet) -> list[str]:
    """The command that made the report's runs; without a ladder the commands of the runs."""
    if run_set.is_ladder:
        return _distinct([run_set.ladder.get("command")])
    return _distinct(run.details.get("command") for run in run_set.runs)


def warnings(run_set: RunSet, running: Sequence[str] | None = None) -> list[str]:
    """What a reader must know before trusting the figures.

    Args:
        run_set: The runs.
        running: Which training figures are running means, a text each; by default those of the
            deciding metric.
    """
    if running is None:
        names = [
            rung.name
            for rung in run_set.rungs
            if any(train_is_running_mean(run) for run in rung.done)
        ]
        running = [running_means(metric_text(run_set.deciding.metric), names)]
    texts = [f"Data: {text}" for text in run_set.data.get("warnings") or []]
    texts += [_class_counts(run_set), mixed_software(run_set), _missing_font(run_set), *running]
    return [text for text in texts if text]


def running_means(metric: str, names: Sequence[str]) -> str:
    """A warning that the training figures of these arms are running means; empty for none."""
    if not names:
        return ""
    return (
        f"The training {metric} of {join_words(names)} is Keras's running mean, under dropout and "
        "augmentation while the weights move; CleanEvaluation measures it cleanly, each output "
        "apart."
    )


def _missing_font(run_set: RunSet) -> str:
    """Which letters of names no font of this machine can draw; empty where there are none."""
    letters = missing_letters([*run_set.classes, *(rung.name for rung in run_set.rungs)])
    if not letters:
        return ""
    shown = letters[:10] + (" ..." if len(letters) > 10 else "")
    return (
        f"No font of this machine has {count_text(len(letters), 'letter')} of the names, {shown}, "
        "so that pictures show boxes instead. Install a font that has them, such as Noto Sans CJK "
        "for Chinese, Japanese and Korean, and write the report again."
    )


def missing_part(run_set: RunSet, advice: str = "") -> list[Part]:
    """The part of a page on `missing_runs`; empty for none."""
    texts = missing_runs(run_set)
    if texts and advice:
        texts.append(advice)
    return [Part("Runs that are missing", items=texts, is_open=True)] if texts else []


def missing_runs(run_set: RunSet) -> list[str]:
    """Every run that failed, is not finished or not started, with its reason: a text each."""
    texts = []
    for rung in run_set.rungs:
        texts += [
            f"{_run_text(rung.name, run.seed)} failed: {_reason(run.reason)}" for run in rung.failed
        ]
        texts += [f"{_run_text(rung.name, run.seed)} is not finished." for run in rung.unfinished]
        if rung.not_started:
            seeds = join_words([str(seed) for seed in rung.not_started])
            noun = "seed" if len(rung.not_started) == 1 else "seeds"
            texts.append(f"{rung.name}, {noun} {seeds}: not started.")
    return texts


def _run_text(name: str, seed: int | None) -> str:
    return name if seed is None else f"{name}, seed {seed},"


def _reason(reason: str | None) -> str:
    return reason or "no reason was recorded; see log.txt in its folder."


def _software(run_set: RunSet) -> dict[str, list[str]]:
    seen: dict[str, list[str]] = {}
    for run in run_set.runs:
        recorded: dict[str, Any] = dict(run.details.get("versions") or {})
        recorded |= {key: run.details.get(key) for key in ("backend", "precision", "code")}
        if run.fingerprint:
            # A run of ours that records no threads is older than the setting, and had one.
            recorded["threads"] = run.details.get("threads", 1)
        for name, value in recorded.items():
            if value is not None and str(value) not in seen.setdefault(name, []):
                seen[name].append(str(value))
    return {name: sorted(values) for name, values in seen.items() if values}


def _machine_text(machine: dict[str, Any]) -> str:
    cores, memory = machine.get("cores"), machine.get("memory_gb")
    parts = [
        machine.get("cpu"),
        count_text(cores, "core") if isinstance(cores, int) else None,
        f"{memory:g} GB memory" if isinstance(memory, int | float) else None,
        machine.get("accelerator"),
        machine.get("system"),
    ]
    return ", ".join(str(part) for part in parts if part)


def _distinct(texts: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(str(text) for text in texts if text))
