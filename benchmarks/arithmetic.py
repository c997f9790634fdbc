"""How fast the arithmetic is beside torch and OpenCV: medians of runs in turns, in one process, with as many threads.

python benchmarks/arithmetic.py --threads 1 --output benchmarks/results/arithmetic.json
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

Rivals = dict[str, Callable[[], object]]


def cases() -> dict[str, Rivals]:
    """What is compared: in each case the first is ours."""
    import cv2
    import numpy as np
    import torch
    from torch.nn import functional

    from repix import arithmetic

    rng = np.random.default_rng(0)
    x = rng.random((1, 64, 128, 128), dtype=np.float32)
    k4, k3 = (rng.random((64, 64, k, k), dtype=np.float32) for k in (4, 3))
    photo = rng.random((1500, 2000, 3), dtype=np.float32)
    tx, tk4, tk3, tphoto = (torch.from_numpy(a) for a in (x, k4, k3, photo))
    planes = tphoto.permute(2, 0, 1)[None].contiguous()

    def torch_resize(scale: float, mode: str, antialias: bool) -> Callable[[], object]:
        return lambda: functional.interpolate(planes, scale_factor=scale, mode=mode, antialias=antialias)

    def ours(scale: float, method: arithmetic.resizing.Method, antialias: bool) -> Callable[[], object]:
        return lambda: arithmetic.resize_picture(photo, scale=scale, method=method, antialias=antialias)

    def opencv(scale: float, how: int) -> Callable[[], object]:
        return lambda: cv2.resize(photo, None, fx=scale, fy=scale, interpolation=how)

    return {
        "conv_transpose2d 1×64×128×128, 64 filters 4×4, stride 2": {
            "repix scatter": lambda: arithmetic.conv_transpose2d(x, k4, stride=2, padding=1),
            "torch": lambda: functional.conv_transpose2d(tx, tk4, stride=2, padding=1),
            "repix insert": lambda: arithmetic.conv_transpose2d(x, k4, stride=2, padding=1, view="insert"),
        },
        "conv2d 1×64×128×128, 64 filters 3×3": {
            "repix": lambda: arithmetic.conv2d(x, k3, padding=1),
            "torch": lambda: functional.conv2d(tx, tk3, padding=1),
        },
        "max_pool2d 1×64×128×128, 2×2": {
            "repix": lambda: arithmetic.max_pool2d(x, 2),
            "torch": lambda: functional.max_pool2d(tx, 2, return_indices=True),
        },
        "bicubic ×2 of 1500×2000×3": {
            "repix": ours(2, "bicubic", False),
            "torch": torch_resize(2, "bicubic", False),
            "opencv": opencv(2, cv2.INTER_CUBIC),
        },
        "bilinear ×2 of 1500×2000×3": {
            "repix": ours(2, "bilinear", False),
            "torch": torch_resize(2, "bilinear", False),
            "opencv": opencv(2, cv2.INTER_LINEAR),
        },
        "nearest ×2 of 1500×2000×3": {
            "repix": ours(2, "nearest", False),
            "torch": lambda: functional.interpolate(planes, scale_factor=2, mode="nearest-exact"),
            "opencv": opencv(2, cv2.INTER_NEAREST),
        },
        "lanczos ×2 of 1500×2000×3": {"repix": ours(2, "lanczos", False), "opencv": opencv(2, cv2.INTER_LANCZOS4)},
        "antialiased bicubic ÷4 of 1500×2000×3": {
            "repix": ours(0.25, "bicubic", True),
            "torch": torch_resize(0.25, "bicubic", True),
        },
    }


def measure(rivals: Rivals, rounds: int) -> dict[str, dict[str, float]]:
    """Run the rivals in turns and give medians in milliseconds, the spread, and the ratio of ours to each."""
    times: dict[str, list[float]] = {name: [] for name in rivals}
    for i in range(rounds + 1):  # the first round only warms up
        for name, run in rivals.items():
            start = time.perf_counter()
            run()
            if i:
                times[name].append((time.perf_counter() - start) * 1000)
    medians = {name: statistics.median(t) for name, t in times.items()}
    ours = next(iter(medians.values()))
    return {
        name: {
            "median_ms": round(medians[name], 2),
            "fastest_ms": round(min(t), 2),
            "slowest_ms": round(max(t), 2),
            "ours_takes_times_as_long": round(ours / medians[name], 2),
        }
        for name, t in times.items()
    }


def main() -> None:
    """Measure, print, and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(options.threads)  # before numpy and torch are loaded
    compared = cases()
    import cv2
    import numpy as np
    import torch

    torch.set_num_threads(options.threads)
    cv2.setNumThreads(options.threads)
    with torch.inference_mode():
        results = {name: measure(rivals, options.rounds) for name, rivals in compared.items()}
    for name, rivals_ms in results.items():
        print(name)
        for rival, numbers in rivals_ms.items():
            print(f"  {rival:14} {numbers['median_ms']:9.2f} ms   ours takes × {numbers['ours_takes_times_as_long']}")
    if options.output:
        commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
        about = {
            "commit": commit.stdout.strip(),
            "processor": _processor(),
            "threads": options.threads,
            "rounds": options.rounds,
            "numpy": np.__version__,
            "torch": torch.__version__,
            "opencv": cv2.__version__,
        }
        options.output.write_text(json.dumps({"about": about, "results": results}, indent=1, ensure_ascii=False) + "\n")


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main()
