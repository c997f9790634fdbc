"""The studio: idle memory, a photo of 12 megapixels beside the command, and many clients at once.

    python -m benchmarks.studio [--clients 50] [--uploads 20] [--memory 2GB]

A server is started on a free port. Every client uploads pictures of 128×128 pixels, one after the other, waits for each
result and takes it; a photo of 12 megapixels is drawn. Memory is that of the server's process (Linux). Besides seconds,
the processor time of the command and of the server is measured: it depends less on what else the machine does.
"""

import argparse
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
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


def processor_time(process: int) -> float:
    """The processor time that a running process has taken, in seconds."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def time_of_children() -> float:
    """The processor time of the processes that this one started and that have ended, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def converted(address: str, form: Mapping[str, str], name: str = "", content: bytes = b"") -> int:
    """Send a conversion, wait, and take the result; returns its bytes."""
    with httpx2.Client(base_url=f"{address}/api/v1", timeout=600) as client:
        files = {"file": (name, content)} if content else None
        sent = client.post("/convert", files=files, data={"model": MODEL, **form}).raise_for_status().json()
        with client.stream("GET", f"/jobs/{sent['id']}/events") as events:
            for _ in events.iter_lines():
                pass
        return len(client.get(f"/jobs/{sent['id']}/result").raise_for_status().content)


def previewed(address: str, content: bytes) -> int:
    """Open a large picture as the page does, and convert the middle of it; returns the result's bytes."""
    with httpx2.Client(base_url=f"{address}/api/v1", timeout=600) as client:
        opened = client.post("/pictures", files={"file": ("large.jpg", content)}).raise_for_status().json()
        place = {"of": "before", "left": 1800, "top": 1300, "width": 384, "height": 384}
        part = client.get(f"/jobs/{opened['id']}/part", params=place).raise_for_status().content
    return converted(address, {"preview": "true"}, "part.png", part)


def one_client(address: str, content: bytes, uploads: int) -> list[str]:
    """The errors of a client."""
    errors = []
    for _ in range(uploads):
        try:
            converted(address, {}, "a.png", content)
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
    rows = dict[str, float]()
    for what, value in measured(given.clients, given.uploads, given.memory):
        print(f"{what:50} {value:10.2f}", flush=True)
        rows[what] = value
    save("studio", [{"what": what, "value": round(value, 2)} for what, value in rows.items()])


def measured(clients: int, uploads: int, memory: str) -> Iterator[tuple[str, float]]:
    """Yield what is measured, with its figure."""
    with tempfile.TemporaryDirectory() as name, server(memory) as (address, process):
        folder = Path(name)
        yield "idle memory in MB", memory_of(process, "VmRSS")
        large, small = drawn(3000, 4000, folder, "large.jpg"), drawn(128, 128, folder, "small.png")
        start, used = time.perf_counter(), time_of_children()
        command = [sys.executable, "-m", "repix", "denoise", str(folder / "large.jpg"), "-o", str(folder / "made.jpg")]
        subprocess.run([*command, "--model", MODEL, "--memory", memory], check=True, capture_output=True)
        yield "12 megapixels by the command in s", time.perf_counter() - start
        yield "processor time of it in s", time_of_children() - used
        start, used = time.perf_counter(), processor_time(process)
        converted(address, {}, "large.jpg", large)
        yield "12 megapixels by the studio in s", time.perf_counter() - start
        yield "its processor time in s", processor_time(process) - used
        start, used = time.perf_counter(), processor_time(process)
        previewed(address, large)
        yield "from the upload to the preview of a part in s", time.perf_counter() - start
        yield "processor time until the preview in s", processor_time(process) - used
        yield "memory at most after it in MB", memory_of(process, "VmHWM")
        start, used = time.perf_counter(), processor_time(process)
        with ThreadPoolExecutor(clients) as pool:
            found = pool.map(lambda _: one_client(address, small, uploads), range(clients))
            errors = [one for those in found for one in those]
        yield f"{clients} clients × {uploads} uploads in s", time.perf_counter() - start
        yield "processor time of the server for them in s", processor_time(process) - used
        yield "errors", len(errors)
        yield "memory at most in MB", memory_of(process, "VmHWM")
        print(*sorted(set(errors)), sep="\n")


if __name__ == "__main__":
    main()
