"""How often the reports' intervals and verdicts are right, on simulated studies of known truth.

    python benchmarks/verdicts.py [--studies 2000] [--write reports/gallery/verdicts.csv]

A study is a ladder of nine arms that are all the same in truth, so that each of its eight verdicts
is false unless it is undecided, and a tenth arm that is better than the first. An image is
classified correctly if a normal variable is above 0: the sum of how easy the image is, what an arm
makes of it, what a seed makes of the training (in part the same for all arms, so that pairs are
correlated) and chance. What an arm is worth follows in closed form. At 10,000 images the scores are
normal, and the mean squares of their analysis of variance are drawn directly.

Each row gives, over `studies` studies with the same number of seeds and images:

- coverage: the share of the eight intervals that hold 0; without_interval: the share of pairs that
  have none, because they differ equally under every seed (they do not count in the coverage);
- coverage_of_hillis: the coverage of the t interval with Hillis's degrees of freedom;
- family_error: the share of studies in which a verdict (Holm) is false, and family_error_of_hillis;
  looks_error: that share for studies that look at 3, 5, 8, ... seeds up to that number;
- found: how often the tenth arm's gain has p <= 0.05 on its side, and predicted: how often it does
  by the power formula.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtr

from trickbook.reports.statistics.behrens_fisher import Freedom, matching_p, one_sided_p, power
from trickbook.reports.statistics.looks import looks, spending
from trickbook.reports.statistics.two_sources import (
    MeanSquares,
    error_of_mean,
    freedom_of,
    mean_squares,
)
from trickbook.reports.statistics.verdicts import ERROR, holm

ARMS = 9
ACCURACY = 0.85
EASE = 1.5  # Deviation of how easy images are, in deviations of the chance in a decision.
SEEDS = (3, 5, 10, 20)
AT_ONCE = 4_000_000  # Scores that are drawn at a time.


@dataclass(frozen=True)
class World:
    """How far images and seeds move an arm, in deviations of the chance in a decision."""

    name: str
    by_image: float
    by_seed: float
    by_seed_alike: float
    """What a seed does to all arms."""


WORLDS = (
    World("chance alone", 0.0, 0.0, 0.1),
    World("seeds differ", 0.2, 0.15, 0.15),
    World("images differ", 0.8, 0.02, 0.1),
)


@dataclass(frozen=True)
class Sample:
    """The differences of many studies: means (studies, pairs), and their mean squares."""

    means: np.ndarray
    squares: MeanSquares
    seeds: int
    images: int

    @property
    def error(self) -> tuple[np.ndarray, np.ndarray]:
        """Standard errors and the shares of them that seeds estimate, (studies, pairs) each."""
        return error_of_mean(self.squares, self.seeds, self.images)

    @property
    def freedom(self) -> Freedom:
        """Degrees of freedom of the seeds' and the images' parts of the variance."""
        return freedom_of(self.seeds, self.images)

    def ps(self) -> np.ndarray:
        """The two-sided ps of verdicts; NaN where there is no interval."""
        error, share = self.error
        return 2 * one_sided_p(np.abs(self.means) / error, share, self.freedom)

    def interval_ps(self) -> np.ndarray:
        """The ps that are above 0.05 where the 95 % interval holds 0."""
        error, share = self.error
        return 2 * matching_p(np.abs(self.means) / error, share, self.freedom)

    def hillis_ps(self) -> np.ndarray:
        """The two-sided ps of the t distribution with Hillis's degrees of freedom."""
        error, share = self.error
        return 2 * stdtr((self.seeds - 1) / share**2, -np.abs(self.means) / error)


