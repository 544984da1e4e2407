"""The data that the runs of a study train on: the same for all, or different by arm or seed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ...data import Dataset, bootstrap_sample, nested_training_set, without_validation
from ...data.search_split import search_split
from ...data.unused_examples import judging_split
from ...training.errors import LadderError
from ...training.executor.prepared_data import save_prepared
from ...training.executor.study_pool import StudyPool
from ...training.job import WHOLE
from .study import Arm, Study


class StudyData:
    """Prepares the data of a study in an executor's folders, each part when first asked for.

    Args:
        study: the study whose data to prepare; it may gain seeds and arms later.
        executor: where the prepared data lie.

    Attributes:
        summaries: summaries of the prepared data, by name; `WHOLE` is the study's own split.
    """

    def __init__(self, study: Study, executor: StudyPool) -> None:
        self._study, self._executor = study, executor
        self.summaries: dict[str, dict[str, Any]] = {}
        if isinstance(study.data, Dataset):
            if study.splits:
                raise LadderError(
                    "splits (--splits) draws a new split with each seed, but these data are split "
                    "already. Name the data by a DataSpec instead."
                )
            self._keep(study.data, WHOLE)
        else:
            self.summaries[WHOLE] = executor.prepare(study.data)

    @property
    def whole(self) -> dict[str, Any]:
        """Summary of the study's own split, with all its training examples."""
        return self.summaries[WHOLE]

    def name(self, arm: Arm, seed: int) -> str:
        """Returns the name of the prepared data that the arm trains on with the seed."""
        parts = [self._split(seed), *(["refit"] if arm.is_refit else [])]
        if arm.held_out is not None:
            parts.append(f"held{arm.held_out:g}")
        if arm.beside_search is not None and "val_in_epochs" in self.whole:
            parts.append(f"judged{arm.beside_search:g}")
        if arm.train_size is not None:
            parts.append(str(arm.train_size))
        if self._study.bagging:
            parts.append(f"sample{seed}")
        return "-".join(parts)

    def summary(self, arm: Arm, seed: int) -> dict[str, Any]:
        """Returns the summary of the data of that name; prepares them if they are not yet.

        Raises:
            DataError: for a split or a size that the data do not allow.
            LadderError: for `splits` with data whose split is always the same.
        """
        name = self.name(arm, seed)
        if name not in self.summaries:
            self._prepare(arm, seed, name)
        return self.summaries[name]

    def _split(self, seed: int) -> str:
        return f"{WHOLE}-split{seed}" if self._study.splits else WHOLE

    def _prepare(self, arm: Arm, seed: int, name: str) -> None:
        split = self._split(seed)
        if split not in self.summaries:
            self._draw(split, seed)
        if name == split:
            return
        data = Dataset.load(self._executor.folder_of(split))
        if arm.is_refit:
            data = without_validation(data)
        if arm.held_out is not None:
            data = search_split(data, arm.held_out)
        if arm.beside_search is not None:
            data = judging_split(data, arm.beside_search)
        if arm.train_size is not None:
            data = nested_training_set(data, arm.train_size)
        if self._study.bagging:
            data = bootstrap_sample(data, seed)
        self._keep(data, name)

    def _draw(self, split: str, seed: int) -> None:
        """Prepares the split of a seed; seed 0 has the study's own split."""
        spec = self._study.data
        assert not isinstance(spec, Dataset)
        spec = replace(spec, split_seed=spec.split_seed + seed)
        self.summaries[split] = self._executor.prepare(spec, split)
        if seed and self._has_same_examples(split):
            why = (
                "is split in the order of its rows"
                if spec.is_ordered
                else "brings its own training, validation and test images"
            )
            raise LadderError(
                f"splits (--splits) draws a new split with each seed, but {spec.name} {why}. Leave "
                "it out."
            )

    def _has_same_examples(self, split: str) -> bool:
        first, other = (Dataset.load(self._executor.folder_of(name)) for name in (WHOLE, split))
        is_judged_alike = all(
            np.array_equal(getattr(first, name), getattr(other, name))
            for name in ("x_val", "x_test")
        )
        # Training examples may be the same in another order.
        return is_judged_alike and _held(first.x_train) == _held(other.x_train)

    def _keep(self, data: Dataset, name: str) -> None:
        save_prepared(data, self._executor.folder_of(name))
        self.summaries[name] = data.summary()


def _held(examples: np.ndarray) -> list[bytes]:
    return sorted(one.tobytes() for one in examples)
