"""Train the feature network of `repix.networks`: python recipes/features.py PHOTOS OUTPUT.npz.

Three views of each crop of a photo are compared: the crop, a harmless change of it (a shift by 1 or 2 pixels, a gain, a
gamma), and a degraded one (blur, noise, JPEG, downsampling), whose mean squared error is made equal to that of the
harmless change. The features learn that the degraded one is farther away. Heads learn kind and strength of the
degradation and the rotation of each view, and, with --pets (a folder in the layout of Oxford-IIIT Pet) and --street (a
folder with `train` and `train-labels`), breeds and street classes. The heads are not stored.

The training continues where it stopped if the same command is repeated: its state is in OUTPUT.ckpt. STEPS steps take
about 15 minutes on one core.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from repix.arithmetic.arrays import Array
from repix.arithmetic.resampling import resize_picture
from repix.batch.jobs import pictures_in
from repix.degradations import gaussian, gaussian_blur, jpeg
from repix.masks import read_mask
from repix.networks._features import WIDTHS, PictureFeatures, distance
from repix.pictures import read

SIDE = 64
"""Side of a crop, in pixels."""
MARGIN = 3
"""More pixels on each side, for shifts."""
KEPT = 8
"""Crops kept of each photo."""
SHORT = 96
"""Short side to which pets are shrunk; streets have half their size."""
STEPS, BATCH, RATE = 1600, 8, 2e-3
SAVED = 100
"""Steps between two checkpoints."""
KINDS = ("clean", "blur", "noise", "jpeg", "downsampling")
STREET_CLASSES, IGNORED = 11, 255
SHARPNESS = 4.0
"""Slope of the ranking loss, over the logarithm of distances."""

Pixels = np.ndarray


@dataclass(frozen=True)
class Source:
    """Pictures in memory, with the class of each or of each pixel."""

    pictures: list[Pixels]
    classes: list[Any]
    """Breeds as numbers, label maps, or None."""


@dataclass
class Batch:
    """Three views of each crop, one after the other: original, harmless change, degraded."""

    views: Tensor
    """3N×3×64×64."""
    kinds: Tensor
    strengths: Tensor
    turns: Tensor
    breeds: Tensor
    """N; 255 without one."""
    streets: Tensor
    """N×64×64; 255 without a class."""
    comparable: Tensor
    """N: 1 if harmless change and degradation have equal mean squared errors."""


class Learner(nn.Module):
    """The feature network with its heads."""

    def __init__(self, breeds: int) -> None:
        super().__init__()
        self.features = PictureFeatures(norm=True)
        pooled = 2 * sum(WIDTHS)
        self.kind, self.strength = nn.Linear(pooled, len(KINDS)), nn.Linear(pooled, 1)
        self.turn, self.breed = nn.Linear(pooled, 4), nn.Linear(pooled, max(breeds, 1))
        self.street = nn.Conv2d(sum(WIDTHS[2:4]), STREET_CLASSES, 1)

    def loss(self, batch: Batch) -> tuple[Tensor, dict[str, float]]:
        """Return the sum of all losses, and what to print."""
        maps = self.features(batch.views)
        first, harmless, degraded = ([one[k::3] for one in maps] for k in range(3))
        near, far = distance(tuple(first), tuple(harmless)), distance(tuple(first), tuple(degraded))
        ahead = (near + 1e-6).log() - (far + 1e-6).log()
        rank = (functional.softplus(SHARPNESS * ahead) * batch.comparable).sum() / batch.comparable.sum().clamp(min=1)
        pooled = torch.cat([torch.cat([m.mean((2, 3)), (m.var((2, 3)) + 1e-5).sqrt()], 1) for m in maps], 1)
        kinds, turns = self.kind(pooled), self.turn(pooled)
        losses = {
            "rank": rank,
            "kind": functional.cross_entropy(kinds, batch.kinds),
            "strength": (self.strength(pooled)[:, 0] - batch.strengths).square().mean(),
            "turn": functional.cross_entropy(turns, batch.turns),
            "breed": masked_cross_entropy(self.breed(pooled[::3]), batch.breeds),
            "street": masked_cross_entropy(self._street(maps), batch.streets[:, 4::8, 4::8]),
        }
        said = {name: value.item() for name, value in losses.items()}
        said["rank right"] = ((ahead < 0) * batch.comparable).sum().item() / batch.comparable.sum().clamp(min=1).item()
        said["kind right"] = (kinds.argmax(1) == batch.kinds).float().mean().item()
        return torch.stack(list(losses.values())).sum(), said

    def _street(self, maps: tuple[Tensor, ...]) -> Tensor:
        """Return street classes at an eighth of the size."""
        fine = functional.avg_pool2d(maps[2][::3], 2)
        scores: Tensor = self.street(torch.cat([fine, maps[3][::3]], 1))
        return scores


def masked_cross_entropy(scores: Tensor, classes: Tensor) -> Tensor:
    """Return the cross entropy of those that have a class; 0 without any."""
    known = (classes != IGNORED).sum()
    return functional.cross_entropy(scores, classes, ignore_index=IGNORED, reduction="sum") / known.clamp(min=1)


def main() -> None:
    """Read, train, and write the features."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--pets", type=Path, help="a folder in the layout of Oxford-IIIT Pet")
    parser.add_argument("--street", type=Path, help="a folder with `train` and `train-labels`")
    parser.add_argument("--steps", type=int, default=STEPS)
    given = parser.parse_args()
    sources = [photos(given.photos)]
    sources += [pets(given.pets)] if given.pets else []
    sources += [streets(given.street)] if given.street else []
    breeds = 1 + max([one for source in sources for one in source.classes if isinstance(one, int)], default=0)
    torch.manual_seed(0)
    learner = Learner(breeds)
    train(learner, sources, given.steps, given.output.with_suffix(".ckpt"))
    weights = folded(learner.features)
    np.savez_compressed(given.output, **{name: one.half().numpy() for name, one in weights.items()})


