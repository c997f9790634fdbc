"""Fields of a protobuf message as bytes, for files that no library would write."""

import struct


def text(name: int, content: bytes) -> bytes:
    """A field that holds bytes."""
    return _varint(name << 3 | 2) + _varint(len(content)) + content


def number(name: int, value: int) -> bytes:
    """A field that holds a whole number, which may be negative."""
    return _varint(name << 3) + _varint(value & (1 << 64) - 1)


def real(name: int, value: float) -> bytes:
    """A field that holds a float of 32 bits."""
    return _varint(name << 3 | 5) + struct.pack("<f", value)


def _varint(value: int) -> bytes:
    """Seven bits per byte, the lowest first."""
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    return bytes([*written, value])
