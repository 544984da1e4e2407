"""`trickbook watch`: what its server answers, to whom, and what it says of a folder."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import time

import pytest
from ladder_folders import start, wait_for
from ladder_on_disk import write_ladder, write_run

from trickbook.ladder.cli import run_command
from trickbook.runs.lock import locked

pytest.importorskip("starlette", reason="the extra `watch` is not installed")
pytest.importorskip("uvicorn", reason="the extra `watch` is not installed")

from trickbook.ladder.watching import run_reader
from trickbook.ladder.watching.time_left import Work, seconds_left
from trickbook.ladder.watching.web_server import served


def ask(address, path="/", method="GET", **headers):
    """The answer to one request, sent as it is, and its body."""
    port = int(address.rsplit(":", 1)[1].strip("/"))
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as asked:
        asked.putrequest(method, path, skip_host="host" in headers)
        for name, value in headers.items():
            asked.putheader(name.replace("_", "-"), value)
        asked.endheaders()
        answer = asked.getresponse()
        return answer, answer.read()


def state(address, study=""):
    return json.loads(ask(address, f"/state?study={study}")[1])


def age(path, seconds):
    """Lets a file, or all below a folder, be so many seconds old."""
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    for one in files:
        os.utime(one, (time.time() - seconds,) * 2)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The address of a ladder that has ended, and its folder; for reading alone."""
    rungs = {"baseline": [0.8, 0.81, 0.79], "<b>noise</b>": [0.9, 0.91, 0.9]}
    folder = write_ladder(tmp_path_factory.mktemp("ladder"), rungs)
    (folder / "report.html").write_text("<!doctype html><p>the report")
    (folder / "secret.html").write_text("secret")
    with served(folder) as address:
        yield address, folder


def test_only_this_machine_by_its_own_names_is_answered(finished):
    address, _ = finished
    port = address.rsplit(":", 1)[1].strip("/")
    for host in ("127.0.0.1", f"127.0.0.1:{port}", "localhost", f"localhost:{port}", "LOCALHOST"):
        for path in ("/", "/state", "/curves?arms=0", "/report?study=ladder"):
            assert ask(address, path, host=host)[0].status == 200, (host, path)
    rebound = ("evil.example", f"evil.example:{port}", "localhost.evil.example", "127.0.0.1.nip.io")
    for host in (*rebound, "127.0.0.1@evil.example", "0.0.0.0", "localhost.", "", "[::1]"):
        for path in ("/", "/state", "/curves?arms=0", "/report?study=ladder"):
            answer, body = ask(address, path, host=host)
            assert answer.status == 400, (host, path)
            assert b"baseline" not in body and b"report" not in body


def test_it_listens_at_the_loopback_address_alone(finished):
    port = int(finished[0].rsplit(":", 1)[1].strip("/"))
    with pytest.raises(OSError), socket.create_connection(("127.0.0.2", port), timeout=5):
        pass


@pytest.mark.parametrize("path", ["/", "/state", "/curves", "/report?study=ladder"])
def test_it_is_read_and_nothing_else(finished, path):
    address, _ = finished
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        assert ask(address, path, method)[0].status == 405, method
    head, body = ask(address, path, "HEAD")
    assert head.status == 200
    assert body == b""


def test_every_answer_keeps_to_itself(finished):
    address, _ = finished
    for path in ("/", "/state", "/curves", "/report?study=ladder", "/nothing"):
        answer, _ = ask(address, path)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in answer.headers
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "frame-ancestors 'none'" in policy
    assert "'unsafe-inline'" not in ask(address)[0].headers["content-security-policy"]
    assert "sandbox" in ask(address, "/report?study=ladder")[0].headers["content-security-policy"]


def test_files_of_the_folder_are_no_pages(finished):
    address, _ = finished
    for path in (
        *("/ladder.json", "/runs/", "/runs", "/secret.html", "/report.html", "/static/"),
        *("/../secret.html", "/%2e%2e/secret.html", "//etc/passwd", "/report/../secret.html"),
    ):
        answer, body = ask(address, path)
        assert answer.status == 404, path
        assert b"secret" not in body
    for study in ("secret", "../secret", "..%2fsecret", "%2fetc%2fpasswd", "report", ""):
        assert ask(address, f"/report?study={study}")[0].status == 404, study
    assert ask(address, "/report?study=ladder")[1].endswith(b"the report")


