"""Filters and degradations over HTTP give the bytes of the commands."""

import inspect
import json

import numpy as np
import pytest
from fastapi.testclient import TestClient

import repix
from repix import registry
from repix.cli._app import run
from repix.studio import picture_change
from repix.studio.app import make_app
from repix.studio.settings import StudioSettings
from tests.json_schema import accepts
from tests.studio.conftest import ADDRESS, ended, picture_file

VERBS = {"filters": "filter", "degradations": "degrade"}
MEMBERS = [(family, name) for family in VERBS for name in registry.available(family)]
OPTIONS = {"gaussian": {"sigma": 12.5}, "median": {"size": 5}, "jpeg": {"quality": 31}}


@pytest.fixture(scope="module")
def client():
    """One client for all tests."""
    with TestClient(make_app(StudioSettings()), base_url=ADDRESS) as opened:
        yield opened


def change(client, verb, content, **fields):
    answer = client.post(f"/api/v1/{verb}", files={"file": ("photo.png", content)}, data=fields)
    assert answer.status_code == 202, answer.text
    done = ended(client, answer.json()["id"])
    assert done["state"] == "done", done["error"]
    return done, client.get(f"/api/v1/jobs/{done['id']}/result").content


@pytest.mark.parametrize(("family", "name"), MEMBERS)
def test_every_member_gives_the_bytes_of_the_command(client, family, name, tmp_path, capsys):
    content = picture_file(16, 16, channels=1) if name == "bm3d" else picture_file(36, 36)  # seconds for each channel
    source, target = tmp_path / "photo.png", tmp_path / "made.png"
    source.write_bytes(content)
    options = OPTIONS.get(name, {})
    seed = ["--seed", "3"] if "rng" in inspect.signature(registry.get(family, name).function).parameters else []
    words = [word for key, value in options.items() for word in (f"--{key}", str(value))]
    assert run([VERBS[family], name, str(source), "-o", str(target), *words, *seed]) == 0
    capsys.readouterr()
    done, made = change(client, VERBS[family], content, name=name, options=json.dumps(options), seed="3")
    assert made == target.read_bytes()
    assert (done["name"], done["kind"], done["member"]) == (f"photo-{name}.png", VERBS[family], name)


def test_a_chain_gives_the_bytes_of_the_command(client, tmp_path, capsys):
    content = picture_file(32, 40)
    source, target = tmp_path / "photo.png", tmp_path / "made.png"
    source.write_bytes(content)
    steps = ["gaussian-blur sigma=1.6", "shrink scale=2", "gaussian sigma=5..50"]
    words = [word for step in steps for word in ("--step", step)]
    assert run(["degrade", "chain", str(source), "-o", str(target), *words, "--seed", "7", "--depth", "16"]) == 0
    capsys.readouterr()
    _, made = change(
        client, "degrade", content, name="chain", options=json.dumps({"step": steps}), seed="7", depth="16"
    )
    assert made == target.read_bytes()
    assert repix.read(made).depth == "16"


@pytest.mark.parametrize("listed", ["filters", "degradations"])
def test_members_are_listed_with_schemas_that_accept_their_defaults(client, listed):
    found = {one["name"]: one for one in client.get(f"/api/v1/{listed}").json()}
    assert found.keys() == {*registry.available(listed), *(["chain"] if listed == "degradations" else [])}
    for one in found.values():
        assert one["summary"]
        defaults = {key: value["default"] for key, value in one["options"]["properties"].items() if "default" in value}
        assert accepts(one["options"], defaults) == (one["options"]["required"] == [])
        assert not accepts(one["options"], {"nothing-of-this-name": 1})


@pytest.mark.parametrize(
    ("verb", "fields", "sentence"),
    [
        ("filter", {"name": "medain"}, "did you mean 'median'?"),
        ("filter", {"name": "../median"}, "There is no '../median' among the filters"),
        ("filter", {"name": "chain"}, "There is no 'chain' among the filters"),
        ("filter", {"name": "x" * 9000}, "There is no 'xxx"),
        ("filter", {"name": "median", "options": '{"size": 4}'}, "size is 4; it must be odd"),
        ("filter", {"name": "median", "options": '{"size": "5"}'}, "it must be a whole number"),
        ("filter", {"name": "median", "options": '{"rng": 1}'}, "median has no setting 'rng'"),
        ("filter", {"name": "median", "options": "null"}, "options is no JSON object"),
        ("degrade", {"name": "gaussian", "options": '{"sigma": NaN}'}, "sigma is nan; it must be a finite number"),
        ("degrade", {"name": "gaussian", "seed": "-1"}, "seed"),
        ("degrade", {"name": "gaussian", "depth": "12"}, "depth is '12'; choose from 8, 16, float"),
        ("degrade", {"name": "chain"}, "chain needs the setting step"),
        ("degrade", {"name": "chain", "options": '{"step": ["nothing"]}'}, "In the step 'nothing'"),
        ("degrade", {"name": "chain", "options": '{"step": []}'}, "at least one step"),
    ],
)  # fmt: skip
def test_wrong_options_get_a_sentence_before_a_job_starts(client, verb, fields, sentence):
    before = set(client.app._application.state.uploads.folder.iterdir())
    answer = client.post(f"/api/v1/{verb}", files={"file": ("a.png", picture_file())}, data=fields)
    assert answer.status_code == 422, answer.text
    assert sentence in answer.json()["error"]
    assert len(answer.text) < 900
    assert set(client.app._application.state.uploads.folder.iterdir()) == before


def test_another_seed_gives_other_noise(client):
    flat = picture_file(8, 8)
    made = [repix.read(change(client, "degrade", flat, name="gaussian", seed=str(seed))[1]).pixels for seed in (0, 1)]
    assert not np.array_equal(*made)


def test_an_enlargement_beyond_the_memory_limit_is_refused(client):
    files = {"file": ("a.png", picture_file(200, 200))}
    sent = client.post("/api/v1/filter", files=files, data={"name": "nearest", "options": '{"scale": 32}'})
    done = ended(client, sent.json()["id"])
    assert done["state"] == "failed"
    assert "this needs about 2.8 GB, and the studio's limit is 2.0 GB" in done["error"]


def test_a_defect_fails_its_job_only(client, monkeypatch, caplog):
    with monkeypatch.context() as broken:
        broken.setattr(picture_change, "require_memory", lambda *_: 1 / 0)
        sent = client.post("/api/v1/filter", files={"file": ("a.png", picture_file())}, data={"name": "median"})
        done = ended(client, sent.json()["id"])
    assert done["error"] == "An unexpected error (ZeroDivisionError); the terminal of the studio shows where."
    assert "ZeroDivisionError" in caplog.text
    assert change(client, "filter", picture_file(), name="median")[0]["state"] == "done"
