"""Whether parts of a data set come from one distribution, as lecture deck L2 asks of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from .complete_parts import SPLITS

#: The largest difference of two distribution functions that is not worth a warning.
_DISTANCE = 0.1
#: The chance that a part of the same distribution gets a warning about its inputs, or its targets.
_CHANCE = 1e-3
#: No more examples of a part are measured, for more would change next to nothing.
_MOST_EXAMPLES = 1000
#: How many differences a warning lists.
_NAMED = 3


class _Shift(NamedTuple):
    """How differently something is distributed in two parts; `told` says it in words."""

    distance: float
    told: str


def shift_warnings(
    arrays: Mapping[str, np.ndarray],
    examples: str,
    splits: Sequence[str],
    classes: Sequence[str] = (),
) -> Iterator[str]:
    """Yield a sentence for each part that is distributed unlike the training part.

    Of numbers, the two distribution functions are compared (Kolmogorov and Smirnov), and of classes
    their shares. A difference counts if it is larger than 0.1 at some place and cannot be chance.
    Of each image, the brightness, contrast, sharpness and colours are compared; of sequences the
    mean of each feature over the steps; of tokens, how many there are.

    Args:
        arrays: Inputs and labels by name, such as `x_train` and `y_train`.
        examples: What they are: `images`, `sequences`, `tokens` or `rows`.
        splits: The parts to compare, `val` or `test`. One that was split off the training examples
            at random needs no comparison.
        classes: Class names in label order; empty where the labels are numbers.
    """
    parts = ("train", *splits) if splits else ()
    measured = {split: _measured(arrays[f"x_{split}"], examples) for split in parts}
    word = "sequences" if examples == "tokens" else examples
    for split in splits:
        labels = arrays["y_train"], arrays[f"y_{split}"]
        shifts = _shifts(measured["train"], measured[split])
        shifts += _class_shift(*labels, classes) if classes else _shifts(*map(_target, labels))
        if shifts:
            shifts.sort(reverse=True)
            told = "; ".join(shift.told for shift in shifts[:_NAMED])
            more = f"; and {len(shifts) - _NAMED} more" if len(shifts) > _NAMED else ""
            yield (
                f"The {SPLITS[split]} {word} are distributed unlike the training {word}: "
                f"{told}{more}. Figures of that part then also tell how the two differ. Unless "
                "that is meant, mix the examples and split them at random."
            )


def _measured(examples: np.ndarray, kind: str) -> dict[str, np.ndarray]:
    """Return what is compared, by name: numbers (n,), one for each example."""
    places = np.linspace(0, len(examples) - 1, min(_MOST_EXAMPLES, len(examples))).astype(int)
    if kind == "images":
        # One by one, for all of them as floats might not fit into memory.
        found = [_of_image(np.asarray(examples[place], np.float32)) for place in places]
        return {name: np.array([one[name] for one in found]) for name in found[0]}
    chosen = np.asarray(examples[places], np.float64)
    if kind == "tokens":
        return {"the number of tokens": np.count_nonzero(chosen, axis=1)}
    rows = chosen.mean(axis=1) if chosen.ndim == 3 else chosen
    return {f"feature {place}": values for place, values in enumerate(rows.T, 1)}


def _of_image(image: np.ndarray) -> dict[str, float]:
    """Return what tells images of one camera, place or program from those of another."""
    found = {"brightness": image.mean(), "contrast": image.std()}
    if min(image.shape[:2]) > 1:
        found["sharpness"] = sum(np.abs(np.diff(image, axis=axis)).mean() for axis in (0, 1))
    if image.shape[-1] == 3:
        for color, mean in zip(("red", "green", "blue"), image.mean(axis=(0, 1)), strict=True):
            found[f"{color} less brightness"] = mean - found["brightness"]
    return found


def _target(labels: np.ndarray) -> dict[str, np.ndarray]:
    return {"the target": np.asarray(labels, np.float64)}


def _shifts(train: Mapping[str, np.ndarray], part: Mapping[str, np.ndarray]) -> list[_Shift]:
    """Return what is distributed differently in the two parts."""
    from scipy.stats import ks_2samp

    shifts = []
    for name, values in train.items():
        others = part[name]
        found = ks_2samp(values, others, method="asymp")
        # By Bonferroni, however many are compared.
        if found.statistic > _DISTANCE and found.pvalue * len(train) <= _CHANCE:
            there, here = (f"{one.mean():.3g} ± {one.std():.2g}" for one in (others, values))
            told = f"{name} {there}, in training {here}"
            shifts.append(_Shift(float(found.statistic), told))
    return shifts


def _class_shift(train: np.ndarray, part: np.ndarray, classes: Sequence[str]) -> list[_Shift]:
    """Return the class whose share differs most, if the shares differ."""
    from scipy.stats import chi2_contingency

    counts = np.stack([np.bincount(labels, minlength=len(classes)) for labels in (train, part)])
    shares = counts / counts.sum(axis=1, keepdims=True)
    differences = np.abs(shares[1] - shares[0])
    distance = float(differences.sum() / 2)
    if distance <= _DISTANCE or chi2_contingency(counts, correction=False).pvalue > _CHANCE:
        return []
    most = int(differences.argmax())
    here, there = (100 * share for share in shares[:, most])
    return [_Shift(distance, f"class {classes[most]} {there:.3g} %, in training {here:.3g} %")]
