"""Splits into training, validation and test examples, as a function of labels and seed."""

import math

import numpy as np

from .errors import DataError, listed


def split_off(
    labels: np.ndarray, sizes: dict[str, float], seed: int, classes: tuple[str, ...], name: str
) -> dict[str, np.ndarray]:
    """Split stratified parts off, leaving the rest as training part.

    Args:
        labels: Labels (n,) of all examples that are to be split.
        sizes: The parts to split off, in this order, and the share of n that each gets.
        seed: Seed of the split.
        classes: Class names in label order, for messages.
        name: The data, as `--data` takes it, for messages.

    Returns:
        Positions in `labels` by part, `training` among them, each part in random order.

    Raises:
        DataError: If a class has too few examples to be in every part.
    """
    # RandomState, unlike Generator, draws the same numbers in every version of NumPy.
    rest = np.random.RandomState(seed).permutation(len(labels))
    parts: dict[str, np.ndarray] = {}
    for part, share in sizes.items():
        size = size_of(share, len(labels))
        _check_room(labels[rest], size, sizes, classes, name)
        rest, parts[part] = _stratified(rest, labels, size, seed)
    parts = {"training": rest, **parts}
    for part, positions in parts.items():
        _check_present(labels, positions, part, sizes, classes, name)
    return parts


def split_at_random(count: int, sizes: dict[str, float], seed: int) -> dict[str, np.ndarray]:
    """Split parts off at random, leaving the rest as training part.

    Args:
        count: How many examples are to be split.
        sizes: As `split_off` takes them.
        seed: Seed of the split.

    Returns:
        Positions by part, `training` among them, each part in random order.
    """
    rest = np.random.RandomState(seed).permutation(count)
    parts: dict[str, np.ndarray] = {}
    for part, share in sizes.items():
        size = size_of(share, count)
        parts[part], rest = rest[:size], rest[size:]
    return {"training": rest, **parts}


def size_of(share: float, count: int) -> int:
    """How many examples a share of `count` is, rounded up."""
    # Rounded first: 0.07 * 100 is a little above 7.
    return math.ceil(round(share * count, 6))


def _stratified(
    positions: np.ndarray, labels: np.ndarray, size: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.model_selection import train_test_split

    rest, part = train_test_split(
        positions, test_size=size, stratify=labels[positions], random_state=seed
    )
    return rest, part


def _needed(sizes: dict[str, float]) -> int:
    """How many examples of a class make sure that every part gets one: its share reaches 1."""
    least = min([*sizes.values(), 1 - sum(sizes.values())])
    return max(len(sizes) + 1, math.ceil(round(1 / least, 6)))


def _check_room(
    labels: np.ndarray, size: int, sizes: dict[str, float], classes: tuple[str, ...], name: str
) -> None:
    """Refuse what train_test_split would: a class with one example, a part below one per class."""
    counts = np.bincount(labels, minlength=len(classes))
    too_few = [classes[i] for i in np.flatnonzero(counts < 2)]
    if too_few:
        raise _too_few(too_few, "split", sizes, name)
    if min(size, len(labels) - size) < len(classes):
        raise DataError(
            f"{name} has too few examples to split into {_parts(sizes)}: a part would have "
            f"{min(size, len(labels) - size)} examples for {len(classes)} classes. Each class "
            f"needs at least {_needed(sizes)} examples."
        )


def _check_present(
    labels: np.ndarray,
    positions: np.ndarray,
    part: str,
    sizes: dict[str, float],
    classes: tuple[str, ...],
    name: str,
) -> None:
    counts = np.bincount(labels[positions], minlength=len(classes))
    missing = [classes[i] for i in np.flatnonzero(counts == 0)]
    if missing:
        raise _too_few(missing, f"get into the {part} part", sizes, name)


def _too_few(names: list[str], purpose: str, sizes: dict[str, float], name: str) -> DataError:
    word = "class" if len(names) == 1 else "classes"
    # A table is a single file.
    way = (
        "leave those rows out (--classes names the classes to keep), or merge rare classes into one"
        if name.startswith("table:")
        else "leave the class out, or give a validation or test set of your own"
    )
    return DataError(
        f"{name} has too few examples of {word} {listed(names)} to {purpose}. With "
        f"{_parts(sizes)} parts each class needs at least {_needed(sizes)} examples: add some, "
        f"{way}."
    )


def _parts(sizes: dict[str, float]) -> str:
    return " and ".join(["training", *sizes])


def limit(labels: np.ndarray, size: int, seed: int, name: str) -> np.ndarray:
    """Choose `size` positions in `labels`, stratified, at least one of each class.

    Returns:
        Positions in random order.

    Raises:
        DataError: If there are fewer examples than `size`, or `size` is less than one per class.
    """
    counts = np.bincount(labels)
    if size > len(labels) or size < len(counts):
        raise DataError(
            f"limit_train (--limit-train) must lie between the {len(counts)} classes and the "
            f"{len(labels)} training examples of {name}. Received: limit_train={size}"
        )
    order = np.random.RandomState(seed).permutation(len(labels))
    chosen = [
        np.flatnonzero(labels[order] == label)[:quota]
        for label, quota in enumerate(_quotas(counts, size))
    ]
    return order[np.sort(np.concatenate(chosen))]


def _quotas(counts: np.ndarray, size: int) -> np.ndarray:
    """Examples per class: one each, then one by one to the class furthest behind its share."""
    quotas = np.ones(len(counts), int)
    target = counts * (size / counts.sum())
    for _ in range(size - len(counts)):
        behind = np.where(quotas < counts, target - quotas, -np.inf)
        quotas[int(np.argmax(behind))] += 1
    return quotas
