"""Model files: ONNX files with the contract in the metadata, read without an ONNX library, written with `onnx`.

An ONNX file is a protobuf message, a sequence of fields with a key and bytes each. Only the outermost fields are read.
One of them is the metadata entry `repix` with the contract's format, the contract, and a checksum of the contract and
all other bytes. So a damaged file is refused before an engine's parser sees it.
"""

import hashlib
import json
from dataclasses import dataclass
from os import fspath
from pathlib import Path
from typing import Any

from repix.conversion import protobuf
from repix.conversion.contract import Contract
from repix.conversion.contract_formats import FORMAT, upgraded
from repix.conversion.onnx_reader import GRAPH
from repix.conversion.protobuf import DamagedError, Field
from repix.errors import Unreadable, WrongUse
from repix.models import model_in, model_named
from repix.pictures.atomic import atomic_file, read_error
from repix.printable import shown
from repix.registry import library

KEY = "repix"
LARGEST = 2**31 - 1
"""The size limit of protobuf, in bytes."""

IR_VERSION, METADATA = 1, 14
"""Fields of ONNX's ModelProto, besides those of `onnx_reader`; metadata entries have key (1) and value (2)."""


@dataclass(frozen=True)
class ModelFile:
    """A model file in memory."""

    path: Path
    contract: Contract
    content: bytes
    """The whole file."""
    checksum: str
    """The checksum of the contract and of all other bytes."""


def read_model(path: str | Path) -> ModelFile:
    """Return a model file with a checked contract.

    The path is a model file or the folder of a run; a text may also be the name of a bundled model.

    >>> read_model("nowhere.onnx")
    Traceback (most recent call last):
    repix.errors.Unreadable: nowhere.onnx: there is no such file.
    """
    path = model_named(path) if isinstance(path, str) else model_in(Path(fspath(path)))
    content, fields = read_onnx(path)
    entries = _entries(fields)
    if len(entries) != 1:
        what = "more than one repix contract" if entries else "no repix contract"
        raise Unreadable(
            f"{path} is an ONNX model with {what}; export it with repix, or import it with `repix import`."
        )
    entry, value = entries[0]
    try:
        whole = memoryview(content)
        contract, checksum = _contract(path, value, whole[: entry.start], whole[entry.end :])
        return ModelFile(Path(fspath(path)), contract, content, checksum)
    except WrongUse as problem:
        raise Unreadable(f"{path} has a contract that cannot be used: {problem}") from None


def model_of_task(model: str, task: str) -> Path:
    """Return the path of a model file; a model for another task is refused.

    >>> model_of_task("denoise-gray", "upscale")
    Traceback (most recent call last):
    repix.errors.WrongUse: denoise-gray is a model for denoise, not for upscale; use `repix denoise` or ...
    """
    path = model_named(model)
    found = read_model(path).contract.task
    if found != task:
        raise WrongUse(f"{model} is a model for {found}, not for {task}; use `repix {found}` or `repix convert`.")
    return path


def read_onnx(path: str | Path) -> tuple[bytes, list[Field]]:
    """Return the bytes of any ONNX file, and its outermost fields."""
    try:
        content = _content(Path(fspath(path)))
    except (OSError, ValueError) as problem:
        raise read_error(path, problem) from None
    try:
        fields = list(protobuf.fields(memoryview(content)))
    except DamagedError:
        fields = []
    if not {IR_VERSION, GRAPH} <= {one.number for one in fields}:
        raise Unreadable(f"{path} is not an ONNX model, or is damaged.")
    return content, fields


def has_contract(fields: list[Field]) -> bool:
    """Return whether a file with these outermost fields has a repix contract, valid or not."""
    return bool(_entries(fields))


