"""Training: a folder of pictures becomes a model.

    from repix.training import Recipe, train
    trained = train(Recipe(task="denoise", folder="photos", minutes=10), "run")
    trained.model                                             # run/model.onnx, with its contract inside

A `Recipe` says what is asked and may be partial; `resolve` makes a `TrainingConfig` of it, in which everything is
decided; `build` makes what is trained; `loop.py` trains; the export and the comparison end it. `run.py` has them in
this order. torch loads when a training begins, not before.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from repix import registry
from repix.training.deadline import Clock, stopwatch
from repix.training.recipe import Recipe

if TYPE_CHECKING:
    from repix.training.config import TrainingConfig, resolve
    from repix.training.run import Reporter, Trained

__all__ = ["Recipe", "Reporter", "Trained", "TrainingConfig", "require_libraries", "resolve", "resume", "train"]

_LIBRARIES = ("torch", "lightning", "safetensors", "tensorboard", "tomli_w", "onnx", "onnxscript")
_HOMES = {"Reporter": "run", "Trained": "run", "TrainingConfig": "config", "resolve": "config"}


def require_libraries() -> None:
    """Refuse to train where a library is missing; the message names all that are missing."""
    registry.require_libraries(*_LIBRARIES)


def train(
    recipe: Recipe, output: Path | str, reporter: "Reporter | None" = None, clock: Clock | None = None
) -> "Trained":
    """Train a model on a folder of pictures, as `repix train` does, and return what came of it.

    Where the recipe starts from another recipe, that one is trained first, on the same pictures, beside the folder in
    one of its name with `-first` behind it; if it was stopped there, the same call goes on.

    Args:
        recipe: what to learn, from which folder; what it leaves out is chosen.
        output: the run's new folder.
        reporter: where messages go; left out, they are printed.
        clock: gives the seconds since the training was asked for; left out, since this call. The recipe's minutes are
            its; they do not count while another recipe is trained first.

    Returns:
        The model file, its contract, and how it compares with its baselines.

    Raises:
        WrongUse: the recipe, the folder and the task do not go together.
        Unwritable: the folder is not free, or the disk is full.
        Diverged: the loss is no number any more, or the network learns nothing.

    >>> trained = train(Recipe("denoise", "photos", minutes=10), "run")      # doctest: +SKIP
    """
    clock = clock or stopwatch()  # loading the libraries counts
    require_libraries()
    from repix.training import run

    return run.train(recipe, output, reporter, clock)


def resume(run: Path | str, reporter: "Reporter | None" = None) -> "Trained":
    """Go on with a run from its last checkpoint, exactly as if it had never been stopped.

    Args:
        run: the run's folder.
        reporter: where messages go; left out, they are printed.

    Returns:
        As `train`.

    Raises:
        Unreadable: the folder holds no run, or a damaged one.
        WrongUse: the pictures are not those that the run was trained on.

    >>> trained = resume("run")                                              # doctest: +SKIP
    """
    require_libraries()
    from repix.training import run as runs

    return runs.resume(run, reporter)


def __getattr__(name: str) -> Any:
    """What needs torch is imported when it is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'repix.training' has no attribute '{name}'")
    require_libraries()
    from importlib import import_module

    return getattr(import_module(f"repix.training.{_HOMES[name]}"), name)
