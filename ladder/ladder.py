"""A ladder (rungs, data and a budget), and the other studies that can be made from it."""

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
        rungs: for each rung the recipe, or the list of recipes, that it adds to the one below; the
            baseline is added as rung 0.
        name: the ladder's name in the report.
        baseline: blueprint of rung 0, including its budget. If its task is a blueprint's default,
            the data decide whether there are classes or numbers to learn.
        epochs: passes over the training examples.
        batch_size: examples per step; 0 is the whole training set.
        seeds: number of seeds (3 stands for 0, 1 and 2), or a list of them.
        splits: whether each seed has a split of its own, so that the choice of training and
            validation examples counts too.
        bagging: whether each seed trains on a bootstrap sample of the training examples.
        margin: a difference matters if it is larger than this, in the unit of the deciding metric;
            None is one point for metrics that are shares, such as accuracy.

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
            # Published accuracies say nothing about another baseline.
            reported_on=spec.reported_on if baseline is None else None,
            margin=spec.margin if margin is None else checked_margin(margin),
            has_kind=spec.has_kind if baseline is None else baseline.task != Task(),
        )
        self._keep(with_task_of_data(spec, dataset), dataset)

    @classmethod
    def from_spec(cls, spec: LadderSpec, dataset: Dataset | None = None) -> Ladder:
        """Returns the ladder of a spec, on the spec's data or on a data set in memory."""
        ladder = cls.__new__(cls)
        ladder._keep(spec, dataset)
        return ladder

    @classmethod
    def from_file(cls, ladder: str | Path, data: Any = None) -> Ladder:
        """Returns the ladder that a TOML file describes, or the built-in one of that name.

        Args:
            ladder: path of the file, or a name such as "lecture".
            data: as the class takes them, in place of the file's. The file's own data settings
                (limits, target and so on) hold only if the name of the file's data is given. None
                is the data that the file names.

        Raises:
            RecipeError: for a recipe that cannot be used.
            DataError: for data that cannot be read.
            LadderError: for an unknown ladder, an error in its file, a file that names no data if
                none are given, or an argument that is no data.
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
            **options: as `run` takes them, except `max_seeds` and `max_minutes`.

        Raises:
            DataError: for errors in the data.
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
            jobs: number of worker processes; None is one per core, or one per GPU if there are any,
                as memory allows.
            threads: threads of each worker; more than one pays off if there are fewer runs than
                cores.
            on: a Ray cluster to train on: "ray" for one on this machine, "ray://HOST:PORT", or
                "HOST:PORT" if this machine is part of the cluster; None is worker processes on this
                machine.
            shared: whether all machines of the cluster see `out` under the same path and write the
                runs there; otherwise they send them.
            models: whether to keep each run's model.keras.
            read_test: whether to measure runs on the test set too; if so, finished runs that left
                it unread are trained again.
            tensorboard: whether the runs that are trained also write event files for TensorBoard,
                each in the folder `tensorboard` of its own.
            fresh: whether to move what is in the folder aside first, and train everything anew.
            quiet: whether to print nothing.
            command: the command to record; None is the calling program.
            backend: "tensorflow", "jax" or "torch"; None is what Keras is set to.
            precision: dtype policy of Keras, such as "mixed_bfloat16"; None is the one that this
                process has set, otherwise float32.
            max_seeds: add seeds (0, 1, 2 and so on, in place of the ladder's) until it is decided
                what each rung is worth, up to this number; None trains the ladder's seeds.
            max_minutes: with `max_seeds`: wall time that the looks may take together; the study
                ends with the last look that fits in.

        Returns:
            The runs and their report.

        Raises:
            DataError: for errors in the data, before any training starts.
            LadderError: for a batch larger than the training set, a folder that is no ladder's, or
                a missing package that an option needs.
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

        The tricks are those that the ladder's file names as [[alone]]; if it names none, those that
        its rungs add.

        Args:
            only: the recipes, or the names of single tricks, such as `activation,kind=elu`, that
                are to be in the study; empty for all.

        Raises:
            LadderError: for a ladder that is only a baseline, or an unknown name.
        """
        return levels_study(self.study, self.spec.alone or self.spec.steps, only)

    def ablate(self, out: str | Path, **options: Any) -> LadderResult:
        """Trains each trick alone on the baseline and each left out of the full stack.

        Args:
            out: folder, such as the ladder's, whose runs it then reuses.
            **options: as `run` takes them, except `max_seeds` and `max_minutes`.

        Returns:
            The runs and their report, ablation.html in the folder.

        Raises:
            DataError: for errors in the data, before any training starts.
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
            out: folder, such as the ladder's.
            rungs: a rung's number or name, or several, which give a curve each.
            over: for each setting, by its name such as `dropout.rate` or `learning_rate`, the
                values: a list or an array, "0.1:0.7:7", or "1e-4:1e-1:7:log" on a logarithmic
                scale. With several settings, every combination is trained.
            random: how many combinations to draw at random, in place of all.
            zoom: whether a second round follows around the best of the first. If the process of a
                run died, the second round waits until the same call has trained that run.
            **options: as `run` takes them, except `max_seeds` and `max_minutes`.

        Returns:
            The runs and their report, sweep-RUNG-SETTING.html in the folder.

        Raises:
            LadderError: for an invalid rung, setting or values, or as `run` says.
            RecipeError: for a value that a setting cannot have.
        """
        sweep = self.sweep_of(rungs, over, random)
        run_options = RunOptions.named({"read_test": False, **options})
        result = run_study(sweep.study(), _folder(out), run_options)
        # While runs are lost, the best of the others may not be the best of the first round.
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
        """Searches a rung's settings with Optuna, and judges what was found.

        Each trial is a run of the rung with other values, scored on examples that are held out for
        the search. The best settings are then trained with the ladder's seeds on all training
        examples, beside the rung as it is, and judged by the validation set; the test set is read
        for them alone. The same call continues a search that was stopped or killed; a search with
        another space, other data or another budget needs another folder.

        Args:
            out: folder, such as the ladder's.
            rung: a rung's number or name.
            space: for each setting to search, by its name such as `learning_rate` or
                `dropout.rate`, a list of values, or a mapping with `low`, `high`, `scale`
                ("linear", "log" or "log_to_one") and `steps`; what is left out is as the setting
                declares it. None is what deck L2 names, in its order: rate, momentum, betas,
                layers, units, decay, batch size, and the tricks' own settings.
            trials: the largest number of trials; `trials` or `minutes` is needed unless the sampler
                is "grid".
            minutes: wall time of all trials, in minutes; none is begun that is expected to end
                later.
            sampler: "tpe", "random", "grid", or "gp", a Gaussian process, which needs PyTorch.
            pruner: how to give up trials by their curves: "median", "hyperband" or "none".
            seed: seed of the sampler's draws and of every trial's training; must not be one of the
                ladder's.
            **options: as `run` takes them, except `max_seeds` and `max_minutes`.

        Returns:
            The judging runs and their report, tune-RUNG.html in the folder.

        Raises:
            DataError: for errors in the data, before any training starts.
            LadderError: for an invalid rung or space, a package that is not installed, too little
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
        the end, for the baseline and the grown model, with seeds that no race had. The same call
        continues a growth that was stopped or killed.

        Args:
            out: folder.
            minutes: wall time that the growth may take.
            max_seeds: the largest number of new seeds for the leader of a race, 2 or more.
            first_seed: first seed of the races, which take this one and those after it.
            **options: as `run` takes them, except `max_minutes`.

        Returns:
            The runs, the report (grow.html in the folder), and what was decided.

        Raises:
            DataError: for errors in the data, before any training starts.
            LadderError: for too little time, a baseline that cannot be trained, a recipe that
                cannot be found by its class's name, or as `run` says.
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
            DataError: for data that cannot be obtained or used.
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
        """Trains rungs on more and more examples, and says whether more data would help.

        Validation examples are split off first and are the same for every size; a smaller training
        set is part of a larger one.

        Args:
            out: folder, such as the ladder's.
            rungs: a rung's number or name, or several, which give a curve each.
            sizes: the numbers of training examples, or how many numbers to choose, evenly spaced on
                a logarithmic scale up to all examples; None chooses six.
            limit: the largest number of training examples, for data that are not in memory; the
                `limit_train` of a ladder file is not used here.
            **options: as `run` takes them, except `max_seeds` and `max_minutes`.

        Returns:
            The runs and their report, sample-size-RUNG.html in the folder.

        Raises:
            DataError: for data that cannot be obtained or used.
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
        """Trains a rung anew on training and validation examples together, and tests it.

        A refit is for the end, when validation has judged the ladder. The ladder's report, if it is
        in the folder, then shows the refit too, but judges nothing by it.

        Args:
            out: folder, such as the ladder's.
            rung: a rung's number or name; None is the top rung.
            seeds: number of seeds, or a list of them; None is the ladder's.
            **options: as `run` takes them, except `max_seeds` and `max_minutes`.

        Returns:
            The runs and their report, refit-RUNG.html in the folder.

        Raises:
            DataError: for data that cannot be obtained or used.
            LadderError: for a rung that is unknown or whose training depends on validation figures,
                for `read_test=False`, or as `run` says.
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
        """Returns the rungs that are asked for, each once, even if it is named in several ways."""
        # A NumPy integer is no int.
        named: Any = [rungs] if isinstance(rungs, str | Integral) else rungs
        if not isinstance(named, Iterable):
            raise LadderError(
                f"rungs is a rung's number or name, or a list of these. Received: {rungs!r}"
            )
        return [*dict.fromkeys(map(self._rung, named))]


def _folder(out: str | Path) -> Path:
    """Returns a folder's absolute path: results are read later, maybe from another folder."""
    return from_home(out).absolute()


def _carried_out(study: Study, out: str | Path, options: Mapping[str, Any]) -> LadderResult:
    return run_study(study, _folder(out), RunOptions.named(options))
