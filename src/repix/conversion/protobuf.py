"""A reader of protobuf messages, which refuses damaged files before any library sees them.

A message is a sequence of fields, each with a key and bytes. The message does not contain the meaning of the bytes.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

MOST_FIELDS = 100_000

VARINT, EIGHT_BYTES, TEXT, FOUR_BYTES = 0, 1, 2, 5

Bytes = bytes | memoryview


class DamagedError(Exception):
    """The bytes are not a protobuf message."""


@dataclass(frozen=True)
class Field:
    """One field of a message."""

    number: int
    start: int
    """The position of its key."""
    end: int
    content: Bytes
    """Its bytes; empty for integers."""
    kind: int
    """Its wire type: VARINT, EIGHT_BYTES, TEXT or FOUR_BYTES."""
    value: int = 0
    """The value of an integer, as 64 bits without a sign."""


def fields(message: memoryview) -> Iterator[Field]:
    """Yield the fields of a protobuf message; the last must end at the end of the message.

    >>> [(one.number, one.value) for one in fields(memoryview(bytes([8, 8, 24, 172, 2])))]
    [(1, 8), (3, 300)]
    """
    position = 0
    for _ in range(MOST_FIELDS):
        if position == len(message):
            return
        start = position
        key, position = _varint(message, position)
        name, kind = key >> 3, key & 7
        content: Bytes = b""
        value = 0
        if kind == VARINT:
            value, position = _varint(message, position)
        elif kind == TEXT:
            length, position = _varint(message, position)
            content = message[position : position + length]
            position += length
        elif kind in (EIGHT_BYTES, FOUR_BYTES):
            begin, position = position, position + (8 if kind == EIGHT_BYTES else 4)
            content = message[begin:position]
        else:
            raise DamagedError
        if position > len(message) or name == 0:
            raise DamagedError
        yield Field(name, start, position, content, kind, value)
    raise DamagedError


def integers(one: Field) -> list[int]:
    """Return the integers of a repeated field, packed or single.

    >>> [integers(one) for one in fields(memoryview(bytes([10, 3, 1, 172, 2, 8, 3])))]
    [[1, 300], [3]]
    """
    if one.kind == VARINT:
        return [one.value]
    if one.kind != TEXT:
        raise DamagedError
    found, position, content = [], 0, memoryview(one.content)
    while position < len(content):
        value, position = _varint(content, position)
        found.append(value)
    return found


def floats(one: Field) -> list[float]:
    """Return the floats of a repeated field, packed or single.

    >>> [floats(one) for one in fields(memoryview(bytes([21, 0, 0, 0, 63])))]
    [[0.5]]
    """
    content = bytes(one.content)
    if one.kind not in (TEXT, FOUR_BYTES) or len(content) % 4:
        raise DamagedError
    return list(struct.unpack(f"<{len(content) // 4}f", content))


def signed(value: int) -> int:
    """Return the signed value of 64 bits (two's complement).

    >>> signed((1 << 64) - 1)
    -1
    """
    return value - (1 << 64) if value >> 63 else value


def subfields(content: Bytes) -> list[Field]:
    """Return the fields of an embedded message."""
    return list(fields(memoryview(content)))


def optional_field(message: list[Field], name: int, kind: int = TEXT) -> Field | None:
    """Return the field with a number that occurs at most once; None if it is missing.

    Other readers take the last of several such fields, or merge them, and skip fields of another wire type. So files
    with either are refused.
    """
    found = [one for one in message if one.number == name]
    if len(found) > 1 or any(one.kind != kind for one in found):
        raise DamagedError
    return found[0] if found else None


def repeated_field(message: list[Field], name: int) -> list[Bytes]:
    """Return the bytes of all fields with a number: texts or embedded messages."""
    found = [one for one in message if one.number == name]
    if any(one.kind != TEXT for one in found):
        raise DamagedError
    return [one.content for one in found]


def integer_field(message: list[Field], name: int) -> int:
    """Return the integer of the field with a number; 0 where it is missing."""
    one = optional_field(message, name, VARINT)
    return 0 if one is None else one.value


def text_field(message: list[Field], name: int) -> str:
    """Return the text of the field with a number; empty if it is missing."""
    one = optional_field(message, name)
    return "" if one is None else decode_text(one.content)


def decode_text(content: Bytes) -> str:
    """Return UTF-8 bytes as text."""
    try:
        return bytes(content).decode()
    except UnicodeDecodeError:
        raise DamagedError from None


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    """Return a varint (seven bits per byte) and its end position."""
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(message):
            raise DamagedError
        byte = message[position]
        position += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value & (1 << 64) - 1, position
    raise DamagedError
