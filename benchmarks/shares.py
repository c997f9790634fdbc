"""The share of the processor's matrix peak that each bundled model reaches: python -m benchmarks.shares [MODEL...].

Each model runs on a picture of 512×512 (an enlarger gives one) in float32, and in bf16 if it stays accurate, with
--threads (default: 2). Between these runs, matrix products of several shapes are timed in both precisions by torch; the
best one is the peak. A share counts multiply-adds as the network's convolutions have them.

What is left is told by OpenVINO's own timer for each layer, in a run of its own. Its layers are summed by what they do:
`matrix` (convolutions on a matrix unit), `other convolutions`, `reordering` (from one layout or precision to another),
`rest`.
"""

import argparse
from collections import Counter
from functools import partial
from typing import Any

import numpy as np
import torch

from benchmarks.data import photo
from benchmarks.engines import peaks, products
from benchmarks.timing import in_turns, processor, ratio, save, summary
from repix import registry
from repix.arithmetic.arrays import Array
from repix.conversion import Contract, open_model, read_model
from repix.models import catalog, model_named
from repix.networks import Network
from repix.pictures import Picture

SIDE = 512
"""Height and width of the picture; of an enlarger, of its result."""
PRECISIONS = {"fp32": "exact", "bf16": "fast"}
MATRIX, OTHER, REORDERING, REST = "matrix", "other convolutions", "reordering", "rest"


def input_for(contract: Contract) -> Array:
    """Return the padded input of a model."""
    side = SIDE // contract.scale
    pixels = photo(side, side).astype(np.float32) / 255
    picture = Picture(pixels[:, :, 1:2] if contract.settings.get("color") is False else pixels)
    x: Array = contract.pad(contract.make_task().encode(picture))
    return x


def multiply_adds(contract: Contract, pixels: int) -> int:
    """Return the multiply-adds of the exported network."""
    network: Network[Any] = registry.get("networks", contract.network)
    return network.cost(network.from_dict(contract.network_settings)).macs * pixels


def work_of(kind: str, layer: str) -> str:
    """Return what a layer does, by its kind and by the name of its implementation.

    >>> work_of("Convolution", "brgconv_avx512_amx_BF16"), work_of("Reorder", "jit_uni_BF16")
    ('matrix', 'reordering')
    """
    if kind == "Reorder":
        return REORDERING
    if kind in ("Convolution", "Deconvolution", "MatMul", "FullyConnected", "GroupConvolution"):
        return MATRIX if "brg" in layer or "gemm" in layer or "amx" in layer else OTHER
    return REST


def layers(content: bytes, x: Array, fast: bool, threads: int) -> Counter[str]:
    """Return the microseconds of the layers, summed by what they do; the fastest of three runs."""
    openvino = registry.library("openvino")
    core = openvino.Core()
    settings = {
        "INFERENCE_PRECISION_HINT": "bf16" if fast else "f32",
        "INFERENCE_NUM_THREADS": str(threads),
        "EXECUTION_MODE_HINT": "ACCURACY",
        "NUM_STREAMS": "1",
        "PERF_COUNT": "YES",
    }
    request = core.compile_model(core.read_model(content), "CPU", settings).create_infer_request()
    found = []
    for _ in range(4):
        request.infer([x])
        times: Counter[str] = Counter()
        for one in request.get_profiling_info():
            times[work_of(one.node_type, one.exec_type)] += int(one.real_time.total_seconds() * 1e6)
        found.append(times)
    return min(found[1:], key=Counter.total)


def measured(name: str, threads: int, rounds: int) -> dict[str, Any]:
    """Return the row of a model."""
    file = read_model(model_named(name))
    contract = file.contract
    x = input_for(contract)
    opened = {kind: open_model(model_named(name), precision=one, threads=threads) for kind, one in PRECISIONS.items()}
    engines = {kind: one for kind, one in opened.items() if one.precision == PRECISIONS[kind]}
    matrices = products(quick=False)
    calls = {kind: partial(engine.run, x) for kind, engine in engines.items()}
    seconds = in_turns(calls | {key: call for key, (call, _) in matrices.items()}, rounds)
    peak = peaks(seconds, {key: count for key, (_, count) in matrices.items()})
    work = multiply_adds(contract, len(x) * x.shape[2] * x.shape[3])
    row: dict[str, Any] = {"model": name, "multiply_adds": work}
    if "bf16" in engines:
        row["gain"] = ratio(seconds["fp32"], seconds["bf16"])
    for kind in engines:
        row[kind] = summary(seconds[kind]) | {
            "share": round(work / min(seconds[kind]) / peak[kind], 3),
            "peak_gigaflops": round(2 * peak[kind] / 1e9, 1),
            "layers": layers(file.content, x, kind == "bf16", threads),
        }
    return row


def table(rows: list[dict[str, Any]]) -> str:
    """Return the rows in Markdown."""
    lines = ["| model | precision | ms | share of the peak | peak, gigaflops | time |", 6 * "|---" + "|"]
    for row in rows:
        for kind in (one for one in PRECISIONS if one in row):
            found = row[kind]
            total = found["layers"].total()
            spent = ", ".join(f"{name} {taken / total:.0%}" for name, taken in sorted(found["layers"].items()))
            figures = f"{found['median_ms']:.1f} | {found['share']:.2f} | {found['peak_gigaflops']:.0f}"
            lines.append(f"| {row['model']} | {kind} | {figures} | {spent} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=sorted(catalog()))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    rows = [measured(name, given.threads, given.rounds) for name in given.models]
    print(table(rows), processor(), sep="\n\n")
    save("shares", rows, ["openvino", "torch", "numpy"])


if __name__ == "__main__":
    main()