def test_what_has_not_changed_is_not_sent_again(finished):
    address, _ = finished
    first, body = ask(address, "/state")
    again, nothing = ask(address, "/state", if_none_match=first.headers["etag"])
    assert (again.status, nothing) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert ask(address, "/state", if_none_match='"other"')[1] == body


def test_the_state_of_a_ladder_that_has_ended(finished):
    address, folder = finished
    found = state(address)
    assert (found["study"], found["studies"], found["stage"]) == ("ladder", ["ladder"], "finished")
    assert found["text"] == "Finished: all 6 runs ended."
    assert found["report"] == str(folder / "report.html")
    assert found["report_is_new"]
    assert found["certainty"] == ""
    baseline, noise = found["arms"]
    assert baseline["name"] == "00-baseline"
    assert baseline["validation"] == "0.800 ± 0.010"
    assert (baseline["verdict"], noise["verdict"], noise["kind"]) == ("", "helps", "helps")
    assert noise["worth"].startswith("+10.3 (+8.")
    assert noise["is_best"]
    assert [run["epoch"] for run in noise["runs"]] == [12, 12, 12]


def test_the_curves_of_an_arm_are_its_seeds_and_their_mean(finished):
    address, _ = finished
    found = json.loads(ask(address, "/curves?arms=1,7,x")[1])
    assert found["titles"] == ["accuracy", "loss"]
    assert list(found["arms"]) == ["1"]
    accuracy, loss = found["arms"]["1"]
    epochs, values = accuracy["validation"]["seeds"][1]
    assert epochs == list(range(1, 13))
    assert values == pytest.approx([0.91 * min(epoch, 6) / 6 for epoch in epochs], abs=1e-4)
    assert accuracy["validation"]["mean"][1][-1] == pytest.approx((0.9 + 0.91 + 0.9) / 3, abs=1e-4)
    assert accuracy["train"]["mean"][1] == [0.97] * 12
    assert loss["validation"]["mean"][1][:2] == [1, 0.5]


@pytest.fixture
def growing(tmp_path):
    """A ladder under way, its folder and its address."""
    rungs = {"baseline": [0.8, 0.81], "noise": [0.9, "running"], "wider": ["failed", None]}
    folder = write_ladder(tmp_path / "ladder", rungs)
    for file in folder.glob("runs/*/run.json"):
        run = json.loads(file.read_text())
        run["blueprint"] = {"epochs": 24}
        file.write_text(json.dumps(run))
    with served(folder) as address:
        yield folder, address


def test_a_run_that_is_done_is_told_with_its_final_figure(growing):
    folder, address = growing
    for file in folder.glob("runs/*/run.json"):
        run = json.loads(file.read_text())
        # Curves are measured on some of the examples, the final figures on all.
        file.write_text(json.dumps(run | {"data": {"val": 1237, "val_in_epochs": 360}}))
        metrics = file.with_name("metrics.json")
        if metrics.exists():
            figures = json.loads(metrics.read_text())
            metrics.write_text(json.dumps(figures | {"val_accuracy": 0.7001}))
    with locked(only_running(folder)):
        baseline, noise, wider = state(address)["arms"]
    assert [(run["value"], run["first"]) for run in baseline["runs"]] == [(0.7001, None)] * 2
    assert baseline["validation"] == "0.700 ± 0.000"
    assert [(run["value"], run["first"]) for run in noise["runs"]] == [(0.7001, None), (0.1, 360)]
    assert (wider["runs"][0]["value"], wider["runs"][0]["first"]) == (0.1, 360)


def test_a_run_of_no_study_is_told_with_its_final_figure_too(tmp_path):
    write_run(tmp_path / "trial", "trial", 0, 0.9)
    metrics = tmp_path / "trial" / "metrics.json"
    metrics.write_text(json.dumps({"val_accuracy": 0.7001}))
    with served(tmp_path) as address:
        (arm,) = state(address)["arms"]
    assert (arm["runs"][0]["value"], arm["validation"]) == (0.7001, "0.700")


def only_running(folder):
    return next(
        file.parent for file in folder.glob("runs/*/run.json") if '"running"' in file.read_text()
    )


