"""Training: a folder of pictures becomes a model.

    from repix.training import Recipe, train
    trained = train(Recipe(task="denoise", folder="photos", minutes=10), "run")
    trained.model                                             # run/model.onnx, with its contract inside

Lightning owns the loop; the task, the data, the export and what is said about them are ours.
"""

from repix.training._libraries import require_libraries  # first: it says which library is missing
from repix.training.recipe import Recipe
from repix.training.story import Telling, Trained, resume, train

__all__ = ["Recipe", "Telling", "Trained", "require_libraries", "resume", "train"]
