"""Opening a model with an engine, named or chosen."""

from importlib.util import find_spec
from pathlib import Path

from repix import members
from repix.arithmetic.arrays import whole
from repix.conversion.echo import Echo
from repix.conversion.engine import Engine
from repix.conversion.model_file import read_model
from repix.errors import UnknownName

PREFERRED = ("openvino", "onnxruntime")
"""The first of these whose library is installed is the engine `auto`."""


def open_model(path: str | Path, engine: str = "auto", threads: int | None = None) -> Engine:
    """A model file, ready to run. Engines: openvino, onnxruntime, or echo, which needs no library and no weights.

    `threads` says how many the engine may use; left out, it takes every core.
    """
    known = ("auto", *members.names("engines"), "echo")
    if engine not in known:
        raise UnknownName(f"There is no '{engine}' among the engines; {members.closest(engine, known)}")
    if threads is not None:
        threads = whole(threads, "threads", least=1)
    if engine == "echo":
        return Echo(read_model(path).contract)
    if engine == "auto":
        engine = next((name for name in PREFERRED if find_spec(name)), PREFERRED[0])
    opened: Engine = members.member("engines", engine)(Path(path), threads)
    return opened