def train(learner: Learner, sources: list[Source], steps: int, checkpoint: Path) -> None:
    """Train for so many steps in total, from the checkpoint on if there is one."""
    optimizer = torch.optim.AdamW(learner.parameters(), RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, steps, pct_start=0.05)
    start, parts = 0, {"learner": learner, "optimizer": optimizer, "schedule": schedule}
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        start = state["step"]
        if state["steps"] != steps:
            raise SystemExit(f"{checkpoint} is of a training with {state['steps']} steps; give --steps, or delete it.")
        for name, part in parts.items():
            part.load_state_dict(state[name])
    totals: dict[str, float] = {}
    for step in range(start, steps):
        loss, said = learner.loss(drawn(sources, np.random.default_rng([0, step])))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(learner.parameters(), 5.0)
        optimizer.step()
        schedule.step()
        totals = {name: totals.get(name, 0.0) + value for name, value in said.items()}
        if (step + 1) % SAVED == 0 or step + 1 == steps:
            print(step + 1, *(f"{name} {value / SAVED:.3f}" for name, value in totals.items()), flush=True)
            totals = {}
            partial = checkpoint.with_suffix(".part")
            torch.save(
                {"step": step + 1, "steps": steps} | {name: part.state_dict() for name, part in parts.items()}, partial
            )
            partial.replace(checkpoint)


def folded(network: PictureFeatures) -> dict[str, Tensor]:
    """Return the weights of the same network without batch normalization."""
    plain = PictureFeatures()
    for scale, into in zip(network.eval().scales, plain.scales, strict=True):
        convolutions = [one for one in into if isinstance(one, nn.Conv2d)]
        layers = list(scale)
        pairs = [(layer, layers[k + 1]) for k, layer in enumerate(layers) if isinstance(layer, nn.Conv2d)]
        for target, (convolution, norm) in zip(convolutions, pairs, strict=True):
            merged = nn.utils.fuse_conv_bn_eval(convolution, norm)
            target.load_state_dict(merged.state_dict())
    return {name: value.detach() for name, value in plain.state_dict().items()}


# ------------------------------------------------------------------------------------------------------------ pictures


def photos(folder: Path) -> Source:
    """Return crops of the photos of a folder."""
    rng, crops = np.random.default_rng(0), []
    for file, _ in pictures_in(folder):
        pixels = colors(file)
        if min(pixels.shape[:2]) < SHORT:
            continue
        crops += [random_crop(pixels, rng, SHORT)[0].copy() for _ in range(KEPT)]
    if not crops:
        raise SystemExit(f"{folder} has no photos of at least {SHORT}×{SHORT} pixels.")
    return Source(crops, [None] * len(crops))


def pets(folder: Path) -> Source:
    """Return the pets of `annotations/trainval.txt`, shrunk, with the numbers of their breeds."""
    lines = [line.split() for line in (folder / "annotations" / "trainval.txt").read_text().splitlines()]
    lines = [words for words in lines if words and not words[0].startswith("#")]
    numbers = {breed: k for k, breed in enumerate(sorted({words[1] for words in lines}, key=int))}
    pictures = [shrunk(colors(folder / "images" / f"{words[0]}.jpg"), SHORT) for words in lines]
    return Source(pictures, [numbers[words[1]] for words in lines])


def streets(folder: Path) -> Source:
    """Return the street photos of `train` at half their size, with the classes of their pixels."""
    labels = {file.stem: file for file, _ in pictures_in(folder / "train-labels")}
    pictures, maps = [], []
    for file, _ in pictures_in(folder / "train"):
        pixels, ids = colors(file), read_mask(labels[file.stem]).pixels[::2, ::2]
        pictures.append(shrunk(pixels, min(ids.shape)))
        maps.append(np.where(ids < STREET_CLASSES, ids, IGNORED).astype(np.int64))
    return Source(pictures, maps)


def colors(file: Path) -> Pixels:
    """Return 8-bit RGB."""
    pixels = np.rint(255 * read(file).colors()).astype(np.uint8)
    return pixels if pixels.shape[2] == 3 else np.repeat(pixels, 3, axis=2)


