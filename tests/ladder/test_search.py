"""How a search gives trials to workers, without any training: the runs are written by hand."""

import json
import threading
from concurrent.futures import Future
from types import SimpleNamespace

import pytest

from trickbook.ladder import Ladder
from trickbook.ladder.tuning.search import Search
from trickbook.ladder.tuning.time_limit import TimeLimit
from trickbook.ladder.tuning.trial_facts import search_details
from trickbook.ladder.tuning.trials import Trials
from trickbook.recipes import Dropout
from trickbook.training.executor.outcome import Outcome
from trickbook.training.job import Job

pytest.importorskip("optuna", reason="trickbook tune searches by Optuna")

EPOCHS = 10
LADDER = Ladder("digits", [Dropout(rate=0.3)], epochs=EPOCHS, batch_size=8, seeds=2)


class Workers:
    """Trains a run in a thread of its own, well as its dropout rate is high, up to 0.9.

    `ends` says of rates how they end otherwise; no run ends before `together` were begun.
    """

    def __init__(self, ends=None, together=1):
        self.ends, self.observer, self.workers = ends or {}, None, 0
        self._together = together
        self.submitted, self.stopped, self.at_a_time = [], set(), []
        self._go_on = threading.Condition()
        self._under_way = 0

    def submit(self, job):
        future = Future()
        self.submitted.append(rate_of(job))
        with self._go_on:
            self._under_way += 1
            self.at_a_time.append(self._under_way)
            self._go_on.notify_all()
        threading.Thread(target=self._train, args=(job, future), daemon=True).start()
        return future

    def stop(self, job):
        with self._go_on:
            self.stopped.add(job.fingerprint)
            self._go_on.notify_all()

    def _train(self, job, future):
        self.observer.started(job)
        with self._go_on:
            assert self._go_on.wait_for(lambda: len(self.submitted) >= self._together, 60)
        end = self.ends.get(rate_of(job), "done")
        for epoch in range(1, EPOCHS + 1):
            self.observer.epoch(job, epoch, min(float(rate_of(job)), 0.9))
        with self._go_on:
            if end == "waits":
                self._go_on.wait_for(lambda: job.fingerprint in self.stopped, 60)
            status = "stopped" if job.fingerprint in self.stopped else end
            self._under_way -= 1
        if status in ("done", "failed"):
            write_run(job, status)
        self.observer.ended(job, status, None)
        future.set_result(Outcome(status, "no memory" if status == "lost" else None))


def rate_of(job):
    return job.name.partition(":")[2]


def write_run(job, status):
    job.folder.mkdir(parents=True, exist_ok=True)
    run = {"status": status, "fingerprint": job.fingerprint, "reason": f"{status} <reason>"}
    (job.folder / "run.json").write_text(json.dumps(run))
    (job.folder / "metrics.json").write_text(json.dumps({"val_accuracy": float(rate_of(job))}))


class Planner:
    """Plans as the real one does, as far as a search asks it."""

    def __init__(self, folder, workers):
        self.folder, self.executor = folder, workers

    def plan(self, study):
        (arm,) = study.arms
        rate = next(one.config.keywords()["rate"] for one in arm.blueprint.after_dense)
        job = Job(f"a:{rate}", f"f{rate}", arm.blueprint, 1000, self.folder / f"{rate}", "", False)
        done = (job.folder / "run.json").exists()
        return SimpleNamespace(statuses={job: "done" if done else None})


QUIET = SimpleNamespace(
    started=lambda job: None, epoch=lambda *told: None, ended=lambda *told: None
)


def search_with(folder, workers, rates, at_a_time=1, limit=None, **settings):
    tuning = LADDER.tuning_of(
        1, {"dropout.rate": rates}, **{"trials": 9, "sampler": "grid"} | settings
    )
    trials = Trials(
        folder, "a", tuning.space, tuning.sampler, tuning.pruner, EPOCHS, "max", tuning.seed
    )
    told = []
    search = Search(
        tuning,
        trials,
        Planner(folder / "runs", workers),
        at_a_time,
        limit or TimeLimit(None, 0, 0),
        lambda: told.append(len(trials.ended)),
    )
    return tuning, trials, search, told


