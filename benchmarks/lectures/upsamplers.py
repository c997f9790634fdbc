"""(c) All upsamplers in the same networks on three tasks: denoising, ×2, and segmentation of pets."""

from collections.abc import Iterator

from benchmarks.lectures import pictures
from benchmarks.lectures.experiment import Experiment, Found, Given
from benchmarks.lectures.grids import compared, member, plan_of
from repix.training import Recipe

STEPS, SEEDS = 200, 2
UPSAMPLERS = (
    *("transposed kernel=2", "transposed kernel=3", "transposed kernel=4", "large-kernel-transposed", "pixel-shuffle"),
    *("resize-conv", "resize-conv method=bilinear", "checkerboard-free", "carafe", "dysample"),
)
"""Those that take any number of channels, so that all fit into the same networks."""


def run(given: Given) -> Iterator[Found]:
    """Train every upsampler in a small network of each task."""
    count = given.pictures or 100
    few = min(24, max(4, count // 2))
    photos = pictures.photos(given.photos, given.output / "photos", count, few)
    pets = pictures.pets(given.pets, given.output / "pets", 4 * count, min(64, 4 * few))
    steps = given.steps or STEPS
    shared = {"steps": steps, "validations": 3, "optimizer": "adamw", "lr": 0.002}
    of_photos, of_pets = str(photos.resolve()), str(pets.resolve())
    denoise = Recipe(
        "denoise", of_photos, patch_size=64, batch_size=8, settings={"color": False, "sigma": (25, 25)}, **shared,
        network="efficient-unet", network_settings={"widths": (16, 32, 64), "blocks": (1, 1, 1)},
    )  # fmt: skip
    upscale = Recipe(
        "upscale", of_photos, patch_size=32, batch_size=8, settings={"color": False}, **shared,
        network="super-resolution", network_settings={"depth": 3, "width": 24},
    )  # fmt: skip
    segment = Recipe(
        "segment", of_pets, patch_size=pictures.SIDE, batch_size=4, **shared,
        network="unet", network_settings={"widths": (16, 32, 64, 64)},
    )  # fmt: skip
    parts = (("Denoise, σ = 25", denoise), ("Upscale ×2", upscale), ("Pets", segment))
    for title, recipe in parts:
        members = [member(one, recipe, upsampler=one) for one in UPSAMPLERS]
        yield compared(title, plan_of(members, given.seeds or SEEDS), given.output / recipe.task)


EXPERIMENT = Experiment(
    "upsamplers",
    "All upsamplers on three tasks",
    "feature maps can be enlarged by interpolation, reshaping, pixel shuffle, unpooling or transposed convolutions; "
    "interpolation alone lacks detail, so a convolution follows it; transposed convolutions make checkerboards.",
    run,
)
