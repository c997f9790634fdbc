"""Opening a model with an engine, named or chosen."""

from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from repix import registry
from repix.arithmetic.arrays import Array, whole
from repix.conversion.contract import Contract
from repix.conversion.echo import Echo
from repix.conversion.engine import Bf16Unavailable, Engine, EngineOptions
from repix.conversion.graph_limits import require_bounded
from repix.conversion.model_file import ModelFile, read_model
from repix.conversion.precision import FAST, PRECISIONS, Precision, refusal_reason
from repix.errors import BrokenPromise, UnknownName, Unreadable, WrongUse
from repix.printable import printable

PREFERRED = ("openvino", "onnxruntime")
"""The first of these whose library is installed is the engine `auto`."""
EXACT_ONLY = ("onnxruntime",)
"""Engines that have no bf16 anywhere; asking them for it is a mistake."""


@dataclass(frozen=True)
class LoadedModel:
    """A model in an engine, and how it computes; an engine itself."""

    engine: Engine
    name: str
    """The engine's."""
    precision: Precision
    """What it computes with, whatever was asked for."""
    note: str = ""
    """A sentence for the user where that is not what was asked for."""
    device: str = "cpu"
    """Where it computes; the processor is always called cpu."""
    threads: int | None = None
    """How many threads it may use; None: one for each core."""

    @property
    def contract(self) -> Contract:
        """Return what the model promises."""
        return self.engine.contract

    @property
    def tiles_are_exact(self) -> bool:
        """Return whether tiles of any size give the bits of the whole picture.

        With bf16 they need not: the library chooses its kernels by the size of a tile, the processor and the threads,
        they add up in another order, and a sum rounded to 8 bits shows that. Other devices were never measured.
        """
        return self.precision == "exact" and self.device == "cpu"

    def run(self, x: Array) -> Array:
        """Return what the model makes of padded pictures; refused where that has another shape than promised."""
        y = self.engine.run(x)
        promised = (len(x), self.contract.channels[1], *(self.contract.scale * side for side in x.shape[2:]))
        if y.shape != promised:
            raise BrokenPromise(f"{self.name} made {y.shape} of {x.shape}, but the contract promises {promised}.")
        return y


def open_model(
    path: str | Path,
    engine: str = "auto",
    *,
    device: str = "auto",
    precision: str = "auto",
    threads: int | None = None,
) -> LoadedModel:
    """Return a model file, ready to run. Engines: openvino, onnxruntime, or echo, which needs no library and no weights.

    `precision` is exact (float32), fast (bf16) or auto: fast where the processor can and the model stays accurate. A
    model that loses accuracy runs exactly even where fast was asked for, and `note` says why. `device` is auto, the
    processor, or one that the engine's library finds. `threads` says how many the engine may use; left out, it takes
    every core.
    """
    engine = engine_for(engine)
    if precision not in PRECISIONS:
        raise UnknownName(f"There is no precision '{precision}'; {registry.closest(precision, PRECISIONS)}")
    if threads is not None:
        threads = whole(threads, "threads", least=1)
    if precision == "fast" and engine in EXACT_ONLY:
        raise WrongUse(f"{engine} computes in float32 only; ask for the precision exact or auto, or for openvino.")
    file = read_model(path)
    _require_runnable(file)
    if engine == "echo":
        return LoadedModel(Echo(file.contract), engine, "exact")
    return _opened(file, engine, precision, EngineOptions(device, threads=threads))


def engine_for(name: str) -> str:
    """Return the engine of this name, which may be auto.

    >>> engine_for("opnvino")
    Traceback (most recent call last):
    repix.errors.UnknownName: There is no 'opnvino' among the engines; did you mean 'openvino'?...
    """
    known = ("auto", *registry.available("engines"), "echo")
    if name not in known:
        raise UnknownName(f"There is no '{name}' among the engines; {registry.closest(name, known)}")
    return next((one for one in PREFERRED if find_spec(one)), PREFERRED[0]) if name == "auto" else name


def open_for_probing(path: Path, engine: str) -> Engine:
    """Return a model that may not do what its contract says, and that is not worth keeping when it is compiled."""
    file = read_model(path)
    require_bounded(path, file.content)
    opened: Engine = registry.get("engines", engine_for(engine))(file, EngineOptions(cache=False))
    return opened


def _require_runnable(file: ModelFile) -> None:
    """Refuse models that a contract can describe, and no engine here runs yet."""
    contract = file.contract
    needs = []
    if contract.windows is not None:
        needs.append("is defined in windows")
    if contract.side_inputs:
        named = ", ".join(f"{printable(one.name)} ({one.kind})" for one in contract.side_inputs)
        needs.append(f"takes side inputs: {named}")
    if contract.dimensions == 3:
        needs.append("takes volumes (3 dimensions)")
    if needs:
        raise Unreadable(
            f"{file.path} {' and '.join(needs)}; this version of repix cannot run such models yet: upgrade repix."
        )


def _opened(file: ModelFile, name: str, precision: str, options: EngineOptions) -> LoadedModel:
    """Return the model in this engine; exact where fast cannot or should not be."""
    require_bounded(file.path, file.content)
    open_file = registry.get("engines", name)
    device = "cpu" if options.device == "auto" else options.device.lower()
    if precision == "exact":
        return LoadedModel(open_file(file, options), name, "exact", device=device, threads=options.threads)
    reason = refusal_reason(file.contract.precision(FAST))
    if reason is None:
        try:
            engine = open_file(file, replace(options, fast=True))
            return LoadedModel(engine, name, "fast", device=device, threads=options.threads)
        except Bf16Unavailable as problem:
            reason = str(problem).rstrip(".")
    note = f"{file.path} is run exactly and not with bf16: {reason}." if precision == "fast" else ""
    return LoadedModel(open_file(file, options), name, "exact", note, device, options.threads)
