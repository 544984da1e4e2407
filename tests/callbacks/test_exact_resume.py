"""ExactResume: a training that was killed ends as one that never was, on the backend at hand.

A kill is an exception at the end of an epoch, after which nothing of the training is used again
but its folder; `test_killed_processes` kills real processes. A program's model is one that was used
before, with all its variables as they were at first; where `by_new` says so, what goes on after the
kills is compiled anew.
"""

import random
import sys
from importlib.util import find_spec
from types import SimpleNamespace
from unittest.mock import MagicMock

import keras
import numpy as np
import pandas as pd
import pytest
import resume_program
from callback_models import fresh
from event_files import read_events
from forked_workers import exit_code

from trickbook.callbacks import CleanEvaluation, ExactResume, LearningCurves, LearningRateFinder
from trickbook.callbacks.evaluation.samples import as_array
from trickbook.callbacks.state.training_state import restore_training_state, training_state

TENSORFLOW = keras.backend.backend() == "tensorflow"
EPOCHS = 5


class KilledError(Exception):
    pass


class Kill(keras.callbacks.Callback):
    """Ends a training at the end of an epoch, counted from 0, or before a fit's callbacks end."""

    def __init__(self, epoch=None):
        super().__init__()
        self.epoch = epoch

    def on_epoch_end(self, epoch, logs=None):
        if epoch == self.epoch:
            raise KilledError

    def on_train_end(self, logs=None):
        if self.epoch == "end":
            raise KilledError


def data():
    x = np.random.default_rng(0).normal(size=(48, 5)).astype("float32")
    return x, (x[:, 0] * x[:, 1] > 0).astype("int32")


def make_model(optimizer="adam", seed=None):
    model = keras.Sequential(
        [
            keras.layers.Input((5,)),
            keras.layers.Dense(8),
            keras.layers.BatchNormalization(),
            keras.layers.ReLU(),
            keras.layers.Dropout(0.4, seed=seed),
            keras.layers.GaussianNoise(0.1, seed=seed),
            keras.layers.Dense(2),
        ]
    )
    model.compile(
        optimizer,
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def restarted(make=make_model):
    """The model with which a program begins, and its random numbers at their beginning."""
    return fresh(make, lambda: dict(zip(("x", "y"), data(), strict=True)) | {"batch_size": 16})


def fit(model, folder, callbacks=(), x=None, epochs=EPOCHS, **settings):
    """A program: one seed, one fit; the callbacks stand around ExactResume."""
    x = data() if x is None else (x, None)
    half = len(callbacks) // 2
    resume = ExactResume(folder)
    listed = [*callbacks[:half], resume, *callbacks[half:]]
    settings = {"batch_size": 16} | settings if x[1] is not None else settings
    return model.fit(*x, epochs=epochs, callbacks=listed, verbose=0, **settings)


def values(variables):
    return [np.array(keras.ops.convert_to_numpy(variable.value)) for variable in variables]


def outcome(model, history):
    metrics = {id(variable) for variable in model.metrics_variables}
    kept = [variable for variable in model.variables if id(variable) not in metrics]
    return values([*kept, *model.optimizer.variables]), history.epoch, history.history


def assert_same(one, other):
    assert one[1:] == other[1:]
    for mine, theirs in zip(one[0], other[0], strict=True):
        np.testing.assert_array_equal(mine, theirs)


def run(folder, make, callbacks=lambda: (), kills=(), by_new=False, **settings):
    """The program run once for each kill and once more; the outcome of the last."""
    for kill in kills:
        with pytest.raises(KilledError):
            fit(restarted(make), folder, [*callbacks(), Kill(kill)], **settings)
    model = restarted(make)
    if by_new:
        keras.utils.set_random_seed(3)
        model = make()
    return outcome(model, fit(model, folder, [*callbacks(), Kill()], **settings))


def check(tmp_path, make, callbacks=lambda: (), kills=(1, 2), by_new=False, **settings):
    never_killed = run(tmp_path / "whole", make, callbacks, **settings)
    killed = run(tmp_path / "killed", make, callbacks, kills, by_new, **settings)
    assert_same(killed, never_killed)
    return never_killed


@pytest.fixture(scope="module")
def never_killed(tmp_path_factory):
    return run(tmp_path_factory.mktemp("whole"), make_model, validation_split=0.25)


@pytest.mark.parametrize("kill", [2, EPOCHS - 1, "end"])
def test_same_weights_and_history_wherever_it_is_killed(never_killed, tmp_path, kill):
    killed = run(tmp_path, make_model, kills=[kill], by_new=kill == 2, validation_split=0.25)
    assert_same(killed, never_killed)
    _, epochs, history = killed
    assert epochs == list(range(EPOCHS))
    assert len(history["val_loss"]) == EPOCHS


def test_a_kill_in_the_first_epoch_starts_anew(tmp_path):
    check(tmp_path, make_model, kills=[0, 0])


OPTIMIZERS = {
    "moving averages on a schedule": lambda: keras.optimizers.Nadam(
        keras.optimizers.schedules.CosineDecay(0.01, 15),
        weight_decay=0.01,
        use_ema=True,
        ema_momentum=0.9,
        ema_overwrite_frequency=4,
    ),
    "loss scaling of accumulated gradients": lambda: keras.optimizers.LossScaleOptimizer(
        keras.optimizers.SGD(0.1, momentum=0.9, gradient_accumulation_steps=2),
        dynamic_growth_steps=2,
    ),
}


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_optimizers(tmp_path, kind):
    is_new = kind.startswith("loss scaling")  # two optimizers, of which one holds the other
    check(tmp_path, lambda: make_model(OPTIMIZERS[kind]()), kills=[2], by_new=is_new)


def recurrent_model():
    """A layer that goes on with its states from batch to batch and from epoch to epoch."""
    keras.utils.set_random_seed(3)
    inputs = keras.Input((5,), batch_size=16)
    steps = keras.layers.Reshape((5, 1))(inputs)
    layer = keras.layers.GRU(3, stateful=True, name="memory")
    model = keras.Model(inputs, keras.layers.Dense(2)(layer(steps)))
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


@pytest.mark.skipif(
    keras.backend.backend() == "torch", reason="Keras trains no stateful layer on PyTorch"
)
def test_the_states_of_recurrent_layers(tmp_path):
    def program(name, *callbacks):
        model = recurrent_model()
        history = fit(model, tmp_path / name, callbacks, shuffle=False)
        states = values(model.get_layer("memory").states)
        return [*outcome(model, history)[0], *states], history.epoch, history.history

    for kill in (1, 2):
        with pytest.raises(KilledError):
            program("killed", Kill(kill))
    assert_same(program("killed"), program("whole"))


def test_a_save_from_before_states_were_kept_leaves_them():
    model = recurrent_model()
    saved = training_state(model)
    del saved["states"]
    (states,) = model.get_layer("memory").states
    states.assign(np.ones((16, 3)))
    restore_training_state(model, saved)
    np.testing.assert_array_equal(values([states])[0], np.ones((16, 3)))


def test_keras_callbacks_that_remember(tmp_path):
    def remembering():
        return [
            keras.callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=0.05),
            keras.callbacks.EarlyStopping(
                "val_loss", min_delta=0.05, patience=4, restore_best_weights=True
            ),
            keras.callbacks.ModelCheckpoint(
                tmp_path / "best.keras", "val_accuracy", save_best_only=True
            ),
        ]

    _, epochs, history = check(
        tmp_path, make_model, remembering, kills=[1, 2], epochs=12, validation_split=0.25
    )
    # The test means something only where these acted, and after the first kills.
    assert 4 <= len(epochs) < 12
    assert len(set(history["learning_rate"])) > 1


