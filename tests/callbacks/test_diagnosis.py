"""Diagnosis in a plain `model.fit`: what it records, and when it speaks."""

import math

import keras
import numpy as np
import pytest

from trickbook.callbacks import CleanEvaluation, Diagnosis, ExactResume
from trickbook.reports.diagnosis.diagnose import diagnose

RNG = np.random.default_rng(0)
X = RNG.normal(size=(12, 3)).astype("float32")
Y = RNG.integers(0, 2, 12)
EPOCHS = 12


# One model for all fits, traced once: what it learns is nowhere looked at.
MODEL = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation="softmax")])
MODEL.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])


class Curves(keras.callbacks.Callback):
    """Puts curves of known kind in the place of what a tiny model shows."""

    def __init__(self, **curves):
        super().__init__()
        self.curves = curves

    def on_epoch_end(self, epoch, logs=None):
        logs.update({name: float(values[epoch]) for name, values in self.curves.items()})


def approach(start, end, speed, epochs=EPOCHS):
    return end + (start - end) * np.exp(-np.arange(1, epochs + 1) / speed)


OVER_FITTING = {
    "loss": approach(2.0, 0.05, 3),
    "val_loss": [2.0, 1.2, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7],
    "accuracy": approach(0.1, 1.0, 2),
    "val_accuracy": approach(0.1, 0.7, 1),
}
IMPROVING = {
    "loss": approach(2.0, 0.1, 9),
    "val_loss": approach(2.0, 0.1, 9),
    "accuracy": approach(0.1, 0.95, 9),
    "val_accuracy": approach(0.1, 0.93, 9),
}


def fit(*callbacks, epochs=EPOCHS, **kwargs):
    kwargs = {"x": X, "y": Y, "batch_size": 12, "validation_data": (X, Y), "verbose": 0} | kwargs
    return MODEL.fit(epochs=epochs, callbacks=list(callbacks), **kwargs)


def kinds(diagnosis):
    return [finding.kind for finding in diagnosis.findings]


def test_it_names_and_prints_what_the_curves_show(capsys):
    diagnosis = Diagnosis()
    history = fit(Curves(**OVER_FITTING), diagnosis)
    (finding,) = diagnosis.findings
    assert (finding.kind, finding.epoch) == ("over-fitting", 3)
    assert capsys.readouterr().out == f"Diagnosis:\n- {finding}\n"
    assert diagnosis.findings == diagnose(history)


def test_it_may_be_silent(capsys):
    fit(Diagnosis(verbose=0), epochs=1)
    assert capsys.readouterr().out == ""


def test_one_instance_serves_two_fits():
    diagnosis = Diagnosis(verbose=0)
    fit(Curves(**OVER_FITTING), diagnosis)
    fit(Curves(**IMPROVING), diagnosis)
    assert kinds(diagnosis) == ["improving"]


def test_a_continued_fit_keeps_the_epochs_before_it():
    whole, parts = Diagnosis(verbose=0), Diagnosis(verbose=0)
    curves = Curves(**OVER_FITTING)
    fit(curves, whole)
    fit(curves, parts, epochs=8)  # of which the last three are trained again
    fit(curves, parts, initial_epoch=5)
    assert parts.findings == whole.findings


def test_no_epochs_change_nothing(capsys):
    diagnosis = Diagnosis()
    fit(diagnosis, epochs=0)
    assert capsys.readouterr().out == ""
    assert kinds(diagnosis) == ["unread"]
    fit(Curves(**OVER_FITTING), diagnosis)
    fit(diagnosis, epochs=0)
    assert kinds(diagnosis) == ["over-fitting"]


def test_one_epoch_is_too_little_to_read():
    diagnosis = Diagnosis(verbose=0)
    fit(diagnosis, epochs=1)
    assert kinds(diagnosis) == ["unread"]


def test_without_validation():
    diagnosis = Diagnosis(verbose=0)
    fit(Curves(accuracy=approach(0.1, 1.0, 1)), diagnosis, validation_data=None)
    assert kinds(diagnosis) == ["unread"]
    assert "no validation accuracy" in diagnosis.findings[0].sentence


