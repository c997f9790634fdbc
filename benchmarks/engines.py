"""Speed of engines with the same network, in turns, relative to the peak of the processor.

    taskset -c 0 python -m benchmarks.engines
    taskset -c 0,1 python -m benchmarks.engines --threads 2

DnCNN (17 × 64) on 512×512 and a U-Net on 256×256, with new weights, on which the time does not depend:

- torch, eager: float32, NCHW, no gradients, as KAIR tests its models
- torch, bf16: channels last, autocast
- ONNX Runtime, OpenVINO exact: float32; OpenVINO fast: bf16

The peak is that of a matrix product in the same precision, by torch, as such and as a 1×1 convolution (oneDNN): the
best of several shapes and rounds. An engine's share of it counts the network's multiply-adds as convolutions have them;
where a library takes a shorter way, or torch does not reach the processor's peak, it can be more than 1.

`--start MODEL` measures the start instead: what Python and the libraries need, the opening of the model with and
without the cache, and `repix convert` from nothing to a written file. `--quick` only tries whether everything runs.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

import repix
from benchmarks.data import photo
from benchmarks.timing import RESULTS, in_turns, ratio, save, summary
from repix import registry
from repix.conversion import Engine, read_model
from repix.conversion.engine import EngineOptions
from repix.training.export import export

EAGER, LAST, RUNTIME, EXACT, FAST = "torch, eager", "torch, bf16", "ONNX Runtime", "OpenVINO, exact", "OpenVINO, fast"
SHAPES = ((1024, 1024, 1024), (2048, 2048, 2048), (4096, 1024, 1024), (16384, 576, 64), (65536, 576, 64))
"""Rows, inner size and columns of matrix products; the last ones are those of a convolution of 64 channels."""
LEAST_RATIO, LEAST_SHARE = 5.0, 0.9
"""Bars, for DnCNN: torch eager's time by that of the fast engine, and the share of the peak."""
LEAST_START, SECONDS_MORE = 3.0, 0.5
"""Bars: `repix convert` by importing numpy and OpenVINO, and seconds more than importing torch."""


@dataclass(frozen=True)
class Case:
    """A network on a picture of one size."""

    network: str
    settings: dict[str, Any]
    task: str
    task_settings: dict[str, Any]
    side: int

    def __str__(self) -> str:
        return f"{self.network}, {self.side}×{self.side}"


CASES = (
    Case("dncnn", {"in_channels": 1, "out_channels": 1}, "denoise", {"color": False}, 512),
    Case("unet", {"in_channels": 3, "out_channels": 3}, "denoise", {"color": True}, 256),
)


def ways(case: Case, folder: Path, threads: int) -> tuple[dict[str, Callable[[], object]], int]:
    """Each way to run the network once, and its multiply-adds."""
    network = registry.get("networks", case.network)
    config = network.from_dict(case.settings)
    module = network.module(config).eval()
    model = folder / f"{case.network}.onnx"
    export(model, module, network, config, registry.get("tasks", case.task)(case.task_settings))
    x = np.random.default_rng(0).random((1, config.in_channels, case.side, case.side), np.float32)
    picture = torch.from_numpy(x)
    last = network.module(config).eval().to(memory_format=torch.channels_last)
    file = read_model(model)

    def engine(name: str, fast: bool) -> Engine:
        opened: Engine = registry.get("engines", name)(file, EngineOptions(fast=fast, threads=threads))
        return opened

    runtime, exact, fast = engine("onnxruntime", False), engine("openvino", False), engine("openvino", True)
    calls: dict[str, Callable[[], object]] = {
        EAGER: lambda: eager(module, picture),
        LAST: lambda: half(last, picture.contiguous(memory_format=torch.channels_last)),
        RUNTIME: lambda: runtime.run(x),
        EXACT: lambda: exact.run(x),
        FAST: lambda: fast.run(x),
    }
    return calls, network.cost(config).macs * case.side**2