class Scores(keras.callbacks.Callback):
    """Logs what Keras's metrics give, which are tensors, as users do."""

    def __init__(self):
        super().__init__()
        self.metric = keras.metrics.Mean()

    def on_epoch_end(self, epoch, logs=None):
        self.metric.reset_state()
        self.metric.update_state([epoch + 0.1, 2.0])
        logs["score"] = self.metric.result()
        logs["scores"] = keras.ops.convert_to_tensor([0.25, 1.0 * epoch])
        logs["weight"] = keras.Variable(0.5 * epoch)


def test_metrics_that_are_tensors_are_kept_and_recorded(tmp_path):
    def scored(folder):
        return lambda: [
            Scores(),
            keras.callbacks.EarlyStopping("score", mode="max", patience=EPOCHS),
            LearningCurves(folder, plot=False),
        ]

    whole = run(tmp_path / "a", make_model, scored(tmp_path / "whole"))
    killed = run(tmp_path / "b", make_model, scored(tmp_path / "killed"), kills=[2])
    tables = [pd.read_csv(tmp_path / name / "history.csv") for name in ("whole", "killed")]
    one, other = (table.drop(columns="seconds") for table in tables)
    pd.testing.assert_frame_equal(one, other)
    np.testing.assert_allclose(one["score"], (np.arange(EPOCHS) + 2.1) / 2, rtol=1e-6)
    assert one["scores/1"].tolist() == [0, 1, 2, 3, 4]
    for name, values_of_epochs in whole[2].items():
        for mine, theirs in zip(killed[2][name], values_of_epochs, strict=True):
            np.testing.assert_array_equal(as_array(mine), as_array(theirs))


@pytest.mark.skipif(find_spec("tensorflow") is None, reason="Keras's callback writes by TensorFlow")
def test_the_batches_that_keras_tensorboard_has_counted(tmp_path):
    def counted(name, *callbacks):
        board = keras.callbacks.TensorBoard(tmp_path / name, update_freq="batch", write_graph=False)
        try:
            fit(restarted(), tmp_path / "saved", [board, *callbacks], epochs=4)
        except KilledError:
            board.on_train_end()  # for what comes after it in this process
            raise
        return [step for step, _ in read_events(tmp_path / name / "train")["batch_loss"]]

    with pytest.raises(KilledError):
        counted("killed", Kill(2))
    assert counted("resumed") == list(range(7, 13))


