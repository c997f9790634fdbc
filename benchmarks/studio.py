"""The studio: idle memory, a photo of 12 megapixels beside the command, and many clients at once.

    python -m benchmarks.studio [--clients 50] [--uploads 20] [--memory 2GB]

A server is started on a free port. Every client uploads pictures of 128×128 pixels, one after the other, waits for each
result and takes it; a photo of 12 megapixels is drawn. Memory is that of the server's process (Linux).
"""

import argparse
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx2
import numpy as np

from benchmarks.timing import save
from repix.pictures import Picture, write

MODEL = "denoise-photo"


@contextmanager
def server(memory: str) -> Iterator[tuple[str, int]]:
    """A studio: its address, and its process."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "repix", "studio", "--port", str(port), "--memory", memory]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        address = f"http://localhost:{port}"
        while True:
            try:
                httpx2.get(f"{address}/health").raise_for_status()
                break
            except httpx2.TransportError:
                time.sleep(0.1)
        yield address, process.pid
        process.send_signal(signal.SIGINT)


def memory_of(process: int, field: str) -> float:
    """The resident memory of a process in MB: now (VmRSS), or at most (VmHWM)."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith(f"{field}:"))


def drawn(height: int, width: int, folder: Path, name: str) -> bytes:
    """A picture with waves and noise, as the content of a file."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    values = np.stack([np.sin(x / (9 + one)) * np.cos(y / 13) * 60 + 120 for one in range(3)], 2)
    values += np.random.default_rng(0).normal(0, 8, values.shape).astype(np.float32)
    write(Picture(np.clip(values, 0, 255).astype(np.uint8)), folder / name)
    return (folder / name).read_bytes()


def converted(address: str, content: bytes, name: str) -> int:
    """Upload, wait, and take the result; returns its bytes."""
    with httpx2.Client(base_url=f"{address}/api/v1", timeout=600) as client:
        sent = client.post("/convert", files={"file": (name, content)}, data={"model": MODEL}).raise_for_status().json()
        with client.stream("GET", f"/jobs/{sent['id']}/events") as events:
            for _ in events.iter_lines():
                pass
        return len(client.get(f"/jobs/{sent['id']}/result").raise_for_status().content)


def one_client(address: str, content: bytes, uploads: int) -> list[str]:
    """The errors of a client."""
    errors = []
    for _ in range(uploads):
        try:
            converted(address, content, "a.png")
        except httpx2.HTTPError as problem:
            errors.append(repr(problem)[:200])
    return errors


def main() -> None:
    """Measure, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--uploads", type=int, default=20)
    parser.add_argument("--memory", default="2GB")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, server(given.memory) as (address, process):
        folder, rows = Path(name), dict[str, float]()
        rows["idle memory in MB"] = memory_of(process, "VmRSS")
        large, small = drawn(3000, 4000, folder, "large.jpg"), drawn(128, 128, folder, "small.png")
        start = time.perf_counter()
        command = [sys.executable, "-m", "repix", "denoise", str(folder / "large.jpg"), "-o", str(folder / "made.jpg")]
        subprocess.run([*command, "--memory", given.memory], check=True, capture_output=True)
        rows["12 megapixels by the command in s"] = time.perf_counter() - start
        start = time.perf_counter()
        converted(address, large, "large.jpg")
        rows["12 megapixels by the studio in s"] = time.perf_counter() - start
        rows["memory after it in MB"] = memory_of(process, "VmHWM")
        start = time.perf_counter()
        with ThreadPoolExecutor(given.clients) as pool:
            errors = [
                one
                for found in pool.map(lambda _: one_client(address, small, given.uploads), range(given.clients))
                for one in found
            ]
        rows[f"{given.clients} clients × {given.uploads} uploads in s"] = time.perf_counter() - start
        rows["errors"] = len(errors)
        rows["memory at most in MB"] = memory_of(process, "VmHWM")
    for what, value in rows.items():
        print(f"{what:40} {value:10.1f}")
    print(*sorted(set(errors)), sep="\n")
    save("studio", [{"what": what, "value": round(value, 2)} for what, value in rows.items()])


if __name__ == "__main__":
    main()
