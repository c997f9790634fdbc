"""Trainings are started, stopped and continued as processes; here a short program stands for `repix train`."""

import json
import os
import signal
import subprocess
import sys

import pytest
from fastapi.testclient import TestClient

from repix.errors import DiskFull
from repix.studio import trainings
from repix.studio.app import make_app
from repix.studio.settings import StudioSettings
from repix.training.recipe import read_recipe
from tests.studio.conftest import ADDRESS
from tests.studio.making import make_photos, make_run

PROGRAM = """
import sys, signal
from pathlib import Path
from repix.training.run_folder import RunFolder
run = RunFolder(Path(sys.argv[-1]))
with run.locked():
    run.write(run.recipe, b'task = "denoise"')
    print("trains with", sys.argv[1:-2], flush=True)
    try:
        signal.pause()
    except KeyboardInterrupt:
        run.write(run.resume, b"checkpoint")
        print("repix: stopped by Ctrl-C", flush=True)
"""
FORM = {"name": "runs/first", "task": "denoise", "folder": "photos", "steps": 5}


@pytest.fixture
def root(tmp_path):
    make_photos(tmp_path)
    return tmp_path


@pytest.fixture
def stand_in(monkeypatch):
    """A program that locks its run, and waits for Ctrl-C; what it was started with."""
    started = []
    begin = trainings._started

    def start(command, output):
        assert command[1:5] == ["-P", "-m", "repix", "train"]
        started.append(begin([sys.executable, "-c", PROGRAM, *command[5:]], output))
        return started[-1]

    monkeypatch.setattr(trainings, "_started", start)
    yield started
    for one in started:
        if one.poll() is None:
            one.kill()
        one.wait()


def opened(root, **settings):
    return TestClient(make_app(StudioSettings(folder=root, **settings)), base_url=ADDRESS)


def locked_by(studio, name):
    """Wait until the process has its lock, and return its messages."""
    while not (found := studio.get(f"/api/v1/runs/{name}").json())["output"]:
        assert found["state"] == "running"
    return found["output"]


def test_a_training_is_started_found_by_another_server_stopped_and_continued(root, stand_in, monkeypatch):
    with opened(root) as studio:
        answer = studio.post("/api/v1/trainings", json=FORM)
        assert (answer.status_code, answer.json()["state"]) == (202, "running")
        [said] = locked_by(studio, "runs/first")
        assert said == "trains with ['--recipe', 'runs/first/recipe.toml']"
        busy = studio.post("/api/v1/trainings", json=FORM | {"name": "second"})
        assert busy.status_code == 409
        assert busy.json()["error"].startswith(
            "runs/first is running; stop it, wait, or start the studio with --jobs 2"
        )
    made = read_recipe(root / "runs/first/recipe.toml")
    assert (made.task, made.folder, made.steps) == ("denoise", str(root / "photos"), 5)
    assert os.getsid(stand_in[0].pid) != os.getsid(0)  # Ctrl-C in the server's terminal does not reach it
    with opened(root) as other:  # the first server has ended; the process goes on
        assert other.get("/api/v1/runs").json()["runs"][0]["state"] == "running"
        assert other.post("/api/v1/trainings/resume", json={"name": "runs/first"}).status_code == 409
        interrupted = []
        monkeypatch.setattr(trainings, "_interrupt", interrupted.append)
        for _ in range(2):
            assert other.post("/api/v1/trainings/stop", json={"name": "runs/first"}).json()["is_stopping"]
        assert interrupted == [stand_in[0].pid]  # a second Ctrl-C would end it without its model
        os.kill(*interrupted, signal.SIGINT)
        assert stand_in[0].wait(60) == 0
        stopped = other.get("/api/v1/runs/runs/first").json()
        assert (stopped["state"], stopped["can_continue"]) == ("stopped", True)
        assert stopped["problems"][-1] == "stopped by Ctrl-C"
        assert other.post("/api/v1/trainings/stop", json={"name": "runs/first"}).status_code == 409
        assert other.post("/api/v1/trainings/resume", json={"name": "runs/first"}).status_code == 202
        while len(found := locked_by(other, "runs/first")) < 3:
            pass
        assert found[-1] == "trains with ['--resume']"


def test_a_killed_training_is_stopped(root, stand_in):
    with opened(root, jobs=2) as studio:
        studio.post("/api/v1/trainings", json=FORM)
        locked_by(studio, "runs/first")
        stand_in[0].send_signal(signal.SIGKILL)
        stand_in[0].wait()
        assert (root / "runs/first/.lock").exists()
        assert studio.get("/api/v1/runs").json()["runs"][0]["state"] == "stopped"