def test_a_run_under_way_is_alive_while_its_process_holds_its_folder(growing):
    folder, address = growing
    run = only_running(folder)
    with locked(run):
        found = state(address)
        assert found["stage"] == "training"
        assert found["text"] == "4 of 6 runs ended, 1 is being trained. 1 of them failed."
        assert found["counts"] == {"done": 3, "failed": 1, "running": 1, "waiting": 1}
        under_way = found["arms"][1]["runs"][1]
        assert (under_way["state"], under_way["epoch"], under_way["epochs"]) == ("running", 12, 24)
        assert found["arms"][2]["runs"][0]["reason"].startswith("The loss was nan <in>")
        assert found["arms"][2]["runs"][1] == {"seed": 1, "state": "waiting"}
    age(folder, 3600)
    found = state(address)
    assert found["arms"][1]["runs"][1]["state"] == "stopped"
    assert found["stage"] == "stopped"
    assert found["text"] == (
        "Nothing is being trained: 2 of 6 runs are missing. This command goes on: "
        "trickbook run --out 'a b'"
    )


def test_the_command_that_is_said_to_go_on_does_not_begin_anew(growing):
    folder, address = growing
    ladder = json.loads((folder / "ladder.json").read_text())
    for recorded in ("trickbook run --fresh --out 'a b'", "trickbook run --out 'a b' --fresh"):
        (folder / "ladder.json").write_text(json.dumps({**ladder, "command": recorded}))
        age(folder, 3600)
        assert state(address)["text"].endswith("goes on: trickbook run --out 'a b'")


def test_the_report_is_waited_for_while_a_command_holds_the_folder(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.8, "failed"]})
    with served(folder) as address:
        assert state(address)["text"] == (
            "All 2 runs ended. 1 of them failed. The report is being written."
        )
        age(folder, 3600)
        with locked(folder):
            assert state(address)["stage"] == "reporting"
        found = state(address)
        assert (found["stage"], found["report"]) == ("ended", None)
        assert f"trickbook report {folder} writes it" in found["text"]
        (folder / "report.html").write_text("of before")
        age(folder / "report.html", 7200)
        assert (state(address)["stage"], state(address)["report_is_new"]) == ("ended", False)
        age(folder / "report.html", 0)
        assert (state(address)["stage"], state(address)["report_is_new"]) == ("finished", True)


def test_verdicts_before_the_end_are_provisional(growing):
    folder, address = growing
    found = state(address)
    assert found["certainty"].startswith("Provisional: the verdicts are read from the 4 runs")
    content = json.loads((folder / "ladder.json").read_text())
    (folder / "ladder.json").write_text(json.dumps(content | {"looks": [2, 5]}))
    assert state(address)["certainty"].startswith(
        "The study is looked at when arms have 2 and 5 seeds."
    )


@pytest.fixture
def grown(tmp_path):
    """A growth between two races, written by hand, and its address."""
    rungs = {"baseline": [0.8, 0.81, 0.79], "noise": [0.9, 0.91, 0.9], "wider": [0.8, 0.8, 0.8]}
    folder = write_ladder(tmp_path / "grown", rungs)
    study = json.loads((folder / "ladder.json").read_text())
    (folder / "ladder.json").unlink()
    for rung in study["rungs"][1:]:
        rung["against"] = 0
    entrants = [{"arm": rung["name"]} for rung in study["rungs"][1:]]
    race = {"against": "00-baseline", "entrants": entrants, "heat": 1, "rivals": 2}
    race |= {"leader": entrants[0]["arm"], "looks": [2], "outcome": {"why": "kept"}}
    aim = {"minutes": 5, "first_seed": 0}
    details = {"races": [race], "end": "", "last_seeds": [], "spent": 60.0, "aim": aim}
    write_growth(folder, study | {"kind": "grow", "details": details})
    with served(folder) as address:
        yield folder, address


def write_growth(folder, study, **details):
    study["details"] |= details
    (folder / "grow.json").write_text(json.dumps(study))


def test_between_two_races_of_a_growth_more_runs_are_to_come(grown):
    folder, address = grown
    found = state(address)
    assert (found["study"], found["stage"]) == ("grow", "training")
    assert found["text"] == "All 9 runs so far ended, and what is tried next is being chosen."
    assert found["certainty"] == "The verdicts of races that have ended stand."
    # Five minutes, of which one was spent when its file was written, which is the last sign.
    assert found["ends_by_clock"]
    assert found["ends"] - found["written"] == pytest.approx(240, abs=2)
    age(folder, 3600)
    with locked(folder / ".growing"):
        # However long it takes to choose, and however late.
        assert state(address)["stage"] == "training"
    found = state(address)
    assert (found["stage"], found["ends"]) == ("stopped", None)
    assert found["text"].startswith(
        "Nothing is being trained: the growth has not come to its end. This command goes on: "
    )


