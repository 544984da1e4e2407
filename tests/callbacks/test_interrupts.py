"""Interrupts: what happens on Ctrl-C, and what is put back as it was."""

import signal
import threading

import pytest

from trickbook.callbacks.recording.interrupts import Interrupts


class Recorder:
    def __init__(self, name, said):
        self.name, self.said = name, said
        self.interrupts = Interrupts(self.say)

    def say(self):
        self.said.append(self.name)


@pytest.fixture(autouse=True)
def handler():
    """Python's own handler for a start, and nothing of a test left after it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupt():
    signal.raise_signal(signal.SIGINT)


def test_ctrl_c_acts_once_and_interrupts_all_the_same():
    recorder = Recorder("a", said := [])
    recorder.interrupts.begin()
    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert said == ["a"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert said == ["a"]


@pytest.mark.parametrize("first_to_end", [0, 1])
def test_two_of_them_end_in_any_order(first_to_end):
    pair = [Recorder(name, said) for said in [[]] for name in "ab"]
    for _ in range(2):  # the first time they are never ended, as by an error
        for recorder in pair:
            recorder.interrupts.begin()
    pair[first_to_end].interrupts.end()
    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert pair[0].said == ["ba"[first_to_end]]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_that_was_set_meanwhile_stays_and_hands_on():
    first, second = (Recorder(name, said) for said in [[]] for name in "ab")
    first.interrupts.begin()
    ours = signal.getsignal(signal.SIGINT)

    def theirs(number, frame):
        first.said.append("theirs")
        ours(number, frame)

    signal.signal(signal.SIGINT, theirs)
    second.interrupts.begin()
    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert first.said == ["b", "theirs", "a"]
    assert signal.getsignal(signal.SIGINT) is theirs


def test_what_is_held_is_finished_first():
    recorder = Recorder("action", said := [])
    recorder.interrupts.begin()
    with pytest.raises(KeyboardInterrupt), recorder.interrupts.held(), recorder.interrupts.held():
        interrupt()
        said.append("rest")
    assert said == ["rest", "action"]


def test_an_action_that_fails_does_not_swallow_the_interrupt():
    recorder = Recorder("a", None)
    recorder.interrupts.begin()
    with pytest.raises(KeyboardInterrupt) as caught:
        interrupt()
    assert isinstance(caught.value.__context__, AttributeError)


def test_those_that_are_gone_or_left_without_a_word_do_nothing():
    said = []
    for number in range(3000):  # more than calls can be nested
        Recorder(number, said).interrupts.begin()
    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert said == []


def test_a_signal_that_is_ignored_stays_ignored():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    recorder = Recorder("a", said := [])
    recorder.interrupts.begin()
    interrupt()
    recorder.interrupts.end()
    assert said == []
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_in_another_thread_nothing_is_changed():
    recorder = Recorder("a", [])

    def train():
        recorder.interrupts.begin()
        with recorder.interrupts.held():
            pass
        recorder.interrupts.end()

    thread = threading.Thread(target=train)
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
