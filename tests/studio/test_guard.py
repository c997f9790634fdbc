"""Hostile requests: each gets a sentence, none an exception, and nothing is left behind."""

import struct
import zlib

import numpy as np
import pytest
from fastapi.testclient import TestClient

from repix.errors import WrongUse
from repix.pictures.formats import READ_SUFFIXES
from repix.studio.app import make_app
from repix.studio.settings import StudioSettings
from tests.studio.conftest import ADDRESS, picture_file

TOKEN = "a-secret-of-this-test"  # noqa: S105 (no real one)


def post(client, content=b"", name="a.png", headers=None, path="/api/v1/convert", model="denoise-photo"):
    return client.post(path, files={"file": (name, content)}, data={"model": model}, headers=headers or {})


def folder_of(client):
    return client.app._application.state.uploads.folder


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8765",
        "localhost:1",
        "localhost.evil.example",
        "",
        "127.0.0.1.nip.io:8765",
        "[::2]",
    ],
)
def test_other_host_names_are_refused(client, host):
    """A name that an attacker's DNS points to this computer."""
    answer = client.get("/api/v1/models", headers={"Host": host})
    assert answer.status_code == 421
    assert "Host" in answer.json()["error"]


@pytest.mark.parametrize("host", ["localhost:8765", "127.0.0.1:8765", "[::1]:8765", "localhost"])
def test_names_of_this_computer_are_accepted(client, host):
    assert client.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_requests_of_other_sites_are_refused(client, headers):
    for path in ("/api/v1/convert", "/api/v1/inspect"):
        assert post(client, picture_file(), headers=headers, path=path).status_code == 403
    assert client.delete("/api/v1/jobs/x", headers=headers).status_code == 403
    assert not list(folder_of(client).iterdir())


def test_the_page_itself_may_send(client):
    own = {"Origin": ADDRESS, "Sec-Fetch-Site": "same-origin"}
    assert post(client, picture_file(), headers=own, path="/api/v1/inspect").status_code == 200


def test_every_answer_has_the_policy(client):
    for answer in (client.get("/"), client.get("/nothing"), client.get("/health", headers={"Host": "evil.example"})):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_token_is_needed_where_one_is_set():
    with TestClient(make_app(StudioSettings(token=TOKEN)), base_url=ADDRESS) as client:
        assert client.get("/").status_code == 401
        assert client.get("/", headers={"Authorization": f"Bearer {TOKEN}x"}).status_code == 401
        assert client.get("/", headers={"Cookie": "repix-token=; =;;"}).status_code == 401
        assert client.get("/", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
        opened = client.get(f"/?token={TOKEN}")
        assert opened.status_code == 200
        assert "HttpOnly; SameSite=Strict" in opened.headers["set-cookie"]
        assert client.get("/api/v1/models").status_code == 200  # the cookie


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"host": "192.0.2.1"}, "--host 192.0.2.1 lets other computers in; give a --token"),
        ({"host": "studio.example"}, "lets other computers in"),
        ({"token": "short"}, "--token has 5 letters; give at least 16."),
    ],
)
def test_unsafe_settings_are_refused(given, sentence):
    with pytest.raises(WrongUse, match=sentence):
        StudioSettings(**given)


def test_too_much_data_is_refused(client, monkeypatch):
    answer = client.post("/api/v1/convert", content=b"x", headers={"Content-Length": str(2**31)})
    assert answer.status_code == 413
    for length in ("-1", "1e9", "9" * 30, ""):
        assert client.post("/api/v1/convert", content=b"x", headers={"Content-Length": length}).status_code in (
            411,
            413,
        )
    more = client.post(
        "/api/v1/convert",
        content=picture_file(200, 200),
        headers={"Content-Length": "10", "Content-Type": "multipart/form-data; boundary=x"},
    )
    assert more.status_code in (400, 413, 422)


def test_a_body_without_length_is_refused(client):
    assert client.post("/api/v1/convert", content=iter([b"x" * 100])).status_code == 411


