"""Pictures drawn by code, and every task in several settings."""

import numpy as np

from repix import Picture, registry

OWN = registry.own_names("tasks")
VARIANTS = {name: (name, {}) for name in OWN if registry.get("tasks", name).mask_settings is None} | {
    "denoise gray, one sigma": ("denoise", {"color": False, "sigma": [25, 25]}),
    "denoise with the level": ("denoise", {"level_input": True, "clipped": 0.5}),
    "denoise gray with the level": ("denoise", {"level_input": True, "color": False}),
    "denoise salt and pepper": ("denoise", {"sigma": None, "density": [0.1, 0.3]}),
    "denoise speckle, log-mse": ("denoise", {"sigma": None, "speckle": [0.1, 0.3], "loss": "log-mse"}),
    "denoise random-valued": ("denoise", {"sigma": None, "random_valued": [0.1, 0.3]}),
    "denoise with the mask": ("denoise", {"sigma": None, "density": [0.1, 0.3], "impulse_mask": True}),
    "denoise gray with the mask": (
        "denoise",
        {"sigma": None, "random_valued": [0.1, 0.3], "impulse_mask": True, "color": False},
    ),
    "restore, charbonnier": ("restore", {"sigma": [5, 50], "loss": "charbonnier"}),
    "restore, degraded": ("restore", {"degradations": ["gaussian sigma=1..8", "jpeg quality=60..95"]}),
    "upscale 3": ("upscale", {"scale": 3}),
    "upscale 4 gray": ("upscale", {"scale": 4, "color": False}),
    "upscale with perception": ("upscale", {"perception": True}),
    "upscale, degraded": ("upscale", {"degradations": ["gaussian sigma=1..8", "jpeg quality=60..95"]}),
    "denoise, degraded": ("denoise", {"sigma": None, "degradations": ["gaussian sigma=1..8", "jpeg quality=60..95"]}),
    "deblur gray, defocus": ("deblur", {"color": False, "sigma": None, "length": None, "radius": [1, 3]}),
    "colorize with hints": ("colorize", {"hints": [0, 50]}),
    "scene pencil": ("scene", {"style": "pencil"}),
    "segment 0/255": ("segment", {"values": [0, 255]}),
    "segment ids": ("segment", {"values": [1, 2, 3], "ignored": 11, "weights": [1, 0.5, 2], "color": False}),
    "segment palette": (
        "segment",
        {"values": [0, 1, 15], "kind": "palette", "ignored": 255, "palette": [0, 0x800000, 0x008000, 0xE0E0C0]},
    ),
    "segment colors": ("segment", {"values": [0x000000, 0xFF0080], "kind": "colors", "loss": "dice"}),
}
PICTURES = [name for name, (task, _) in VARIANTS.items() if registry.get("tasks", task).mask_settings is None]
MASKS = [name for name in VARIANTS if name not in PICTURES]


def task_of(variant):
    name, settings = VARIANTS[variant]
    return registry.get("tasks", name)(settings)


def drawn(size=(35, 27), channels=3, depth="8", seed=0):
    """A ramp, a disc and some grain; alpha, where there is one, is nowhere zero and mostly 1."""
    height, width = size
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    disc = np.hypot(y - height / 2, x - width / 3) < min(size) / 3
    planes = [(x + c * y) / (width + c * height) * 0.7 + 0.1 * disc * (c - 1) for c in range(3)]
    colors = np.clip(np.stack(planes, axis=2) + 0.15 * rng.random((height, width, 3)), 0, 1)
    if channels <= 2:
        colors = colors[:, :, 1:2]
    alpha = np.where(disc, 1.0, 0.3 + 0.5 * x / width) if channels % 2 == 0 else None
    return Picture.of(colors, alpha, depth)


def drawn_mask(task, size=(35, 27), seed=0):
    """A mask as the task's user has it, every class and ignored pixels in it."""
    settings = task.settings
    codes = list(settings.palette or (*settings.values, *([] if settings.ignored is None else [settings.ignored])))
    blocks = np.random.default_rng(seed).permutation(np.arange(size[0] * size[1]) % len(codes)).reshape(size)
    written = np.array(codes, np.uint32)[blocks]
    if settings.kind == "levels":
        return Picture(written.astype(np.uint8))
    return Picture(np.stack([written >> 16, written >> 8 & 255, written & 255], axis=2).astype(np.uint8))
