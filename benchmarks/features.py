"""Order of changes by distances of features: python -m benchmarks.features PHOTOS.

The middle of each photo is changed harmlessly (a shift, a gain ...), and degraded by the largest strength whose
mean squared error is not above that of the harmless change. A measure is right if the degraded picture is farther from
the photo. Printed are the shares of right orders for MSE (never, by construction), SSIM, the feature network, the same
network with random weights (three seeds together), and features of two bundled models; L1: the mean absolute difference
of features instead of the distance between unit vectors. Changes marked * do not occur in the training of the feature
network (recipes/features.py). Use photos that it has not seen.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from repix import metrics, registry
from repix.arithmetic.arrays import Array
from repix.arithmetic.resampling import resize_picture
from repix.batch.jobs import pictures_in
from repix.degradations import gaussian, gaussian_blur, jpeg, motion_blur, salt_and_pepper
from repix.networks._features import PictureFeatures, bundled_features, distance
from repix.pictures import read
from repix.training.pretrained import Pretrained

SIDE, MARGIN = 128, 8
"""Side of the part that is compared, and of the pixels around it."""
SEEDS = (0, 1, 2)
"""Of the networks with random weights."""
BUNDLED = ("denoise-photo", "segment-street")
MAPS = 4
"""Feature maps of a bundled model."""

Maps = tuple[Tensor, ...]
Features = Callable[[Tensor], Maps]

HARMLESS: Mapping[str, Callable[[Array], Array]] = {
    "shift 1": lambda x: middle(np.roll(x, 1, 1)),
    "shift 2": lambda x: middle(np.roll(x, (2, 2), (0, 1))),
    "gain 1.1": lambda x: middle(x * 1.1).clip(0, 1),
    "gamma 1.2": lambda x: middle(x**1.2),
    "offset 0.05*": lambda x: middle(x + 0.05).clip(0, 1),
    "enlarged 1 %*": lambda x: middle(enlarged(x)),
}
DEGRADED: Mapping[str, tuple[Callable[[Array, float], Array], float, float]] = {
    "blur": (gaussian_blur, 0.2, 12.0),
    "noise": (lambda x, sigma: gaussian(x, np.random.default_rng(0), sigma), 0.2, 120.0),
    "JPEG": (lambda x, loss: jpeg(x, 100 - int(loss)), 0.0, 99.0),
    "motion blur*": (lambda x, length: motion_blur(x, length, 30.0), 1.1, 15.0),
    "salt and pepper*": (lambda x, share: salt_and_pepper(x, np.random.default_rng(0), share), 1e-5, 0.5),
}
"""A function of a picture and a strength, with the smallest and the largest strength."""


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    files = [file for file, _ in pictures_in(parser.parse_args().photos)]
    networks = every_network([middle(part_of(file)) for file in files[::6]])
    right: Right = {}
    for number, file in enumerate(files, start=1):
        compare(part_of(file), networks, right)
        print(f"{number} of {len(files)}", file=sys.stderr)
    show(right)


Right = dict[tuple[str, str, str], list[bool]]
"""Right orders by measure, harmless change and degradation."""


def compare(photo: Array, networks: Mapping[str, Features], right: Right) -> None:
    """Add the orders that each measure gives for a photo."""
    first = middle(photo)
    first_maps = maps_of(networks, first)
    for name, change in HARMLESS.items():
        harmless = change(photo)
        near = distances(first, harmless, first_maps, maps_of(networks, harmless))
        for kind in DEGRADED:
            degraded = equally_wrong(photo, kind, float(np.square(harmless - first).mean()))
            if degraded is None:
                continue
            far = distances(first, degraded, first_maps, maps_of(networks, degraded))
            for measure in near:
                key = (measure.partition(",")[0], name, kind)
                right.setdefault(key, []).append(far[measure] > near[measure])


def distances(first: Array, second: Array, maps: Mapping[str, Maps], others: Mapping[str, Maps]) -> dict[str, float]:
    """Return all distances between two pictures, by the name of the measure; a comma precedes a random seed."""
    found = {"MSE": float(np.square(first - second).mean()), "SSIM": 1 - metrics.ssim_wang(second.clip(0, 1), first)}
    for network, one in maps.items():
        name, comma, seed = network.partition(",")
        found[network] = float(distance(one, others[network]))
        found[f"{name} L1{comma}{seed}"] = plain_distance(one, others[network])
    return found


def show(right: Right) -> None:
    """Print the shares over all, by harmless change, and by degradation."""
    measures = list(dict.fromkeys(measure for measure, _, _ in right))
    print(f"| | pairs | {' | '.join(measures)} |\n|{'---|' * (len(measures) + 2)}")
    for chosen in ("all", *HARMLESS, *DEGRADED):
        found = {
            measure: np.concatenate(
                [v for key, v in right.items() if key[0] == measure and chosen in ("all", *key[1:])]
            )
            for measure in measures
        }
        cells = " | ".join(f"{values.mean():.0%}" for values in found.values())
        print(f"| {chosen} | {len(found[measures[0]])} | {cells} |")


def every_network(photos: list[Array]) -> dict[str, Features]:
    """Return the networks to compare; those with random weights are normalized on some photos."""
    networks: dict[str, Features] = {"features": bundled_features()}
    networks |= {f"random weights,{seed}": random_network(seed, photos) for seed in SEEDS}
    return networks | {name: bundled_maps(name) for name in BUNDLED}


def maps_of(networks: Mapping[str, Features], picture: Array) -> dict[str, Maps]:
    """Return the features of a picture."""
    with torch.no_grad():
        return {name: network(tensor(picture)) for name, network in networks.items()}


def plain_distance(first: Maps, second: Maps) -> float:
    """Return the sum over the maps of the mean absolute difference, relative to the mean magnitude."""
    return sum(float((a - b).abs().mean() / a.abs().mean()) for a, b in zip(first, second, strict=True))


def random_network(seed: int, photos: list[Array]) -> PictureFeatures:
    """Return the feature network before its training, with the normalization of its first batch."""
    torch.manual_seed(seed)
    network = PictureFeatures(norm=True)
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = 1.0
    with torch.no_grad():
        network(torch.cat([tensor(photo) for photo in photos]))
    return network.eval()


def bundled_maps(name: str) -> Features:
    """Return the function from a picture to the outputs of some convolutions of a bundled model, evenly spaced."""
    pretrained = Pretrained(name)
    network = registry.get("networks", pretrained.network or "")
    module = network.module(network.config(**pretrained.network_settings)).eval()
    pretrained.load_into(module, channels=3)
    layers = [one for one in module.modules() if isinstance(one, nn.Conv2d)]
    maps: list[Tensor] = []
    for k in range(1, MAPS + 1):
        layers[len(layers) * k // (MAPS + 1)].register_forward_hook(lambda _layer, _given, output: maps.append(output))

    def features(x: Tensor) -> Maps:
        maps.clear()
        module(x)
        return tuple(maps)

    return features


def equally_wrong(photo: Array, kind: str, wanted: float) -> Array | None:
    """Return the degraded middle whose squared error is at most this and as large as possible; None without one."""
    degrade, low, high = DEGRADED[kind]
    first = middle(photo)

    def error(strength: float) -> float:
        return float(np.square(middle(degrade(photo, strength)) - first).mean())

    if error(low) > wanted or error(high) < wanted:
        return None
    for _ in range(14):
        center = (low + high) / 2
        low, high = (center, high) if error(center) <= wanted else (low, center)
    return middle(degrade(photo, low))


def part_of(file: Path) -> Array:
    """Return the middle of a photo with its margin."""
    colors = read(file).colors().astype(np.float64)
    top, left = ((side - SIDE - 2 * MARGIN) // 2 for side in colors.shape[:2])
    return colors[top : top + SIDE + 2 * MARGIN, left : left + SIDE + 2 * MARGIN]


def middle(photo: Array) -> Array:
    """Return a picture without its margin."""
    return photo[MARGIN:-MARGIN, MARGIN:-MARGIN]


def enlarged(photo: Array) -> Array:
    """Return a picture enlarged by 1 % around its center."""
    large = resize_picture(photo, scale=1.01, method="bicubic")
    top, left = ((new - old) // 2 for new, old in zip(large.shape[:2], photo.shape[:2], strict=True))
    return large[top : top + photo.shape[0], left : left + photo.shape[1]].clip(0, 1)


def tensor(picture: Array) -> Tensor:
    """Return 1×C×H×W of 32 bits."""
    return torch.from_numpy(picture.transpose(2, 0, 1)[None].astype(np.float32))


if __name__ == "__main__":
    main()
