"""The time of each bundled model beside what else does the same: python -m benchmarks.speeds.

One picture of 512×512, in turns. Published networks run in torch (eager), with random weights, which do not change the
time: DnCNN (17 layers), VDSR (20), and pix2pix's U-Net of 64 to 512 channels, where no other peer runs without a
download. --only measures some models again; the others stay, with the processor they were measured on.
"""

import argparse
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch

from benchmarks.data import photo
from benchmarks.rows import Row, as_kind
from benchmarks.timing import RESULTS, in_turns, processor, ratio, save, summary
from repix import filters, registry
from repix.arithmetic.arrays import Array
from repix.conversion import open_model
from repix.degradations import gaussian, salt_and_pepper
from repix.models import catalog, model_named
from repix.pictures import Picture

NAME = "models_speed"
SIDE = 512
"""Height and width of the picture; of an enlarger, of its result."""
Call = Callable[[], object]


def batch(picture: Array) -> Array:
    """Return H×W×C as 1×C×H×W."""
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[np.newaxis], dtype=np.float32)


def engine(model: str, picture: Array) -> Call:
    """Return a run of a bundled model on a picture; side inputs have their defaults."""
    opened = open_model(model_named(model))
    task = opened.contract.make_task()
    return partial(opened.run, opened.contract.pad(task.encode(Picture(picture.astype(np.float32)))))


def eager(network: str, settings: dict[str, Any], x: Array) -> Call:
    """Return a run of a published network in torch."""
    kind = registry.get("networks", network)
    module, given = kind.module(kind.from_dict(settings)).eval(), torch.from_numpy(x)

    @torch.no_grad()
    def run() -> object:
        return module(given)

    return run


def peers(model: str, picture: Array) -> dict[str, Call]:
    """Return what a model is compared with, on the same picture."""
    task, channels = catalog()[model].task, picture.shape[2]
    alike = {"in_channels": channels, "out_channels": channels}
    if task == "upscale":
        luma = batch(photo(SIDE, SIDE)[:, :, :1] / np.float32(255))
        return {"VDSR, torch": eager("dncnn", {"in_channels": 1, "out_channels": 1, "depth": 20, "norm": "none"}, luma)}
    if model == "denoise-impulse":
        return {
            "median": partial(filters.median, picture),
            "adaptive-median": partial(filters.adaptive_median, picture),
        }
    if task == "denoise":
        dncnn = {"DnCNN, torch": eager("dncnn", alike, batch(picture))}
        return dncnn if model == "dejpeg" else {**dncnn, "bm3d": partial(filters.bm3d, picture, sigma=25)}
    if task == "restore":
        first, second = engine("denoise-gray", picture), engine("colorize", picture)
        return {"denoise-gray, then colorize": lambda: (first(), second())}
    unet = eager("unet", {"in_channels": channels, "out_channels": 3}, batch(picture))
    wiener = {"wiener-deblur": partial(filters.wiener_deblur, picture)} if task == "deblur" else {}
    return {"U-Net, torch": unet, **wiener}


def picture_for(model: str) -> Array:
    """Return the picture that a model runs on: H×W×C in [0, 1]."""
    contract = open_model(model_named(model)).contract
    settings = contract.make_task().settings
    clean = as_kind(photo(SIDE, SIDE) / np.float32(255), "rgb" if getattr(settings, "color", False) else "gray")
    rng = np.random.default_rng(0)
    if model == "denoise-impulse":
        return salt_and_pepper(clean, rng, 0.2)
    if contract.task == "denoise":
        return gaussian(clean, rng, sigma=25)
    return clean[:: contract.scale, :: contract.scale]


def measured(model: str, rounds: int) -> list[Row]:
    """Return the rows of a model and its peers."""
    picture = picture_for(model).astype(np.float32)
    seconds = in_turns({model: engine(model, picture), **peers(model, picture)}, rounds)
    return [
        {"model": model, "by": by, **summary(t), "times_the_model": ratio(t, seconds[model]), "on": processor()}
        for by, t in seconds.items()
    ]


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(catalog()), default=list(catalog()), metavar="MODEL")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    file = RESULTS / f"{NAME}.json"
    rows = json.loads(file.read_text(encoding="utf-8"))["rows"] if file.exists() else []
    for model in given.only:
        new = measured(model, given.rounds)
        print("; ".join(f"{one['by']}: {one['median_ms']:.0f} ms" for one in new), flush=True)
        rows = [one for one in rows if one["model"] != model] + new
    order = list(catalog())
    kept = [one for one in rows if one["model"] in order]
    save(NAME, sorted(kept, key=lambda one: order.index(one["model"])), ("numpy", "openvino", "torch"))


if __name__ == "__main__":
    main()