def test_the_best_that_an_orbax_checkpoint_has_seen(tmp_path, monkeypatch):
    monkeypatch.setattr("keras.src.callbacks.orbax_checkpoint.ocp", MagicMock())
    saved = []

    class Checkpoint(keras.callbacks.OrbaxCheckpoint):
        def _save_checkpoint(self, step, logs=None):
            saved.append(step)

    worse = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: logs.update(score=-float(epoch))
    )

    def checkpoint():
        return [worse, Checkpoint(tmp_path / "x", "score", mode="max", save_best_only=True)]

    run(tmp_path / "killed", make_model, checkpoint, kills=[2])
    assert saved == [0]


def test_a_checkpoint_is_not_overwritten_by_a_worse_epoch(tmp_path):
    def checkpoint():
        def worse(epoch, logs):
            logs["score"] = -float(epoch)

        return [
            keras.callbacks.LambdaCallback(on_epoch_end=worse),
            keras.callbacks.ModelCheckpoint(
                tmp_path / "best.keras", "score", mode="max", save_best_only=True
            ),
        ]

    run(tmp_path / "killed", make_model, checkpoint, kills=[1])
    kept = keras.saving.load_model(tmp_path / "best.keras").get_weights()
    first_epoch = run(tmp_path / "one", make_model, epochs=1)[0]
    for mine, theirs in zip(kept[:2], first_epoch[:2], strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_weights_swapped_for_their_average(tmp_path):
    def make():
        return make_model(keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5))

    check(tmp_path, make, lambda: [keras.callbacks.SwapEMAWeights(swap_on_epoch=True)])


def test_early_stopping_that_had_stopped_when_it_was_killed(tmp_path):
    def stopping():
        return [keras.callbacks.EarlyStopping("loss", min_delta=10.0, patience=2)]

    _, epochs, _ = check(tmp_path, make_model, stopping, kills=["end"], epochs=9)
    assert epochs == [0, 1, 2]


def test_history_csv_is_the_same_but_for_times(tmp_path):
    def recorded(folder):
        return lambda: [
            CleanEvaluation(*data(), every=2),
            LearningCurves(folder, plot=False),
        ]

    run(tmp_path / "a", make_model, recorded(tmp_path / "whole"))
    run(tmp_path / "b", make_model, recorded(tmp_path / "killed"), kills=[1, 3])

    def rows(folder):
        lines = (folder / "history.csv").read_text().splitlines()
        return [line.split(",")[:1] + line.split(",")[2:] for line in lines]

    assert rows(tmp_path / "killed") == rows(tmp_path / "whole")
    assert len(rows(tmp_path / "whole")) == EPOCHS + 1


class Draws(keras.callbacks.Callback):
    """A callback of a user's own, which draws at random, and remembers."""

    def __init__(self):
        super().__init__()
        self.drawn = {"all": []}

    def on_epoch_end(self, epoch, logs=None):
        unseeded = keras.ops.convert_to_numpy(keras.random.uniform((2,)))
        self.drawn["all"].append([random.random(), np.random.random(), float(unseeded[0])])
        self.drawn["last"] = unseeded

    def state_dict(self):
        return self.drawn

    def load_state_dict(self, state):
        self.drawn = state


def test_random_states_and_callbacks_with_a_state_of_their_own(tmp_path):
    made = []

    def drawing():
        made.append(Draws())
        return [made[-1]]

    check(tmp_path, make_model, drawing)
    whole, killed = made[0].drawn, made[-1].drawn
    assert killed["all"] == whole["all"]
    assert len({tuple(one) for one in whole["all"]}) == EPOCHS
    np.testing.assert_array_equal(killed["last"], whole["last"])


class Batches(keras.utils.PyDataset):
    """Its order follows from seed and epoch."""

    def __init__(self):
        super().__init__()
        self.x, self.y = data()
        self.set_epoch(0)

    def set_epoch(self, epoch):
        self.order = np.random.default_rng((3, epoch)).permutation(len(self.x))

    def __len__(self):
        return 3

    def __getitem__(self, place):
        chosen = self.order[16 * place : 16 * place + 16]
        return self.x[chosen], self.y[chosen]


class ReshuffledBatches(Batches):
    """Its order follows from the epochs that it went through."""

    set_epoch = None

    def __init__(self):
        keras.utils.PyDataset.__init__(self)
        self.x, self.y = data()
        self.on_epoch_end()

    def on_epoch_end(self):
        self.order = np.random.permutation(len(self.x))