def write_model(path: str | Path, content: bytes, contract: Contract) -> None:
    """Write an ONNX model with a contract, which replaces an old one; an existing file is replaced atomically.

    This also adds metrics later: `write_model(path, model.content, dataclasses.replace(model.contract, metrics=…))`.
    It needs the package `onnx` (extras `train` and `import`).
    """
    with atomic_file(Path(fspath(path)), overwrite=True) as file:
        file.write(with_contract(content, contract))


def with_contract(content: bytes, contract: Contract) -> bytes:
    """Return an ONNX model with a contract as its last field, which replaces an old one; other bytes are kept.

    Two concatenated protobuf messages are one message, so a model with nothing but metadata is appended.
    """
    onnx = library("onnx")
    content = without_contract(content)
    promises = contract.to_dict()
    value = {"format": FORMAT, "sha256": _checksum(promises, content), "contract": promises}
    entry = onnx.StringStringEntryProto(key=KEY, value=json.dumps(value, allow_nan=False, separators=(",", ":")))
    whole: bytes = content + onnx.ModelProto(metadata_props=[entry]).SerializeToString()
    if len(whole) > LARGEST:
        raise WrongUse(f"The model would have {len(whole)} bytes; a single ONNX file has at most {LARGEST}.")
    return whole


def without_contract(content: bytes) -> bytes:
    """Return an ONNX model without its contract; other bytes are kept."""
    for entry, _ in reversed(_entries(list(protobuf.fields(memoryview(content))))):
        content = content[: entry.start] + content[entry.end :]
    return content


def _content(path: Path) -> bytes:
    if path.exists() and not path.is_file():
        raise ValueError("it is not a regular file")
    if path.stat().st_size > LARGEST:
        raise ValueError(f"it is larger than a single ONNX file can be, {LARGEST} bytes")
    return path.read_bytes()


def _contract(path: Path, value: bytes, before: memoryview, behind: memoryview) -> tuple[Contract, str]:
    """Return the contract of a metadata value with its checksum; refuse it where the checksum is wrong."""
    try:
        given = json.loads(value.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        raise WrongUse("it is not JSON.") from None
    if not isinstance(given, dict) or not {"sha256", "contract"} <= given.keys():
        raise WrongUse("it lacks the entry sha256 or the entry contract.")
    number = _format(path, given.get("format", 1))
    if given.keys() - {"format", "sha256", "contract"}:
        raise WrongUse("it has entries besides format, sha256 and contract.")
    try:
        checksum = _checksum(given["contract"], before, behind)
    except (ValueError, RecursionError):
        raise WrongUse("it holds numbers that are not finite.") from None
    if given["sha256"] != checksum:
        raise WrongUse("its checksum is wrong, so the file was changed or damaged; export the model again.")
    return Contract.from_dict(upgraded(given["contract"], number)), checksum


def _format(path: Path, number: object) -> int:
    """Return the contract's format; refuse one that this repix does not know."""
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise WrongUse(f"its format is {shown(number)}; it must be a whole number from 1 to {FORMAT}.")
    if number > FORMAT:
        raise Unreadable(
            f"{path} was written by a newer repix (format {shown(number)}); this one reads up to {FORMAT}: "
            "upgrade repix."
        )
    return number


def _checksum(promises: object, *parts: bytes | memoryview) -> str:
    """Return the checksum of a contract as JSON, and of all other bytes of its file."""
    found = hashlib.sha256(_json(promises))
    for part in parts:
        found.update(part)
    return found.hexdigest()


def _json(value: object) -> bytes:
    """Return canonical JSON without spaces."""
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def _entries(fields: list[Field]) -> list[tuple[Field, bytes]]:
    """Return the metadata entries named `repix`, and their values."""
    found = []
    for one in fields:
        if one.number == METADATA:
            try:
                parts: dict[int, Any] = {part.number: part.content for part in protobuf.fields(memoryview(one.content))}
            except DamagedError:
                continue
            if bytes(parts.get(1, b"")) == KEY.encode():
                found.append((one, bytes(parts.get(2, b""))))
    return found
