"""Training: a folder of pictures becomes a model.

    from repix.training import Recipe, train
    trained = train(Recipe(task="denoise", folder="photos", minutes=10), "run")
    trained.model                                             # run/model.onnx, with its contract inside

A `Recipe` says what is asked for and may be partial. `resolve` turns it into a `TrainingConfig`, in which every choice
is made. `build` makes the network and the data set, `loop.py` trains, and the model is exported and compared with its
baselines. `run.py` calls these stages in this order. torch loads when a training begins.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from repix import registry
from repix.lazy_names import lazy_name
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
    """Train a model on a folder of pictures, as `repix train` does, and return the model.

    A recipe may start from another recipe. That one is trained first, on the same pictures, into the folder
    OUTPUT-first; if it is stopped, the same call continues it.

    Args:
        recipe: the task, the folder and the settings; `resolve` chooses what it leaves out.
        output: the run's new folder.
        reporter: where messages go; left out, they are printed.
        clock: returns the seconds since the command began; left out, since this call. It measures the recipe's minutes,
            which begin after another recipe was trained first.

    Returns:
        The model file, its contract, and the comparison with its baselines.

    Raises:
        WrongUse: the recipe, the folder and the task do not fit together.
        Unwritable: the folder is not empty, or the disk is full.
        Diverged: the loss became infinite or NaN, or the network learns nothing.

    >>> trained = train(Recipe("denoise", "photos", minutes=10), "run")      # doctest: +SKIP
    """
    clock = clock or stopwatch()  # loading the libraries counts
    require_libraries()
    from repix.training import run

    return run.train(recipe, output, reporter, clock)


def resume(run: Path | str, reporter: "Reporter | None" = None) -> "Trained":
    """Continue a run from its last checkpoint; the model is the same as without the interruption.

    Args:
        run: the run's folder.
        reporter: where messages go; left out, they are printed.

    Returns:
        As `train`.

    Raises:
        Unreadable: the folder contains no run, or a damaged one.
        WrongUse: the pictures are not those that the run was trained on.

    >>> trained = resume("run")                                              # doctest: +SKIP
    """
    require_libraries()
    from repix.training import run as runs

    return runs.resume(run, reporter)


def __getattr__(name: str) -> Any:
    """Import a name that needs torch when it is first used."""
    if name in _HOMES:
        require_libraries()
    return lazy_name(__name__, _HOMES, name)