def png(width, height, data=b""):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bomb.png", png(60000, 60000)),
        ("wide.png", png(2**31 - 1, 1)),
        ("zero.png", png(0, 5)),
        ("page.png", b"<html><script>alert(1)</script></html>"),
        ("svg.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("empty.jpg", b""),
        ("polyglot.gif", b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)"),
        (
            "pickle.npy",
            b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (2,), }" + b" " * 60 + b"\n",
        ),
    ],
)
def test_files_that_are_no_picture_are_refused_by_their_header(client, name, content):
    for path in ("/api/v1/convert", "/api/v1/inspect"):
        answer = post(client, content, name, path=path)
        assert answer.status_code == 422, answer.text
        assert str(folder_of(client)) not in answer.text
    assert not list(folder_of(client).iterdir())


@pytest.mark.parametrize(
    "name",
    ["x.exe", "x", "", ".png.sh", "../../x.svg", "x.png\0.txt", "CON", "💥", "a" * 5000 + ".zip", "x.pdf"],
)
def test_other_names_are_refused(client, name):
    assert post(client, picture_file(), name).status_code in (400, 415, 422)
    assert not list(folder_of(client).iterdir())


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd.png", "..\\..\\x.png", "/etc/x.png", "a/b/../c.png", "$(id).png", "';--.png"]
)
def test_a_name_never_becomes_a_path(client, name):
    answer = post(client, picture_file(), name)
    assert answer.status_code == 202
    assert "/" not in answer.json()["name"]
    assert all(one.parent.parent == folder_of(client) for one in folder_of(client).glob("*/*"))


@pytest.mark.parametrize("model", ["nothing", "../denoise-photo", "/etc/passwd", "", "denoise-photo.onnx", "a" * 10000])
def test_only_bundled_models_are_opened(client, model):
    answer = post(client, picture_file(), model=model)
    assert answer.status_code == 422
    assert len(answer.text) < 400


@pytest.mark.parametrize(
    "option", [{"strength": "2"}, {"strength": "nan"}, {"strength": "x"}, {"quality": "0"}, {"quality": "1e9"}]
)
def test_options_outside_their_range_are_refused(client, option):
    answer = client.post(
        "/api/v1/convert", files={"file": ("a.png", picture_file())}, data={"model": "denoise-photo"} | option
    )
    assert answer.status_code == 422
    assert answer.json()["error"]


@pytest.mark.parametrize("suffix", sorted(READ_SUFFIXES))
def test_random_bytes_are_refused_in_every_format(client, suffix):
    rng = np.random.default_rng(len(suffix))
    for start in (b"", picture_file()[:16], b"\xff\xd8\xff\xe0", b"II*\0", b"RIFF\0\0\0\0WEBP"):
        answer = post(client, start + rng.bytes(300), f"x{suffix}", path="/api/v1/inspect")
        assert answer.status_code in (415, 422), (suffix, start, answer.text)
    assert not list(folder_of(client).iterdir())


@pytest.mark.parametrize(
    "path",
    [
        "/static/../api.py", "/static/%2e%2e/app.py", "/static//etc/passwd", "/static/index.html/..", "/explain/../x",
        "/explain/nothing", "/api/v1/jobs/../../etc", "/api/v1/jobs/x/result", "/api/v1/jobs/x/preview", "/docs",
        "/redoc", "/api/v2/models", "/%00", "/api/v1/jobs/" + "a" * 4000,
    ],
)  # fmt: skip
def test_unknown_paths_are_not_found(client, path):
    answer = client.get(path)
    assert answer.status_code in (404, 405)
    assert "Traceback" not in answer.text


def test_a_web_socket_is_closed(client):
    from starlette.websockets import WebSocketDisconnect

    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/api/v1/jobs"):
        pass


@pytest.mark.parametrize("method", ["PUT", "PATCH", "TRACE", "CONNECT", "BREW"])
def test_other_methods_are_refused(client, method):
    assert client.request(method, "/api/v1/jobs").status_code in (400, 405)


def test_behind_a_proxy_any_name_and_port_are_meant_and_only_health_needs_no_token():
    settings = StudioSettings(host="0.0.0.0", token="x" * 16)  # noqa: S104
    with TestClient(make_app(settings), base_url="https://studio.example") as client:
        assert client.get("/health").text == "ok\n"
        assert client.get("/api/v1/models").status_code == 401
        for host in ("studio.example", "localhost:9000"):
            allowed = {"Authorization": "Bearer " + "x" * 16, "Host": host}
            assert client.get("/api/v1/models", headers=allowed).status_code == 200
