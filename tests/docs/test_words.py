"""docs/check_words.py finds banned phrases, and there are none."""

import runpy
from pathlib import Path

import pytest

SCRIPT = runpy.run_path(str(Path(__file__).resolve().parents[2] / "docs" / "check_words.py"))
SEEDED = (
    "photos kept out of training", "learned by heart", "it bears bf16", "a bell of σ 2", "with told σ", "mends photos",
    "Spoiled pictures", "learnt", "25 levels of 255", "how far a network sees", "so many times larger", "the colour",
    "nobody knows", "a grey photo", "the rooms below", "every door leads there", "is no picture", "as it is wished",
    "as in the lecture", "written anew", "doing nothing", "they must be alike", "how many times", "None where it fails",
    "left out, the one that suits", '"""Whether it fits."""', '"""What is read."""',
)  # fmt: skip
PLAIN = "Amend, recommend, spoiler and head-room are not phrases; denoise-color, gray and `--gray` are American."


def test_no_banned_phrase_is_in_the_documentation():
    assert SCRIPT["complaints"]() == []


@pytest.mark.parametrize("text", SEEDED)
def test_a_seeded_phrase_is_found(text):
    assert list(SCRIPT["found"](text))


def test_words_that_contain_a_phrase_are_not_found():
    assert list(SCRIPT["found"](PLAIN.replace("head-room", "headroom"))) == []


def test_a_seeded_file_is_named_with_its_line(tmp_path):
    (tmp_path / "docs").mkdir()
    page = "# Page\n\n<!-- generated: losses -->\nmended\n<!-- end -->\nWhat the model mended.\n"
    (tmp_path / "docs" / "tasks.md").write_text(page, encoding="utf-8")
    assert SCRIPT["complaints"](tmp_path) == ["docs/tasks.md:6: 'mended'; write: restore"]


def test_an_exception_allows_one_phrase():
    pattern = next(pattern for pattern, better in SCRIPT["BANNED"].items() if better == "restore")
    assert list(SCRIPT["found"]("mended, spoiled", (pattern,))) == [(1, "spoiled", "degrade")]
