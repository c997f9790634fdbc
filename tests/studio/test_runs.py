"""Runs and comparisons of a folder over HTTP: what their files say, and nothing outside of the folder."""

import json
import os

import pytest
from fastapi.testclient import TestClient

from repix.studio import run_search
from repix.studio.app import make_app
from repix.studio.routes.comparisons import POLICY
from repix.studio.settings import StudioSettings
from tests.studio.conftest import ADDRESS, picture_file
from tests.studio.making import make_photos, make_run


@pytest.fixture
def root(tmp_path):
    """A folder with pictures and a run."""
    root = tmp_path / "work"
    root.mkdir()
    make_photos(root)
    make_run(root, "runs/a b")
    return root


@pytest.fixture
def studio(root):
    with TestClient(make_app(StudioSettings(folder=root)), base_url=ADDRESS) as opened:
        yield opened


def test_a_run_is_listed_and_described_by_its_files(studio, root):
    found = studio.get("/api/v1/runs").json()
    assert (found["folder"], found["pictures"], found["note"]) == ("work", ["photos"], "")
    [listed] = found["runs"]
    assert listed | {
        "name": "runs/a b", "state": "finished", "task": "denoise", "network": "unet", "step": 20, "steps": 44,
        "seconds": 3.0, "checkerboard": 12.5, "metrics": [{"metric": "psnr-gray", "value": 31.5}], "problems": [],
    } == listed  # fmt: skip
    whole = studio.get("/api/v1/runs/runs/a%20b").json()
    assert whole["curves"]["psnr-gray"] == [None, 31.5]  # JSON has no infinity
    assert whole["curves"]["loss"] == [0.5, 0.25]
    assert whole["samples"] == [10, 20]
    assert whole["settings"]["folder"] == "photos"
    assert whole["log"][-1].endswith("runs/a b/model.onnx is written")
    assert str(root) not in json.dumps(whole)


def test_pictures_and_files_are_sent_as_they_are(studio, root):
    sheet = studio.get("/api/v1/run-samples/10/runs/a%20b")
    assert (sheet.content, sheet.headers["content-type"]) == (picture_file(), "image/png")
    table = studio.get("/api/v1/run-files/metrics.csv/runs/a%20b")
    assert table.content == (root / "runs/a b/metrics.csv").read_bytes()
    assert table.headers["content-disposition"] == 'attachment; filename="metrics.csv"'
    (root / "runs/a b/samples/step-0000010.png").write_bytes(b"<script>")
    assert studio.get("/api/v1/run-samples/10/runs/a%20b").json() == {"error": "This sample sheet is damaged."}


def test_the_lock_tells_running_from_stopped(studio, root):
    run = make_run(root, "b", state="stopped")
    run.resume.write_bytes(b"checkpoint")
    state = lambda: studio.get("/api/v1/runs/b").json()["state"]  # noqa: E731
    assert state() == "stopped"
    with run.locked():
        assert state() == "running"
    run.lock.write_text("left by a process that was killed")
    assert state() == "stopped"
    assert studio.get("/api/v1/runs/b").json()["can_continue"]


def test_damaged_and_newer_files_have_a_sentence(studio, root):
    newer, damaged = make_run(root, "newer", version="99.0"), make_run(root, "x")
    assert studio.get("/api/v1/runs/newer").json()["problems"] == [
        "This run is of repix 99.0, which is newer than this one (0.1.0); update repix to be sure to see everything."
    ]
    newer.recipe.write_text(newer.recipe.read_text().replace("steps = 40", "steps = [nan, 2026-01-01]\nnew = inf"))
    assert studio.get("/api/v1/runs/newer").json()["settings"]["new"] == "inf"
    damaged.metrics.write_text("step,loss\n10,0.5\n20")
    damaged.recipe.write_text("task = [[[")
    assert studio.get("/api/v1/runs/x").json()["problems"] == [
        "run.toml is damaged; its settings cannot be shown.",
        "metrics.csv is damaged in line 3; the rows before it are shown.",
    ]
    assert len(studio.get("/api/v1/runs").json()["runs"]) == 3


def test_a_folder_that_goes_away_has_a_sentence(studio, root):
    root.rename(root.with_name("elsewhere"))
    for path in ("runs", "runs/a", "compare", "compare/a", "run-samples/1/a"):
        answer = studio.get(f"/api/v1/{path}")
        assert (answer.status_code, "is gone" in answer.json()["error"]) == (404, True)


