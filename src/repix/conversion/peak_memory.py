"""The memory that an engine needs per pixel, measured in a separate process."""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from repix.conversion.engine import Engine
from repix.conversion.model_loader import open_model

SMALL, LARGE = 128, 384
"""Sides of the two measured pictures; the difference of their peaks is the memory of the pixels."""
SLICES = 16
"""Slices of the measured volumes, whose sides are half as long."""


def bytes_per_pixel(path: Path, engine: str = "auto") -> int | None:
    """Return the peak memory per pixel, with input and result, in bytes; None if it cannot be measured.

    It is valid for the engine and the processor on which it was measured.
    """
    source = str(Path(__file__).parents[2])
    paths = os.pathsep.join([source, *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-m", "repix.conversion.peak_memory", str(path), engine]
    done = subprocess.run(  # noqa: S603 (the current Python)
        command, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False
    )
    return int(done.stdout) if done.returncode == 0 and done.stdout.strip().isdigit() else None


def _measured(engine: Engine) -> int:
    """Return the difference of two peaks per pixel; for a model of fixed size or windows, the increase by its run."""
    contract = engine.contract
    fixed = contract.size if contract.windows is None else contract.windows.size
    slices = 1 if contract.slices is None else contract.slices.padded(SLICES)
    wanted = (SMALL, LARGE) if contract.slices is None else (SMALL // 2, LARGE // 2)
    sides = [fixed] if fixed else [-(-side // contract.step) * contract.step for side in wanted]
    before = _peak_of(engine, 0) if fixed else _peak_of(engine, sides[0])
    pixels = slices * (sides[-1] ** 2 - (0 if fixed else sides[0] ** 2))
    least = 4 * (contract.channels[0] + contract.channels[1] * contract.scale**2)
    return max(round((_peak_of(engine, sides[-1]) - before) / pixels), least)


def _peak_of(engine: Engine, side: int) -> int:
    """Return the peak memory of the process while a picture runs; with side 0, without a run."""
    with suppress(OSError):  # reset the peak; where the system cannot, it stays that of the largest picture so far
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    if side:
        third = engine.contract.slices
        slices = () if third is None else (third.padded(SLICES),)
        engine.run(np.full((1, engine.contract.channels[0], *slices, side, side), 0.5, np.float32))
    return _peak()


def _peak() -> int:
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return 1024 * int(line.split()[1])
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main(arguments: Sequence[str]) -> None:
    """Print the bytes for each pixel."""
    path, engine = arguments
    print(_measured(open_model(path, engine)))


if __name__ == "__main__":
    main(sys.argv[1:])
