"""Progress of a swap: what an interrupted one has done already, and how it goes on."""

import json

import torch
from torch import nn

from repix.errors import WrongUse
from repix.training import Reporter
from repix.training.deadline import stopwatch
from repix.training.pretrained import read_weights
from repix.training.recipe import Recipe
from repix.training.run import resume_locked, train_locked
from repix.training.run_folder import RunFolder, new_run

REPORT = "swap.json"
"""The file with the report, in the folder of the new run."""
RELATIVE, ABSOLUTE = 0.01, 0.001
"""Differences of converted weights that rounding may cause, on another machine."""


def is_begun(folder: RunFolder, recipe: Recipe, control: bool) -> bool:
    """Return True for the folder of an interrupted swap; refuse one that is neither new nor the same swap."""
    if not (folder.recipe.exists() and folder.initial.exists()) or _is_reported(folder, control):
        new_run(folder.path)
        return False
    differs = recipe.differs(folder.read_recipe()[0])
    if differs is not None:
        raise WrongUse(f"{folder.path} is a swap with other settings ({differs} differs); name another folder.")
    return True


def load_initial(module: nn.Module, folder: RunFolder) -> None:
    """Load the weights that an interrupted swap began with; those of the swap of another run are refused."""
    converted, initial = module.state_dict(), read_weights(folder.initial)
    close = converted.keys() == initial.keys() and all(
        one.shape == initial[name].shape and torch.allclose(one, initial[name].to(one.dtype), RELATIVE, ABSOLUTE)
        for name, one in converted.items()
    )
    if not close:
        raise WrongUse(f"{folder.path} began with the weights of another run; name another folder.")
    module.load_state_dict(initial)


def train_on(recipe: Recipe, folder: RunFolder, reporter: Reporter) -> bool:
    """Train a run in a locked folder, or continue it; return True if it is complete."""
    if not folder.recipe.exists():
        return train_locked(recipe, folder, reporter, stopwatch()).complete
    return folder.finished or resume_locked(folder, reporter).complete


def _is_reported(folder: RunFolder, control: bool) -> bool:
    """Return True if the report is written, with the control if it is asked for; a damaged one is written again."""
    try:
        known = json.loads((folder.path / REPORT).read_bytes())
        return bool(known["complete"]) and not (control and known["control_steps"] is None)
    except (OSError, ValueError, KeyError, TypeError):
        return False
