"""(g) The lecture's U-Net for pictures: denoise, colorize, deblur, edges to scene (pets), and ×4 from 256 to 1024."""

from collections.abc import Iterator

from benchmarks.lectures import pictures
from benchmarks.lectures.experiment import Experiment, Found, Given
from benchmarks.lectures.grids import compared, member, plan_of
from repix.training import Recipe

STEPS, SEEDS = 200, 1
WIDTHS = (32, 64, 128, 256, 256)
"""Half the channels of the lecture, so that a run takes minutes."""


def run(given: Given) -> Iterator[Found]:
    """Train the network on each task."""
    count = given.pictures or 200
    few = min(24, max(4, count // 2))
    photos = str(pictures.photos(given.photos, given.output / "photos", count, few).resolve())
    masked = pictures.pets(given.pets, given.output / "pets", 2 * count, few)
    pets = str(pictures.without_masks(masked, given.output / "pet-photos").resolve())
    shared = {"steps": given.steps or STEPS, "batch_size": 4, "lr": 0.001, "optimizer": "adamw", "validations": 4}
    unet = {"network": "picture-unet", "network_settings": {"widths": WIDTHS}}
    enlarging = {"network": "picture-unet", "network_settings": {"widths": WIDTHS[:-1]}}
    parts = (
        ("Denoise, σ = 25", Recipe("denoise", photos, patch_size=128, settings={"sigma": (25, 25)}, **shared, **unet)),
        ("Colorize", Recipe("colorize", photos, patch_size=128, **shared, **unet)),
        ("Deblur", Recipe("deblur", photos, patch_size=128, **shared, **unet)),
        ("Edges → scene (pets)", Recipe("scene", pets, patch_size=128, **shared, **unet)),
        ("Upscale ×4", Recipe("upscale", photos, patch_size=32, settings={"scale": 4}, **shared, **enlarging)),
    )
    for title, recipe in parts:
        members = [member("picture U-Net", recipe, task_settings={"loss": "l1"})]
        yield compared(title, plan_of(members, given.seeds or SEEDS, _others(recipe)), given.output / recipe.task)


def _others(recipe: Recipe) -> list[str]:
    """Return what the network is compared with, besides the source."""
    return ["lanczos scale=4"] if recipe.task == "upscale" else ["bm3d"] if recipe.task == "denoise" else []


EXPERIMENT = Experiment(
    "picture-unet",
    "The lecture's U-Net for pictures",
    "one U-Net, with 4×4 transposed convolutions, tanh and the absolute error, denoises, colorizes, deblurs, turns "
    "edges into a scene, and enlarges ×4.",
    run,
)
