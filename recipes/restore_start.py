"""Join denoise-gray and colorize to the weights that `restore` starts from.

    python recipes/restore_start.py PHOTOS OUTPUT.safetensors [--luma RUN]

The network `luma-chroma` denoises gray pictures, then adds color. Its denoiser gets the weights of denoise-gray,
without those for a noise level; its colorizer those of colorize, without those for hints, and with 0 as gray instead of
128/255. Some of the photos, with noise, calibrate the colorizer's normalization. With --luma, the denoiser is that of a
run of this network.
"""

import argparse
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from repix.arithmetic.color import MIDDLE, luma
from repix.batch.jobs import pictures_in
from repix.networks import luma_chroma
from repix.pictures import read
from repix.training.pretrained import Pretrained, calibrate_norms, trainable_state

PHOTOS = 24
SIDE = 160
"""Height and width of their centers."""
SIGMA = 25 / 255


def main() -> None:
    """Read both models and the photos, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--luma", type=Path, help="a run of luma-chroma, whose denoiser is taken")
    given = parser.parse_args()
    network = joined(Pretrained("denoise-gray").weights(), Pretrained("colorize").weights())
    if given.luma:
        trained = Pretrained(str(given.luma)).weights()
        network.load_state_dict({name: one for name, one in trained.items() if name.startswith("luma.")}, strict=False)
    calibrate_norms(network, list(noisy_centers(file for file, _ in pictures_in(given.photos))))
    save_file({name: tensor.contiguous() for name, tensor in network.state_dict().items()}, given.output)


def joined(denoiser: Mapping[str, Tensor], colorizer: Mapping[str, Tensor]) -> nn.Module:
    """Return the network with the weights of both models, whose layers are folded."""
    network = luma_chroma()
    stages: dict[str, nn.Module] = dict(network.named_children())
    fill(stages["luma"], denoiser)
    fill(stages["chroma"], colorizer)
    with torch.no_grad():
        stages["chroma"].get_parameter("last.bias").sub_(MIDDLE)
    return network


def fill(stage: nn.Module, exported: Mapping[str, Tensor]) -> None:
    """Load weights; further input channels, which are the last ones, are left out."""
    own, given = stage.state_dict(), trainable_state(stage, exported)
    stage.load_state_dict(
        {
            name: given[name].narrow(1, 0, one.shape[1]) if one.ndim == 4 else given[name]
            for name, one in own.items()
            if name in given
        },
        strict=False,
    )
    missing = [name for name in own if name not in given and not name.endswith("num_batches_tracked")]
    if missing:
        raise SystemExit(f"No weights for {', '.join(missing)}.")


def noisy_centers(files: Iterable[Path]) -> Iterable[Tensor]:
    """Yield the gray centers of the first photos that are large enough, with noise."""
    rng = np.random.default_rng(0)
    count = 0
    for file in files:
        gray = luma(read(file).colors())
        top, left = ((size - SIDE) // 2 for size in gray.shape[:2])
        if min(top, left) < 0:
            continue
        center = gray[top : top + SIDE, left : left + SIDE, 0]
        yield torch.from_numpy(center + SIGMA * rng.standard_normal(center.shape)).float()[None, None]
        count += 1
        if count == PHOTOS:
            return


if __name__ == "__main__":
    main()