def main() -> None:
    """Prints the table, and writes it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    rows = []
    for world in WORLDS:
        for images in (200, 1_000, 10_000):
            for seeds in SEEDS:
                rows.append(simulate(world, seeds, images, options.studies))
                print(*rows[-1].values(), sep="  ", flush=True)
    table = pd.DataFrame(rows)
    if options.write:
        table.round(4).to_csv(options.write, index=False, lineterminator="\n")


def simulate(world: World, seeds: int, images: int, studies: int) -> dict[str, object]:
    """A row of the table."""
    key = zlib.crc32(f"{world.name} {seeds} {images}".encode())
    draws = np.random.default_rng(key)
    drawn = normal_samples if images > 1_000 else image_samples
    samples = drawn(draws, world, seeds, images, studies)
    nulls, better = samples[seeds]
    facts = {
        "world": world.name,
        "scores": "normal" if images > 1_000 else "right or wrong",
        "seeds": seeds,
        "images": images,
        "studies": studies,
        "coverage": share_above(nulls.interval_ps()),
        "coverage_of_hillis": share_above(nulls.hillis_ps()),
        "without_interval": float(np.isnan(nulls.ps()).mean()),
        "family_error": family_error(nulls.ps()),
        "family_error_of_hillis": family_error(nulls.hillis_ps()),
        "looks_error": looks_error({n: sample[0].ps() for n, sample in samples.items()}),
    }
    return facts | power_facts(better, gain_of(world, seeds, images))


def share_above(ps: np.ndarray) -> float:
    """The share of the known ps that are above 0.05."""
    return float((ps[~np.isnan(ps)] > ERROR).mean())


def family_error(ps: np.ndarray) -> float:
    """The share of studies in which Holm's procedure rejects anything."""
    return float(np.mean([np.nanmin([*holm(study), 1.0]) <= ERROR for study in ps]))


def looks_error(by_seeds: dict[int, np.ndarray]) -> float:
    """The share of studies in which any look rejects anything; no arm differs."""
    parts = spending(tuple(by_seeds), ERROR)
    looked = zip(by_seeds.values(), parts, strict=True)
    wrong = [[np.nanmin([*holm(study), 1.0]) <= part for study in ps] for ps, part in looked]
    return float(np.any(wrong, axis=0).mean())


def power_facts(better: Sample, gain: float) -> dict[str, object]:
    """How often the gain is found, and how often the formula says that it is."""
    found = (better.ps() <= ERROR) & (better.means > 0)
    squares = MeanSquares(*(values.mean() for values in better.squares))
    error, share = map(float, error_of_mean(squares, better.seeds, better.images))
    predicted = power(np.array(gain / error), ERROR / 2, share, better.freedom)
    return {"gain": gain, "found": float(found.mean()), "predicted": float(predicted)}


def gain_of(world: World, seeds: int, images: int) -> float:
    """What the tenth arm is worth: about as much as is found three times in four."""
    of_seed, of_example, residual = components(world)
    of_seeds = (of_seed + residual / images) / seeds
    total = of_seeds + of_example / images
    effects = np.linspace(1.0, 8.0, 71)
    chances = power(effects, ERROR / 2, of_seeds / total, freedom_of(seeds, images))
    return min(float(effects[np.argmax(chances >= 0.75)] * np.sqrt(total)), 0.1)


@cache
def components(world: World) -> tuple[float, float, float]:
    """Approximate variances of a pair's difference: of seeds, of examples, residual."""
    draws = np.random.default_rng(0)
    right = right_or_wrong(draws, world, np.zeros(ARMS), 200, 5, 1_000)
    squares = mean_squares(np.diff(right.astype(np.float32), axis=1))
    of_seeds, of_examples, residual = (float(values.mean()) for values in squares)
    return max(of_seeds - residual, 0.0) / 1_000, max(of_examples - residual, 0.0) / 5, residual


def right_or_wrong(
    draws: np.random.Generator,
    world: World,
    shifts: np.ndarray,
    studies: int,
    seeds: int,
    images: int,
) -> np.ndarray:
    """Whether each image is classified correctly, (studies, arms, seeds, images), bool."""

    def normal(deviation: float, *shape: int) -> np.ndarray:
        return deviation * draws.standard_normal(shape, dtype=np.float32)

    arms = len(shifts)
    threshold = float(ndtri(ACCURACY)) * deviation_of(world) + shifts.astype(np.float32)
    sums = normal(1.0, studies, arms, seeds, images)
    sums += normal(EASE, studies, 1, 1, images)
    sums += normal(world.by_image, studies, arms, 1, images)
    sums += normal(world.by_seed_alike, studies, 1, seeds, 1)
    sums += normal(world.by_seed, studies, arms, seeds, 1)
    return sums + threshold[:, None, None] > 0


