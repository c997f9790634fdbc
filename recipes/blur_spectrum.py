"""Train the layers of `repix.networks._blur_spectrum`: python recipes/blur_spectrum.py PHOTOS OUTPUT.npz.

Photos are blurred with known kernels, and two layers on the local power spectrum learn to predict direction, length
and width. Their 64 feature channels are stored in `src/repix/networks/blur_spectrum.npz`; a conditioned network learns
how to use them. The 20 of 400 photos that the recipe `deblur.toml` holds out are not used here. 4 minutes on one core.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from repix.data import find
from repix.data.splits import split
from repix.degradations import gaussian, gaussian_blur, motion_blur
from repix.degradations.gray import gray
from repix.networks._blur_spectrum import CONDITION_CHANNELS, Spectrum
from repix.pictures import read

SIDE = 160
COUNT = 12_000
EPOCHS = 40
BATCH = 64
RATE = 1e-3
KEPT_OUT = 20


def main() -> None:
    """Draw examples, learn, say how well, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("output", type=Path)
    given = parser.parse_args()
    parts = split(find(given.photos), KEPT_OUT).parts
    torch.manual_seed(0)
    seen, truth = examples([given.photos / item.files[0] for item in parts["train"]], COUNT)
    new, new_truth = examples([given.photos / item.files[0] for item in parts["validation"]], COUNT // 10)
    first, second = (
        nn.Conv2d(seen.shape[1], 2 * CONDITION_CHANNELS, 1),
        nn.Conv2d(2 * CONDITION_CHANNELS, CONDITION_CHANNELS, 1),
    )
    head = nn.Conv2d(CONDITION_CHANNELS, truth.shape[1], 1)
    telling = nn.Sequential(nn.Dropout(0.1), first, nn.ReLU(), second, nn.ReLU(), head)
    learn(telling, seen, truth)
    with torch.no_grad():
        for weight in telling.parameters():
            weight.copy_(weight.half())  # as they are kept
        found = telling.eval()(new).flatten(1)
    print(quality(found, new_truth.flatten(1)))
    weights = {"first": first.weight, "first_bias": first.bias, "second": second.weight, "second_bias": second.bias}
    np.savez_compressed(given.output, **{name: one.detach().half().numpy() for name, one in weights.items()})


def examples(files: list[Path], count: int) -> tuple[Tensor, Tensor]:
    """The spectra in the middle of blurred pieces, N×544×1×1, and what there is to tell of their blurs."""
    photos, rng = [gray(read(file).colors()) for file in files], np.random.default_rng(len(files))
    spectrum, spectra, truths = Spectrum(), [], []
    for _ in range(count):
        photo = photos[rng.integers(len(photos))]
        y, x = (rng.integers(side - SIDE + 1) for side in photo.shape[:2])
        piece, truth = blurred(photo[y : y + SIDE, x : x + SIDE], rng)
        with torch.no_grad():
            found = spectrum(torch.from_numpy(piece.transpose(2, 0, 1)[None].copy()).float())
        spectra.append(found[:, :, 5:6, 5:6])
        truths.append(truth)
    return torch.cat(spectra), torch.tensor(truths)[:, :, None, None].float()


def blurred(piece: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, list[float]]:
    """One kind of blur with noise of up to 2 %; a motion's direction and length, whether it is one, a bell's width."""
    sigma, length, angle = rng.uniform(0.3, 3.2), rng.uniform(1, 16), rng.uniform(0, 180)
    noise, across = rng.uniform(0, 5.1), np.deg2rad(2 * angle)
    if rng.random() < 0.3:
        return gaussian(gaussian_blur(piece, sigma), rng, noise), [0, 0, 0, 0, 0, 0, sigma / 1.5]
    ways = [float(np.cos(across)), float(np.sin(across))]
    moved = [*(way * length / 8 for way in ways), *ways, length / 8, 1, 0]
    return gaussian(motion_blur(piece, length, angle), rng, noise), moved


def learn(model: nn.Module, spectra: Tensor, truth: Tensor) -> None:
    """Many rounds through all examples, at a falling rate."""
    steps = EPOCHS * -(-len(spectra) // BATCH)
    optimizer = torch.optim.AdamW(model.parameters(), RATE, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(EPOCHS):
        for some in torch.randperm(len(spectra)).split(BATCH):
            loss = (model(spectra[some]) - truth[some]).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()


def quality(found: Tensor, truth: Tensor) -> str:
    """Return the errors of direction, length and width on held-out photos, as text."""
    moved = truth[:, 5] == 1
    angles = [torch.atan2(one[moved, 3], one[moved, 2]).rad2deg() / 2 for one in (found, truth)]
    off = ((angles[0] - angles[1] + 90) % 180 - 90).abs()[8 * truth[moved, 4] > 5]
    length = 8 * (found[moved, 4] - truth[moved, 4]).square().mean().sqrt()
    width = 1.5 * (found[~moved, 6] - truth[~moved, 6]).square().mean().sqrt()
    right = ((found[:, 5] > 0.5) == moved).float().mean()
    return (
        f"direction (longer than 5 pixels): half within {off.median():.1f}°, 90 % within {off.quantile(0.9):.1f}°; "
        f"length: {length:.2f} pixels off (rms); width of bells: {width:.2f} pixels; motion or bell: {right:.1%} right"
    )


if __name__ == "__main__":
    main()
