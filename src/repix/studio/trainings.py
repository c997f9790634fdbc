"""Trainings that the studio starts: child processes of `repix train`, which go on when the server ends."""

import os
import signal
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path

from repix.errors import Unwritable, WrongUse
from repix.pictures.atomic import atomic_file, write_error
from repix.pictures.internal_file import open_internal
from repix.registry import missing
from repix.studio.folder import NotServed, ServedFolder
from repix.studio.run_search import search
from repix.studio.runs import Run
from repix.studio.training_form import TrainingForm
from repix.training.run_folder import RunFolder, new_run

NEEDED = ("torch", "lightning", "safetensors", "tensorboard", "tomli_w", "onnx", "onnxscript")


class Trainings:
    """Starts, stops and continues trainings below a folder."""

    def __init__(self, folder: ServedFolder, jobs: int, is_read_only: bool) -> None:
        self._folder, self._jobs, self._is_read_only = folder, jobs, is_read_only
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._asked: dict[str, int] = {}
        """The process of each run that was asked to stop: a second request would end it without a model."""
        self._lock = threading.Lock()

    @property
    def refusal(self) -> str:
        """Why no training can be started; empty if one can."""
        if self._is_read_only:
            return "The studio was started with --read-only; trainings cannot be started, stopped or continued here."
        if lacking := [name for name in NEEDED if find_spec(name) is None]:
            return str(missing(*lacking))
        return ""

    def run(self, name: str) -> Run:
        """Return a run with its state."""
        return Run(self._folder, name, self._is_alive(name), self._is_asked(name))

    def start(self, form: TrainingForm) -> None:
        """Write the recipe into a new folder, and start the training."""
        path = self._folder.inside(form.name, exists=False)
        recipe = form.recipe(self._folder)
        with self._lock:
            self._require_turn(form.name)
            self._require_new(path)
            run = new_run(path)
            if run.output.exists():
                run.output.unlink()
            _write(run, recipe.to_dict())
            self._begin(form.name, run, ["--recipe", str(run.asked)])

    def resume(self, name: str) -> None:
        """Continue a run that was stopped."""
        with self._lock:
            found = self.run(name)
            if found.state != "stopped" or not found.path.recipe.is_file():
                raise NotServed(f"The run is {found.state}; only a stopped one with a run.toml can be continued.", 409)
            self._require_turn(name)
            self._begin(name, found.path, ["--resume"])

    def stop(self, name: str) -> None:
        """Ask the process of a run to stop, as Ctrl-C does: it exports the model after the current step."""
        with self._lock:
            process = self._processes.get(name)
            found = self.run(name)
            if found.state != "running":
                raise NotServed(f"The run is {found.state} already.", 409)
            pid = found.path.writer or (process.pid if process is not None and process.poll() is None else None)
            if pid is not None and self._asked.get(name) == pid:
                return
            if pid is None:
                raise NotServed("The run's process is not on this machine; stop it there with Ctrl-C.", 409)
            _interrupt(pid)
            self._asked[name] = pid

    def _require_turn(self, name: str) -> None:
        """Refuse a training where enough run already."""
        names = {*search(self._folder).runs, *self._processes}
        running = sorted(one for one in names if self._is_on(one))
        if name in running:
            raise NotServed(f"{name} is running already.", 409)
        if len(running) >= self._jobs:
            said = f"{running[0]} is running" if len(running) == 1 else f"{len(running)} trainings are running"
            raise NotServed(f"{said}; stop it, wait, or start the studio with --jobs {len(running) + 1}.", 409)

    def _require_new(self, path: Path) -> None:
        """Refuse the folder of a run, and folders in it."""
        above = [one for one in (path, *path.parents) if one.is_relative_to(self._folder.root)]
        if any((one / "run.toml").exists() for one in above):
            raise NotServed("There is a run in this folder already; name another folder.", 409)

    def _is_on(self, name: str) -> bool:
        """Return True if a training writes to a run, or begins to."""
        try:
            return self.run(name).state == "running"
        except NotServed:  # the folder was removed
            return False

    def _is_alive(self, name: str) -> bool:
        process = self._processes.get(name)
        return process is not None and process.poll() is None

    def _is_asked(self, name: str) -> bool:
        """Return True if the process that was asked to stop is the one that runs now."""
        asked = self._asked.get(name)
        return asked is not None and asked == (RunFolder(self._folder.inside(name)).writer or asked)

    def _begin(self, name: str, run: RunFolder, words: list[str]) -> None:
        self._asked.pop(name, None)
        command = [sys.executable, "-P", "-m", "repix", "train", *words, "-o", str(run.path)]
        try:
            with os.fdopen(open_internal(run.output, os.O_WRONLY | os.O_CREAT | os.O_APPEND), "ab") as output:
                self._processes[name] = _started(command, output.fileno())
        except OSError as problem:
            raise write_error(run.output, problem) from None


def _started(command: list[str], output: int) -> "subprocess.Popen[bytes]":
    """Start a process that Ctrl-C in the server's terminal does not reach."""
    new_group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    return subprocess.Popen(  # noqa: S603 (the words are our own, and paths below the folder)
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=os.name != "nt",
        creationflags=new_group,
    )


def _interrupt(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGINT if os.name != "nt" else signal.CTRL_BREAK_EVENT)  # type: ignore[attr-defined]
    except OSError:
        raise NotServed("The run's process belongs to another user, or has just ended.", 409) from None


def _write(run: RunFolder, table: dict[str, object]) -> None:
    """Write the recipe that a run is started with; a folder without one is removed."""
    import tomli_w

    try:
        content = tomli_w.dumps(table).encode()
    except (UnicodeEncodeError, TypeError):
        raise WrongUse("The form has a value that a recipe cannot have, such as half of a letter.") from None
    try:
        run.path.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise write_error(run.path, problem) from None
    try:
        with atomic_file(run.asked, overwrite=True) as file:
            file.write(content)
    except Unwritable:
        if not any(run.path.iterdir()):
            run.path.rmdir()
        raise