def shrunk(pixels: Pixels, short: int) -> Pixels:
    """Return a picture whose shorter side has this length."""
    scale = short / min(pixels.shape[:2])
    size = (round(pixels.shape[0] * scale), round(pixels.shape[1] * scale))
    small = resize_picture(pixels.astype(np.float32), size, method="bilinear", antialias=True)
    return np.rint(small).clip(0, 255).astype(np.uint8)


# ------------------------------------------------------------------------------------------------------------- batches


def drawn(sources: list[Source], rng: np.random.Generator) -> Batch:
    """Return a batch; half of its crops are of photos."""
    views, kinds, strengths, turns, breeds, maps, comparable = [], [], [], [], [], [], []
    for number in range(BATCH):
        source = sources[0 if number % 2 == 0 else rng.integers(len(sources))]
        index = rng.integers(len(source.pictures))
        turn, kind = int(rng.integers(4)), int(rng.integers(1, len(KINDS)))
        label = source.classes[index]
        crop, street = random_crop(source.pictures[index], rng, SIDE + 2 * MARGIN, label)
        turned = np.rot90(toned(crop, rng), turn)
        first, harmless, degraded, strength, equal = three_views(np.ascontiguousarray(turned), rng, kind)
        views += [first, harmless, degraded]
        kinds += [0, 0, kind]
        strengths += [0.0, 0.0, strength]
        turns += [turn] * 3
        breeds.append(label if isinstance(label, int) else IGNORED)
        maps.append(np.rot90(street, turn)[MARGIN:-MARGIN, MARGIN:-MARGIN].copy())
        comparable.append(float(equal))
    pixels = torch.from_numpy(np.stack(views).astype(np.float32).transpose(0, 3, 1, 2).copy())
    return Batch(
        pixels.contiguous(memory_format=torch.channels_last),
        torch.tensor(kinds),
        torch.tensor(strengths),
        torch.tensor(turns),
        torch.tensor(breeds),
        torch.from_numpy(np.stack(maps)),
        torch.tensor(comparable),
    )


def random_crop(pixels: Pixels, rng: np.random.Generator, side: int, label: Any = None) -> tuple[Pixels, Pixels]:
    """Return a random crop, and the same crop of a label map (255 without one)."""
    y, x = (int(rng.integers(size - side + 1)) for size in pixels.shape[:2])
    crop = pixels[y : y + side, x : x + side]
    if isinstance(label, np.ndarray):
        return crop, label[y : y + side, x : x + side]
    return crop, np.full((side, side), IGNORED, np.int64)


def toned(crop: Pixels, rng: np.random.Generator) -> Array:
    """Return a crop in [0, 1], mirrored at random, with a random tone curve."""
    values = crop[:, ::-1] if rng.random() < 0.5 else crop
    return (values / np.float32(255)) ** np.float32(rng.uniform(0.7, 1.4))


def three_views(crop: Array, rng: np.random.Generator, kind: int) -> tuple[Array, Array, Array, float, bool]:
    """Return crop, harmless change, degraded crop, its strength from 0 to 1, and whether both errors are equal."""
    inside = slice(MARGIN, -MARGIN)
    first = crop[inside, inside]
    harmless = changed(crop, rng)
    strength = rng.uniform(0.1, 1.0)
    degraded = degrade(crop, rng, KINDS[kind], strength)[inside, inside]
    wanted, found = (float(np.square(one - first).mean()) for one in (harmless, degraded))
    share = np.sqrt(wanted / max(found, 1e-12))
    if wanted < 1e-6 or share > 1.0:
        return first, harmless, degraded, strength, False
    if rng.random() < 0.5:  # half of them keep their whole strength: they are farther away for any measure
        return first, harmless, degraded, strength, True
    return first, harmless, first + np.float32(share) * (degraded - first), share * strength, True


def changed(crop: Array, rng: np.random.Generator) -> Array:
    """Return the middle of a crop after a harmless change."""
    which = rng.integers(3)
    y, x = (rng.integers(-2, 3) for _ in range(2)) if which == 0 else (0, 0)
    size = crop.shape[0] - 2 * MARGIN
    moved = crop[MARGIN + y : MARGIN + y + size, MARGIN + x : MARGIN + x + size]
    if which == 1:
        return (moved * np.float32(np.exp(rng.uniform(-0.2, 0.2)))).clip(0, 1)
    return moved ** np.float32(np.exp(rng.uniform(-0.3, 0.3))) if which == 2 else moved


def degrade(crop: Array, rng: np.random.Generator, kind: str, strength: float) -> Array:
    """Return a degraded crop; strength is from 0 to 1."""
    if kind == "blur":
        return gaussian_blur(crop, 0.5 + 2.5 * strength)
    if kind == "noise":
        return gaussian(crop, rng, 2 + 60 * strength)
    if kind == "jpeg":
        return jpeg(crop, round(60 - 55 * strength))
    small = resize_picture(crop, scale=1 / (1.25 + 2.75 * strength), method="bicubic", antialias=True)
    return resize_picture(small, crop.shape[:2], method="bicubic")


if __name__ == "__main__":
    main()
