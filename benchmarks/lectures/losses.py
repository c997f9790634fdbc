"""(h) Losses: L1, MSE, Charbonnier, and L1 with the perceptual loss, for denoising, ×2 and colorizing."""

from collections.abc import Iterator
from dataclasses import replace

from benchmarks.lectures import pictures
from benchmarks.lectures.experiment import Experiment, Found, Given
from benchmarks.lectures.grids import compared, member, plan_of
from repix.training import Recipe

STEPS, SEEDS = 300, 2
LOSSES = ("l1", "mse", "charbonnier")
PERCEPTUAL = "l1 + perceptual"
WEIGHTS = {"pixel": 1.0, "perceptual": 0.1}


def run(given: Given) -> Iterator[Found]:
    """Train each task with each loss."""
    count = given.pictures or 100
    folder = pictures.photos(given.photos, given.output / "photos", count, min(24, max(4, count // 2)))
    shared = {"steps": given.steps or STEPS, "batch_size": 8, "lr": 0.002, "optimizer": "adamw", "validations": 4}
    small = {"network": "efficient-unet", "network_settings": {"widths": (16, 32, 64), "blocks": (1, 1, 1)}}
    plain = {"network": "unet", "network_settings": {"widths": (16, 32, 64, 64)}}
    row = {"network": "super-resolution", "network_settings": {"depth": 3, "width": 24}}
    place = str(folder.resolve())
    parts = (
        ("Denoise, σ = 25", Recipe("denoise", place, patch_size=64, settings={"sigma": (25, 25)}, **shared, **small)),
        ("Upscale ×2", Recipe("upscale", place, patch_size=32, settings={"color": False}, **shared, **row)),
        ("Colorize", Recipe("colorize", place, patch_size=96, **shared, **plain)),
    )
    for title, recipe in parts:
        members = [member(loss, recipe, task_settings={"loss": loss}) for loss in LOSSES]
        with_features = replace(recipe, objective="perceptual", objective_settings=WEIGHTS)
        members.append(member(PERCEPTUAL, with_features, task_settings={"loss": "l1"}))
        yield compared(title, plan_of(members, given.seeds or SEEDS), given.output / recipe.task)


EXPERIMENT = Experiment(
    "losses",
    "Losses: L1, MSE, Charbonnier, and L1 with the perceptual loss",
    "a regression is trained with the mean squared or the mean absolute error; the U-Net for pictures uses the "
    "absolute one.",
    run,
)
