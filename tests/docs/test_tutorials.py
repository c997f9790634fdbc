"""The tutorials run: every command and every Python block of docs/tutorials/, in order, on small drawn pictures.

A `console` block has commands; a `python` block is run, and prints what stands behind `# →`; a block with a title is a
file, which is written. Trainings take two steps, instead of the minutes that the page says.
"""

import os
import re
import shlex
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import httpx2
import numpy as np
import pytest
from fastapi.testclient import TestClient

import repix
from repix import registry
from repix.cli._app import run
from repix.comparison import run_grid
from repix.studio import server
from repix.studio.app import make_app
from repix.studio.settings import StudioSettings
from tests.comparison.conftest import Here
from tests.data.drawing import blobs, photo, put
from tests.training.making import quick

PAGES = sorted((Path(__file__).resolve().parents[2] / "docs" / "tutorials").glob("*.md"))
BLOCK = re.compile(r"^( *)```(\w+)(?: title=\"([^\"]+)\")?\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
SIZE = (96, 128)
TINY = "steps=2, patch_size=32, batch_size=2, network='pixelwise', network_settings={'widths': [4]}"
SHORT = ("--steps", "2", "--patch-size", "32", "--batch-size", "2", "--device", "cpu", "--precision", "fp32")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The files that the tutorials begin with, in the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    rng = np.random.default_rng(0)
    for number in range(4):
        drawn = photo(number, SIZE)
        gray = drawn[..., 1]
        noisy = np.clip(gray + rng.normal(0, 12, gray.shape), 0, 255).astype(np.uint8)
        for place in ("photos/a", "photos", "sample", "pets/images"):
            put(tmp_path / place / f"{number}.png", drawn)
        for place, pixels in (("averaged", gray), ("pairs/target", gray), ("pairs/source", noisy)):
            put(tmp_path / place / f"{number}.png", pixels)
        put(tmp_path / "pets" / "masks" / f"{number}.png", blobs(number, 3, SIZE) + 1)
    put(tmp_path / "noisy.png", noisy)
    for name, pixels in (("photo.jpg", drawn), ("gray.jpg", gray)):
        repix.write(repix.Picture(pixels.reshape(*SIZE, -1)), tmp_path / name)
    return tmp_path


@pytest.fixture
def fast(monkeypatch):
    """No slow parts of a training; runs of a grid in this process; a studio without a port."""
    quick(monkeypatch)
    registry._foreign.cache_clear()
    monkeypatch.setattr(run_grid, "TrainingProcess", lambda job, **_: Here(job))
    monkeypatch.setattr(server, "serve", lambda *_: None)
    monkeypatch.setitem(sys.modules, "httpx", type(httpx2)("httpx"))
    with ExitStack() as opened:
        sys.modules["httpx"].Client = lambda base_url: opened.enter_context(
            TestClient(make_app(StudioSettings()), base_url=base_url)
        )
        yield
    registry._foreign.cache_clear()
    sys.modules.pop("repix_vignette", None)


def shortened(words):
    """A training of some steps where the page says minutes."""
    if "--minutes" not in words:
        return words
    at = words.index("--minutes")
    if words[0] == "train":  # the smallest network there is, or a small one of the page's kind
        words = [
            *words,
            *(("--set", "widths=4,4") if "--network" in words else ("--network", "pixelwise", "--set", "widths=4")),
        ]
    return [*words[:at], *words[at + 2 :], *SHORT]


def command(line, site):
    """Run a command as a reader would; pip installs into a folder that this process and new ones search."""
    program, *words = shlex.split(line)
    if program == "pip":
        pip = [
            sys.executable,
            "-m",
            "pip",
            "-q",
            "--disable-pip-version-check",
            *words,
            "--no-index",
            "--target",
            str(site),
        ]
        subprocess.run(pip, check=True, capture_output=True)
        registry._foreign.cache_clear()
    else:
        assert program == "repix"
        if site.exists():  # the commands of this process are made already
            own = [sys.executable, "-m", "repix", *words]
            subprocess.run(own, check=True, capture_output=True, env={**os.environ, "PYTHONPATH": searched(site)})
        else:
            assert run(shortened(words)) == 0, line


def searched(site):
    """The path that a new process searches."""
    return os.pathsep.join([str(site), str(Path(repix.__file__).parents[1])])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_tutorial_runs(page, folder, fast, capsys, monkeypatch):
    monkeypatch.syspath_prepend(folder / "site")
    names: dict = {}
    for indent, kind, title, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        content = "".join(line.removeprefix(indent) for line in text.splitlines(keepends=True))
        if title:
            (folder / title).parent.mkdir(exist_ok=True)
            (folder / title).write_text(content, encoding="utf-8")
        elif kind == "python":
            capsys.readouterr()
            exec(content.replace("minutes=30", TINY), names)  # noqa: S102 the page's own code
            said = re.findall(r"# → (.+)$", content, re.MULTILINE)
            assert capsys.readouterr().out.splitlines()[-len(said) :] == said or not said
        else:
            assert kind == "console", f"{page.name} has a block of {kind} without a title; nothing runs it"
            for line in content.splitlines():
                command(line, folder / "site")
