"""Escape text for a terminal: control characters in file names are printed as escape sequences."""

import math
import unicodedata
from typing import Any

SHOWN = 60
"""Longest value, in characters, that an error message shows."""
JOINERS = "\u200c\u200d"
"""Zero-width (non-)joiners, which Persian and Indic names and emoji need; they are harmless."""


def printable(text: object, *, lines: bool = False) -> str:
    r"""Return a text with control characters, line breaks and direction marks escaped as in Python.

    All external text, such as file names, passes through this function before it is printed. JSON output uses
    `json_text` instead, because programs must receive names unchanged.

    Args:
        text: the value to print.
        lines: keep the line breaks of the text.

    Returns:
        The escaped text.

    >>> print(printable("a\x1b[31m\n\u202egnp.exe"))
    a\x1b[31m\n\u202egnp.exe
    """
    return "\n".join(_harmless(line) for line in str(text).split("\n")) if lines else _harmless(str(text))


def json_text(value: Any, *, indent: int | None = 2) -> str:
    r"""Return a value as JSON text without raw control characters; parsing it gives the same value.

    Args:
        value: a JSON-serializable value.
        indent: spaces of each level; None writes one line.

    Returns:
        The JSON text.

    >>> json_text({"file": "日\x9b.png"})
    '{\n  "file": "日\\u009b.png"\n}'
    """
    import json  # lazy: every start of repix imports this module

    text = json.dumps(value, indent=indent, ensure_ascii=False)
    return "".join(
        json.dumps(one)[1:-1] if one != "\n" and (_commands(one) or "\ud800" <= one <= "\udfff") else one
        for one in text
    )


def shown(value: object) -> str:
    """Return a short representation of a value for an error message.

    Args:
        value: any value.

    Returns:
        `repr(value)`, cut after 60 characters; for an integer too long to print, its number of digits.

    >>> shown("noisy"), shown(10**5000)
    ("'noisy'", 'a whole number of about 5001 digits')
    """
    if isinstance(value, int) and abs(value) >= 10**SHOWN:
        return f"a whole number of about {int(value.bit_length() * math.log10(2)) + 1} digits"
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # it contains such a number, or itself
        return f"a {type(value).__name__} that cannot be shown"
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def short(number: int) -> str:
    """Return a number in about three digits.

    >>> short(640), short(7_825_923), short(101_000_000), short(12_345)
    ('640', '7.8 M', '101 M', '12.3 k')
    """
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if number >= size:
            value = number / size
            return f"{value:.0f} {letter}" if value >= 100 else f"{value:.1f} {letter}"
    return str(number)


def duration(seconds: float) -> str:
    """Return a duration as text.

    >>> duration(4.21), duration(75), duration(8000)
    ('4.2 s', '1 min 15 s', '2 h 13 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _harmless(text: str) -> str:
    if text.isprintable():  # nearly always, and fast
        return text
    return "".join(_written_out(one) if _commands(one) else one for one in text)


def _commands(one: str) -> bool:
    kind = unicodedata.category(one)
    if kind == "Cs":
        return not "\udca0" <= one <= "\udcff"  # a byte of a name that is not UTF-8; harmless in any encoding
    return kind in ("Cc", "Cf", "Zl", "Zp") and one not in JOINERS


def _written_out(one: str) -> str:
    if "\udc80" <= one <= "\udcff":
        return f"\\x{ord(one) - 0xDC00:02x}"
    return ascii(one)[1:-1]