@pytest.mark.parametrize(
    ("change", "status", "sentence"),
    [
        ({"folder": "../elsewhere"}, 400, "may not have the part '..'"),
        ({"folder": "/etc"}, 400, "relative"),
        ({"folder": "none"}, 404, "no such file"),
        ({"folder": "photos/0.png"}, 422, "is a file"),
        ({"name": "../out"}, 400, "may not have the part '..'"),
        ({"name": "out/first"}, 404, "no such file"),
        ({"name": ".hidden"}, 400, "'.hidden'"),
        ({"name": "photos/run"}, 422, "in the folder of pictures"),
        ({"name": "old"}, 409, "There is a run in this folder already"),
        ({"name": "old/samples"}, 409, "There is a run in this folder already"),
        ({"name": "full"}, 422, "full is not empty"),
        ({"task": "fly"}, 422, "fly"),
        ({"network": "fly"}, 422, "fly"),
        ({"settings": {"sigma": 1000}}, 422, "sigma"),
        ({"settings": {"fly": 1}}, 422, "fly"),
        ({"init_from": "/etc/passwd"}, 400, "relative"),
        ({"init_from": "recipe.toml"}, 422, "Initial weights"),
        ({"minutes": 3}, 422, "Both minutes and steps"),
        ({"holdout": "/etc"}, 422, "holdout"),
        ({"objective_settings": {"features": "/etc/passwd"}}, 422, "objective_settings"),
        ({"seed": -1}, 422, "seed"),
        ({"task": "\ud800"}, 422, "task"),
        ({"network_settings": {"x": "\ud800"}}, 422, "half of a letter"),
        ({"network_settings": {"x": json.loads("[" * 100 + "]" * 100)}}, 422, "nested"),
        ({"settings": {"\ud800": 1}}, 422, "setting"),
    ],
)
def test_what_cannot_be_trained_is_refused_before_a_process(root, stand_in, change, status, sentence):
    make_run(root, "old")
    (root / "full").mkdir()
    (root / "full" / "note.txt").write_text("mine")
    (root / "recipe.toml").write_text("")
    (root / "out").symlink_to(root.parent)
    before = sorted(root.rglob("*"))
    with opened(root) as studio:
        body = json.dumps(FORM | change)  # ASCII only, unlike httpx's own
        answer = studio.post("/api/v1/trainings", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, sentence in answer.json()["error"]) == (status, True), answer.text
    assert str(root) not in answer.text
    assert (sorted(root.rglob("*")), stand_in) == (before, [])


@pytest.mark.parametrize(
    ("settings", "sentence"), [({"read_only": True}, "--read-only"), ({"folder": None}, "--folder DIR")]
)
def test_nothing_is_trained_where_it_is_not_allowed(root, stand_in, settings, sentence):
    run = make_run(root, "a", state="stopped")
    with TestClient(make_app(StudioSettings(**{"folder": root} | settings)), base_url=ADDRESS) as studio, run.locked():
        for path, body in (("", FORM), ("/stop", {"name": "a"}), ("/resume", {"name": "a"})):
            answer = studio.post(f"/api/v1/trainings{path}", json=body)
            assert (answer.status_code, sentence in answer.json()["error"]) == (403, True)
        assert sentence in studio.get("/api/v1/runs").json()["refusal"]
    assert stand_in == []


def test_a_full_disk_leaves_no_folder(root, stand_in, monkeypatch):
    def full(path, overwrite):
        raise DiskFull(f"{path} cannot be written: the disk is full.")

    monkeypatch.setattr(trainings, "atomic_file", full)
    with opened(root) as studio:
        answer = studio.post("/api/v1/trainings", json=FORM | {"name": "first"})
    assert (answer.status_code, answer.json()) == (
        507,
        {"error": "first/recipe.toml cannot be written: the disk is full."},
    )
    assert (stand_in, (root / "first").exists()) == ([], False)


def test_the_form_has_the_schemas_of_the_registry(root):
    with opened(root) as studio:
        form = studio.get("/api/v1/training-form").json()
    assert form["tasks"]["denoise"]["properties"]["sigma"]["default"] == [0, 55]
    assert form["suited"].keys() == form["tasks"].keys() == form["summaries"].keys()
    assert set(form["suited"].values()) < set(form["networks"])


def test_the_server_does_not_load_torch():
    program = "import sys, repix.studio.app; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_large_forms_are_refused(root):
    with opened(root) as studio:
        assert studio.post("/api/v1/trainings", json=FORM | {"settings": {"x": "y" * 70_000}}).status_code == 413