def test_a_race_under_way_is_provisional_and_told_by_its_own_looks(grown):
    folder, address = grown
    study = json.loads((folder / "grow.json").read_text())
    first = study["details"]["races"][0]
    heat = {**first, "leader": "", "looks": [], "outcome": None}
    write_growth(folder, study, races=[first, heat])
    assert state(address)["certainty"] == "The verdicts of races that have ended stand."
    led = {**heat, "leader": first["entrants"][1]["arm"], "looks": [3, 5, 8]}
    write_growth(folder, study, races=[first, led])
    assert state(address)["certainty"] == (
        "The leader of race 2 is looked at with 3, 5 and 8 new seeds, and is provisional until the "
        "race has ended. The verdicts of races that have ended stand."
    )


def test_the_last_runs_of_a_growth_are_all_that_is_to_come(grown):
    folder, address = grown
    study = json.loads((folder / "grow.json").read_text())
    last = [
        {**rung, "index": 3 + place, "name": name, "against": 3 if place else None}
        for place, (rung, name) in enumerate(
            zip(study["rungs"], ("test-baseline", "test-grown"), strict=False)
        )
    ]
    waiting = dict.fromkeys(last[1]["fingerprints"])
    last[1]["fingerprints"] = {seed: f"9{seed}" + "0" * 62 for seed in waiting}
    study["rungs"] += last
    write_growth(folder, study, end="nothing", last_seeds=[8, 9, 10])
    found = state(address)
    assert found["text"] == "9 of 12 runs ended."
    assert found["certainty"].endswith("provisional until all last runs have ended.")
    # By what runs took: 10, 11 and 12 s, and as much again for three.
    assert not found["ends_by_clock"]
    assert found["ends"] - found["written"] == pytest.approx(33)


def test_the_mean_is_that_of_the_seeds_that_are_done(growing):
    _, address = growing
    (panel, _) = json.loads(ask(address, "/curves?arms=1")[1])["arms"]["1"]
    assert len(panel["validation"]["seeds"]) == 2
    assert panel["validation"]["mean"] == panel["validation"]["seeds"][0]


def test_files_that_are_half_written_or_gone_end_nothing(growing):
    folder, address = growing
    run = only_running(folder)
    before = state(address)
    whole = (run / "run.json").read_text()
    (run / "run.json").write_text(whole[: len(whole) // 2])
    assert state(address)["arms"] == before["arms"]
    (run / "run.json").write_text(whole)
    (run / "history.csv").write_text("epo")
    found = state(address)
    assert found["arms"][1]["runs"][1]["epoch"] == 0
    assert "history.csv is no training history" in found["troubles"][0]
    (run / "history.csv").unlink()
    assert state(address)["troubles"] == []
    run.rename(folder / "aside")
    assert state(address)["counts"] == {"done": 3, "failed": 1, "waiting": 2}
    new = folder / "runs" / "new"
    new.mkdir()
    (new / "run.json").write_text("[1, 2")
    assert "cannot be read as JSON" in state(address)["troubles"][0]
    (folder / "ladder.json").write_text("{")
    assert state(address)["stage"] == "unreadable"
    assert "ladder.json cannot be read" in state(address)["text"]
    assert ask(address, "/curves?arms=0")[0].status == 404
    (folder / "ladder.json").unlink()
    assert ask(address, "/state")[0].status == 200


def test_predictions_that_cannot_be_read_leave_the_verdicts_out(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.8, 0.81], "noise": [0.9, 0.91]})
    damaged = next(folder.glob("runs/00-*")) / "predictions.npz"
    damaged.write_bytes(b"PK")
    with served(folder) as address:
        found = state(address)
        assert f"{damaged} cannot be read" in found["troubles"][0]
        assert [arm["verdict"] for arm in found["arms"]] == ["", ""]
        assert found["arms"][0]["validation"] == "0.805 ± 0.007"


