"""Open a model with an engine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from repix import registry
from repix.arithmetic.arrays import Array, whole
from repix.conversion.contract import Contract
from repix.conversion.devices import PROVIDERS, engine_on
from repix.conversion.echo import Echo
from repix.conversion.engine import Engine, EngineOptions, FastUnavailable, OnDevice
from repix.conversion.graph_limits import require_bounded
from repix.conversion.model_file import ModelFile, read_model
from repix.conversion.precision import FAST, FAST_ON_DEVICES, PRECISIONS, Precision, refusal_reason
from repix.errors import BrokenPromise, UnknownName, Unreadable, WrongUse
from repix.printable import printable
from repix.side_inputs import SideInput, side_channels

EXACT_ONLY = ("onnxruntime",)
"""Engines without half precision on any device."""


@dataclass(frozen=True)
class LoadedModel:
    """An open model with its engine, precision and device; it is an engine itself."""

    engine: Engine
    name: str
    """The name of the engine."""
    precision: Precision
    """The precision it computes in."""
    note: str = ""
    """A sentence for the user where that is not the requested precision."""
    device: str = "cpu"
    """The device; the processor is always called cpu."""
    threads: int | None = None
    """The number of threads; None: one for each core."""
    model: str = ""
    """The name of the model file, without its suffix, and the beginning of its checksum."""
    checksum: str = ""
    """The checksum of the model file."""
    path: Path | None = None
    """The model file."""

    @property
    def contract(self) -> Contract:
        """The contract of the model."""
        return self.engine.contract

    @property
    def device_memory(self) -> int | None:
        """Bytes of the device's own memory, if it tells them; None on the processor."""
        return self.engine.device_memory if isinstance(self.engine, OnDevice) else None

    @property
    def tiles_are_exact(self) -> bool:
        """True if tiles of any size give the same bits as the whole picture.

        In bf16 they may differ, because the library chooses its kernels by the size of a tile, the processor and the
        number of threads, and another kernel adds in another order. Other devices were never measured.
        """
        return self.precision == "exact" and self.device == "cpu"

    def run(self, x: Array) -> Array:
        """Return the model's result for padded pictures; refuse one whose shape breaks the contract."""
        y = self.engine.run(x)
        promised = (len(x), self.contract.channels[1], *(self.contract.scale * side for side in x.shape[2:]))
        if y.shape != promised:
            raise BrokenPromise(f"{self.name} returned {y.shape} for {x.shape}, but the contract promises {promised}.")
        return y


def open_model(
    path: str | Path,
    engine: str = "auto",
    *,
    device: str = "auto",
    precision: str = "auto",
    threads: int | None = None,
) -> LoadedModel:
    """Return an open model, ready to run.

    Args:
        path: a model file, the folder of a run, or the name of a bundled model.
        engine: "auto", "openvino", "onnxruntime", or "echo", which needs no library.
        device: "auto" (the processor), "cpu", "gpu", "npu", "cuda", "coreml" or "directml"; the engine "auto" is one
            that serves it.
        precision: "exact" (float32), "fast" (bf16; on gpu and npu fp16), or "auto": fast where the device can be and
            the model stays accurate. A model that loses accuracy always runs exactly; `note` gives the reason.
        threads: the number of threads; by default one for each core.

    Returns:
        The open model, which is an engine.

    Raises:
        Unreadable: the model cannot be opened.
        UnknownName: there is no such engine, device or precision.
        WrongUse: the engine does not support an option.

    >>> open_model("denoise-gray", "echo").contract.task
    'denoise'
    """
    engine = engine_for(engine, device)
    if precision not in PRECISIONS:
        raise UnknownName(f"There is no precision '{precision}'; {registry.closest(precision, PRECISIONS)}")
    if threads is not None:
        threads = whole(threads, "threads", least=1)
    if precision == "fast" and engine in EXACT_ONLY:
        only_there = device.lower() in PROVIDERS
        where = f", also on {device}" if only_there else ""
        instead = "" if only_there else ", or the engine openvino"
        raise WrongUse(f"{engine} computes in float32 only{where}; use the precision exact or auto{instead}.")
    file = read_model(path)
    _require_runnable(file)
    if engine == "echo":
        opened = LoadedModel(Echo(file.contract), engine, "exact")
    else:
        opened = _opened(file, engine, precision, EngineOptions(device, threads=threads))
    return replace(opened, model=f"{file.path.stem} ({file.checksum[:12]})", checksum=file.checksum, path=file.path)


