"""Kill workers, nodes and the driver of a run on a cluster: `python -m tests.cluster.kill_run FOLDER [KILLS]`.

FOLDER holds the pictures in `in`. After the last kill the command runs to its end; then what is wrong is printed: a
result that is missing, left behind, made twice without need, or unlike that of one process.
"""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic

from benchmarks import kills

from tests.cluster.processes import workers

ROOT = Path(__file__).parents[2]
SLOTS = 2
NODES = 3
CONVERT = ("-m", "repix", "convert", "denoise-gray", "in", "--engine", "echo", "--recursive")
SHARES = {"worker": 8, "node": 1, "driver": 1}
"""Kills of each kind, of ten: a node or a driver takes a minute to come back, a worker a few seconds."""


class Run:
    """A cluster and the command on it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.output = folder, folder / "together"
        command = [sys.executable, "-m", "tests.cluster.nodes", str(NODES)]
        self.nodes = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.environment = {**os.environ, "RAY_ADDRESS": self._answer()}
        self.driver = self.started()

    def started(self) -> "subprocess.Popen[bytes]":
        words = [sys.executable, *CONVERT, "-o", "together", "--cluster", "auto", "--workers", str(SLOTS)]
        return subprocess.Popen(
            words, cwd=self.folder, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )

    def kill(self, kind: str, choice: random.Random) -> bool:
        """Kill one of a kind; False if there is none."""
        if kind == "driver":
            self.driver.kill()
            self.driver.communicate()
            self.driver = self.started()
        elif kind == "node":
            print("replace", file=self.nodes.stdin, flush=True)
            self._answer()
        else:
            found = workers(self.nodes.pid)
            if not found:
                return False
            os.kill(choice.choice(found), signal.SIGKILL)
        return True

    def made(self) -> int:
        return len(kills.made(self.output))

    def is_over(self, seconds: float) -> bool:
        """Wait for the driver; True if it ended, which must be in order."""
        try:
            _, said = self.driver.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            return False
        if self.driver.returncode:
            raise RuntimeError(f"The driver ended with {self.driver.returncode}: {said.decode()}")
        return True

    def end(self) -> None:
        self.driver.kill()
        self.nodes.communicate()

    def _answer(self) -> str:
        assert self.nodes.stdout is not None
        return self.nodes.stdout.readline().strip()


def faults(folder: Path, count: int, seed: int = 0) -> list[str]:
    """Kill so many times, let the run end, and return what is wrong."""
    choice, began = random.Random(seed), monotonic()  # noqa: S311 (moments, not secrets)
    files = len(list((folder / "in").rglob("*.png")))
    kinds = [kind for kind, share in SHARES.items() for _ in range(count * share // sum(SHARES.values()))]
    choice.shuffle(kinds)
    run = Run(folder)
    try:
        for number, kind in enumerate(kinds, 1):
            wanted = number * files // (len(kinds) + 1) + choice.randrange(4)
            while run.made() < wanted or not run.kill(kind, choice):
                if run.is_over(0.2):
                    raise RuntimeError(f"The run was over before kill {number}.")
            print(f"{monotonic() - began:6.0f} s  {run.made():4} made  kill {number:2}: {kind}", flush=True)
        while not run.is_over(1.0):
            pass
    finally:
        run.end()
    subprocess.run([sys.executable, *CONVERT, "-o", "alone"], cwd=folder, check=True, capture_output=True)
    found, wanted_files = kills.contents(run.output), kills.contents(folder / "alone")
    lines = kills.made(run.output)
    again = len(lines) - len(set(lines))
    print(f"{monotonic() - began:6.0f} s  {files} files, {len(kinds)} kills, {again} in flight were made again")
    wrong = [name for name in wanted_files.keys() | found.keys() if wanted_files.get(name) != found.get(name)]
    allowed = kinds.count("driver") * NODES * SLOTS
    return [f"{name} is missing, left behind or differs" for name in wrong] + (
        [f"{again} results were made again; {allowed} could have been in flight"] if again > allowed else []
    )


if __name__ == "__main__":
    print(*faults(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 30) or ["nothing is wrong"], sep="\n")
