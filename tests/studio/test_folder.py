"""No name in a request leads out of the folder, whatever it is made of."""

import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from repix.errors import WrongUse
from repix.studio.folder import NotServed, ServedFolder
from repix.studio.settings import StudioSettings

PARTS = [
    "..", ".", "", "a", "b.txt", "out", "circle", "deep", "to-hidden", "up", "pipe", ".hidden", "secret.txt", "~",
    "%2e%2e", "..%2f", "\0", "\n", "\\", "..\\", "C:", "con", "／", "․․", "a" * 300, "\ud800", "\u202e", "$HOME", "*",
]  # fmt: skip
NAMES = st.one_of(
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=6).map("/".join),
    st.lists(st.one_of(st.sampled_from(PARTS), st.text(max_size=5)), max_size=5).map("/".join),
    st.text(max_size=40),
)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A folder beside a secret, with links that leave it, lead in a circle, and to a hidden file."""
    place = tmp_path_factory.mktemp("place")
    root = place / "served"
    (root / "a" / "deep").mkdir(parents=True)
    (root / ".hidden").mkdir()
    (place / "secret.txt").write_text("secret")
    (root / ".hidden" / "secret.txt").write_text("secret")
    (root / "a" / "b.txt").write_text("public")
    (root / "b.txt").write_text("public")
    (root / "out").symlink_to(place)
    (root / "a" / "up").symlink_to("../..")
    (root / "secret.txt").symlink_to(place / "secret.txt")
    (root / "to-hidden").symlink_to(".hidden")
    (root / "circle").symlink_to("circle")
    (root / "a" / "out").symlink_to(root / "a" / "deep")
    os.mkfifo(root / "pipe")
    return ServedFolder(root)


@given(name=NAMES, exists=st.booleans())
@example(name="../secret.txt", exists=True)
@example(name="out/secret.txt", exists=True)
@example(name="a/up/secret.txt", exists=False)
@example(name="to-hidden/secret.txt", exists=True)
@example(name="/etc/passwd", exists=False)
def test_a_name_is_refused_or_leads_into_the_folder(served, name, exists):
    try:
        found = served.inside(name, exists)
    except NotServed as problem:
        refused = problem
    else:
        refused = None
    if refused is not None:
        assert 400 <= refused.status < 500
        assert str(served.path.parent) not in str(refused)
        return
    real = Path(os.path.realpath(found))
    assert os.path.commonpath([real, os.path.realpath(served.path)]) == os.path.realpath(served.path)
    assert not any(part.startswith(".") for part in real.relative_to(os.path.realpath(served.path)).parts)
    assert real.exists() or not exists


@given(name=NAMES)
def test_only_public_files_are_read(served, name):
    """A pipe would block a reader for ever."""
    with suppress(NotServed):
        assert served.read(name, 100) == b"public"


def test_links_inside_are_followed(served):
    assert served.inside("a/out") == served.root / "a" / "deep"
    assert served.read("a/b.txt", 6) == b"public"


def test_a_file_that_is_too_large_is_refused(served):
    with pytest.raises(NotServed, match="more than the 5 bytes") as refused:
        served.read("b.txt", 5)
    assert refused.value.status == 413


def test_the_end_of_a_text_begins_with_a_line(served, tmp_path):
    (tmp_path / "log.txt").write_text("first\nsecond\nthird\n")
    folder = ServedFolder(tmp_path)
    assert folder.end("log.txt", 9) == "third\n"
    assert folder.end("log.txt", 100).startswith("first")
    assert folder.end("none.txt", 100) == ""


def test_a_folder_that_is_gone_has_its_sentence(tmp_path):
    folder = ServedFolder(tmp_path / "gone")
    with pytest.raises(NotServed, match="folder of the studio is gone"):
        folder.inside("x")


def test_texts_lose_the_folder(tmp_path):
    folder = ServedFolder(tmp_path)
    assert folder.spoken(f"{tmp_path}/runs/a is in {tmp_path}.") == "runs/a is in --folder."


def test_a_folder_that_does_not_exist_is_refused_at_once(tmp_path):
    with pytest.raises(WrongUse, match="is not a folder"):
        StudioSettings(folder=tmp_path / "none")