@torch.no_grad()
def eager(module: nn.Module, picture: Tensor) -> Tensor:
    """As KAIR tests its models."""
    result: Tensor = module(picture)
    return result


@torch.inference_mode()
def half(module: nn.Module, picture: Tensor) -> Tensor:
    """With bf16 where torch's autocast has it."""
    with torch.autocast("cpu", torch.bfloat16):
        result: Tensor = module(picture).float()
    return result


def products(quick: bool) -> dict[str, tuple[Callable[[], object], int]]:
    """Matrix products in both precisions, each also as the 1×1 convolution that it is, and their multiply-adds."""
    found: dict[str, tuple[Callable[[], object], int]] = {}
    for kind, name in ((torch.float32, "fp32"), (torch.bfloat16, "bf16")):
        for rows, inner, columns in SHAPES[:1] if quick else SHAPES:
            a, b = torch.randn(rows, inner).to(kind), torch.randn(inner, columns).to(kind)
            planes = a.T.reshape(1, inner, 64, rows // 64).contiguous(memory_format=torch.channels_last)
            kernels = b.T.reshape(columns, inner, 1, 1).contiguous(memory_format=torch.channels_last)
            ways = {"product": partial(torch.mm, a, b), "convolution": partial(functional.conv2d, planes, kernels)}
            for way, call in ways.items():
                found[f"{name} {way} {rows}×{inner}×{columns}"] = call, rows * inner * columns
    return found


def peaks(seconds: dict[str, list[float]], work: dict[str, int]) -> dict[str, float]:
    """Multiply-adds in a second, by precision: the best of all shapes and rounds."""
    found: dict[str, float] = {}
    for name, count in work.items():
        kind = name.split()[0]
        found[kind] = max(found.get(kind, 0.0), count / min(seconds[name]))
    return found


def measured(case: Case, folder: Path, threads: int, quick: bool) -> list[dict[str, Any]]:
    """A row for each way, and one for the peaks, which were measured in between."""
    calls, work = ways(case, folder, threads)
    matrices = products(quick)
    every = calls | {name: call for name, (call, _) in matrices.items()}
    seconds = in_turns(every, rounds=2 if quick else 9)
    peak = peaks(seconds, {name: count for name, (_, count) in matrices.items()})
    rows: list[dict[str, Any]] = []
    for name in calls:
        precision = "bf16" if name in (LAST, FAST) else "fp32"
        row = {"case": str(case), "way": name, "precision": precision, **summary(seconds[name])}
        row["share_of_peak"] = round(work / min(seconds[name]) / peak[precision], 3)
        rows.append(row | {"eager_by_this": ratio(seconds[EAGER], seconds[name])})
    gigas = {f"{kind}_gigaflops": round(2 * value / 1e9, 1) for kind, value in peak.items()}
    return [*rows, {"case": str(case), "way": "matrix products", "threads": threads, "multiply_adds": work, **gigas}]


def table(rows: list[dict[str, Any]]) -> str:
    """Markdown."""
    lines = []
    for row in rows:
        if row["way"] == "matrix products":
            lines += ["", f"Peak: {row['fp32_gigaflops']} GFLOP/s in fp32, {row['bf16_gigaflops']} in bf16; "]
            lines[-1] += f"{row['multiply_adds'] / 1e9:.1f} G multiply-adds; {row['threads']} thread(s)."
            continue
        if row["way"] == EAGER:
            lines += ["", f"**{row['case']}**", "", "| way | ms | least–most | eager by this | of the peak |"]
            lines += ["|---|---|---|---|---|"]
        lines.append(
            f"| {row['way']} | {row['median_ms']:.0f} | {row['min_ms']:.0f}–{row['max_ms']:.0f} | "
            f"{row['eager_by_this']:.2f} | {row['share_of_peak']:.2f} |"
        )
        if row["way"] == FAST and row["case"].startswith("dncnn"):
            verdicts = [
                f"{row['eager_by_this']:.2f} times as fast as eager, the bar is {LEAST_RATIO:g}",
                f"{row['share_of_peak']:.2f} of the peak, the bar is {LEAST_SHARE:g}",
            ]
            lines += ["", f"{'; '.join(verdicts)}."]
    return "\n".join(lines[1:])


def starts(model: Path, folder: Path, quick: bool) -> list[dict[str, Any]]:
    """Processes from their start to their end, in turns; the files they need are in memory after the first round."""
    picture = folder / "photo.jpg"
    repix.write(repix.Picture(photo(512, 512)), picture)
    out = folder / "out.png"
    opening = "import sys; from repix.conversion import open_model; open_model(sys.argv[1], 'openvino', threads=1)"
    convert = ["-m", "repix", "convert", str(model), str(picture), "-o", str(out)]
    commands: dict[str, tuple[list[str], dict[str, str]]] = {
        "import numpy, openvino": (["-c", "import numpy, openvino"], {}),
        "import torch": (["-c", "import torch"], {}),
        "repix show MODEL": (["-m", "repix", "show", str(model)], {}),
        "open the model, without cache": (["-c", opening, str(model)], {"REPIX_ENGINE_CACHE": "off"}),
        "open the model, from the cache": (["-c", opening, str(model)], {}),
    }
    commands["repix convert, without cache"] = (convert, {"REPIX_ENGINE_CACHE": "off"})
    commands["repix convert"] = (convert, {})

    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder)}  # as an installation has it

    def run(words: list[str], more: dict[str, str]) -> None:
        out.unlink(missing_ok=True)
        subprocess.run(
            [sys.executable, *words], env={**os.environ, **compiled, **more}, capture_output=True, check=True
        )

    calls = {name: partial(run, *words) for name, words in commands.items()}
    seconds = in_turns(calls, rounds=2 if quick else 9)
    least = seconds["import numpy, openvino"]
    return [{"command": name, **summary(taken), "ratio": ratio(taken, least)} for name, taken in seconds.items()]


