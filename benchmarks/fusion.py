"""By how many dB fusing eight shots beats enlarging one: python -m benchmarks.fusion FOLDER.

The shots are made as in the tests, without the camera model that fusing assumes: random shifts of up to two pixels, one
of three blurs, noise, 8 bits. Of each picture the luma of its upper left 256×256 pixels is used. `SMOOTHNESS` in
`repix/fusion/multiframe.py` was chosen on photos of BSDS500's training split; Set5, say, is a fair test.
"""

import argparse
from pathlib import Path
from statistics import fmean
from time import perf_counter
from typing import Any

import numpy as np
from tests.fusion.scenes import psnr, shots_of

import repix
from benchmarks.timing import save
from repix.arithmetic import resize
from repix.arithmetic.arrays import Array
from repix.arithmetic.color import luma

CAMERAS = ("box", "cubic", "gaussian")
NOISES = (2.0, 5.0)


def row(name: str, scene: Array, camera: str, noise: float) -> dict[str, Any]:
    """One scene through one camera."""
    shots, _ = shots_of(scene, camera=camera, noise=noise, seed=1)
    start = perf_counter()
    fused = repix.fuse(shots, scale=2)
    seconds = perf_counter() - start
    bicubic = psnr(resize(shots[0], scale_factor=2, mode="bicubic"), scene)
    gain = psnr(fused, scene) - bicubic
    measured = {"bicubic": bicubic, "gain": gain, "seconds": seconds}
    return {"picture": name, "camera": camera, "noise": noise, **{key: round(v, 2) for key, v in measured.items()}}


def main() -> None:
    """Print a line for each picture and keep the data."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", help="pictures, such as Set5's *_x2_HR.png")
    folder = parser.parse_args().folder
    if folder is None:
        print("Give a folder of pictures to measure fusing.")
        return
    rows = []
    for file in sorted(folder.glob("*_x2_HR.png")) or sorted(folder.iterdir()):
        scene = luma(repix.read(file).colors().astype(np.float64))[:256, :256, 0]
        rows += [row(file.stem, scene, camera, noise) for camera in CAMERAS for noise in NOISES]
        gains = "  ".join(f"{r['camera']} {r['noise']:.0f}: {r['gain']:+.2f}" for r in rows[-6:])
        print(f"{file.stem:<20} {gains}", flush=True)
    print(f"mean gain {fmean(r['gain'] for r in rows):.2f} dB, least {min(r['gain'] for r in rows):.2f} dB")
    save("fusion", rows)


if __name__ == "__main__":
    main()
