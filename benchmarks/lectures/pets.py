"""(a, b) Pets at 128×128: from one pixel's color to a U-Net, with and without skip connections."""

from collections.abc import Iterator

from benchmarks.lectures import pictures
from benchmarks.lectures.experiment import Experiment, Found, Given
from benchmarks.lectures.grids import compared, member, plan_of
from repix.training import Recipe

STEPS, SEEDS = 300, 2
WIDTHS = (16, 32, 64, 128, 128)
"""A quarter of the lecture's channels, so that all runs together take minutes and not hours."""


def run(given: Given) -> Iterator[Found]:
    """Train the lecture's networks in its order."""
    count = given.pictures or 480
    folder = pictures.pets(given.pets, given.output / "pets", count, min(64, max(4, count // 2)))
    base = Recipe(
        "segment",
        str(folder.resolve()),
        steps=given.steps or STEPS,
        patch_size=pictures.SIDE,
        batch_size=8,
        lr=0.002,
        optimizer="adamw",
        validations=6,
    )
    members = [
        member("1. color of the pixel (1×1)", base, network="pixelwise", widths=(16, 16)),
        member("2. kernel 5×5", base, network="wide-kernel", kernels=(5,), width=16),
        member("3. kernels 9×9 and 5×5", base, network="wide-kernel", kernels=(9, 5), width=16),
        member("4. dense layer, reshaped", base, network="dense-reshape", widths=(*WIDTHS, 128)),
        member("5. encoder, interpolation only", base, network="encoder-decoder", widths=WIDTHS, refine=False),
        member("5. encoder–decoder (no skips)", base, network="encoder-decoder", widths=WIDTHS),
        member("6. U-Net (skips)", base, network="unet", widths=WIDTHS),
    ]
    yield compared("Pets", plan_of(members, given.seeds or SEEDS), given.output / "grid")


EXPERIMENT = Experiment(
    "pets",
    "Pets, from one pixel to a U-Net",
    "the color of a pixel is the first idea, larger kernels the second; a dense layer reshaped to pixels is more "
    "efficient but has a problem; an encoder–decoder, and skip connections, are the answer. Interpolation alone lacks "
    "detail, and a convolution after it helps.",
    run,
)