def test_validation_every_other_epoch():
    class Sparse(Curves):
        def on_epoch_end(self, epoch, logs=None):
            held = {name for name in self.curves if name in logs}
            logs.update({name: float(self.curves[name][epoch]) for name in held})

    diagnosis = Diagnosis(verbose=0)
    fit(Sparse(**OVER_FITTING), diagnosis, validation_freq=2)
    assert (kinds(diagnosis), diagnosis.findings[0].epoch) == (["over-fitting"], 4)


def test_clean_training_figures_are_read():
    diagnosis = Diagnosis(verbose=0)
    curves = IMPROVING | {"accuracy": approach(0.1, 0.6, 1), "val_accuracy": approach(0.1, 0.9, 1)}
    clean = CleanEvaluation(X, Y, every=EPOCHS)
    fit(clean, Curves(**curves), diagnosis)
    logged = diagnosis.findings[0].numbers["train"]
    assert logged == pytest.approx(np.mean(MODEL.predict(X, verbose=0).argmax(axis=1) == Y))


def test_clean_training_figures_that_come_too_late_are_named():
    late = Curves(train_clean_accuracy=approach(0.1, 0.99, 1))
    with pytest.warns(UserWarning, match="Diagnosis misses the metrics train_clean_accuracy:"):
        fit(Curves(**IMPROVING), Diagnosis(verbose=0), late)


def test_the_number_of_validation_samples_says_what_may_be_chance():
    curves = {"accuracy": approach(0.1, 1.0, 1), "val_accuracy": approach(0.1, 0.93, 1)}
    few, many = Diagnosis(validation_samples=50, verbose=0), Diagnosis(verbose=0)
    fit(Curves(**curves, loss=approach(2, 0.1, 1), val_loss=approach(2, 0.1, 1)), few, many)
    assert kinds(few) == ["balanced"]
    assert kinds(many) == ["over-fitting"]


def test_real_nan_has_diverged():
    diagnosis = Diagnosis(verbose=0)
    weights = MODEL.get_weights()
    fit(diagnosis, x=np.full_like(X, np.nan), epochs=2)
    MODEL.set_weights(weights)
    assert (kinds(diagnosis), diagnosis.findings[0].epoch) == (["diverged"], 1)


def test_an_interrupted_fit_can_be_asked(capsys):
    def interrupt(epoch, logs):
        if epoch == 9:
            raise KeyboardInterrupt

    diagnosis = Diagnosis()
    with pytest.raises(KeyboardInterrupt):
        fit(
            Curves(**OVER_FITTING),
            diagnosis,
            keras.callbacks.LambdaCallback(on_epoch_begin=interrupt),
        )
    assert capsys.readouterr().out == ""
    assert "now 1.40" in diagnosis.findings[0].sentence


def test_evaluate_and_predict_say_nothing(capsys):
    diagnosis = Diagnosis()
    MODEL.evaluate(X, Y, verbose=0, callbacks=[diagnosis])
    MODEL.predict(X, verbose=0, callbacks=[diagnosis])
    assert capsys.readouterr().out == ""
    assert kinds(diagnosis) == ["unread"]


def test_several_outputs_with_metrics_of_the_same_name():
    inputs = keras.Input((3,))
    heads = {n: keras.layers.Dense(2, name=n, activation="softmax")(inputs) for n in ("a", "b")}
    model = keras.Model(inputs, heads)
    losses = dict.fromkeys(heads, "sparse_categorical_crossentropy")
    model.compile("sgd", losses, metrics={n: ["accuracy"] for n in heads}, run_eagerly=True)
    total, head = Diagnosis(verbose=0), Diagnosis(metric="b_accuracy", verbose=0)
    curves = {
        "loss": OVER_FITTING["loss"],
        "val_loss": OVER_FITTING["val_loss"],
        "b_accuracy": IMPROVING["accuracy"],
        "val_b_accuracy": IMPROVING["val_accuracy"],
        "val_b_loss": IMPROVING["val_loss"],
    }
    y = dict.fromkeys(heads, Y)
    recorded = {"callbacks": [Curves(**curves), total, head], "verbose": 0, "epochs": EPOCHS}
    model.fit(X, y, validation_data=(X, y), **recorded)
    assert kinds(total) == ["over-fitting"]
    assert kinds(head) == ["improving"]
    assert "validation b accuracy" in head.findings[0].sentence


