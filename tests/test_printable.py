"""What may be printed: no character that a terminal obeys, in any text."""

import json
import os
import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from repix.printable import json_text, printable

COMMANDS = (
    "\x00\x07\x08\x1b\x7f\x80\x9b\x9f\u061c\u200e\u202e\u2066\u2069\u2028\u2029\ufeff\U000e0041\udc9b\ud800\n\r\t"
)
HARMLESS = "naïve 日本語 \u00a0\u202f\u3000 क\u200dष ⛹\U0001f3fd\u200d♂ \ue0b0 \udce9 \\ ' \""
TEXTS = st.text(st.one_of(st.sampled_from(COMMANDS + HARMLESS), st.characters()))


def commands(text: str) -> set[str]:
    """What a terminal could obey: asked of Unicode in another way than repix does."""
    bidi = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI", "BN", "B", "S"}
    return {
        one
        for one in text
        if (unicodedata.bidirectional(one) in bidi and one not in "\u200c\u200d")
        or one in "\u200e\u200f\u061c\u2028\u2029\ufeff"
        or ord(one) < 32
        or 127 <= ord(one) < 160
        or 0xDC80 <= ord(one) < 0xDCA0
    }


def test_every_character_there_is():
    for start in range(0, sys.maxunicode + 1, 4096):
        block = "".join(map(chr, range(start, start + 4096)))
        shown = printable(block)
        assert not commands(shown), hex(start)
        assert set(shown) - {"\\"} <= set(block) | set("0123456789abcdefnrtuUx"), hex(start)
    assert commands(COMMANDS) == set(COMMANDS) - {"\ud800"}  # the judge can find something
    assert printable(HARMLESS) == HARMLESS


@given(TEXTS)
def test_lines_stay_lines_only_where_they_may(text):
    assert "\n" not in printable(text)
    shown = printable(text, lines=True)
    assert shown.count("\n") == text.count("\n")
    assert not commands(shown.replace("\n", ""))
    assert printable(shown, lines=True) == shown


@given(
    st.recursive(TEXTS | st.integers() | st.none() | st.booleans(), lambda x: st.lists(x) | st.dictionaries(TEXTS, x))
)
def test_json_is_exact_and_commands_nothing(value):
    text = json_text(value)
    assert json.loads(text) == value
    assert not commands(text.replace("\n", ""))


@given(st.binary())
def test_names_of_any_bytes(name):
    text = os.fsdecode(name)
    shown = printable(text)
    assert not commands(shown)
    sent = shown.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    assert not commands(sent)  # what a terminal reads of it, too
