"""Fuzz what reads other people's ONNX files: `python -m tests.fuzz.onnx_reader CORPUS -max_total_time=600`.

The reader, the limits, the computed halo and the contract's JSON get bytes that libFuzzer makes, led by which of their
lines these reach. A refusal is one sentence; anything else is a crash, whose bytes are kept beside.
"""

import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["repix.conversion"]):
    from repix.conversion import contract, graph_limits, model_file, onnx_reader, protobuf  # noqa: F401 (instrumented)
    from repix.conversion.onnx_import import onnx_graph
    from repix.conversion.onnx_import.receptive_field import UnboundedError, receptive_field

from repix.errors import RepixError

STEPS = (1, 6, 8)
PLACE = Path(tempfile.mkdtemp(prefix="repix-fuzz-")) / "model.onnx"


def one(content: bytes) -> None:
    """One file, through all that repix does before an engine opens it."""
    PLACE.write_bytes(content)
    with suppress(RepixError):
        model_file.read_model(PLACE)
    try:
        graph = onnx_graph.read_graph(PLACE)
        parts = graph_limits.require_bounded(PLACE, content)
    except RepixError as refusal:
        if "\n" in str(refusal):
            raise AssertionError(str(refusal)) from refusal
        return
    for step in STEPS:
        with suppress(UnboundedError):
            receptive_field(parts, graph.opset, 2, 1, step)


def seeded(folder: Path, count: int = 60) -> None:
    """A corpus to begin with, where the folder holds none: random graphs, and a model with a contract."""
    from repix.conversion import Contract
    from tests.conversion.models import mixing
    from tests.conversion.onnx_import.random_graphs import random_graph

    folder.mkdir(parents=True, exist_ok=True)
    if not any(folder.iterdir()):
        for seed in range(count):
            (folder / f"graph-{seed}").write_bytes(random_graph(seed)[0])
        promise = Contract("denoise", channels=(3, 3))
        (folder / "contract").write_bytes(model_file.with_contract(mixing(promise)[0], promise))


if __name__ == "__main__":
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        seeded(Path(sys.argv[1]))
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
