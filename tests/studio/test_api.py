"""The API does what the command line does."""

import errno
import os
import threading
from io import BytesIO

import numpy as np
import pytest
from fastapi.testclient import TestClient

import repix
from repix.cli._app import run
from repix.models import catalog
from repix.studio import conversion
from repix.studio.app import make_app
from repix.studio.settings import StudioSettings
from tests.studio.conftest import ADDRESS, ended, picture_file

DEFAULTS = [(one.task, one.name) for one in catalog().values() if one.default]


@pytest.mark.parametrize(("task", "model"), DEFAULTS)
def test_a_result_has_the_bytes_of_the_command(client, convert, tmp_path, task, model):
    content = picture_file()
    source, target = tmp_path / "photo.png", tmp_path / "made.png"
    source.write_bytes(content)
    done = convert(content, model=model)
    assert (done["state"], done["progress"]) == ("done", 1.0), done["error"]
    assert done["name"] == f"photo-{task}.png"
    assert run([task, str(source), "--model", model, "-o", str(target)]) == 0
    assert client.get(f"/api/v1/jobs/{done['id']}/result").content == target.read_bytes()


def test_sixteen_bits_and_the_format_are_kept(client, convert):
    done = convert(picture_file(depth=np.uint16, form="tif"), "scan.TIFF", model="denoise-photo")
    answer = client.get(f"/api/v1/jobs/{done['id']}/result")
    assert 'filename="scan-denoise.TIFF"' in answer.headers["content-disposition"]
    assert repix.read(answer.content).depth == "16"
    shown = repix.read(client.get(f"/api/v1/jobs/{done['id']}/preview?of=before").content)
    assert (shown.depth, shown.size) == ("8", (40, 56))


def test_strength_zero_returns_the_source(client, convert):
    content = picture_file()
    done = convert(content, model="denoise-photo", strength="0")
    made = repix.read(client.get(f"/api/v1/jobs/{done['id']}/result").content)
    np.testing.assert_array_equal(made.pixels, repix.read(content).pixels)


def test_inspection_proposes_a_model(client):
    rng = np.random.default_rng(0)
    values = repix.read(picture_file(200, 200)).pixels.copy()
    hit = rng.random(values.shape[:2]) < 0.1
    values[hit] = rng.choice([0, 255], (hit.sum(), 1))
    file = BytesIO()
    repix.write(repix.Picture(values), file, format="png")
    answer = client.post("/api/v1/inspect", files={"file": ("a.png", file.getvalue())}).json()
    assert answer["advice"][0]["model"] == "denoise-impulse"
    assert {"name": "size", "text": "200×200, 0.0 MP, 8 bits"} in answer["table"]


def test_models_are_listed_with_their_limits(client):
    listed = {one["name"]: one for one in client.get("/api/v1/models").json()}
    assert listed.keys() == catalog().keys()
    assert listed["upscale-x2"]["scale"] == 2
    assert all(one["purpose"] and one["limits"] for one in listed.values())


def test_a_removed_job_is_gone_with_its_files(client, convert):
    done = convert(picture_file(), model="denoise-photo")
    folder = client.app._application.state.uploads.folder
    assert list(folder.iterdir())
    assert client.delete(f"/api/v1/jobs/{done['id']}").status_code == 204
    assert not list(folder.iterdir())
    gone = client.get(f"/api/v1/jobs/{done['id']}")
    assert (gone.status_code, gone.json()) == (
        404,
        {"error": "There is no such job; the server may have been started again."},
    )


def test_a_job_that_fails_says_why_without_paths(client, convert):
    content = picture_file(400, 400)
    broken = convert(content[: len(content) // 2], model="denoise-photo")
    assert broken["state"] == "failed"
    assert broken["error"].startswith("The picture ")
    assert "/" not in broken["error"]
    answer = client.get(f"/api/v1/jobs/{broken['id']}/result")
    assert (answer.status_code, answer.json()["error"]) == (409, "The job is failed; it has no result.")


def test_a_full_queue_refuses_and_canceled_jobs_do_not_run(monkeypatch):
    with TestClient(make_app(StudioSettings(waiting=32)), base_url=ADDRESS) as client:
        fill(client, monkeypatch)


def fill(client, monkeypatch):
    started, go_on, content = threading.Event(), threading.Event(), picture_file()

    def wait(source, target, engine, options, *, progress):
        started.set()
        go_on.wait(60)
        progress(1)

    monkeypatch.setattr(conversion, "convert_file", wait)

    def send():
        return client.post("/api/v1/convert", files={"file": ("a.png", content)}, data={"model": "denoise-photo"})

    first = send().json()
    started.wait(60)
    waiting = [send() for _ in range(33)]
    assert [one.status_code for one in waiting] == [202] * 32 + [503]
    assert waiting[-1].json()["error"] == "32 of your jobs are waiting already; try again later."
    assert len(client.get("/api/v1/jobs").json()) == 33
    for one in waiting[:32]:
        client.delete(f"/api/v1/jobs/{one.json()['id']}")
    client.delete(f"/api/v1/jobs/{first['id']}")
    go_on.set()
    folder = client.app._application.state.uploads.folder
    while client.get("/api/v1/jobs").json():
        pass
    assert not list(folder.iterdir())


def test_events_end_with_the_job(client):
    sent = client.post("/api/v1/convert", files={"file": ("a.png", picture_file())}, data={"model": "denoise-photo"})
    assert ended(client, sent.json()["id"])["state"] == "done"


def test_every_operation_has_its_page_under_the_policy(client):
    for name in ("conv", "bilinear", "softmax"):
        page = client.get(f"/explain/{name}")
        assert page.status_code == 200
        assert "<style>" not in page.text
        assert page.text.count("<script") == 2
        assert '<script src="/static/stepper.js">' in page.text
    assert client.get("/explain").text.count("/explain/") == 27
    assert client.get("/static/stepper.js").headers["content-type"].startswith("text/javascript")
    assert client.get("/health").text == "ok\n"
    assert client.get("/openapi.json").json()["info"]["title"] == "repix studio"


def test_a_full_disk_is_a_sentence_while_the_upload_arrives(client, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    files = {"file": ("a.png", picture_file())}
    monkeypatch.setattr("tempfile.SpooledTemporaryFile.write", full)
    answer = client.post("/api/v1/pictures", files=files)
    assert (answer.status_code, answer.json()) == (
        507,
        {"error": "The request cannot be stored: No space left on device."},
    )
    monkeypatch.undo()
    assert client.post("/api/v1/pictures", files=files).status_code == 201