def start_table(rows: list[dict[str, Any]]) -> str:
    """Markdown."""
    lines = ["| from nothing to its end | ms | least–most | by `import numpy, openvino` |", "|---|---|---|---|"]
    for row in rows:
        spread = f"{row['min_ms']:.0f}–{row['max_ms']:.0f}"
        lines.append(f"| {row['command']} | {row['median_ms']:.0f} | {spread} | {row['ratio']:.2f} |")
    found = {row["command"]: row for row in rows}
    own, torchs = found["repix convert"], found["import torch"]
    more = (own["median_ms"] - torchs["median_ms"]) / 1000
    verdict = f"`repix convert`: {own['ratio']:.2f} times, the bar is {LEAST_START:g}; {more:+.2f} s beside torch,"
    lines += ["", f"{verdict} the bar is {SECONDS_MORE:+g} s."]
    return "\n".join(lines)


def main(start: Path | None, threads: int, quick: bool) -> None:
    """Measure, print and keep."""
    torch.set_num_threads(threads)
    name = f"engines-{'start' if start else threads}"
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        os.environ["XDG_CACHE_HOME"] = temporary
        if start:
            rows = starts(start.resolve(), folder, quick)
            text = start_table(rows)
            print(text)
        else:
            rows, texts = [], []
            for case in CASES:
                found = measured(replace(case, side=64) if quick else case, folder, threads, quick)
                texts.append(table(found))
                print(f"{texts[-1]}\n", flush=True)
                rows += found
            text = "\n\n".join(texts)
    if not quick:
        (RESULTS / f"{name}.md").write_text(f"{text}\n", encoding="utf-8")
        save(name, rows, ["openvino", "onnxruntime", "torch", "numpy"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--start", type=Path, metavar="MODEL", help="a model file: measure the start with it")
    parser.add_argument("--threads", type=int, default=1, help="for every library")
    parser.add_argument("--quick", action="store_true", help="only try whether everything runs")
    given = parser.parse_args()
    main(given.start, given.threads, given.quick)
