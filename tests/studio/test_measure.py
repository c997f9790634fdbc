"""Measuring over HTTP gives the numbers of the command."""

import json
import subprocess
import sys

import numpy as np
import pytest

import repix
from tests.studio.conftest import ended, picture_file


def measure(client, result, truth, **fields):
    files = {"result": ("my result.png", result), "truth": ("the truth.png", truth)}
    answer = client.post("/api/v1/measure", files=files, data=fields)
    assert answer.status_code == 202, answer.text
    return ended(client, answer.json()["id"])


def noisy(content):
    values = repix.read(content).pixels.astype(int)
    return file_of(np.clip(values + np.random.default_rng(0).integers(-20, 21, values.shape), 0, 255).astype(np.uint8))


def file_of(pixels):
    from io import BytesIO

    file = BytesIO()
    repix.write(repix.Picture(pixels), file, format="png")
    return file.getvalue()


@pytest.fixture
def pair(tmp_path):
    truth = picture_file(200, 210)
    result = noisy(truth)
    (tmp_path / "my result.png").write_bytes(result)
    (tmp_path / "the truth.png").write_bytes(truth)
    return result, truth


def command(folder, *options):
    words = [sys.executable, "-m", "repix", "measure", "my result.png", "the truth.png", *options]
    return subprocess.run(words, cwd=folder, check=True, capture_output=True).stdout


def test_all_metrics_give_the_output_and_the_page_of_the_command(client, pair, tmp_path):
    done = measure(client, *pair, options='{"scale": 2}')
    assert done["state"] == "done", done["error"]
    said = command(tmp_path, "--all", "--scale", "2", "--json", "--page", "page.html")
    assert client.get(f"/api/v1/jobs/{done['id']}/result").content == said
    assert client.get(f"/api/v1/jobs/{done['id']}/parts/page.html").content == (tmp_path / "page.html").read_bytes()
    assert len(done["measured"]) == len(json.loads(said)["measured"]) > 6
    assert {one["better"] for one in done["measured"]} == {"higher", "lower", "nearer to 1"}
    assert [one["metric"] for one in done["not_measured"]] == ["psnr-gray"]
    assert all("/" not in one["reason"] for one in done["not_measured"])


def test_the_error_map_is_the_difference(client, pair):
    done = measure(client, *pair, metric=["psnr-rgb", "ssim-wang"])
    assert [one["metric"] for one in done["measured"]] == ["psnr-rgb", "ssim-wang"]
    errors = repix.read(client.get(f"/api/v1/jobs/{done['id']}/parts/errors.png").content)
    result, truth = (repix.read(one).pixels.astype(float) for one in pair)
    assert errors.size == (200, 210)
    assert done["error_end"] == 20
    worst = np.abs(result - truth).mean(2) >= 20
    yellow = (errors.pixels == (253, 231, 37)).all(2)
    assert worst.any()
    np.testing.assert_array_equal(yellow[worst], True)
    for name in ("result.png", "truth.png"):
        assert repix.read(client.get(f"/api/v1/jobs/{done['id']}/parts/{name}").content).size == (200, 210)


def test_label_maps_are_measured_by_their_classes(client):
    truth = np.zeros((20, 30), np.uint8)
    truth[:, 10:] = 1
    result = truth.copy()
    result[:, 10] = 0
    done = measure(client, file_of(result), file_of(truth), options='{"classes": 2}')
    values = {one["metric"]: one["text"] for one in done["measured"]}
    assert values["pixel-accuracy"] == f"{1 - 1 / 30:.4f}"
    errors = repix.read(client.get(f"/api/v1/jobs/{done['id']}/parts/errors.png").content).pixels
    np.testing.assert_array_equal(np.flatnonzero((errors == (213, 94, 0)).all((0, 2))), [10])


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"metric": "psnr"}, "There is no 'psnr' among the metrics"),
        ({"options": "[]"}, "options is no JSON object"),
        ({"options": "{"}, "options is no JSON object"),
        ({"options": "[" * 5000}, "options is no JSON object"),
        ({"options": '{"scale": "x"}'}, "scale is 'x'; it must be a whole number"),
        ({"options": '{"sise": 1}'}, "has the option --sise"),
        ({"options": '{"scale": ' + "9" * 400 + "}"}, "at most 64 bits"),
        ({"metric": ["psnr-rgb", "miou"], "options": '{"classes": 2}'}, "measure one after the other"),
    ],
)
def test_wrong_options_get_a_sentence(client, fields, sentence):
    files = {"result": ("a.png", picture_file()), "truth": ("b.png", picture_file())}
    answer = client.post("/api/v1/measure", files=files, data=fields)
    assert answer.status_code == 422
    assert sentence in answer.json()["error"]
    assert not list(client.app._application.state.uploads.folder.iterdir())


def test_pictures_of_other_sizes_get_a_sentence_without_paths(client):
    done = measure(client, picture_file(40, 40), picture_file(40, 41))
    assert done["state"] == "failed"
    assert "the sizes are 40×40 and 40×41" in done["error"]
    assert "/" not in done["error"]


def test_a_picture_beyond_the_memory_limit_is_refused():
    from fastapi.testclient import TestClient

    from repix.studio.app import make_app
    from repix.studio.settings import StudioSettings
    from tests.studio.conftest import ADDRESS

    with TestClient(make_app(StudioSettings(memory="300MB")), base_url=ADDRESS) as client:
        large = picture_file(700, 700, channels=1)
        done = measure(client, large, large)
    assert done["state"] == "failed"
    assert "needs about 0.3 GB, and the studio's limit is 0.3 GB" in done["error"]


def test_metrics_are_listed_with_their_options(client):
    listed = {one["name"]: one for one in client.get("/api/v1/metrics").json()}
    assert listed.keys() == set(repix.registry.available("metrics"))
    assert listed["psnr-y"]["options"]["required"] == ["scale"]
    assert listed["niqe"]["needs"] == ["result"]


def test_a_job_without_a_part_says_so(client, pair):
    done = measure(client, *pair, metric="niqe")
    for part in ("errors.png", "../values.json", "x"):
        assert client.get(f"/api/v1/jobs/{done['id']}/parts/{part}").status_code == 404
    assert client.get("/api/v1/jobs/x/parts/errors.png").status_code == 404
    shown = client.get(f"/api/v1/jobs/{done['id']}/preview")
    assert shown.status_code == 409
    assert "/" not in shown.json()["error"].replace("PNG/", "")