def states(tuning, trials):
    details = search_details(tuning, trials, {"train": 3, "val": 1}, None)
    return {one["values"]["dropout.rate"]: one["state"] for one in details["trials"]}, details


def test_as_many_are_under_way_as_there_are_workers_and_each_is_told(tmp_path):
    workers = Workers(together=3)
    rates = [0.1, 0.2, 0.3, 0.4, 0.5]
    tuning, trials, search, told = search_with(tmp_path, workers, rates, at_a_time=3)
    assert search.run(QUIET) == {}
    assert max(workers.at_a_time) == 3
    # The rung's own, 0.3, is one of the trials, and is trained once.
    assert sorted(workers.submitted) == [str(rate) for rate in rates]
    assert told == [1, 2, 3, 4, 5]
    found, details = states(tuning, trials)
    assert found == dict.fromkeys(rates, "done")
    assert details["trials"][details["best"]]["values"] == {"dropout.rate": 0.5}


def test_the_same_values_twice_are_trained_once(tmp_path):
    workers = Workers()
    # So narrow a range has three values to six digits.
    narrow = {"low": 0.2, "high": 0.2 + 2e-6}
    tuning, trials, search, _ = search_with(
        tmp_path, workers, narrow, at_a_time=2, sampler="random", trials=12
    )
    search.run(QUIET)
    tried = {one["values"]["dropout.rate"] for one in states(tuning, trials)[1]["trials"]}
    assert tried == {0.2, 0.200001, 0.200002}
    assert sorted(workers.submitted) == sorted(map(str, [0.3, *tried]))
    assert len(trials.ended) == 12


def test_a_trial_that_is_given_up_is_pruned_whatever_its_worker_did_meanwhile(tmp_path):
    # Five that are good come first, for the median waits for them.
    rates = [0.1, 0.9, 0.91, 0.92, 0.93, 0.94, 0.95]
    workers = Workers({"0.1": "waits"})
    tuning, trials, search, _ = search_with(tmp_path, workers, rates, trials=None)
    search.run(QUIET)
    found, details = states(tuning, trials)
    order = [one["values"]["dropout.rate"] for one in details["trials"]]
    assert order.index(0.1) >= 5, "take another seed"
    assert found[0.1] == "pruned"
    (pruned,) = (one for one in details["trials"] if one["state"] == "pruned")
    assert (pruned["score"], pruned["epochs"]) == (None, 3)
    assert workers.stopped == {"f0.1"}


def test_what_fails_counts_and_what_the_machine_stopped_is_repeated(tmp_path):
    workers = Workers({"0.1": "failed", "0.2": "lost"})
    tuning, trials, search, _ = search_with(tmp_path, workers, [0.1, 0.2, 0.3])
    assert search.run(QUIET) == {"0.2": "no memory"}
    found, details = states(tuning, trials)
    assert found == {0.1: "failed", 0.3: "done"}
    assert details["trials"][0]["reason"] in (None, "failed <reason>")
    again = Workers()
    tuning, trials, search, _ = search_with(tmp_path, again, [0.1, 0.2, 0.3])
    assert search.run(QUIET) == {}
    assert again.submitted == ["0.2"]
    assert states(tuning, trials)[0] == {0.1: "failed", 0.2: "done", 0.3: "done"}


def test_no_trial_is_begun_without_time(tmp_path):
    workers = Workers()
    limit = TimeLimit(1, spent=61, expected=10)
    _, trials, search, _ = search_with(tmp_path, workers, [0.1, 0.2], limit=limit)
    assert search.run(QUIET) == {}
    # The rung's own settings alone, with which others are compared.
    assert workers.submitted == ["0.3"]
    assert trials.ended == []
