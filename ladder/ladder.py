"""A ladder: rungs, data and a budget; and the way from it to the other studies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from numbers import Integral
from pathlib import Path
from typing import Any

from ..data import Dataset, DataSpec, load
from ..recipes import Blueprint, Recipe, Task
from ..training.errors import LadderError
from .default_ladder import default_ladder_of
from .given_data import given_data, over_files_data
from .given_rungs import given_steps
from .growing.aim import MINUTES, MOST_SEEDS, Aim
from .growing.grow import grow
from .growing.grow_result import GrowResult
from .ladder_file import LadderSpec, check_data_path, from_home, read_ladder, seed_list
from .result import LadderResult
from .rung import Rung, find_rung
from .studies.ablation import ablation_study
from .studies.levels import levels_study
from .studies.looks_taken import in_looks
from .studies.refit import refit_study
from .studies.run_options import RunOptions
from .studies.run_study import Estimate, estimate_study, run_study
from .studies.sample_size import sample_size_study
from .studies.study import Arm, Study, checked_margin
from .studies.sweep import Sweep, make_sweep
from .task_of_data import with_task_of_data
from .tuning.run_tuning import run_tuning
from .tuning.tuning import SEARCH_SEED, Tuning, make_tuning


class Ladder:
    """Rungs, each one step more than the one below, on one data set with one budget.

    What is not given comes from the data's default ladder (`digits` for digits, `tabular` for
    tables, `diabetes` for diabetes, `sequence` for sequences and tokens, else the lecture's).

    Args:
        data: name of a data set (as `--data` takes it), a `DataSpec`, a `Dataset`, or arrays: a
            tuple (x, y) or (x, y, x_test, y_test) as `from_arrays` takes them.
        rungs: the recipes that each rung adds to the one below, a list of them or one; the
            baseline is added as rung 0.
        name: of the ladder, in the report.
        baseline: blueprint of rung 0, its budget included. With the task that a blueprint has by
            itself it leaves to the data whether there are classes or numbers to learn.
        epochs: passes over the training images.
        batch_size: images per step.
        seeds: how many (3 stands for 0, 1 and 2), or a list of them.
        splits: whether each seed has a split of its own, so that the choice of training and
            validation examples counts too.
        bagging: whether each seed trains on a bootstrap sample of the training examples.
        margin: what a difference must be larger than to matter, in the deciding metric's unit; None
            is one point of a share.

    Raises:
        RecipeError: for a recipe or a blueprint that cannot be used.
        DataError: for data that cannot be used.
        LadderError: for invalid data, seeds or rungs, or a margin that is no number above 0.

    Example:
        >>> from trickbook.ladder import Ladder
        >>> from trickbook.recipes import BatchNorm, Noise
        >>> ladder = Ladder("digits", [[Noise()], [BatchNorm()]], epochs=30, seeds=3)
        >>> [rung.name for rung in ladder.rungs]
        ['00-baseline', '01-noise', '02-batch_norm']
    """

    def __init__(
        self,
        data: Any = "digits",
        rungs: Iterable[Iterable[Recipe] | Recipe] | None = None,
        *,
        name: str | None = None,
        baseline: Blueprint | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        seeds: int | Sequence[int] | None = None,
        splits: bool = False,
        bagging: bool = False,
        margin: float | None = None,
    ) -> None:
        dataset, data_spec = given_data(data)
        spec = read_ladder(default_ladder_of(dataset, data_spec))
        spec = replace(spec, data=over_files_data(spec.data, data, data_spec))
        if rungs is not None:
            steps = given_steps(rungs)
            spec = replace(spec, name="ladder", steps=steps, reported=None, is_own=True)
        spec = replace(
            spec,
            name=name or spec.name,
            baseline=(baseline or spec.baseline).with_budget(epochs, batch_size),
            seeds=spec.seeds if seeds is None else seed_list(seeds),
            splits=splits,
            bagging=bagging,
            # Published accuracies say nothing of another baseline.
            reported_on=spec.reported_on if baseline is None else None,
            margin=spec.margin if margin is None else checked_margin(margin),
            has_kind=spec.has_kind if baseline is None else baseline.task != Task(),
        )
        self._keep(with_task_of_data(spec, dataset), dataset)

    @classmethod
    def from_spec(cls, spec: LadderSpec, dataset: Dataset | None = None) -> Ladder:
        """Returns the ladder that a ladder file describes, on its data or on those in memory."""
        ladder = cls.__new__(cls)
        ladder._keep(spec, dataset)
        return ladder

    @classmethod
    def from_file(cls, ladder: str | Path, data: Any = None) -> Ladder:
        """Returns the ladder that a TOML file describes, or the built-in one of that name.

        Args:
            ladder: path of the file, or a name such as "lecture".
            data: as the class takes them, in place of the file's. What the file says of its own
                data (limits, target and so on) holds where their name is given and leaves with them
                else. None is the data that the file names.

        Raises:
            RecipeError: for a recipe that cannot be used.
            DataError: for data that cannot be read.
            LadderError: for a ladder that there is not, a fault in its file, a file that names no
                data where none are given, or what is no data.
        """
        dataset, given = (None, None) if data is None else given_data(data)
        spec = read_ladder(str(ladder), None if given is None else given.name)
        if given is not None:
            spec = replace(spec, data=over_files_data(spec.data, data, given))
        check_data_path(spec)
        return cls.from_spec(with_task_of_data(spec, dataset), dataset)

    @property
    def study(self) -> Study:
        """The ladder as a study: each rung is compared with the one below."""
        below = [None, *(rung.name for rung in self.rungs[:-1])]
        arms = tuple(
            Arm(rung.name, rung.blueprint, rung.recipes, against, rung.changed, rung.reported)
            for rung, against in zip(self.rungs, below, strict=True)
        )
        return Study(
            self.spec.name,
            arms,
            self._data,
            self.spec.seeds,
            splits=self.spec.splits,
            bagging=self.spec.bagging,
            margin=self.spec.margin,
            is_built_in=not self.spec.is_own,
        )

    def estimate(self, out: str | Path, **options: Any) -> Estimate:
        """Returns how many runs `run` would train with these arguments, and for how long.

        Args:
            out: folder, as `run` takes it.
            **options: as `run` takes them, but for `max_seeds` and `max_minutes`.

        Raises:
            DataError: for what is wrong with the data.
            LadderError: as `run` says.
        """
        return estimate_study(self.study, _folder(out), RunOptions.named(options))

    def run(
        self,
        out: str | Path,
        *,
        jobs: int | None = None,
        threads: int = 1,
        on: str | None = None,
        shared: bool = False,
        models: bool = True,
        read_test: bool = True,
        tensorboard: bool = False,
        fresh: bool = False,
        quiet: bool = False,
        command: str | None = None,
        backend: str | None = None,
        precision: str | None = None,
        max_seeds: int | None = None,
        max_minutes: float | None = None,
    ) -> LadderResult:
        """Trains what is missing in the folder and writes the report there.

        Args:
            out: folder; runs that are there already are not repeated.
            jobs: worker processes; None is as many as cores and memory have room for, and one where
                they would share a GPU.
            threads: of each worker; more than one pay where there are fewer runs than cores.
            on: a Ray cluster that trains: "ray" for one on this machine, "ray://HOST:PORT", or
                "HOST:PORT" on a machine of it; None is worker processes of this machine.
            shared: whether all machines of the cluster see `out` under its path, and write the runs
                there; else they send them.
            models: whether to keep each run's model.keras.
            read_test: whether to measure runs on the test set too; where it is, finished runs that
                left it unread are trained again.
            tensorboard: whether the runs that are trained write event files for TensorBoard too,
                in the folder `tensorboard` of each.
            fresh: whether to move what is in the folder aside first, and train all anew.
            quiet: whether to print nothing.
            command: what to write down as the command; None is the calling program.
            backend: "tensorflow", "jax" or "torch"; None is what Keras is set to.
            precision: dtype policy of Keras, such as "mixed_bfloat16"; None is the one that this
                process has set, else float32.
            max_seeds: gain seeds, 0, 1, 2 and so on in place of the ladder's, until each rung's
                worth is decided, up to this number; None trains the ladder's seeds.
            max_minutes: with `max_seeds`: wall time that the looks may take together; the study
                ends at the last that fits in.

        Returns:
            The runs and their report.

        Raises:
            DataError: for what is wrong with the data, before any training starts.
            LadderError: for a batch larger than the training set, a folder that is no ladder's, or
                a package that an option needs and that is not installed.
        """
        if max_seeds is None and max_minutes is not None:
            raise LadderError("max_minutes goes with max_seeds: the study gains seeds until then.")
        study = self.study
        if max_seeds is not None:
            study = in_looks(study, max_seeds, max_minutes)
        options = RunOptions(
            jobs=jobs,
            threads=threads,
            on=on,
            shared=shared,
            models=models,
            read_test=read_test,
            tensorboard=tensorboard,
            fresh=fresh,
            quiet=quiet,
            command=command,
            backend=backend,
            precision=precision,
        )
        return run_study(study, _folder(out), options)

    def ablation(self) -> Study:
        """Returns the study of each trick alone on the baseline and left out of the full stack.

        Raises:
            LadderError: for a ladder that is only a baseline.
        """
        return ablation_study(self.study, self.spec.steps)

    def levels(self, only: Sequence[str] = ()) -> Study:
        """Returns the study of each trick alone on the baseline, by level.

        Those are what the ladder's file names as [[alone]], else what its rungs add.

        Args:
            only: recipes, or names of tricks as the study has them, such as
                `activation,kind=elu`, that are to stand there; empty for all.

        Raises:
            LadderError: for a ladder that is only a baseline, or a name of no trick.
        """
        return levels_study(self.study, self.spec.alone or self.spec.steps, only)

    def ablate(self, out: str | Path, **options: Any) -> LadderResult:
        """Trains each trick alone on the baseline and each left out of the full stack.

        Args:
            out: folder, that of the ladder for instance, whose runs it shares.
            **options: as `run` takes them, but for `max_seeds` and `max_minutes`.

        Returns:
            The runs and their report, ablation.html in the folder.

        Raises:
            DataError: for what is wrong with the data, before any training starts.
            LadderError: for a ladder that is only a baseline, or as `run` says.
        """
        return _carried_out(self.ablation(), out, options)

    def sweep_of(
        self,
        rungs: str | int | Iterable[str | int],
        over: Mapping[str, Any],
        random: int | None = None,
    ) -> Sweep:
        """Returns the sweep of some rungs over the values of settings, as `sweep` trains it.

        Raises:
            LadderError: as `sweep` says.
        """
        return make_sweep(self.study, self._chosen(rungs), over, random)

    def sweep(
        self,
        out: str | Path,
        rungs: str | int | Iterable[str | int],
        over: Mapping[str, Any],
        *,
        random: int | None = None,
        zoom: bool = False,
        **options: Any,
    ) -> LadderResult:
        """Trains rungs with other values of settings, and reports which value is best.

        The test set is left unread unless the options say `read_test=True`.

        Args:
            out: folder, that of the ladder for instance.
            rungs: a rung's number or name, or several: a curve each.
            over: by a setting's name, `dropout.rate` or `learning_rate`, its values: a list or an
                array, "0.1:0.7:7", or "1e-4:1e-1:7:log" on a logarithmic scale. Of several settings
                every combination is trained.
            random: how many combinations are drawn at random, in place of all.
            zoom: whether a second round follows about the best of the first; not where the
                process of a run died, until the same call has trained that.
            **options: as `run` takes them, but for `max_seeds` and `max_minutes`.

        Returns:
            The runs and their report, sweep-RUNG-SETTING.html in the folder.

        Raises:
            LadderError: for an invalid rung, setting or values, or as `run` says.
            RecipeError: for a value that a setting cannot have.
        """
        sweep = self.sweep_of(rungs, over, random)
        run_options = RunOptions.named({"read_test": False, **options})
        result = run_study(sweep.study(), _folder(out), run_options)
        # The best of what is there may not be the best of the first round.
        if not zoom or result.lost:
            return result
        second = sweep.zoomed(result.run_set()).study()
        return run_study(second, _folder(out), replace(run_options, fresh=False))

    def tuning_of(
        self, rung: str | int, space: Mapping[str, Any] | None = None, **settings: Any
    ) -> Tuning:
        """Returns the search of a rung's settings, as `tune` carries it out.

        Raises:
            LadderError: as `tune` says.
        """
        return make_tuning(self.study, self._rung(rung), space, **settings)

    def tune(
        self,
        out: str | Path,
        rung: str | int,
        space: Mapping[str, Any] | None = None,
        *,
        trials: int | None = None,
        minutes: float | None = None,
        sampler: str = "tpe",
        pruner: str = "median",
        seed: int = SEARCH_SEED,
        **options: Any,
    ) -> LadderResult:
        """Searches a rung's settings by Optuna, and judges what was found.

        Each trial is a run of the rung with other values, scored on examples that are held out for
        the search. The best one is then trained with the ladder's seeds on all training examples,
        beside the rung as it is, and judged by the validation set; the test set is read for it
        alone. A search that was stopped or killed goes on; one of another space, of other data or
        another budget takes another folder.

        Args:
            out: folder, that of the ladder for instance.
            rung: a rung's number or name.
            space: by a setting's name, `learning_rate` or `dropout.rate`, a list of values, or a
                table of `low`, `high`, `scale` ("linear", "log" or "log_to_one") and `steps`; what
                is left out is as the setting declares it. None is what deck L2 names, in its order:
                rate, momentum, betas, layers, units, decay, batch size, and the tricks' own.
            trials: how many at most; one of `trials` and `minutes` is needed.
            minutes: after which no trial is begun any more.
            sampler: "tpe", "random", "grid", or "gp", a Gaussian process, which needs PyTorch.
            pruner: what gives trials up by their curves: "median", "hyperband" or "none".
            seed: of the draws and of every trial's training; not one of the ladder's.
            **options: as `run` takes them, but for `max_seeds` and `max_minutes`.

        Returns:
            The runs that judge and their report, tune-RUNG.html in the folder.

        Raises:
            DataError: for what is wrong with the data, before any training starts.
            LadderError: for an invalid rung or space, a package that is not installed, no
                time for a single run, or as `run` says.
        """
        tuning = self.tuning_of(
            rung,
            space,
            trials=trials,
            minutes=minutes,
            sampler=sampler,
            pruner=pruner,
            seed=seed,
        )
        return run_tuning(tuning, _folder(out), RunOptions.named(options))

    def grow(
        self,
        out: str | Path,
        *,
        minutes: float = MINUTES,
        max_seeds: int = MOST_SEEDS,
        first_seed: int = 0,
        **options: Any,
    ) -> GrowResult:
        """Grows a ladder from the baseline: reads curves, races tricks, keeps what helps.

        The recipes of this ladder's rungs are tried first, with their settings, when the curves
        call for them; then the rest of the book. Validation decides. The test set is read once, at
        the end, for the baseline and the grown model, with seeds that no race had. A growth that
        was stopped or killed goes on.

        Args:
            out: folder.
            minutes: wall time that it may take.
            max_seeds: the new seeds that the leader of a race has at most, 2 or more.
            first_seed: races take this seed and those after it.
            **options: as `run` takes them, but for `max_minutes`.

        Returns:
            The runs, the report, grow.html in the folder, and what was decided.

        Raises:
            DataError: for what is wrong with the data, before any training starts.
            LadderError: for too little time, a baseline that cannot be trained, a recipe that its
                record could not name, or as `run` says.
        """
        aim = Aim(self.spec, self._data, minutes, max_seeds, first_seed)
        return grow(aim, _folder(out), RunOptions.named(options))

    def sample_size_of(
        self,
        rungs: str | int | Iterable[str | int],
        sizes: int | Sequence[int] | None = None,
        limit: int | None = None,
    ) -> Study:
        """Returns the study of some rungs at several training-set sizes, as `sample_size` does it.

        Raises:
            DataError: for data that cannot be had or used.
            LadderError: as `sample_size` says.
        """
        chosen = self._chosen(rungs)
        if self.dataset is not None:
            return sample_size_study(self.study, self.dataset, chosen, sizes)
        spec = replace(self.spec.data, limit_train=limit, unused=None)
        return sample_size_study(replace(self.study, data=spec), load(spec), chosen, sizes)

    def sample_size(
        self,
        out: str | Path,
        rungs: str | int | Iterable[str | int],
        sizes: int | Sequence[int] | None = None,
        limit: int | None = None,
        **options: Any,
    ) -> LadderResult:
        """Trains rungs on more and more examples, and tells whether more data would help.

        Validation examples are split off first and are the same for every size; a smaller training
        set is part of a larger one.

        Args:
            out: folder, that of the ladder for instance.
            rungs: a rung's number or name, or several: a curve each.
            sizes: numbers of training examples, or how many of them, evenly spaced on a logarithmic
                scale up to all; None is six.
            limit: how many training examples there are at most, of data that have a name; what a
                ladder's file says of it is for the ladder alone.
            **options: as `run` takes them, but for `max_seeds` and `max_minutes`.

        Returns:
            The runs and their report, sample-size-RUNG.html in the folder.

        Raises:
            DataError: for data that cannot be had or used.
            LadderError: for an invalid rung or sizes, or as `run` says.
        """
        return _carried_out(self.sample_size_of(rungs, sizes, limit), out, options)

    def refit_of(
        self, rung: str | int | None = None, seeds: int | Sequence[int] | None = None
    ) -> Study:
        """Returns the study of one rung on training and validation examples, as `refit` does it.

        Raises:
            LadderError: as `refit` says.
        """
        chosen = self.rungs[-1] if rung is None else self._rung(rung)
        listed = None if seeds is None else seed_list(seeds)
        return refit_study(self.study, chosen, listed)

    def refit(
        self,
        out: str | Path,
        rung: str | int | None = None,
        seeds: int | Sequence[int] | None = None,
        **options: Any,
    ) -> LadderResult:
        """Trains a rung anew on training and validation examples together, and reads its test.

        It is for the end, when validation has judged the ladder; the ladder's report, where it is
        in the folder, then tells of it, and judges nothing by it.

        Args:
            out: folder, that of the ladder for instance.
            rung: a rung's number or name; None is the top rung.
            seeds: how many, or a list of them; None is the ladder's.
            **options: as `run` takes them, but for `max_seeds` and `max_minutes`.

        Returns:
            The runs and their report, refit-RUNG.html in the folder.

        Raises:
            DataError: for data that cannot be had or used.
            LadderError: for a rung that is unknown or that goes by validation figures, for
                `read_test=False`, or as `run` says.
        """
        return _carried_out(self.refit_of(rung, seeds), out, options)

    def _keep(self, spec: LadderSpec, dataset: Dataset | None) -> None:
        self.spec, self.dataset, self.rungs = spec, dataset, spec.rungs()

    @property
    def _data(self) -> DataSpec | Dataset:
        return self.spec.data if self.dataset is None else self.dataset

    def _rung(self, rung: str | int) -> Rung:
        return find_rung(self.rungs, str(rung).strip())

    def _chosen(self, rungs: str | int | Iterable[str | int]) -> list[Rung]:
        """Returns the rungs that are asked for, each once, whatever it is called."""
        # A whole number of NumPy's is no int.
        named: Any = [rungs] if isinstance(rungs, str | Integral) else rungs
        if not isinstance(named, Iterable):
            raise LadderError(
                f"rungs is a rung's number or name, or a list of these. Received: {rungs!r}"
            )
        return [*dict.fromkeys(map(self._rung, named))]


def _folder(out: str | Path) -> Path:
    """Returns a folder by its whole path: what is given back is read later, from anywhere."""
    return from_home(out).absolute()


def _carried_out(study: Study, out: str | Path, options: Mapping[str, Any]) -> LadderResult:
    return run_study(study, _folder(out), RunOptions.named(options))
