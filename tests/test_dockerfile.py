"""The Dockerfile, by the rules of linters; `make test-long` also runs its steps in a virtual environment."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LINES = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text()).splitlines()
STEPS = [line.partition(" ")[::2] for line in LINES if line and not line.startswith("#")]


def arguments(instruction):
    return [words for name, words in STEPS if name == instruction]


def test_images_have_versions_and_the_user_is_not_root():
    for image in arguments("FROM"):
        assert re.fullmatch(r"python:3\.\d+-slim( AS \w+)?", image)
    assert re.fullmatch(r"\d{4,}", arguments("USER")[-1])
    assert STEPS[-1][0] == "CMD"
    assert [name for name, _ in STEPS].index("USER") > max(i for i, (name, _) in enumerate(STEPS) if name == "RUN")


def test_commands_are_lists_and_nothing_is_fetched_but_packages():
    for name in ("CMD", "ENTRYPOINT"):
        assert all(words.startswith("[") for words in arguments(name))
    assert not arguments("ADD")
    assert not arguments("ENV")
    assert len(arguments("HEALTHCHECK")) == 1
    for words in arguments("RUN"):
        assert "pip" not in words or "--no-cache-dir" in words
        assert not re.search(r"curl|wget|apt|sudo|latest", words)


def test_what_is_copied_exists_and_is_not_ignored():
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for words in arguments("COPY"):
        sources = words.split()[:-1]
        if not sources[0].startswith("--from"):
            assert set(sources) <= kept
            assert all((ROOT / name).exists() for name in sources)


def test_its_extras_exist():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    (named,) = (found for words in arguments("RUN") for found in re.findall(r"\.whl\)\[([\w,]+)\]", words))
    assert set(named.split(",")) <= extras.keys()


@pytest.mark.long
def test_its_steps_give_a_studio_that_is_healthy(tmp_path):
    """As far as a machine without a container engine can: the same pip commands, without its folders and user."""
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", python.parents[1]], check=True)
    places = {"/wheels": str(tmp_path / "wheels"), "/constraints.txt": str(ROOT / "constraints.txt")}
    for words in arguments("RUN"):
        command = words.partition(" && ")[0]
        if "pip" in command:
            for there, here in places.items():
                command = command.replace(there, here)
            subprocess.run(["/bin/bash", "-c", command.replace("python ", f"{python} ", 1)], cwd=ROOT, check=True)
    made = subprocess.run([python, "-m", "repix", "doctor"], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert "fastapi" in made.stdout.lower()
    assert Path(python.parent / "repix").exists()