@pytest.mark.filterwarnings("error:ExactResume")
def test_data_sets_that_are_told_the_epoch(tmp_path):
    x = Batches()
    whole = run(tmp_path / "whole", make_model, x=x, shuffle=False)
    last = np.random.default_rng((3, EPOCHS - 1)).permutation(48)
    np.testing.assert_array_equal(x.order, last)
    assert_same(run(tmp_path / "killed", make_model, kills=[2], x=Batches(), shuffle=False), whole)


def test_data_whose_order_cannot_be_restored(tmp_path):
    def generate():
        while True:
            yield data()

    for x, kind, settings in (
        (generate(), "generator", {"steps_per_epoch": 2}),
        (ReshuffledBatches(), "ReshuffledBatches", {}),
        (data()[0], "ndarray", {"y": data()[1], "steps_per_epoch": 2}),
    ):
        with pytest.warns(UserWarning, match=f"order of the training data, a {kind}"):
            restarted().fit(x, epochs=1, callbacks=[ExactResume(tmp_path)], verbose=0, **settings)


def test_data_that_start_at_the_epoch_asked_for(tmp_path, recwarn):
    x, y = data()

    def batches(first_epoch):
        for epoch in range(first_epoch, EPOCHS):
            for part in np.random.default_rng(epoch).permutation(48).reshape(3, 16):
                yield x[part], y[part]

    def seeded():
        # Without a seed PyTorch's layers share their random state with its data loaders.
        return make_model(seed=5)

    def program(folder, kill=None):
        model, resume = restarted(seeded), ExactResume(folder)
        history = model.fit(
            batches(resume.first_epoch()),
            steps_per_epoch=3,
            epochs=EPOCHS,
            callbacks=[resume, Kill(kill)],
            verbose=0,
        )
        return outcome(model, history)

    whole = program(tmp_path / "whole")
    with pytest.raises(KilledError):
        program(tmp_path / "killed", kill=3)
    assert ExactResume(tmp_path / "killed").first_epoch() == 3
    assert_same(program(tmp_path / "killed"), whole)
    assert ExactResume(tmp_path / "killed").first_epoch() == 0
    assert not [one for one in recwarn if "order" in str(one.message)]


