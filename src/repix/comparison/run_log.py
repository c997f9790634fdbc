"""Log of a run that another process trains: the validations that were added to it."""

from contextlib import suppress
from pathlib import Path

STAMP = len("2026-01-31 23:59:59 ")
"""Characters of the time before each message."""


class RunLog:
    """Reads what is added to a run's log from now on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = path.stat().st_size if path.is_file() else 0

    def messages(self) -> list[str]:
        """Return the notes and the messages of validations, "step 10 of 30: ...", added since the last call."""
        content = b""
        with suppress(OSError), self._path.open("rb") as file:
            file.seek(self._read)
            content = file.read()
        complete = content[: content.rfind(b"\n") + 1]
        self._read += len(complete)
        messages = (line[STAMP:] for line in complete.decode(errors="replace").splitlines())
        return [message for message in messages if message.startswith(("step ", "note: "))]
