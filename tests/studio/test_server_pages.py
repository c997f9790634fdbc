"""Pages and statistics of the server, its patience, and what a killed server leaves behind."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import urlopen

import pytest
from fastapi import HTTPException

from repix.pictures.scratch import remove_left_behind
from repix.studio import patience
from repix.studio.server import bound
from repix.studio.uploads import PREFIX
from tests.studio.conftest import picture_file


def run(coroutine):
    """Run a coroutine in a thread: where a browser was started, this one has an event loop already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def test_the_page_of_the_api_has_every_request(client):
    page = client.get("/api").text
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        for method in methods:
            assert f"<h2>{method.upper()} {path}</h2>" in page
    assert "curl -F model=... -F file=@photo.png http://localhost:8765/api/v1/convert" in page
    assert "<script" not in page
    assert "style=" not in page


def test_statistics_count_jobs_by_kind_and_state(client, convert):
    convert(picture_file(), model="denoise-photo")
    convert(picture_file(400, 400)[:5000], model="denoise-photo")
    lines = client.get("/metrics").text.splitlines()
    assert 'repix_jobs_ended_total{kind="convert",state="done"} 1' in lines
    assert 'repix_jobs_ended_total{kind="convert",state="failed"} 1' in lines
    assert 'repix_jobs{state="waiting"} 0' in lines
    for line in lines:  # the text format: a comment, or a name, labels and a number
        assert re.fullmatch(r'# (HELP|TYPE) \w+ .+|\w+(\{\w+="\w+"(,\w+="\w+")*\})? [\d.]+', line), line


def test_an_upload_that_stops_is_given_up(monkeypatch):
    monkeypatch.setattr(patience, "BODY_SECONDS", 0.01)
    pieces = iter([{"body": b"x", "more_body": True}])

    async def receive():
        return next(pieces, None) or await asyncio.Event().wait()

    async def upload():
        receiving = patience.patient(receive)
        assert (await receiving())["body"] == b"x"
        await receiving()

    with pytest.raises(HTTPException, match="the request is given up") as raised:
        run(upload())
    assert raised.value.status_code == 408


def test_waiting_for_the_client_to_leave_takes_as_long_as_it_takes(monkeypatch):
    messages = iter([{"body": b"", "more_body": False}, {"type": "http.disconnect"}])

    async def receive():
        return next(messages)

    async def request():
        receiving = patience.patient(receive)
        await receiving()
        monkeypatch.setattr(patience, "BODY_SECONDS", 0)  # any wait with a limit would fail now
        return await receiving()

    assert run(request()) == {"type": "http.disconnect"}


class Line:
    """A transport that tells whether it was closed."""

    closed = False

    def is_closing(self):
        return self.closed

    def close(self):
        self.closed = True


@pytest.mark.parametrize(("complete", "closed"), [(None, True), (True, True), (False, False)])
def test_only_connections_without_a_request_are_closed(complete, closed):
    protocol = object.__new__(patience.PatientProtocol)
    looks = []
    protocol.transport, protocol.loop = (
        Line(),
        type("Loop", (), {"call_later": lambda _, *given: looks.append(given)})(),
    )
    protocol.cycle = None if complete is None else type("Cycle", (), {"response_complete": complete})()
    protocol._look()
    assert not protocol.transport.closed
    protocol._look()
    assert protocol.transport.closed == closed
    assert all(seconds == patience.HEADER_SECONDS for seconds, _ in looks)


def test_what_a_killed_server_left_is_removed_by_the_next_one(tmp_path):
    def start():
        with bound("127.0.0.1", 0) as free:
            port = free.getsockname()[1]
        started = subprocess.Popen(
            [sys.executable, "-m", "repix", "studio", "--port", str(port)],
            stderr=subprocess.PIPE,
            env={**os.environ, "TMPDIR": str(tmp_path)},
        )
        started.stderr.readline()
        assert urlopen(f"http://127.0.0.1:{port}/health").read() == b"ok\n"  # answers once the application has started
        return started

    killed = start()
    (left,) = (one for one in tmp_path.glob(f"{PREFIX}*") if one.is_dir())
    (left / "picture.png").write_bytes(b"of a user")
    killed.kill()
    killed.wait()
    killed.stderr.close()
    assert left.exists()
    running = start()
    assert not left.exists()
    running.send_signal(signal.SIGINT)
    assert running.wait(60) in (0, 130)
    running.stderr.close()
    assert not list(tmp_path.glob(f"{PREFIX}*"))
    assert tempfile.gettempdir() != str(tmp_path)


def test_the_files_of_a_running_server_stay(client, tmp_path):
    folder = client.app._application.state.uploads.folder
    assert Path(f"{folder}.lock").exists()
    remove_left_behind(PREFIX)
    assert folder.exists()
