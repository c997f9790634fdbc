"""Synthetic cases for the inspection: a clean picture, one known degradation, and whether the verdict is right."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import skimage
from PIL import Image

from repix.arithmetic.blur import blur, disc_kernel, gaussian_kernel, motion_kernel
from repix.arithmetic.color import luma
from repix.degradations.camera import camera
from repix.degradations.gaussian import gaussian
from repix.degradations.salt_and_pepper import salt_and_pepper
from repix.inspection import Inspection, inspect
from repix.pictures import Picture
from repix.pictures.jpeg import jpeg_round_trip
from tests.inspection.scenes import scene

PHOTOS = ("astronaut.png", "coffee.png", "chelsea.png", "motorcycle_left.png", "motorcycle_right.png", "rocket.jpg")
"""Photos that scikit-image brings along; shrunk to half, they are sharp and have no noise."""
SCENES, SIDES = 24, (200, 320)


@dataclass(frozen=True)
class Case:
    """A drawn case: the verdict's name, what is true, what was found, and whether that is right."""

    verdict: str
    truth: str
    found: str
    right: bool


@cache
def full_size(name: str) -> np.ndarray:
    pixels = Image.open(Path(skimage.__file__).parent / "data" / name).convert("RGB")
    return np.asarray(pixels, np.float32) / 255


