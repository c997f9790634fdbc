"""Run folder: the files of a run, and the lock that lets only one training write to them."""

import itertools
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repix._version import VERSION
from repix.errors import Unreadable, Unwritable, WrongUse
from repix.pictures.atomic import atomic_file, check_writable, write_error
from repix.pictures.internal_file import lock_file, open_internal
from repix.printable import printable
from repix.training.recipe import Recipe, from_dict, read_toml
from repix.training.run_lock import held, is_locked, writer

if TYPE_CHECKING:
    import torch

    from repix.data import Split

Message = Callable[[str], None]
"""Shows a line to the user."""
UNFINISHED = (".repix-*.tmp", ".resume-*.tmp")
"""Names of files that are written, and renamed when they are complete."""


def silent(_: str) -> None:
    """Show nothing."""


@dataclass(frozen=True)
class RunFolder:
    """The folder of a run, and the paths of its files."""

    path: Path

    @property
    def recipe(self) -> Path:
        """The recipe that repeats the run, and a record of its data and metrics."""
        return self.path / "run.toml"

    @property
    def initial(self) -> Path:
        """The initial weights, where `repix swap` computed them."""
        return self.path / "initial.safetensors"

    @property
    def split(self) -> Path:
        """The names of the training files and of the held-out files."""
        return self.path / "split.json"

    @property
    def resume(self) -> Path:
        """The last checkpoint; deleted when the run is complete."""
        return self.path / "resume.ckpt"

    @property
    def weights(self) -> Path:
        """The best weights so far, by validation."""
        return self.path / "model.safetensors"

    @property
    def model(self) -> Path:
        """The exported model."""
        return self.path / "model.onnx"

    @property
    def metrics(self) -> Path:
        """The metrics of every validation, as a table."""
        return self.path / "metrics.csv"

    @property
    def curve(self) -> Path:
        """The loss and the first metric as a plot."""
        return self.path / "curve.svg"

    @property
    def terms(self) -> Path:
        """The parts of the loss as plots, for objectives that have several."""
        return self.path / "terms.svg"

    @property
    def samples(self) -> Path:
        """Grids of sources, results and targets, one for each validation."""
        return self.path / "samples"

    @property
    def events(self) -> Path:
        """The metrics and sample grids for TensorBoard."""
        return self.path / "events"

    @property
    def finished(self) -> bool:
        """True if the run is complete."""
        return self.model.exists() and not self.resume.exists()

    @property
    def log(self) -> Path:
        """The messages of the run, with the time."""
        return self.path / "log.txt"

    @property
    def asked(self) -> Path:
        """The recipe that the studio started the run with."""
        return self.path / "recipe.toml"

    @property
    def output(self) -> Path:
        """The lines that the command printed, if the studio started it."""
        return self.path / "output.txt"

    @property
    def lock(self) -> Path:
        """The lock, with the process that writes to the folder; a killed one leaves the file behind."""
        return self.path / ".lock"

    @property
    def is_locked(self) -> bool:
        """True if a training writes to the folder now."""
        return is_locked(self.lock)

    @property
    def writer(self) -> int | None:
        """The id of the process that writes to the folder now; None if there is none on this machine."""
        return writer(self.lock)

    def write_recipe(self, recipe: Recipe, record: Mapping[str, Any]) -> None:
        """Write the recipe, and the record of the run as a separate table."""
        import tomli_w

        table = recipe.to_dict() | {"record": {"repix": VERSION, **record}}
        self.write(self.recipe, tomli_w.dumps(table).encode())

    def read_recipe(self) -> tuple[Recipe, dict[str, Any]]:
        """Return the recipe of the run and its record."""
        if not self.recipe.is_file():
            raise Unreadable(f"{self.path} contains no run.toml; name a folder that `repix train` wrote.")
        table = read_toml(self.recipe)
        record = table.pop("record", {})
        if not isinstance(record, dict):
            raise Unreadable(f"{self.recipe} was changed: its record is not a table.")
        try:
            return from_dict(table), record
        except WrongUse as problem:
            raise type(problem)(f"{self.recipe}: {problem}") from None

    def begin(self, recipe: Recipe, record: Mapping[str, Any], split: "Split") -> None:
        """Write what repeats the run, before its first step."""
        self.write_recipe(recipe, record)
        self.write(self.split, json.dumps(split.to_json(), indent=1).encode())

    def end(self, recipe: Recipe, record: Mapping[str, Any], complete: bool) -> None:
        """Write what came of the run; a complete one loses its checkpoint."""
        self.write_recipe(recipe, record)
        if complete:
            self.resume.unlink(missing_ok=True)

    def write_weights(self, weights: "Mapping[str, torch.Tensor]", path: Path | None = None) -> None:
        """Write a copy of the weights, by default as the best ones."""
        from safetensors.torch import save

        content = save({name: one.detach().cpu().contiguous() for name, one in weights.items()})
        self.write(path or self.weights, content)

    def logged(self, message: Message) -> Message:
        """Return a function that shows a message and adds it to the log, with the time."""

        def both(text: str) -> None:
            message(text)
            self.note(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {text}")

        return both

    def note(self, line: str) -> None:
        """Add a line to the log."""
        try:
            with os.fdopen(
                open_internal(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), "a", encoding="utf-8"
            ) as log:
                log.write(printable(line) + "\n")
        except OSError as problem:
            raise write_error(self.log, problem) from None

    def write(self, path: Path, content: bytes) -> None:
        """Write a file of the run atomically."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise write_error(path, problem) from None
        with atomic_file(path, overwrite=True) as file:
            file.write(content)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the folder within a `with` block; the system releases the lock if the process is killed."""
        with held(self.lock):
            self._remove_unfinished()
            yield

    def wait_until_unlocked(self) -> None:
        """Wait for a training that still writes to the folder, such as one that was asked to stop."""
        with suppress(OSError), os.fdopen(open_internal(self.lock, os.O_RDWR), "r+b") as file:
            lock_file(file.fileno(), wait=True)

    def _remove_unfinished(self) -> None:
        """Delete the unfinished files of a training that was killed."""
        for folder in (self.path, self.samples):
            for name in UNFINISHED:
                for file in folder.glob(name):
                    with suppress(OSError):
                        file.unlink()


def further(path: Path) -> str:
    """Return how to train a complete run for longer, as the end of a sentence.

    >>> further(Path("runs/no-such-run"))
    'to train longer, begin a new one with its weights: --init-from runs/no-such-run -o runs/no-such-run2.'
    """
    stem = str(path).rstrip("0123456789")
    number = int(str(path)[len(stem) :][-9:] or 1) + 1
    free = next(name for name in (f"{stem}{one}" for one in itertools.count(number)) if not Path(name).exists())
    return f"to train longer, begin a new one with its weights: --init-from {path} -o {free}."


def refuse_longer(path: Path) -> None:
    """Refuse to continue a run with another number of minutes or steps."""
    if RunFolder(path).finished:
        raise WrongUse(f"{path} contains a complete run; {further(path)}")
    raise WrongUse(f"--resume trains the number of steps planned for {path}; leave --minutes and --steps out.")


def new_run(path: Path) -> RunFolder:
    """Return the folder of a new run; one that contains anything else, or that cannot be written, is refused."""
    folder = RunFolder(path)
    if path.exists() and not path.is_dir():
        raise Unwritable(f"{path} is a file; name a folder for the run.")
    check_writable(path)
    if folder.recipe.exists():
        if folder.finished:
            raise WrongUse(f"{path} contains a complete run; {further(path)}")
        raise WrongUse(f"{path} already contains a run; add --resume to continue it, or name another folder.")
    made = (folder.log, folder.initial, folder.asked, folder.output)  # of a training that ended before a step
    ours = (folder.lock.name, *(one.name for one in made), *UNFINISHED)
    if path.is_dir() and any(not any(entry.match(name) for name in ours) for entry in path.iterdir()):
        raise Unwritable(f"{path} is not empty; name a new folder for the run.")
    return folder