def deviation_of(world: World) -> float:
    """The deviation of the sum that decides whether an image is classified correctly."""
    parts = (1.0, EASE, world.by_image, world.by_seed, world.by_seed_alike)
    return float(np.sqrt(np.sum(np.square(parts))))


def image_samples(
    draws: np.random.Generator, world: World, seeds: int, images: int, studies: int
) -> dict[int, tuple[Sample, Sample]]:
    """For each look the eight pairs that do not differ and the one that does."""
    gain = gain_of(world, seeds, images)
    shift = (ndtri(ACCURACY + gain) - ndtri(ACCURACY)) * deviation_of(world)
    shifts = np.array([0.0] * ARMS + [shift])
    parts: dict[int, list[tuple[np.ndarray, MeanSquares]]] = {n: [] for n in looks(seeds)}
    for count in chunks(studies, (ARMS + 1) * seeds * images):
        right = right_or_wrong(draws, world, shifts, count, seeds, images).astype(np.float32)
        right[:, 1:-1] -= right[:, :-2].copy()
        right[:, -1] -= right[:, 0]
        for number, found in parts.items():
            pairs = right[:, 1:, :number]
            found.append((pairs.mean(axis=(-2, -1), dtype=float), mean_squares(pairs)))
    return {n: split(found, n, images) for n, found in parts.items()}


def split(
    found: list[tuple[np.ndarray, MeanSquares]], seeds: int, images: int
) -> tuple[Sample, Sample]:
    """The pairs that do not differ, and the last, which does."""
    means = np.concatenate([part[0] for part in found])
    squares = [np.concatenate(values) for values in zip(*(part[1] for part in found), strict=True)]
    return tuple(  # type: ignore[return-value]
        Sample(means[:, pairs], MeanSquares(*(one[:, pairs] for one in squares)), seeds, images)
        for pairs in (slice(0, ARMS - 1), slice(ARMS - 1, ARMS))
    )


def chunks(studies: int, scores: int) -> Iterator[int]:
    """How many studies to draw at a time."""
    most = max(AT_ONCE // scores, 1)
    while studies > 0:
        yield min(most, studies)
        studies -= most


def normal_samples(
    draws: np.random.Generator, world: World, seeds: int, images: int, studies: int
) -> dict[int, tuple[Sample, Sample]]:
    """As `image_samples`, with normal scores that vary as much as those of right and wrong images.

    What examples add is the same at every look. A study's mean squares of examples are drawn
    separately for each look, because they hardly vary with so many images.
    """
    of_seed, of_example, residual = (np.sqrt(value) for value in components(world))
    shape = (studies, ARMS + 1)
    by_example = draws.normal(0, of_example / np.sqrt(2 * images), shape)
    noise = np.sqrt((of_seed**2 + residual**2 / images) / 2)
    by_seed = draws.normal(0, noise, (*shape, seeds))
    by_seed += by_example[..., None]
    by_seed[:, -1] += gain_of(world, seeds, images)
    pairs = np.concatenate([np.diff(by_seed[:, :-1], axis=1), by_seed[:, -1:] - by_seed[:, :1]], 1)
    samples = {}
    for n in looks(seeds):
        first = pairs[..., :n]
        freedom = (n - 1) * (images - 1)
        squares = MeanSquares(
            images * first.var(axis=-1, ddof=1),
            (n * of_example**2 + residual**2)
            * draws.chisquare(images - 1, first.shape[:-1])
            / (images - 1),
            residual**2 * draws.chisquare(freedom, first.shape[:-1]) / freedom,
        )
        samples[n] = split([(first.mean(axis=-1), squares)], n, images)
    return samples


if __name__ == "__main__":
    main()
