"""Patches of volumes: their number of slices, and what a training on volumes needs."""

from repix.conversion.contract_parts import Slices
from repix.data import Findings
from repix.errors import WrongUse
from repix.tasks import Task
from repix.training.recipe import Recipe
from repix.volumes.stack import slices_in

USUAL = 8
"""Default slices of a patch."""


def patch_slices(recipe: Recipe, third: Slices | None, task: Task, findings: Findings) -> int:
    """Return the slices of a training patch, a multiple of the network's step along them; 0 for pictures.

    A network for volumes needs a folder of them, and a task with masks; one for pictures takes no volumes.
    """
    if third is None:
        _require_pictures(recipe, findings)
        return 0
    _require_volumes(recipe, task, findings)
    shortest = min(slices_in(item.picture) for item in findings.split.train)
    found = min(recipe.patch_slices or USUAL, shortest) // third.step * third.step
    if recipe.patch_slices is not None and found != recipe.patch_slices:
        raise WrongUse(
            f"patch_slices is {recipe.patch_slices}; it must be a multiple of {third.step}, the step of the network "
            f"along the slices, and at most {shortest}, the slices of the smallest training volume."
        )
    if not found:
        raise WrongUse(
            f"The network takes multiples of {third.step} slices, and a training volume has only {shortest}; hold out "
            "fewer slices, or take larger volumes."
        )
    return found


def _require_pictures(recipe: Recipe, findings: Findings) -> None:
    if findings.split.of_volumes:
        raise WrongUse(
            f"{recipe.folder} holds volumes, which networks for pictures are not trained on; take --network unet-3d, "
            "or save the slices as pictures."
        )
    if recipe.patch_slices is not None:
        raise WrongUse("patch_slices is for networks for volumes, such as unet-3d; leave it out.")


def _require_volumes(recipe: Recipe, task: Task, findings: Findings) -> None:
    if not task.logits:
        raise WrongUse(
            f"Networks for volumes are trained for segmentation only, not for {task.name}; take a network for "
            "pictures, or train in your own loop, see docs/volumes.md."
        )
    if task.settings.to_dict().get("color"):
        raise WrongUse("Volumes are gray; give --gray, or color = false in the recipe's settings.")
    if not findings.split.of_volumes:
        raise WrongUse(f"{recipe.folder} holds pictures; name the network (--network) to train on them as slices.")
    if recipe.objective not in (None, "supervised"):
        raise WrongUse(f"The objective {recipe.objective} is for pictures; leave it out for volumes.")
    if recipe.audit_above is not None:
        raise WrongUse("audit_above is for networks for pictures; leave it out for volumes.")
