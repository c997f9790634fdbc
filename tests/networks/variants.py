"""Every member in every shape it has, small."""

from dataclasses import replace
from typing import Literal, get_args, get_origin

from repix import registry
from repix.networks import Network, with_upsampler
from repix.networks._blocks import BLOCKS
from repix.networks._frameworks import FRAMEWORKS
from repix.parameters import parameters

EVERY = registry.available("networks")
NAMES = tuple(name for name in EVERY if registry.get("networks", name).dimensions == 2)
FOR_VOLUMES = tuple(name for name in EVERY if name not in NAMES)


def offered(name: str) -> Network:
    found = registry.get("networks", name)
    assert isinstance(found, Network)
    return found


def _more(name: str) -> list[dict]:
    """Settings besides the small ones that change what a network is."""
    combined = [{"framework": f, "block": b} for f in FRAMEWORKS for b in BLOCKS]
    return {
        "wide-kernel": [{"kernels": (9, 5)}],
        "encoder-decoder": [{"refine": False}, {"blocks": 2}, {"norm": "none"}, {"norm": "instance"}],
        "unet": [{"skip": "add"}, {"skip": "none"}, {"blocks": 2}, {"norm": "instance"}],
        "picture-unet": [{"scale": 4, "widths": (4, 6, 8)}, {"scale": 2}],
        "dncnn": [{"norm": "none"}, {"in_channels": 1}, {"in_channels": 4, "noise_level": True}],
        "efficient-unet": [
            {"unshuffle": 1},
            {"unshuffle": 3},
            {"in_channels": 1},
            {"norm": "batch", "global_residual": False, "in_channels": 1, "out_channels": 2},
            {"norm": "instance"},
            {"conditioned": True},
            {"conditioned": True, "unshuffle": 4, "norm": "batch"},
            {"in_channels": 4, "noise_level": True},
            {"in_channels": 2, "out_channels": 1, "noise_level": True, "unshuffle": 1, "conditioned": True},
            {"in_channels": 4, "noise_level": True, "mean_free": False},
        ],
        "luma-chroma": [{"luma_unshuffle": 1, "chroma_unshuffle": 4}],
        "two-stage": [{"in_channels": 1, "out_channels": 2}, {"unshuffle": 1}],
        "fcn": [{"variant": "16s"}, {"variant": "32s"}],
        "hypercolumn": [{"blocks": 2}],
        "channel-mixer": [{"upsampler": "bilinear"}, {"scale": 3}],
        "compact": [
            {"scale": 1},
            {"scale": 3},
            {"multi_branch": False},
            {"scale": 1, "in_channels": 4, "noise_level": True},
        ],
        "rrdb": [{"variant": "paper", "depth": 2}, {"scale": 3}, {"in_channels": 1}, {"upsampler": "pixel-shuffle"}],
        "sft": [{"scale": 3}, {"choice": 4}, {"in_channels": 2, "out_channels": 1}, {"upsampler": "resize-conv"}],
        "transunet": [{"in_channels": 1}, {"variant": "paper", "widths": (8, 16, 16, 32)}],
        "unetmer": [{"in_channels": 1}, {"patch_sides": (8,)}],
        "super-resolution": [
            *combined,
            {"framework": "progressive", "scale": 4, "in_channels": 1},
            {"framework": "pre", "block": "pyramid", "scale": 3, "depth": 1},
            {"framework": "post", "scale": 6},
            {"framework": "iterative", "scale": 3},
        ],
    }.get(name) or _choices(name)


def _choices(name: str) -> list[dict]:
    """Each other value of a setting that is a choice, where it fits: what a new network is tested with."""
    network, found = offered(name), []
    for key, parameter in parameters(network.config).items():
        values = (True, False) if parameter.kind is bool else get_args(parameter.kind)
        if parameter.kind is bool or get_origin(parameter.kind) is Literal:
            found += [{key: value} for value in values if value != getattr(network.small, key)]
    return [settings for settings in found if network.fits(replace(network.small, **settings)) is None]


def _label(name: str, settings: dict) -> str:
    return "-".join([name, *(f"{key}={value}" for key, value in settings.items())])


SETTINGS = [(name, settings) for name in NAMES for settings in [{}, *_more(name)]]
VARIANTS = [(offered(name), replace(offered(name).small, **settings)) for name, settings in SETTINGS]
LABELS = [_label(name, settings) for name, settings in SETTINGS]

SWAPPED = [
    (network, with_upsampler(network, network.small, upsampler))
    for network in map(offered, NAMES)
    if "upsampler" in parameters(network.config)
    for upsampler in (*registry.available("upsampling"), "transposed kernel=3", "resize-conv method=bilinear kernel=5")
]
SWAPPED_LABELS = [f"{network.name}-{config.upsampler}" for network, config in SWAPPED]
REASONS = [n.fits(c) for n, c in SWAPPED]
"""Why an upsampler does not fit, or None: building a network, if only its shapes, takes a while."""
FITTING = [swapped for swapped, reason in zip(SWAPPED, REASONS, strict=True) if reason is None]
FITTING_LABELS = [f"{network.name}-{config.upsampler}" for network, config in FITTING]
