"""Speed of the arithmetic relative to torch and OpenCV, one and two threads: python -m benchmarks.arithmetic."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import torch
from torch.nn import functional

from benchmarks.timing import in_turns, ratio, save, summary
from repix import arithmetic

Rivals = dict[str, Callable[[], object]]
LIBRARIES = ("numpy", "torch", "opencv-python-headless")
LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Read by numpy and torch when they are loaded: each number of threads is a process of its own."""


def cases() -> dict[str, Rivals]:
    """Return the comparisons; in each, the first is ours."""
    rng = np.random.default_rng(0)
    x = rng.random((1, 64, 128, 128), dtype=np.float32)
    k4, k3 = (rng.random((64, 64, k, k), dtype=np.float32) for k in (4, 3))
    photo = rng.random((1500, 2000, 3), dtype=np.float32)
    tx, tk4, tk3, tphoto = (torch.from_numpy(a) for a in (x, k4, k3, photo))
    planes = tphoto.permute(2, 0, 1)[None].contiguous()

    def torch_resize(scale: float, mode: str, antialias: bool) -> Callable[[], object]:
        return lambda: functional.interpolate(planes, scale_factor=scale, mode=mode, antialias=antialias)

    def ours(scale: float, method: arithmetic.resampling.Mode, antialias: bool) -> Callable[[], object]:
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


def measure(threads: int) -> None:
    """Time every case and keep the rows."""
    torch.set_num_threads(threads)
    cv2.setNumThreads(threads)
    rows: list[dict[str, Any]] = []
    for case, rivals in cases().items():
        with torch.inference_mode():
            seconds = in_turns(rivals, rounds=9)
        ours = next(iter(seconds.values()))
        print(case)
        for name, taken in seconds.items():
            row = {
                "case": case,
                "threads": threads,
                "library": name,
                **summary(taken),
                "ours_takes": ratio(ours, taken),
            }
            print(f"  {name:14} {row['median_ms']:9.2f} ms   ours takes × {row['ours_takes']}", flush=True)
            rows.append(row)
    save(f"arithmetic-{threads}", rows, LIBRARIES)


def main() -> None:
    """Measure in a process for each number of threads."""
    for threads in (1, 2):
        print(f"{threads} threads" if threads > 1 else "1 thread", flush=True)
        environment = os.environ | dict.fromkeys(LIMITS, str(threads))
        subprocess.run([sys.executable, "-m", "benchmarks.arithmetic", str(threads)], env=environment, check=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(int(sys.argv[1]))
    else:
        main()