def test_odd_names_do_not_disturb_it():
    odd = {name: np.ones(EPOCHS) for name in ("a/b", "top 5", "<script>", "epoch", "$\\alpha")}
    diagnosis = Diagnosis(verbose=0)
    fit(Curves(**OVER_FITTING, **odd), diagnosis)
    assert kinds(diagnosis) == ["over-fitting"]


def test_bad_arguments_are_refused_at_once():
    with pytest.raises(ValueError, match=r"Received: metric='psnr'"):
        Diagnosis(metric="psnr")
    with pytest.raises(ValueError, match=r"Received: validation_samples=0"):
        Diagnosis(validation_samples=0)


def test_a_killed_fit_goes_on_with_its_state():
    curves = Curves(**OVER_FITTING, late=[math.nan] * EPOCHS)
    whole, killed, resumed = (Diagnosis(verbose=0) for _ in range(3))
    fit(curves, whole)
    fit(curves, killed, epochs=7)
    state = killed.state_dict()
    load = keras.callbacks.LambdaCallback(on_train_begin=lambda _: resumed.load_state_dict(state))
    fit(curves, resumed, load, initial_epoch=7)
    assert resumed.findings == whole.findings
    assert len(state["rows"]) == 7  # what was given out is not written to


def test_a_fit_that_goes_on_without_the_state_says_of_which_epochs_it_speaks():
    loss = 0.5 - 0.001 * np.arange(EPOCHS)
    curves, diagnosis = Curves(loss=loss, val_loss=loss), Diagnosis("loss", verbose=0)
    fit(curves, diagnosis, initial_epoch=4)
    (finding,) = diagnosis.findings
    # That most of the loss is left says nothing where the first epochs are not known.
    assert finding.kind == "balanced"
    assert finding.sentence.endswith("; of epochs 5 to 12 alone.")


def test_exact_resume_carries_it(tmp_path):
    def killed(epoch, logs):
        if epoch == 8:
            raise KeyboardInterrupt

    curves, whole = Curves(**OVER_FITTING), Diagnosis(verbose=0)
    fit(curves, whole)
    dying = keras.callbacks.LambdaCallback(on_epoch_begin=killed)
    with pytest.raises(KeyboardInterrupt):
        fit(curves, Diagnosis(verbose=0), ExactResume(tmp_path), dying)
    resumed = Diagnosis(verbose=0)
    fit(curves, resumed, ExactResume(tmp_path))
    assert resumed.findings == whole.findings


def test_a_fit_that_was_killed_after_its_last_epoch_prints_when_it_goes_on(tmp_path, capsys):
    def killed(logs):
        raise KeyboardInterrupt

    dying = keras.callbacks.LambdaCallback(on_train_end=killed)
    with pytest.raises(KeyboardInterrupt):
        fit(dying, Curves(**OVER_FITTING), Diagnosis(), ExactResume(tmp_path))
    assert capsys.readouterr().out == ""
    resumed = Diagnosis()
    assert fit(Curves(**OVER_FITTING), resumed, ExactResume(tmp_path)).epoch == [*range(EPOCHS)]
    (finding,) = resumed.findings
    assert finding.kind == "over-fitting"
    assert capsys.readouterr().out == f"Diagnosis:\n- {finding}\n"
    fit(resumed, epochs=0)
    assert capsys.readouterr().out == ""


def test_metrics_that_are_tensors_are_read():
    def tensors(epoch, logs):
        logs.update({name: keras.ops.convert_to_tensor(value) for name, value in logs.items()})

    diagnosis = Diagnosis(verbose=0)
    own = keras.callbacks.LambdaCallback(on_epoch_end=tensors)
    fit(Curves(**OVER_FITTING), own, diagnosis)
    assert (kinds(diagnosis), diagnosis.findings[0].epoch) == (["over-fitting"], 3)