def engine_for(name: str, device: str = "auto") -> str:
    """Return the name of an engine; `auto` becomes the preferred installed one for the device.

    >>> engine_for("opnvino")
    Traceback (most recent call last):
    repix.errors.UnknownName: There is no 'opnvino' among the engines; did you mean 'openvino'?...
    """
    known = ("auto", *registry.available("engines"), "echo")
    if name not in known:
        raise UnknownName(f"There is no '{name}' among the engines; {registry.closest(name, known)}")
    return engine_on(device) if name == "auto" else name


def opener_for_probing(path: Path, engine: str) -> Callable[[], Engine]:
    """Return a function that opens a model, without a check of its contract and the cache of compiled models.

    The file is read and checked once: a model is opened again after each size that it refuses.
    """
    file = read_model(path)
    require_bounded(path, file.content)
    open_file = registry.get("engines", engine_for(engine))

    def opened() -> Engine:
        found: Engine = open_file(file, EngineOptions(cache=False))
        return found

    return opened


def _require_runnable(file: ModelFile) -> None:
    """Refuse models with contract features that conversion does not support yet."""
    contract = file.contract
    features = {
        "another scale": contract.scale != 1,
        "a fixed size": contract.size is not None,
        "windows": contract.windows is not None,
        "side inputs": bool(contract.side_inputs),
    }
    found = [name for name, is_there in features.items() if is_there]
    if contract.dimensions == 3 and found:
        raise Unreadable(
            f"{file.path} takes volumes (3 dimensions) with {' and '.join(found)}; this version of repix cannot run "
            "such models yet: upgrade repix."
        )
    _require_known_side_inputs(file)


def _require_known_side_inputs(file: ModelFile) -> None:
    """Refuse side inputs that the task does not fill, or for which the graph's input has no channels."""
    contract = file.contract
    known = contract.make_task().side.inputs
    if tuple(replace(one, chosen=False) for one in contract.side_inputs) != known:
        raise Unreadable(
            f"{file.path} takes side inputs: {_listed(contract.side_inputs)}; with its settings, the task "
            f"{printable(contract.task)} has {_listed(known)}. Export the model again."
        )
    added = side_channels(contract.side_inputs)
    if added and contract.channels[0] <= added:
        raise Unreadable(
            f"{file.path} takes {contract.channels[0]} channels, but its side inputs alone have {added}; export the "
            "model again."
        )


def _listed(side_inputs: Sequence[SideInput]) -> str:
    """Return names and kinds of side inputs."""
    return ", ".join(f"{printable(one.name)} ({one.kind})" for one in side_inputs) or "none"


def _opened(file: ModelFile, name: str, precision: str, options: EngineOptions) -> LoadedModel:
    """Return the model, opened with an engine; it is exact where fast is not available or not accurate enough.

    The contract tells that of bf16; of other devices the engine itself, which measures there.
    """
    require_bounded(file.path, file.content)
    open_file = registry.get("engines", name)
    device = "cpu" if options.device == "auto" else options.device.lower()
    if precision == "exact":
        return LoadedModel(open_file(file, options), name, "exact", device=device, threads=options.threads)
    fast = FAST if device == "cpu" else FAST_ON_DEVICES
    reason = refusal_reason(file.contract.precision(FAST)) if device == "cpu" else None
    if reason is None:
        try:
            engine = open_file(file, replace(options, fast=True))
            return LoadedModel(engine, name, "fast", device=device, threads=options.threads)
        except FastUnavailable as problem:
            reason = str(problem).rstrip(".")
    note = f"{file.path} is run exactly, not in {fast}: {reason}." if precision == "fast" else ""
    return LoadedModel(open_file(file, options), name, "exact", note, device, options.threads)
