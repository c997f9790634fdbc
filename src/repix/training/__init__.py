"""Training: a folder of pictures becomes a model.

    from repix.training import Recipe, train
    trained = train(Recipe(task="denoise", folder="photos", minutes=10), "run")
    trained.model                                             # run/model.onnx, with its contract inside

Lightning owns the loop; the task, the data, the export and what is said about them are ours. torch loads when a
training begins, not before.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from repix.training._libraries import require_libraries
from repix.training.recipe import Recipe
from repix.training.time_budget import Clock, stopwatch

if TYPE_CHECKING:
    from repix.training.story import Telling, Trained

__all__ = ["Recipe", "Telling", "Trained", "require_libraries", "resume", "train"]


def train(
    recipe: Recipe, output: Path | str, telling: "Telling | None" = None, clock: Clock | None = None
) -> "Trained":
    """Train a model on a folder of pictures, as `repix train` does, and return what came of it.

    Where the recipe starts from another recipe, that one is trained first, on the same pictures, beside the folder in
    one of its name with `-first` behind it; if it was stopped there, the same call goes on.

    Args:
        recipe: what to learn, from which folder, for how long; what is left out is chosen by task.
        output: the folder for the run, which must be new.
        telling: where the training says how it goes; by default it prints.
        clock: gives the seconds since the training was asked for, to which the recipe's minutes refer; by default since
            this call. Another recipe that is trained first does not count.

    Returns:
        The model file, its contract, and how good it is.

    Raises:
        WrongUse: a setting is out of range, or settings do not go together.
        Unreadable: the folder is not there, or cannot be learned from.
        Unwritable: the output exists already.

    >>> train(Recipe("denoise", "nowhere", steps=10), "run")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    repix.errors.Unreadable: ...nowhere: there is no such folder.
    """
    clock = clock or stopwatch()  # loading the libraries counts
    require_libraries()
    from repix.training import story

    return story.train(recipe, output, telling, clock)


def resume(run: Path | str, telling: "Telling | None" = None) -> "Trained":
    """Go on with a run from its last saved state, as if it had never been stopped."""
    require_libraries()
    from repix.training import story

    return story.resume(run, telling)


def __getattr__(name: str) -> Any:
    """What a training takes and gives besides its recipe is made where it runs."""
    if name not in ("Telling", "Trained"):
        raise AttributeError(f"module 'repix.training' has no attribute '{name}'")
    require_libraries()
    from repix.training import story

    return getattr(story, name)