@cache
def photo(name: str) -> np.ndarray:
    pixels = full_size(name)
    height, width = (side // 2 for side in pixels.shape[:2])
    return pixels[: 2 * height, : 2 * width].reshape(height, 2, width, 2, 3).mean(axis=(1, 3))


@cache
def drawn_scene(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return scene(rng, *(int(side) for side in rng.integers(*SIDES, 2)))


def clean(rng: np.random.Generator) -> np.ndarray:
    """A sharp picture without noise: half of them photos, half of them drawn scenes."""
    photos = rng.random() < 0.5
    found = photo(PHOTOS[rng.integers(len(PHOTOS))]) if photos else drawn_scene(int(rng.integers(SCENES)))
    return found[:, ::-1] if rng.random() < 0.5 else found


def eight_bit(picture: np.ndarray) -> np.ndarray:
    return np.rint(255 * np.clip(picture, 0, 1)).astype(np.uint8)


def seen(picture: np.ndarray) -> Inspection:
    return inspect(Picture(eight_bit(picture)))


def near(value: float, truth: float, share: float, least: float) -> bool:
    return abs(value - truth) <= max(share * truth, least)


def no_noise(rng: np.random.Generator) -> Case:
    found = seen(clean(rng))
    return Case("no noise", "none", f"{found.luma_noise.sigma:.1f}", not found.is_noisy)


def white_noise(rng: np.random.Generator) -> list[Case]:
    sharp, sigma = clean(rng), float(rng.uniform(3, 50))
    noisy = gaussian(sharp, rng, sigma)
    return _noise(sharp, noisy, seen(noisy), "white")


def filtered_noise(rng: np.random.Generator) -> list[Case]:
    sharp, sigma = clean(rng), float(rng.uniform(5, 40))
    noise = blur(rng.standard_normal(sharp.shape), gaussian_kernel(rng.uniform(0.6, 1.3)))
    noisy = sharp + sigma / 255 * noise / noise.std()
    return _noise(sharp, noisy, seen(noisy), "correlated")


def camera_noise(rng: np.random.Generator) -> list[Case]:
    sharp, shot = clean(rng), float(np.exp(rng.uniform(np.log(0.003), np.log(0.02))))
    demosaicing = ("bilinear", "malvar")[rng.integers(2)]
    noisy = camera(sharp, rng, shot=shot, read=shot, demosaicing=demosaicing)
    still = camera(sharp, rng, shot=0.0, read=0.0, demosaicing=demosaicing)
    return _noise(still, noisy, seen(noisy), "correlated")


def _noise(sharp: np.ndarray, noisy: np.ndarray, found: Inspection, kind: str) -> list[Case]:
    """The truth is what is left after clipping and rounding, in the luma, where nothing was clipped."""
    inside = ((noisy > 0.01) & (noisy < 0.99)).all(axis=2)
    difference = luma(eight_bit(noisy) / 255) - luma(sharp.astype(np.float64))
    truth = 255 * float(difference[:, :, 0][inside].std())
    sigma = found.luma_noise.sigma
    told = "white" if found.luma_noise.is_white else "correlated"
    return [
        Case("has noise", f"{truth:.1f}", f"{sigma:.1f}", found.is_noisy),
        Case(f"level of {kind} noise", f"{truth:.1f}", f"{sigma:.1f}", near(sigma, truth, 0.25, 1)),
        Case(f"{kind} noise", kind, told, told == kind),
    ]


def sharp_picture(rng: np.random.Generator) -> Case:
    found = seen(clean(rng)).blur
    return Case("sharp", "none", str(found), not found.extent)


def gaussian_blurred(rng: np.random.Generator) -> list[Case]:
    sigma = float(rng.uniform(1.5, 4))
    found = seen(gaussian(blur(clean(rng), gaussian_kernel(sigma)), rng, rng.uniform(0, 2))).blur
    # a smooth spectrum tells a Gaussian hardly from a disc of the same spread
    spread = found.extent / 2 if found.kind == "defocus" else found.extent
    return [
        Case("blurred", f"σ {sigma:.1f}", str(found), found.extent > 0),
        Case("extent of blur", f"σ {sigma:.1f}", str(found), near(spread, sigma, 0.25, 0.6)),
    ]


def moved(rng: np.random.Generator) -> list[Case]:
    length, angle = float(rng.uniform(5, 16)), float(rng.uniform(0, 180))
    found = seen(gaussian(blur(clean(rng), motion_kernel(length, angle)), rng, rng.uniform(0, 2))).blur
    said = f"{length:.0f} at {angle:.0f}°"
    is_motion = found.kind == "motion"
    apart = abs((found.angle or 0) - angle) % 180
    return [
        Case("motion", said, str(found), is_motion),
        Case("direction of motion", said, str(found), is_motion and min(apart, 180 - apart) <= 15),
        Case("length of motion", said, str(found), is_motion and near(found.extent, length, 0.25, 1.5)),
    ]


def defocused(rng: np.random.Generator) -> list[Case]:
    radius = float(rng.uniform(2.5, 7))
    found = seen(gaussian(blur(clean(rng), disc_kernel(radius)), rng, rng.uniform(0, 2))).blur
    extent = 2 * found.extent if found.kind == "gaussian" else found.extent
    return [
        Case("blurred", f"disc {radius:.1f}", str(found), found.extent > 0),
        Case("extent of blur", f"disc {radius:.1f}", str(found), near(extent, radius, 0.25, 1)),
    ]


def jpeg_file(rng: np.random.Generator) -> list[Case]:
    quality, subsampling = int(rng.integers(10, 100)), ("4:2:0", "4:2:2", "4:4:4")[rng.integers(3)]
    found = inspect(_encoded(eight_bit(clean(rng)), quality, subsampling)).jpeg
    assert found is not None
    return [
        Case("quality of a file", str(quality), str(found.quality), abs(found.quality - quality) <= 5),
        Case("subsampling", subsampling, str(found.subsampling), found.subsampling == subsampling),
        Case("compressed once", "once", str(found.earlier), found.earlier is None),
    ]


def jpeg_twice(rng: np.random.Generator) -> Case:
    first = int(rng.integers(30, 81))
    last = int(rng.integers(first + 12, 96))
    once = jpeg_round_trip(eight_bit(clean(rng)), first, "4:2:0")
    found = inspect(_encoded(once, last, "4:2:0")).jpeg
    assert found is not None
    return Case("compressed twice", f"{first}, {last}", str(found.earlier), found.earlier is not None)


def was_jpeg(rng: np.random.Generator) -> Case:
    quality, shift = int(rng.integers(20, 86)), rng.integers(0, 8, 2) * rng.integers(0, 2)
    pixels = jpeg_round_trip(eight_bit(clean(rng)), quality, "4:2:0")[shift[0] :, shift[1] :]
    found = inspect(Picture(np.ascontiguousarray(pixels))).jpeg
    told = 0 if found is None else found.quality
    return Case("quality of pixels", str(quality), str(told), abs(told - quality) <= 5)


def never_jpeg(rng: np.random.Generator) -> Case:
    found = seen(gaussian(clean(rng), rng, rng.uniform(0, 10))).jpeg
    return Case("no JPEG", "none", str(found), found is None)


def impulses(rng: np.random.Generator) -> Case:
    density = float(rng.uniform(0.01, 0.5))
    found = seen(salt_and_pepper(clean(rng), rng, density)).salt_and_pepper
    return Case("salt and pepper", f"{density:.1%}", f"{found:.1%}", near(found, density, 0, 0.02) and found > 0)


def no_impulses(rng: np.random.Generator) -> Case:
    sharp = clean(rng)
    found = seen((sharp - 0.5) * rng.uniform(1, 2) + rng.uniform(0.3, 0.7)).salt_and_pepper
    return Case("no salt and pepper", "none", f"{found:.1%}", not found)


def clipped(rng: np.random.Generator) -> Case:
    picture = np.clip(clean(rng) * rng.uniform(1, 3) - rng.uniform(0, 0.3), 0, 1)
    pixels = eight_bit(picture)
    truth = (pixels == 0).any(axis=2).mean(), (pixels == 255).any(axis=2).mean()
    found = seen(picture).clipping
    right = abs(found.shadows - truth[0]) <= 0.01 and abs(found.highlights - truth[1]) <= 0.01
    return Case("clipping", f"{truth[0]:.1%} {truth[1]:.1%}", f"{found.shadows:.1%} {found.highlights:.1%}", right)


def tinted(rng: np.random.Generator) -> Case:
    sharp, kind = clean(rng), ("gray", "nearly gray", "color")[rng.integers(3)]
    gray = np.repeat(luma(sharp), 3, axis=2)
    if kind == "nearly gray":
        gray = gaussian(gray + np.float32(rng.uniform(-2, 2, 3) / 255), rng, rng.uniform(1, 5))
    found = seen(sharp if kind == "color" else gray).color
    return Case("color", kind, found, found == kind)


def _encoded(pixels: np.ndarray, quality: int, subsampling: str) -> bytes:
    file = BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality, subsampling=subsampling)
    return file.getvalue()


DRAWN: tuple[Callable[[np.random.Generator], Case | list[Case]], ...] = (
    no_noise,
    white_noise,
    white_noise,
    filtered_noise,
    camera_noise,
    sharp_picture,
    gaussian_blurred,
    moved,
    moved,
    defocused,
    jpeg_file,
    jpeg_twice,
    was_jpeg,
    never_jpeg,
    impulses,
    no_impulses,
    clipped,
    tinted,
)


def drawn(seed: int) -> list[Case]:
    """The verdicts on one drawn picture."""
    rng = np.random.default_rng(seed)
    return _cases(DRAWN[rng.integers(len(DRAWN))], rng)


def of_each_kind(seed: int) -> list[Case]:
    """The verdicts on one picture of each kind."""
    return [case for kind in dict.fromkeys(DRAWN) for case in _cases(kind, np.random.default_rng(seed))]


def _cases(kind: Callable[[np.random.Generator], Case | list[Case]], rng: np.random.Generator) -> list[Case]:
    found = kind(rng)
    return found if isinstance(found, list) else [found]