def test_nothing_is_written_and_only_what_changed_is_read(growing, monkeypatch):
    folder, address = growing

    def files():
        found = sorted(path for path in folder.parent.rglob("*") if path.is_file())
        return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in found}

    there, read = files(), []
    reads = run_reader.read_run
    monkeypatch.setattr(run_reader, "read_run", lambda path: read.append(path) or reads(path))
    first = ask(address, "/state")[0].headers["etag"]
    assert len(read) == 5
    run = only_running(folder)
    assert ask(address, "/state")[0].headers["etag"] == first
    assert len(read) == 5
    assert files() == there
    history = (run / "history.csv").read_text()
    (run / "history.csv").write_text(f"{history}13,13,0.97,0.5,0.5,0.2\n")
    assert ask(address, "/state")[0].headers["etag"] != first
    assert read[5:] == [run]


def test_the_study_last_begun_is_shown_unless_another_is_chosen(growing):
    folder, address = growing
    content = json.loads((folder / "ladder.json").read_text())
    content |= {"kind": "sweep", "rungs": content["rungs"][:1]}
    (folder / "sweep-x.json").write_text(json.dumps(content))
    age(folder / "ladder.json", 60)
    assert state(address)["studies"] == ["sweep-x", "ladder"]
    assert (state(address)["study"], len(state(address)["arms"])) == ("sweep-x", 1)
    assert len(state(address, "ladder")["arms"]) == 3
    assert state(address, "gone")["study"] == "sweep-x"


def test_runs_of_a_project_of_its_own(tmp_path):
    for seed, status in enumerate(("done", "running")):
        write_run(tmp_path / f"wide-{seed}", "wide", seed, 0.7, status=status, epochs=48)
    with served(tmp_path) as address:
        found = state(address)
        assert (found["study"], found["stage"]) == ("runs", "training")
        assert found["text"] == "1 of 2 runs ended, 1 is being trained."
        assert found["arms"][0]["validation"] == "0.700"
        # Of 48 epochs 12 are over after 12 s, but the run that has ended took 10 s.
        assert found["ends"] - found["written"] == pytest.approx(0.75 * 10)
        assert found["arms"][0]["runs"][1]["epochs"] == 48
        age(tmp_path, 3600)
        assert state(address)["arms"][0]["runs"][1]["state"] == "stopped"


def test_what_belongs_to_no_study_is_shown_while_it_is_trained(growing):
    """As the trials of a search, before its study's file is there."""
    folder, address = growing
    age(folder, 3600)
    assert state(address)["studies"] == ["ladder"]
    trial = folder / "runs" / "trial=1"
    write_run(trial, "trial=1", 1000, 0.7, status="running", fingerprint="f" * 64)
    with locked(trial):
        found = state(address)
        assert (found["studies"], found["study"]) == (["ladder", "runs"], "runs")
        assert found["text"] == "0 of 1 run ended, 1 is being trained."
        assert [arm["name"] for arm in found["arms"]] == ["trial=1"]
        assert state(address, "ladder")["stage"] == "stopped"
    assert state(address)["study"] == "ladder"
    (folder / "report.html").write_text("of the ladder")
    assert state(address, "runs")["report"] is None
    assert ask(address, "/report?study=runs")[0].status == 404


@pytest.fixture
def searched(tmp_path):
    """The trials of a search, of which two are done and two were given up after half of them."""
    for seed, status in enumerate(("done", "stopped", "done", "stopped")):
        reason = "stopped after epoch 12" if status == "stopped" else None
        name = f"trial={seed}"
        write_run(tmp_path / name, name, seed, 0.7, status=status, reason=reason, epochs=24)
    return tmp_path


def test_trials_that_were_given_up_are_not_missing(searched):
    age(searched, 3600)
    with served(searched) as address:
        found = state(address)
    assert found["stage"] == "finished"
    assert found["text"] == "Finished: all 4 runs ended. 2 of them were given up."
    assert found["counts"] == {"done": 2, "given up": 2}
    states = [run["state"] for arm in found["arms"] for run in arm["runs"]]
    assert states == ["done", "given up", "done", "given up"]


def test_trials_that_were_given_up_take_no_more_time(searched):
    write_run(searched / "trial=4", "trial=4", 4, 0.7, status="running", epochs=24)
    with served(searched) as address:
        found = state(address)
    assert found["text"] == "4 of 5 runs ended, 1 is being trained. 2 of them were given up."
    # Of 24 epochs 12 took 12 seconds.
    assert found["ends"] - found["written"] == pytest.approx(12)


