"""(e) Four frameworks of super-resolution with eight building blocks, at equal work."""

from collections.abc import Iterator

from benchmarks.lectures import pictures
from benchmarks.lectures.experiment import Experiment, Found, Given
from benchmarks.lectures.grids import compared, member, plan_of
from repix import registry
from repix.training import Recipe

STEPS, SEEDS = 200, 1
FRAMEWORKS = ("pre", "post", "progressive", "iterative")
BLOCKS = (
    *("residual", "recursive", "channel-attention", "dense"),
    *("local-multi-path", "scale-multi-path", "group", "pyramid"),
)
SCALE = 4
"""At ×2, the progressive framework has one step, and is the same as enlarging after the network."""
WORK = 100_000
"""Multiply-adds per pixel of the source that each network has, as nearly as its width allows."""
DEPTH, WIDTHS = 2, range(6, 26, 2)


def width_for(framework: str, block: str) -> int:
    """Return the width at which the network needs about as much work as all others."""
    network = registry.get("networks", "super-resolution")
    possible = {
        width: network.config(1, 1, scale=SCALE, framework=framework, block=block, depth=DEPTH, width=width)
        for width in WIDTHS
    }
    fitting = {width: config for width, config in possible.items() if network.fits(config) is None}
    return min(fitting, key=lambda width: abs(network.cost(fitting[width]).macs - WORK))


def run(given: Given) -> Iterator[Found]:
    """Train all combinations."""
    count = given.pictures or 100
    folder = pictures.photos(given.photos, given.output / "photos", count, min(24, max(4, count // 2)))
    base = Recipe(
        "upscale", str(folder.resolve()), steps=given.steps or STEPS, patch_size=24, batch_size=8, lr=0.002,
        optimizer="adamw", validations=3, settings={"color": False, "scale": SCALE}, network="super-resolution",
    )  # fmt: skip
    members = [
        member(
            f"{framework}, {block}", base,
            framework=framework, block=block, depth=DEPTH, width=width_for(framework, block),
        )
        for framework in FRAMEWORKS
        for block in BLOCKS
    ]  # fmt: skip
    yield compared("Frameworks × blocks", plan_of(members, given.seeds or SEEDS), given.output / "grid")


EXPERIMENT = Experiment(
    "frameworks",
    "Frameworks and building blocks of super-resolution, at equal work",
    "the picture is enlarged before the network, after it, step by step, or up and down repeatedly; blocks are "
    "residual, recursive, with channel attention, dense, with several paths, with paths for each scale, grouped, or "
    "with pyramid pooling.",
    run,
)
