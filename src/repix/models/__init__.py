"""Models: the trained ones that come with repix."""

from pathlib import Path

from repix.errors import MissingModel

FOLDER = Path(__file__).parent


def bundled() -> dict[str, Path]:
    """The models' files, by the task that each is for."""
    return {file.stem: file for file in sorted(FOLDER.glob("*.onnx"))}


def model_for(task: str) -> Path:
    """The model that comes with repix for a task.

    >>> model_for("guess")
    Traceback (most recent call last):
    repix.errors.MissingModel: No model for guess comes with repix yet; train one with `repix train guess FOLDER ...
    """
    found = bundled().get(task)
    if found is None:
        raise MissingModel(
            f"No model for {task} comes with repix yet; train one with `repix train {task} FOLDER -o run` and name it: "
            "--model run/model.onnx."
        )
    return found
