"""Texts as they may be printed: what a file's name could tell a terminal to do is written out instead."""

import json
import unicodedata
from typing import Any

JOINERS = "\u200c\u200d"
"""Persian and Indian names, and emoji, are written with these marks; they do no harm."""


def printable(text: object, *, lines: bool = False) -> str:
    r"""A text with its control characters, line breaks and marks of writing direction written out as Python would.

    Everything from outside passes through here on its way to the terminal: names of files, above all. JSON has a way of
    its own (`json_text`), because programs must get names as they are. With `lines`, the lines of the text stay lines.

    >>> print(printable("a\x1b[31m\n\u202egnp.exe"))
    a\x1b[31m\n\u202egnp.exe
    """
    return "\n".join(_harmless(line) for line in str(text).split("\n")) if lines else _harmless(str(text))


def json_text(value: Any) -> str:
    r"""JSON that is read back as it was, and holds nothing that commands a terminal.

    >>> json_text({"file": "日\x9b.png"})
    '{\n  "file": "日\\u009b.png"\n}'
    """
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return "".join(
        json.dumps(one)[1:-1] if one != "\n" and (_commands(one) or "\ud800" <= one <= "\udfff") else one
        for one in text
    )


def _harmless(text: str) -> str:
    if text.isprintable():  # nearly always, and fast
        return text
    return "".join(_written_out(one) if _commands(one) else one for one in text)


def _commands(one: str) -> bool:
    kind = unicodedata.category(one)
    if kind == "Cs":
        return not "\udca0" <= one <= "\udcff"  # a byte of a name that is not UTF-8, and no command in any encoding
    return kind in ("Cc", "Cf", "Zl", "Zp") and one not in JOINERS


def _written_out(one: str) -> str:
    if "\udc80" <= one <= "\udcff":
        return f"\\x{ord(one) - 0xDC00:02x}"
    return ascii(one)[1:-1]
