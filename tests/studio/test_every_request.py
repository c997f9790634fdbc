"""Every request of the OpenAPI description, with values of the description and with hostile ones, in any mixture.

No answer is a defect of the server (500), a refusal is a JSON sentence without paths of the server, and afterwards the
server answers as before and has removed all files.
"""

import json
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from fastapi.testclient import TestClient

from repix.studio.app import make_app
from repix.studio.settings import StudioSettings
from tests.given import seeds
from tests.studio.conftest import ADDRESS, picture_file

TEXTS = (
    "", "a", "denoise-photo", "colorize", "median", "gaussian", "conv", "psnr-rgb", "after", "before",
    "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "/etc/passwd", "C:\\windows\\win.ini", "\x00", "a\x00b.png",
    "\x1b[31m", "é" * 200, "日本", "\u202etxt.exe", "1e999", "-1", "0", "1", "0.5", "NaN", "9" * 400, "true", "null",
    "{}", "[]", '{"sigma": 25}', '{"sigma": 1e999}', "{" * 2000, '{"__class__": 1}', "[1, [2, [3]]]",
    "<script>alert(1)</script>", "'; DROP TABLE jobs; --", "${jndi:x}", "%s%n%x", "x" * 20_000, "0,0,8x8", "8x8+0+0",
)  # fmt: skip
NAMES = (
    "a.png",
    "a.PNG",
    "a.tif",
    "a.jpg",
    "a.onnx",
    "a.exe",
    "..\\a.png",
    "../a.png",
    "a\x00.png",
    "a.png.exe",
    "é.webp",
    ".png",
)
"""File names of uploads."""


def contents() -> list[bytes]:
    """Pictures, parts of them, and what is none."""
    picture = picture_file(24, 20)
    rng = np.random.default_rng(0)
    return [
        picture, picture, picture[: len(picture) // 2], b"", rng.bytes(300), picture[:8], b"PK\x03\x04" + rng.bytes(60),
        b"GIF89a<script>alert(1)</script>", b"<svg xmlns='http://www.w3.org/2000/svg' width='9999999' height='9'/>",
        picture + b"<html>", b"\x08\x08\x12\x00", picture_file(24, 20, depth=np.uint16, form="tif"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def client():
    with TestClient(make_app(StudioSettings()), base_url=ADDRESS, raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def requests(client) -> list[tuple[str, str, dict[str, Any]]]:
    described = client.get("/openapi.json").json()
    return [
        (path, method, {**request, "fields": fields(request, described)})
        for path, methods in described["paths"].items()
        for method, request in methods.items()
    ]


def fields(request: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    form = next(iter(request.get("requestBody", {}).get("content", {}).values()), {}).get("schema", {})
    if "$ref" in form:
        form = described["components"]["schemas"][form["$ref"].rpartition("/")[2]]
    return form.get("properties", {})


def is_file(schema: dict[str, Any]) -> bool:
    return "contentMediaType" in json.dumps(schema) or '"binary"' in json.dumps(schema)


def send(client, rng, path, method, request, jobs):
    """One drawn request."""

    def text() -> str:
        return jobs[rng.integers(len(jobs))] if jobs and rng.random() < 0.3 else TEXTS[rng.integers(len(TEXTS))]

    query = {}
    for one in request.get("parameters", ()):
        value = text()
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", quote(value or "a", safe=""))
        elif rng.random() < 0.8:
            query[one["name"]] = value if rng.random() < 0.5 else str(rng.integers(0, 3))
    drawn = {name: schema for name, schema in request["fields"].items() if rng.random() < 0.8}
    if "application/json" in request.get("requestBody", {}).get("content", {}):
        body = {name: text() for name in drawn}
        return client.request(method, path, params=query, json=body if rng.random() < 0.8 else [body])
    kinds = contents()
    sent = {
        name: (NAMES[rng.integers(len(NAMES))], kinds[rng.integers(len(kinds))])
        for name in drawn
        if is_file(drawn[name])
    }
    data = {name: text() for name in drawn if name not in sent}
    return client.request(method, path, params=query, data=data or None, files=sent or None)


@seeds(6, 300)
def test_no_request_is_a_defect_and_every_refusal_is_a_sentence(seed, client, requests):
    rng = np.random.default_rng(seed)
    folder = client.app._application.state.uploads.folder
    for path, method, request in requests:
        answer = send(client, rng, path, method, request, [one["id"] for one in client.get("/api/v1/jobs").json()])
        assert answer.status_code != 500, (method, path, answer.request.content[:300])
        if answer.status_code >= 400 and method != "head":
            sentence = answer.json()["error"]
            assert sentence, (method, path)
            assert str(folder) not in sentence
            assert "Traceback" not in sentence
    for job in client.get("/api/v1/jobs").json():
        client.delete(f"/api/v1/jobs/{job['id']}")
    while client.get("/api/v1/jobs").json():  # one may still run
        pass
    assert client.get("/health").text == "ok\n"
    assert not list(folder.iterdir())
