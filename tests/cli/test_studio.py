"""The command that starts the studio refuses what it cannot do."""

import socket

import pytest

from repix.cli._app import run


def said(capsys, *words):
    assert run(["studio", *words]) in (1, 2)
    return capsys.readouterr().err


def test_a_port_that_is_taken(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"The address 127.0.0.1:{port} cannot be used (Address already in use); choose another --port" in said(
            capsys, "--port", str(port)
        )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--host", "192.0.2.7"], "lets other computers in; give a --token"),
        (["--token", "short"], "--token has 5 letters; give at least 16."),
        (["--memory", "much"], "much"),
        (["--host", "no host", "--token", "a" * 16], "The address no host:8765 cannot be used"),
        (["--port", "0"], "--port"),
    ],
)
def test_settings_that_cannot_be_used(capsys, words, sentence):
    assert sentence in said(capsys, *words)