def test_a_folder_that_is_still_empty_is_waited_for(tmp_path):
    with served(tmp_path / "to come") as address:
        assert state(address)["stage"] == "preparing"
        write_ladder(tmp_path / "to come", {"baseline": [0.8]})
        assert state(address)["study"] == "ladder"


def test_time_left_is_by_what_runs_took_and_cost():
    done, half, waiting = Work(10.0, 1.0), Work(6.0, 0.5), Work(0.0, 0.0)
    # Of the first arm half a run of 10 s; the second takes 12 s; the third costs thrice the first.
    arms = {"a": [done, Work(2.0, 0.5)], "b": [half, waiting], "c": [waiting]}
    costs = {"a": 1.0, "b": 1.2, "c": 3.0}
    assert seconds_left(arms, costs, 1) == pytest.approx(5 + 6 + 12 + 30)
    assert seconds_left(arms, costs, 2) == pytest.approx(30)
    assert seconds_left(arms, dict.fromkeys(arms), 1) == pytest.approx(5 + 6 + 12 + 11)
    assert seconds_left({"a": [done]}, {}, 1) == 0
    assert seconds_left({"a": [waiting]}, {}, 1) is None


def test_what_is_wrong_is_one_line(command, tmp_path, monkeypatch):
    def said(*arguments):
        result = command("watch", *arguments, cwd=tmp_path)
        assert result.returncode == 2
        assert result.stderr.count("\n") == 1
        return result.stderr

    assert "There is no folder nowhere" in said("nowhere")
    assert "There is no study in ." in said(".")
    (tmp_path / "runs").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"Port {port} of 127.0.0.1 cannot be used" in said(".", "--port", str(port))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "pip install starlette uvicorn" in said(".")


@pytest.fixture
def no_hang_up():
    """Lets what is started meanwhile ignore a hang-up, as after `nohup`."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("no_hang_up")
def test_the_address_is_told_and_ctrl_c_ends_it_but_no_hang_up_after_nohup(tmp_path):
    (tmp_path / "runs").mkdir()
    process = start("watch", ".", cwd=tmp_path)
    address = process.stdout.readline().split(" at ")[1].split(" until")[0]
    assert ask(address)[0].status == 200
    process.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=1)
    assert ask(address)[0].status == 200
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")
    with pytest.raises(OSError):
        ask(address)


def test_a_command_opens_the_page_and_tells_it_the_end(command, tiny_folder, monkeypatch):
    """A browser that asks as the page does; and in place of a training, what it would write."""
    told, out = [], tiny_folder / "out"

    def browser(address):
        with contextlib.suppress(OSError):
            while True:
                told.append(state(address))
                time.sleep(0.5)  # the end comes between two of its questions

    def carried_out(study, flags):
        wait_for(lambda: told)
        write_ladder(out, {"baseline": ["running"]})
        wait_for(lambda: told[-1]["stage"] == "training")
        run = out / "runs" / "00-run-00000000"
        write_run(tiny_folder / "done", "baseline", 0, 0.8, fingerprint="0" * 64)
        shutil.copy(tiny_folder / "done" / "run.json", run)
        (out / "report.html").write_text("<!doctype html>")

    monkeypatch.setenv("BROWSER", "any")
    monkeypatch.setattr("webbrowser.open", browser)
    monkeypatch.setattr(run_command, "carry_out", carried_out)
    write_ladder(out, {"of a time before": [0.5, None]})
    age(out, 3600)
    shutil.rmtree(out / "runs")
    result = command("run", "tiny.toml", "--out", "out", "--open", cwd=tiny_folder)
    assert result.returncode == 0, result.stderr
    assert "Follow it at http://127.0.0.1:" in result.stdout
    stages = list(dict.fromkeys(one["stage"] for one in told))
    assert stages == ["preparing", "training", "finished"]
    assert told[-1]["counts"] == {"done": 1}
    with pytest.raises(OSError):
        ask(result.stdout.split(" at ")[1].split(" until")[0])


def test_the_port_of_a_page_that_is_not_asked_for_is_refused(command, tiny_folder):
    for words in (["run", "tiny.toml"], ["ablate", "tiny.toml"]):
        result = command(*words, "--port", "0", cwd=tiny_folder)
        assert (result.returncode, result.stdout) == (2, "")
        assert "--port goes with --open" in result.stderr
