"""Keeper: saves the state to go on from, and ends the training after a step when somebody asks for it."""

import os
import secrets
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import perf_counter
from types import FrameType
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from repix.errors import Unreadable
from repix.pictures.atomic import write_error
from repix.training.learner import SCHEDULE, Diverged, Learner, learning
from repix.training.run_folder import RunFolder
from repix.training.schedule import Schedule

EVERY = 60.0
"""Seconds after which the state is saved again. When it is saved makes no difference to what is learnt."""


class Keeper(Callback):
    """Must be the last of the callbacks, so that it saves what the others did in the same step."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.wished = False
        """Somebody wants the training to end after this step."""
        self._saved = perf_counter()

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *_: Any) -> None:
        """Save where it is time, and end where it is wished."""
        learner = learning(pl_module)
        ends = self.wished or learner.ends or learner.replanned is not None
        if ends or learner.validated or perf_counter() - self._saved > EVERY:
            self._save(trainer)
        if ends:
            trainer.should_stop = True

    def _save(self, trainer: Trainer) -> None:
        require_numbers(trainer.lightning_module)
        beside = self.folder.path / f".resume-{secrets.token_hex(4)}.tmp"
        try:
            trainer.save_checkpoint(beside)
            _settle(beside)
            beside.replace(self.folder.resume)
        except OSError as problem:
            raise write_error(self.folder.resume, problem) from None
        finally:
            with suppress(OSError):
                beside.unlink()
        self._saved = perf_counter()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Ctrl-C is a wish to end after the step; a second one ends at once."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.getsignal(signal.SIGINT)

        def wish(_: int, __: FrameType | None) -> None:
            self.wished = True
            signal.signal(signal.SIGINT, before)

        signal.signal(signal.SIGINT, wish)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


def require_numbers(module: LightningModule) -> None:
    """Refuse to keep weights that are no numbers any more in place of those that were; what is averaged counts too."""
    if not all(bool(one.isfinite().all()) for one in module.state_dict().values()):
        learner = learning(module)
        raise Diverged(
            f"The weights became infinite in step {learner.global_step}. Train again with a lower rate (it was "
            f"{learner.optimizing.rate:g}), or with precision fp32; the state before is kept."
        )


def saved_schedule(folder: RunFolder, planned: Schedule) -> Schedule:
    """The schedule of the saved state, which may have been replanned to keep to a deadline; else the planned one."""
    state = folder.read_state()
    if state is None or SCHEDULE not in state:
        return planned
    try:
        return planned.as_saved(state[SCHEDULE])
    except (AttributeError, ValueError):
        raise Unreadable(
            f"{folder.resume} is damaged, so this run cannot go on; train anew into another folder."
        ) from None


def steps_done(folder: RunFolder, learner: Learner) -> int | None:
    """How many steps the saved state has behind it; None where there is none. Refused where it fits no more."""
    state = folder.read_state()
    if state is None:
        return None
    saved, own = state["state_dict"], learner.state_dict()
    if _shapes(saved) != _shapes(own):
        raise Unreadable(f"{folder.resume} does not fit the network of {folder.recipe}; one of them was changed.")
    return int(state["global_step"])


def _shapes(weights: Any) -> dict[str, Any] | None:
    return {name: tuple(one.shape) for name, one in weights.items()} if isinstance(weights, dict) else None


@contextmanager
def ending_at_once() -> Iterator[None]:
    """A second Ctrl-C stays what it is; Lightning would leave with 1, and let no later one through."""
    try:
        yield
    except SystemExit as leaving:
        if not isinstance(leaving.__context__, KeyboardInterrupt):
            raise
        raise KeyboardInterrupt from None


def _settle(path: Any) -> None:
    """Let the disk have it, or a power cut could leave an empty file under the name of a whole one."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
