"""External data: weights in separate files that a model names; only files in the model's folder are read."""

import math
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from repix.conversion.model_file import LARGEST
from repix.conversion.onnx_reader import BITS, Tensor
from repix.errors import Unreadable
from repix.pictures.atomic import reason
from repix.printable import printable

DECIMAL = re.compile(r"[0-9]{1,18}")
"""The format of an offset or a length."""
FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""A link that replaced the file in the meantime is not followed, and a pipe does not block."""


class ExternalData:
    """The external data files of a model; together they are at most as large as a model may be."""

    def __init__(self, model: Path) -> None:
        self._model = model
        self._left = LARGEST

    def read(self, tensor: Tensor, where: Mapping[str, str]) -> bytes:
        """Return the bytes of a tensor; `where` holds the model's entries location, offset and length."""
        path = self._path(where.get("location", ""))
        offset = self._number(tensor, "offset", where.get("offset", "0"))
        needed = math.ceil(tensor.count * BITS.get(tensor.kind, 0) / 8)
        if self._number(tensor, "length", where.get("length", str(needed))) != needed:
            raise Unreadable(
                f"{self._model} says that {path} holds {where['length']} bytes for its tensor "
                f"'{printable(tensor.name)}', whose shape needs {needed}; export it again."
            )
        self._left -= needed
        if self._left < 0:
            raise Unreadable(f"{self._model} and its weights are larger than the limit of an ONNX file: {LARGEST}.")
        try:
            with self._opened(path) as file:
                whole = os.fstat(file.fileno()).st_size >= offset + needed
                file.seek(offset if whole else 0)
                found = file.read(needed) if whole else b""
        except FileNotFoundError:
            raise Unreadable(
                f"{self._model} has its weights in another file, {where['location']}, which is missing; put it into "
                "the model's folder, or export the model as one file."
            ) from None
        except (OSError, ValueError) as problem:
            raise self._unreadable(path, reason(problem)) from None
        if len(found) != needed or not whole:
            raise Unreadable(f"{path} is shorter than the weights of {self._model} that it should hold; copy it again.")
        return found

    def _path(self, name: str) -> Path:
        """Return the path of a file in the model's folder; refuse a name that leads elsewhere."""
        parts = PurePosixPath(name).parts
        if not parts or PurePosixPath(name).is_absolute() or ".." in parts or "\\" in name or not name.isprintable():
            raise Unreadable(
                f"{self._model} has its weights in {name!r}, outside of its folder; such files are not read."
            )
        return self._model.parent.joinpath(*parts)

    def _number(self, tensor: Tensor, name: str, text: str) -> int:
        if not DECIMAL.fullmatch(text):
            raise Unreadable(
                f"{self._model} gives {text[:20]!r} as the {name} of its tensor '{printable(tensor.name)}'; it must be "
                "a number of bytes."
            )
        return int(text)

    def _opened(self, path: Path) -> BinaryIO:
        """Return a regular file, opened for reading; refuse links."""
        steps = [path, *path.parents]
        for step in steps[: len(path.parts) - len(self._model.parent.parts)]:
            if stat.S_ISLNK(step.lstat().st_mode):
                raise self._unreadable(path, f"{step} is a link; copy the file itself into the model's folder")
        if not stat.S_ISREG(path.lstat().st_mode):
            raise self._unreadable(path, "it is not a regular file")
        descriptor = os.open(path, FLAGS)
        file = os.fdopen(descriptor, "rb")
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            file.close()
            raise self._unreadable(path, "it is not a regular file")
        return file

    def _unreadable(self, path: Path, why: str) -> Unreadable:
        return Unreadable(f"{path}, which holds the weights of {self._model}, cannot be read: {why}.")