@pytest.mark.parametrize(
    "name",
    [
        "%2e%2e/secret", "%2e%2e%2fsecret", "..%2fsecret", "%2fetc", "link", "runs/%2e%2e/%2e%2e/secret", ".hidden",
        "%00", "a%0ab", "..%5csecret", "photos", "runs", "photos/0.png", "no", "x" * 3000, "%ff%fe", "%ed%a0%80",
    ],
)  # fmt: skip
def test_nothing_but_runs_below_the_folder_is_shown(studio, root, name):
    make_run(root.parent, "secret")
    make_run(root, ".hidden")
    (root / "link").symlink_to(root.parent / "secret")
    for path in ("runs", "run-samples/10", "run-files/run.toml", "compare"):
        answer = studio.get(f"/api/v1/{path}/{name}")
        assert answer.status_code in (400, 404), (path, answer.text)
        assert str(root) not in answer.text
        assert len(answer.text) < 300
    assert len(studio.get("/api/v1/runs").json()["runs"]) == 1


@pytest.mark.parametrize("file", ["resume.ckpt", ".lock", "..", "samples", "%2e%2e%2frun.toml", "split.json"])
def test_only_some_files_of_a_run_are_sent(studio, file):
    assert studio.get(f"/api/v1/run-files/{file}/runs/a%20b").status_code in (400, 404)


def test_a_link_in_a_run_that_leaves_the_folder_is_not_followed(studio, root):
    (root.parent / "secret").write_text("secret")
    log = root / "runs/a b/log.txt"
    log.unlink()
    log.symlink_to(root.parent / "secret")
    assert "secret" not in studio.get("/api/v1/runs/runs/a%20b").text
    assert studio.get("/api/v1/run-files/log.txt/runs/a%20b").status_code == 404


def test_a_comparison_has_a_page_that_cannot_reach_the_server(studio, root):
    grid = root / "grid"
    make_run(root, "grid/runs/unet-seed0")
    (grid / "grid.json").write_text('{"task": "denoise", "minutes": 2, "steps": null}')
    [listed] = studio.get("/api/v1/compare").json()
    assert listed == {
        "name": "grid", "task": "denoise", "minutes": 2, "steps": None, "has_page": False,
        "runs": ["grid/runs/unet-seed0"], "problem": "",
    }  # fmt: skip
    assert "no page yet" in studio.get("/api/v1/compare/grid").json()["error"]
    (grid / "index.html").write_text("<script>1</script>")
    page = studio.get("/api/v1/compare/grid")
    assert (page.text, page.headers.get_list("content-security-policy")) == ("<script>1</script>", [POLICY])
    assert POLICY.startswith("sandbox allow-scripts; default-src 'none'")
    assert "connect-src" not in POLICY
    assert "allow-same-origin" not in POLICY
    (grid / "grid.json").write_text("[NaN")
    assert studio.get("/api/v1/compare").json()[0]["problem"] == "grid.json is damaged."
    (root / "runs" / "index.html").write_text("any page")
    assert studio.get("/api/v1/compare/runs").status_code == 404


def test_names_that_no_request_can_have_are_not_listed(studio, root):
    (root / os.fsdecode(b"\xff\xfe")).mkdir()
    make_run(root, "line\nbreak")
    found = studio.get("/api/v1/runs").json()
    assert [one["name"] for one in found["runs"]] == ["runs/a b"]


def test_a_folder_with_too_much_in_it_is_shown_in_part(studio, root, monkeypatch):
    monkeypatch.setattr(run_search, "MOST_FOLDERS", 25)
    for number in range(8):
        make_run(root, f"runs/{number}")
    found = studio.get("/api/v1/runs").json()
    assert len(found["runs"]) == 3
    assert "too large to be searched in full" in found["note"]


def test_without_a_folder_the_list_says_how_to_give_one(client):
    found = client.get("/api/v1/runs").json()
    assert (found["folder"], found["runs"]) == (None, [])
    assert "repix studio --folder DIR" in found["refusal"]
    assert client.get("/api/v1/compare").json() == []
    assert client.get("/api/v1/runs/a").status_code == 404
