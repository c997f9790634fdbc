"""Checkpoint: saves and restores the state of a training."""

import io
import os
import secrets
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any

import torch

from repix.errors import Unreadable
from repix.pictures.atomic import read_error, write_error
from repix.training.run_folder import RunFolder
from repix.training.state import KEYS, TrainingState

EVERY = 60.0
"""Seconds between two checkpoints; they do not change the result."""


class Checkpoint:
    """The checkpoint file of a run, which is replaced atomically."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self._saved = perf_counter()

    @property
    def due(self) -> bool:
        """True if the last checkpoint is older than a minute."""
        return perf_counter() - self._saved > EVERY

    def save(self, state: TrainingState) -> None:
        """Write the state to a new file, flush it to the disk, and replace the last checkpoint by it."""
        state.require_finite()
        content = io.BytesIO()
        torch.save(state.state_dict(), content)
        beside = self.folder.path / f".resume-{secrets.token_hex(4)}.tmp"
        try:
            beside.write_bytes(content.getbuffer())
            _flush_to_disk(beside)
            beside.replace(self.folder.resume)
        except OSError as problem:
            raise write_error(self.folder.resume, problem) from None
        finally:
            with suppress(OSError):
                beside.unlink()
        self._saved = perf_counter()

    def read(self) -> dict[str, Any] | None:
        """Return the saved state; None if there is none yet."""
        if not self.folder.resume.exists():
            return None
        try:
            content = self.folder.resume.read_bytes()
        except OSError as problem:
            raise read_error(self.folder.resume, problem) from None
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as parts:
                whole = parts.testzip() is None  # torch itself does not verify most checksums
            state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True) if whole else None
        except Exception:  # noqa: BLE001 (damaged bytes raise many errors in torch's reader)
            state = None
        if not isinstance(state, dict) or not set(state) >= set(KEYS) or type(state["step"]) is not int:
            raise self._damaged()
        return state

    def restore(self, state: TrainingState, saved: Mapping[str, Any]) -> None:
        """Restore a saved state; one of another network is refused."""
        try:
            state.load_state_dict(saved)
        except (RuntimeError, KeyError, TypeError):
            raise Unreadable(
                f"{self.folder.resume} does not fit the network of {self.folder.recipe}; one of them was changed."
            ) from None
        except (AttributeError, ValueError):
            raise self._damaged() from None

    def _damaged(self) -> Unreadable:
        return Unreadable(
            f"{self.folder.resume} is damaged, so this run cannot be continued; train again into another folder."
        )


def _flush_to_disk(path: Path) -> None:
    """Flush a file to the disk; otherwise a power cut could leave an empty checkpoint."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
