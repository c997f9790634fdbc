"""Audit of an uploaded ONNX file for checkerboards, in a process of its own.

The file may be hostile: a crash of an engine, too much memory or an endless run then end that process, not the server.
"""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from repix.errors import Unreadable
from repix.printable import json_text
from repix.studio.progress import Canceled
from repix.studio.uploads import Upload
from repix.studio.work import Workplace

LARGEST = 256 * 2**20
"""The most bytes of a model."""
SECONDS = 300
"""The longest time of an audit."""
POLL = 0.1
"""Seconds between two looks at the process."""
Span = Literal["0-1", "0-255", "-1-1"]


@dataclass(frozen=True)
class ModelAudit:
    """An ONNX file and the range of its input; see `Work`."""

    model: Upload
    span: Span | None = None

    @property
    def folder(self) -> Path:
        """The folder of its files."""
        return self.model.path.parent

    @property
    def uploads(self) -> tuple[Upload, ...]:
        """The model."""
        return (self.model,)

    @property
    def result(self) -> Path:
        """The audit as JSON, as `repix audit --json` prints it."""
        return self.folder / "audit.json"

    @property
    def parts(self) -> dict[str, Path]:
        """The page, where matplotlib is installed."""
        return {"page.html": self.folder / "audit.html"}

    @property
    def name(self) -> str:
        """The name of the JSON file."""
        return f"{Path(self.model.name).stem}-audit.json"

    def to_dict(self) -> dict[str, Any]:
        """Return the kind of work."""
        return {"kind": "audit"}

    def run(self, place: Workplace) -> list[str]:
        """Run the command, and write what it prints."""
        place.progress.start(1)
        has_page = find_spec("matplotlib") is not None
        words = [sys.executable, "-m", "repix", "audit", self.model.path.name, "--json"]
        words += ["--range", self.span] if self.span else []
        words += ["--page", self.parts["page.html"].name] if has_page else []
        said = self.folder / "said.txt"
        with self.result.open("wb") as printed, said.open("wb") as problems:
            process = subprocess.Popen(  # noqa: S603 (this Python, and names of our own)
                words,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=problems,
                start_new_session=True,
            )
            try:
                code = _watched(process, place)
            finally:
                _kill(process)
        if code != 0:
            raise Unreadable(_last_line(said, code).replace(self.model.path.name, self.model.spoken))
        self._rename()
        place.progress.advance(1)
        return [] if has_page else ["There is no page, because matplotlib is not installed here (extra `plots`)."]

    def _rename(self) -> None:
        """Write the name of the upload where the command wrote that of its file."""
        stored, name = self.model.path.name, self.model.name
        found = json.loads(self.result.read_bytes())
        found["model"] = name
        for key in ("verdict", "unmeasured"):
            found[key] = found[key].replace(stored, name)
        self.result.write_text(json_text(found) + "\n", encoding="utf-8")
        page = self.parts["page.html"]
        if page.is_file():
            page.write_text(page.read_text(encoding="utf-8").replace(stored, escape(name)), encoding="utf-8")


def _watched(process: "subprocess.Popen[bytes]", place: Workplace) -> int:
    """Return the exit code; end the process if the job is canceled, takes too long, or needs too much memory."""
    end = time.monotonic() + SECONDS
    while (code := process.poll()) is None:
        if place.progress.is_canceled:
            raise Canceled
        if time.monotonic() > end:
            raise Unreadable(f"The model could not be audited within {SECONDS} seconds.")
        used = _memory(process.pid)
        if place.budget.memory is not None and used > place.budget.memory:
            raise Unreadable(
                f"The audit of this model needs more than the studio's memory limit of {place.budget.memory / 1e9:.1f} "
                "GB; start it with a larger --memory."
            )
        time.sleep(POLL)
    return code


def _memory(process: int) -> int:
    """Return the bytes that a process takes; 0 where the system does not tell (other than Linux)."""
    with suppress(OSError, ValueError, IndexError):
        pages = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _kill(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _last_line(said: Path, code: int) -> str:
    """Return the sentence of the command's error; a crash has none."""
    lines = said.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    if code < 0 or not lines:
        return "The engine crashed on this model."
    return lines[-1].removeprefix("repix: ")[:600]