@pytest.mark.skipif(not TENSORFLOW, reason="the pipeline is tf.data")
def test_our_pipeline(tmp_path):
    from trickbook.data import from_arrays
    from trickbook.data.batches.pipeline import TrainingBatches
    from trickbook.layers import RandomGaussianNoise

    images = np.random.default_rng(0).integers(0, 256, (60, 4, 4, 1), dtype=np.uint8)
    made = from_arrays(images, np.arange(60) % 2)

    def linear():
        model = keras.Sequential(
            [keras.layers.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        )
        model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        return model

    def program(folder, kill=None):
        model = fresh(linear, lambda: {"x": made.x_train, "y": made.y_train})
        batches = TrainingBatches(
            made.x_train,
            made.y_train,
            made.scaling,
            batch_size=8,
            transforms=[RandomGaussianNoise(0.2)],
        )
        resume = ExactResume(folder)
        history = model.fit(
            batches.dataset(3, epochs=4, first_epoch=resume.first_epoch()),
            steps_per_epoch=batches.steps,
            epochs=4,
            callbacks=[resume, Kill(kill)],
            verbose=0,
        )
        return outcome(model, history)

    whole = program(tmp_path / "whole")
    with pytest.raises(KilledError):
        program(tmp_path / "killed", kill=2)
    assert_same(program(tmp_path / "killed"), whole)


@keras.saving.register_keras_serializable("tests")
class TwoOptimizers(keras.Model):
    """As a GAN: parts with optimizers of their own, which the first step builds."""

    def __init__(self):
        super().__init__()
        self.one, self.other = keras.layers.Dense(3), keras.layers.Dense(3)
        self.noise = keras.random.SeedGenerator(5)
        self.rates = {"one": keras.optimizers.Adam(0.1), "other": keras.optimizers.RMSprop(0.1)}

    def call(self, x):
        return self.one(x) + self.other(x)

    def train_step(self, batch):
        import tensorflow as tf

        x = keras.utils.unpack_x_y_sample_weight(batch)[0]
        with tf.GradientTape(persistent=True) as tape:
            noisy = x + keras.random.normal(keras.ops.shape(x), seed=self.noise)
            loss = keras.ops.mean((self(noisy) - 1.0) ** 2)
        for name, part in (("one", self.one), ("other", self.other)):
            weights = part.trainable_variables
            self.rates[name].apply_gradients(
                zip(tape.gradient(loss, weights), weights, strict=True)
            )
        return {"loss": loss}


@pytest.mark.skipif(not TENSORFLOW, reason="other backends build optimizers before fit")
def test_optimizers_of_a_custom_training_step(tmp_path):
    def program(folder, kill=None):
        # As in processes of their own, in which layers get the same names: TensorFlow orders the
        # sums of its graph by them, and "dense_10" stands before "dense_9".
        keras.utils.clear_session()
        keras.utils.set_random_seed(11)
        model = TwoOptimizers()
        model(data()[0])
        model.compile()
        model.fit(
            data()[0],
            epochs=4,
            batch_size=16,
            callbacks=[ExactResume(folder), Kill(kill)],
            verbose=0,
        )
        optimizers = [value for one in model.rates.values() for value in one.variables]
        return values([*model.variables, *optimizers])

    whole = program(tmp_path / "whole")
    with pytest.raises(KilledError):
        program(tmp_path / "killed", kill=2)
    for mine, theirs in zip(program(tmp_path / "killed"), whole, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_one_instance_serves_two_fits(tmp_path):
    model, resume = restarted(), ExactResume(tmp_path / "backup")
    for _ in range(2):
        history = model.fit(*data(), epochs=3, callbacks=[resume], verbose=0)
        assert history.epoch == [0, 1, 2]
    assert not (tmp_path / "backup").exists()


def test_a_later_fit_of_a_resumed_model_runs_all_its_epochs(tmp_path):
    with pytest.raises(KilledError):
        fit(restarted(), tmp_path, [Kill(3)])
    model = restarted()
    assert fit(model, tmp_path).epoch == list(range(EPOCHS))
    assert model.fit(*data(), epochs=2, verbose=0).epoch == [0, 1]


def test_initial_epoch_counts_where_nothing_is_saved(tmp_path):
    assert fit(restarted(), tmp_path, initial_epoch=3).epoch == [3, 4]


def test_a_loop_of_ones_own_begins_where_it_goes_on(tmp_path):
    def loop(first, kill=None):
        model, resume = restarted(), ExactResume(tmp_path)
        callbacks = keras.callbacks.CallbackList([resume], model=model)
        callbacks.on_train_begin()
        for epoch in range(resume.first_epoch() if first is None else first, 4):
            callbacks.on_epoch_begin(epoch)
            callbacks.on_epoch_end(epoch, {})
            if epoch == kill:
                return
        callbacks.on_train_end()

    loop(0, kill=1)
    for wrong in (0, 3):
        with pytest.raises(ValueError, match=f"first_epoch.., which is 2.*epoch={wrong}$"):
            loop(wrong)
    loop(None)
    assert not tmp_path.exists()


def test_fewer_epochs_than_are_saved_train_no_more(tmp_path):
    with pytest.raises(KilledError):
        fit(restarted(), tmp_path, [Kill(3)])
    assert fit(restarted(), tmp_path, epochs=2).epoch == [0, 1, 2]


def test_an_interrupt_within_an_epoch_goes_on_after_the_last_whole_one(tmp_path):
    class Interrupt(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if int(keras.ops.convert_to_numpy(self.model.optimizer.iterations)) == 7:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(restarted(), tmp_path / "killed", [Interrupt()])
    assert ExactResume(tmp_path / "killed").first_epoch() == 2
    whole = run(tmp_path / "whole", make_model)
    assert_same(run(tmp_path / "killed", make_model), whole)


def test_saves_are_so_many_seconds_apart(tmp_path):
    with pytest.raises(KilledError):
        restarted().fit(
            *data(), epochs=3, callbacks=[ExactResume(tmp_path, 3600.0), Kill(2)], verbose=0
        )
    assert ExactResume(tmp_path).first_epoch() == 0


def test_evaluate_and_predict_only(tmp_path):
    model, resume = restarted(), ExactResume(tmp_path / "backup")
    model.evaluate(*data(), callbacks=[resume], verbose=0)
    model.predict(data()[0], callbacks=[resume], verbose=0)
    assert not (tmp_path / "backup").exists()


def test_a_callback_that_is_new_is_named(tmp_path):
    with pytest.raises(KilledError):
        fit(restarted(), tmp_path, [Kill(2)])
    with pytest.warns(UserWarning, match="no saved state of EarlyStopping 1: starting"):
        fit(restarted(), tmp_path, [keras.callbacks.EarlyStopping("loss")])


def test_another_model_is_refused(tmp_path):
    with pytest.raises(KilledError):
        fit(restarted(), tmp_path, [Kill(2)])
    other = keras.Sequential([keras.layers.Input((5,)), keras.layers.Dense(1)])
    other.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"state of another model .*Received: folder="):
        fit(other, tmp_path)
    with pytest.raises(ValueError, match=r"state of another model .*(SGD|sgd)"):
        fit(make_model("sgd"), tmp_path)


class OfThen(keras.callbacks.Callback):
    """A callback that asks its state for more than it kept."""

    def state_dict(self):
        return {"best": 1.0}

    def load_state_dict(self, state):
        self.found = state["best"], state["worst"]


def test_the_state_of_another_version_of_a_callback_is_refused(tmp_path):
    with pytest.raises(KilledError):
        fit(restarted(), tmp_path, [OfThen(), Kill(2)])
    with pytest.raises(ValueError, match=r"another version of a callback \(KeyError: 'worst'\)"):
        fit(restarted(), tmp_path, [OfThen(), Kill(4)])


def test_a_state_that_cannot_be_read_now_is_not_taken_for_a_damaged_one(tmp_path, monkeypatch):
    def fail(*arguments, **options):
        raise OSError(5, "Input/output error")

    with pytest.raises(KilledError):
        fit(restarted(), tmp_path, [Kill(2)])
    with monkeypatch.context() as patch:
        patch.setattr(np, "load", fail)
        with pytest.raises(OSError, match="Input/output error"):
            ExactResume(tmp_path).first_epoch()
    assert ExactResume(tmp_path).first_epoch() == 2


def test_a_damaged_state_is_refused(tmp_path):
    with pytest.raises(KilledError):
        fit(restarted(), tmp_path, [Kill(2)])
    (saved,) = tmp_path.iterdir()
    saved.write_bytes(saved.read_bytes()[:2000])
    with pytest.raises(ValueError, match=r"damaged.*Delete it to start afresh"):
        fit(restarted(), tmp_path)


def test_a_folder_that_cannot_be_written_is_refused_before_training(tmp_path):
    (tmp_path / "file").write_text("")
    model = restarted()
    before = model.get_weights()
    with pytest.raises(ValueError, match="ExactResume cannot write to its folder"):
        fit(model, tmp_path / "file" / "backup")
    for mine, theirs in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_an_optimizer_of_variables_that_the_model_does_not_track_is_refused(tmp_path):
    model, other = make_model(), keras.layers.Dense(1)
    other.build((None, 5))
    model.critic_optimizer = keras.optimizers.SGD(name="critic")
    model.critic_optimizer.build(other.trainable_variables)
    before = values(model.weights)
    with pytest.raises(ValueError, match=rf"optimizer 'critic', which trains '{other.path}/kernel"):
        fit(model, tmp_path)
    for mine, theirs in zip(values(model.weights), before, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_full_disk_is_one_warning_and_keeps_the_save_before(tmp_path, monkeypatch):
    full = OSError(28, "No space left on device")

    class FullDisk(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 2:
                monkeypatch.setattr(np, "savez", raise_full)

    def raise_full(file, **arrays):
        file.write(b"some")
        raise full

    with pytest.raises(KilledError), pytest.warns(UserWarning, match="could not save") as seen:
        fit(restarted(), tmp_path, [FullDisk(), Kill(4)])
    assert len([one for one in seen if "could not save" in str(one.message)]) == 1
    assert ExactResume(tmp_path).first_epoch() == 2
    assert [path.name for path in tmp_path.iterdir()] == ["state.npz"]


@pytest.mark.skipif(not TENSORFLOW, reason="other backends build the model in fit")
class Late(keras.Model):
    """Built by its first batch, as most subclassed models are."""

    def __init__(self):
        super().__init__()
        self.parts = [keras.layers.Dense(6, "relu"), keras.layers.Dropout(0.3)]
        self.last = keras.layers.Dense(2)

    def call(self, x, training=None):
        for part in self.parts:
            x = part(x, training=training) if isinstance(part, keras.layers.Dropout) else part(x)
        return self.last(x)


def late_model():
    model = Late()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, run_eagerly=TENSORFLOW)
    return model


def assert_goes_on(trained, tmp_path):
    """A training that is killed in its second epoch ends with the weights of one that is not."""
    whole = trained(tmp_path / "whole")
    with pytest.raises(KilledError):
        trained(tmp_path / "killed", Kill(1))
    for mine, theirs in zip(trained(tmp_path / "killed"), whole, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_model_that_is_not_built_yet_is_built_on_the_data_and_goes_on(tmp_path):
    def trained(folder, *callbacks):
        keras.utils.set_random_seed(4)
        model = late_model()
        fit(model, folder, callbacks)
        return values(model.weights)

    assert_goes_on(trained, tmp_path)


@pytest.mark.skipif(not TENSORFLOW, reason="elsewhere fit builds it before training begins")
def test_a_model_that_cannot_be_built_before_its_first_batch_is_refused(tmp_path):
    def generator():
        while True:
            yield data()

    with pytest.raises(ValueError, match="built before fit"):
        fit(late_model(), tmp_path, x=generator(), steps_per_epoch=1, batch_size=None)


class Augmented(keras.Model):
    """Its first layer is called in training alone, and makes no variables."""

    def __init__(self, augmentation):
        super().__init__()
        self.augmentation = augmentation
        self.dense = keras.layers.Dense(2)

    def call(self, x, training=False):
        return self.dense(self.augmentation(x) if training else x)


class Doubled(keras.layers.Layer):
    """Without a build of its own, around layers that may have one."""

    def __init__(self, *parts):
        super().__init__()
        self.parts = list(parts)

    def call(self, x):
        for part in self.parts:
            x = part(x)
        return x + x


class Scaled(keras.layers.Layer):
    def build(self, shape):
        self.factor = self.add_weight(shape=(), initializer="ones")

    def call(self, x):
        return x * self.factor


def augmented(augmentation):
    keras.utils.set_random_seed(4)
    model = Augmented(augmentation)
    model(data()[0])  # as most people build one: without training
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, run_eagerly=TENSORFLOW)
    return model


@pytest.mark.parametrize(
    "augmentation",
    [Doubled, lambda: Doubled(keras.layers.Activation("relu"), Doubled())],
    ids=["a layer", "nested layers"],
)
def test_a_layer_without_variables_may_wait_for_its_first_training_step(tmp_path, augmentation):
    def trained(folder, *callbacks):
        model = augmented(augmentation())
        fit(model, folder, callbacks)
        return values(model.weights)

    assert_goes_on(trained, tmp_path)


@pytest.mark.skipif(not TENSORFLOW, reason="elsewhere fit builds it before training begins")
def test_a_layer_within_another_whose_variables_are_to_come_is_told_how_to_build(tmp_path):
    with pytest.raises(ValueError, match=r"with training=True .*whose layer doubled.* not built"):
        fit(augmented(Doubled(Scaled())), tmp_path)


class Idle(Late):
    """It has a layer that it never calls."""

    def __init__(self):
        super().__init__()
        self.idle = keras.layers.Dense(3, name="idle")


def test_a_layer_that_nothing_calls_is_to_be_removed(tmp_path):
    model = Idle()
    model(data()[0])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, run_eagerly=TENSORFLOW)
    with pytest.raises(ValueError, match=r"remove a layer that nothing calls.* layer idle is not"):
        fit(model, tmp_path)
    with pytest.raises(ValueError, match=r"remove a layer that nothing calls.* layer idle is not"):
        LearningRateFinder(num_steps=3).find(model, *data())


def test_an_optimizer_of_another_kind_is_refused(tmp_path):
    with pytest.raises(KilledError):
        fit(make_model(keras.optimizers.SGD(0.01, momentum=0.9)), tmp_path, [Kill(1)])
    # Both keep one variable for each weight.
    model = make_model(keras.optimizers.Adagrad(0.01))
    before = values(model.weights)
    with pytest.raises(ValueError, match="optimizer is Adagrad, but that of SGD was saved"):
        fit(model, tmp_path)
    for mine, theirs in zip(values(model.weights), before, strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("append", [False, True])
def test_keras_csv_logger_keeps_the_epochs_before_the_kill(tmp_path, append):
    def trained(name, *callbacks):
        file = tmp_path / f"{name}.csv"
        fit(
            restarted(),
            tmp_path / name,
            [keras.callbacks.CSVLogger(file, append=append), *callbacks],
        )
        return file.read_text()

    whole = trained("whole")
    with pytest.raises(KilledError):
        trained("killed", Kill(2))
    assert trained("killed") == whole
    assert len(whole.splitlines()) == EPOCHS + 1


class Counter(keras.callbacks.Callback):
    """It remembers something, and offers no state."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append(epoch)


def test_a_callback_whose_memory_is_not_seen_is_named_once(tmp_path):
    with pytest.warns(UserWarning, match="cannot save what Counter 1 remembers") as found:
        fit(restarted(), tmp_path, [Counter(), Kill()])
    assert len([one for one in found if "cannot save" in str(one.message)]) == 1


class Generating(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.rng = np.random.default_rng(0)

    def on_epoch_end(self, epoch, logs=None):
        self.rng.random()


class Averaging(keras.callbacks.Callback):
    """Something changes in the middle of a long array, which its text leaves out."""

    def __init__(self):
        super().__init__()
        self.mean = {"kernel": np.zeros(5000)}

    def on_epoch_end(self, epoch, logs=None):
        self.mean["kernel"][2500] += 1


class Distinct(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.losses = set()

    def on_epoch_end(self, epoch, logs=None):
        self.losses.add(logs["loss"])


class Holding(keras.callbacks.Callback):
    """It holds an array that changes with every epoch."""

    def __init__(self, array):
        super().__init__()
        self.array = array

    def on_epoch_end(self, epoch, logs=None):
        self.array[:1] += 1


class Unread(np.memmap):
    """A file that may be as large as the disk."""

    def tobytes(self, order="C"):
        raise AssertionError("it was read whole")


@pytest.mark.filterwarnings("error:ExactResume")
@pytest.mark.parametrize("kind", ["in a file", "large"])
def test_arrays_too_large_to_look_at_are_not_told_of(tmp_path, kind):
    in_a_file = kind == "in a file"
    array = Unread(tmp_path / "a", "f4", "w+", shape=8) if in_a_file else np.zeros(1_000_000, "f4")
    fit(restarted(), tmp_path / "saved", [Holding(array), keras.callbacks.Callback()], epochs=2)
    assert array[0] == 2


def test_the_states_of_gpus_that_nothing_uses_are_not_asked_for(monkeypatch):
    def claim(*states):
        raise AssertionError("it claims the GPU's memory")

    cuda = SimpleNamespace(
        is_available=lambda: True,
        is_initialized=lambda: False,
        device_count=lambda: 1,
        get_rng_state_all=claim,
        set_rng_state_all=claim,
    )
    random_state = SimpleNamespace(numpy=lambda: np.zeros(4, "u1"))
    torch = SimpleNamespace(
        cuda=cuda,
        get_rng_state=lambda: random_state,
        set_rng_state=lambda state: None,
        from_numpy=lambda array: array,
    )
    model = restarted()
    monkeypatch.setitem(sys.modules, "torch", torch)
    state = training_state(model)
    assert state["random"]["cuda"] == []
    restore_training_state(model, state)


class CountingStop(keras.callbacks.EarlyStopping):
    """Of a kind that Keras's is, it remembers more."""

    def __init__(self):
        super().__init__("loss", patience=9)
        self.calls = 7

    def on_epoch_end(self, epoch, logs=None):
        super().on_epoch_end(epoch, logs)
        self.calls += 1


@pytest.mark.parametrize("kind", [Generating, Averaging, Distinct, CountingStop])
def test_whatever_a_callback_remembers_it_is_named(tmp_path, kind):
    with pytest.warns(UserWarning, match=f"cannot save what {kind.__name__} 1 remembers"):
        fit(restarted(), tmp_path, [kind()], epochs=1)


@pytest.mark.filterwarnings("error:ExactResume")
def test_a_kind_of_keras_callback_that_remembers_no_more_is_kept(tmp_path):
    class Stop(keras.callbacks.EarlyStopping):
        pass

    fit(restarted(), tmp_path, [Stop("loss", patience=9)], epochs=2)


@pytest.mark.skipif(not TENSORFLOW, reason="it is TensorFlow's generator")
@pytest.mark.parametrize("steps_per_execution", [1, 2])
def test_draws_of_tensorflows_own_generator_are_warned_of(tmp_path, steps_per_execution):
    import tensorflow as tf

    class Shaken(keras.layers.Layer):
        def call(self, x):
            return x + tf.random.normal(tf.shape(x))

    model = keras.Sequential([keras.Input((5,)), Shaken(), keras.layers.Dense(2)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, steps_per_execution=steps_per_execution)
    with pytest.warns(UserWarning, match=r"generator of tf\.random\.normal: ") as found:
        fit(model, tmp_path, epochs=2)
    assert len([one for one in found if "ExactResume" in str(one.message)]) == 1


@pytest.mark.filterwarnings("error:ExactResume")
def test_draws_of_keras_are_not_warned_of(tmp_path):
    layers = [keras.layers.GaussianNoise(0.1), keras.layers.Dropout(0.5), keras.layers.Dense(2)]
    model = keras.Sequential([keras.Input((5,)), *layers])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    fit(model, tmp_path, epochs=2)


class EpochNoter(keras.callbacks.Callback):
    """It holds the number of the epoch, and one that the epoch's number comes to."""

    def __init__(self):
        super().__init__()
        self.at_most = 1

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch


@pytest.mark.filterwarnings("error:ExactResume")
def test_the_number_of_the_epoch_is_no_memory(tmp_path):
    fit(restarted(), tmp_path, [EpochNoter()], epochs=3)


class Drawn(keras.utils.PyDataset):
    """Its batches depend on a generator of its own."""

    def __init__(self, draws=True, **kwargs):
        super().__init__(**kwargs)
        if draws:
            self.rng = np.random.default_rng(0)

    def __len__(self):
        return 3

    def __getitem__(self, place):
        x, y = data()
        return x[place::3], y[place::3]


def test_a_data_set_with_a_generator_of_its_own_is_warned_of(tmp_path):
    with pytest.warns(UserWarning, match="cannot restore the order.*Drawn"):
        fit(restarted(), tmp_path, x=Drawn(), epochs=1)


@pytest.mark.skipif(TENSORFLOW, reason="TensorFlow's workers do not run ahead")
def test_a_data_set_with_several_workers_is_warned_of(tmp_path):
    with pytest.warns(UserWarning, match="cannot restore the order.*Drawn"):
        fit(restarted(), tmp_path, x=Drawn(draws=False, workers=2), epochs=1)


def test_every_seconds_out_of_range(tmp_path):
    with pytest.raises(ValueError, match="Received: every_seconds=-1"):
        ExactResume(tmp_path, -1)


def test_killed_processes(tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for folder in (whole, killed):
        folder.mkdir()

    assert exit_code(resume_program.main, killed, 2) == 9
    # It goes on at the third epoch, and dies while it saves the fourth.
    assert exit_code(resume_program.main, killed, "save") == 9
    assert ExactResume(killed / "backup").first_epoch() == 3
    # What a killed process left, another one ends.
    for folder in (whole, killed):
        resume_program.main(folder)
    for file in ("weights.npz", "history.npz"):
        with np.load(whole / file) as wanted, np.load(killed / file) as found:
            assert found.files == wanted.files
            for name in wanted.files:
                np.testing.assert_array_equal(found[name], wanted[name])
