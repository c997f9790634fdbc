"""Contract formats: older contracts are converted to the current format.

| format | changes |
|---|---|
| 1 | the first format; a file without a format number has it |
| 2 | adds `dimensions`, `windows`, `side_inputs`; `precisions` replaces `fast`; "none" replaces null and `[]` |

A contract of format 1 opens as one of a model for pictures (`dimensions` 2) without side inputs and windows. Its bf16
measurement comes from `fast`.

The tables below map old names to new ones. They are applied to every contract of format 1, and by
`python docs/rewrite_models.py` to the bundled models.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from repix.conversion.contract_parts import MeasuredPrecision
from repix.conversion.precision import FAST, with_verdict
from repix.errors import WrongUse
from repix.parameters import NONE

FORMAT = 2
"""The current format."""

TASKS: dict[str, str] = {}
"""Tasks."""
TASK_SETTINGS: dict[str, str] = {
    "colour": "color",
    "grey": "gray",
    "light": "photometric_jitter",
    "rate": "density",
    "vivid": "saturation",
}
"""Settings of tasks."""
INVERTED_TASK_SETTINGS: dict[str, str] = {"upright": "rotations"}
"""Settings of tasks whose present name means the opposite: true becomes false."""
TASK_VALUES: dict[tuple[str, str], str] = {("kind", "colours"): "colors"}
"""Values of these settings, by new name and old value: ("kind", "levels")."""
NETWORKS: dict[str, str] = {}
"""Networks."""
NETWORK_SETTINGS: dict[str, str] = {
    "channels_in": "in_channels",
    "channels_out": "out_channels",
    "adds": "global_residual",
    "front": "unshuffle",
    "steered": "conditioned",
    "wide": "multi_branch",
}
"""Settings of networks."""
METRICS: dict[str, str] = {
    "bicubic-y": "psnr-y-bicubic",
    "colourfulness": "colorfulness",
    "grey": "psnr-gray",
    "rgb": "psnr-rgb",
    "y-crop": "psnr-y",
}
"""Metrics, without the settings in brackets: the `y-crop` of `y-crop (scale 2)`."""
METRIC_SETTINGS: dict[str, str] = {"ignore-label": "ignore-index"}
"""Settings of metrics, in these brackets."""
BASELINES: dict[str, str] = {"grey": "gray"}
"""Baselines in a metric's `others`."""

MEASURED_ON: dict[str, str] = {
    "pictures kept out": "held-out pictures",
    "pictures kept out, which chose the weights too": "held-out pictures, which chose the weights too",
}
"""Data sets of a metric, in its `on`."""

EMPTY_WAS_NONE = ("sigma", "rate", "speckle", "length", "radius")
"""Task settings that format 1 wrote as an empty list where they had no value."""
NULL_WAS_NONE = ("halo", "size", "bytes_per_pixel", "halo_measured")
"""Contract entries that format 1 wrote as null where they had no value."""


def upgraded(contract: Any, number: int) -> Any:
    """Return a contract of an older format in the current format; anything but a mapping is returned unchanged.

    >>> upgraded({"halo": None, "settings": {"sigma": []}, "fast": {}}, 1)["halo"]
    'none'
    """
    if not isinstance(contract, Mapping):
        return contract
    found = dict(contract)
    for older in range(number, FORMAT):
        found = CONVERTERS[older](found)
    return found


def renamed(contract: Mapping[str, Any]) -> dict[str, Any]:
    """Return a contract with current names instead of old ones.

    >>> renamed({"task": "denoise"})
    {'task': 'denoise'}
    """
    found = dict(contract)
    for key, table in (("task", TASKS), ("network", NETWORKS)):
        if isinstance(found.get(key), str):
            found[key] = table.get(found[key], found[key])
    for key, names, values in (("settings", TASK_SETTINGS, TASK_VALUES), ("network_settings", NETWORK_SETTINGS, {})):
        if isinstance(found.get(key), Mapping):
            found[key] = _with_names(found[key], names, values)
    if isinstance(found.get("settings"), Mapping):
        found["settings"] = _with_opposites(found["settings"])
    if isinstance(found.get("metrics"), list):
        found["metrics"] = [_metric(one) for one in found["metrics"]]
    if isinstance(found.get("precisions"), list):
        found["precisions"] = [_with_metric(one) for one in found["precisions"]]
    return found


def _with_names(
    table: Mapping[str, Any], names: Mapping[str, str], values: Mapping[tuple[str, str], str]
) -> dict[str, Any]:
    present = {names.get(name, name): value for name, value in table.items()}
    return {name: values.get((name, one), one) if isinstance(one, str) else one for name, one in present.items()}


def _with_opposites(table: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(table)
    for old, present in INVERTED_TASK_SETTINGS.items():
        if isinstance(found.get(old), bool):
            found[present] = not found.pop(old)
    return found


def _metric(measured: object) -> object:
    if isinstance(measured, Mapping) and "protocol" in measured:
        measured = {"metric" if name == "protocol" else name: value for name, value in measured.items()}
    found = _with_metric(measured)
    if isinstance(found, dict) and isinstance(found.get("on"), str):
        found = found | {"on": MEASURED_ON.get(found["on"], found["on"])}
    if not isinstance(found, dict) or not isinstance(found.get("others"), Mapping):
        return found
    return found | {"others": {BASELINES.get(name, name): value for name, value in found["others"].items()}}


def _with_metric(measured: object) -> object:
    """Return a measurement with the current names of its metric and of the settings in brackets."""
    if not isinstance(measured, Mapping) or not isinstance(measured.get("metric"), str):
        return measured
    name, space, settings = measured["metric"].partition(" ")
    present = re.sub(r"[a-z-]+", lambda word: METRIC_SETTINGS.get(word[0], word[0]), settings)
    return {**measured, "metric": f"{METRICS.get(name, name)}{space}{present}"}


def _from_1(old: dict[str, Any]) -> dict[str, Any]:
    """Return a contract of format 1 in format 2; the contract's own check refuses missing or invalid entries."""
    found = {name: value for name, value in old.items() if name != "fast"}
    found |= {name: NONE for name in NULL_WAS_NONE if name in found and found[name] is None}
    settings = found.get("settings")
    if isinstance(settings, Mapping):
        found["settings"] = {
            name: NONE if value == [] and name in EMPTY_WAS_NONE else value for name, value in settings.items()
        }
    if "fast" in old:
        found["precisions"] = _measured(old["fast"])
    return renamed(found | {"dimensions": 2, "windows": NONE, "side_inputs": []})


def _measured(fast: object) -> list[dict[str, Any]]:
    """Return the bf16 measurement of format 1 as a list; empty if there is none or it is invalid."""
    if not isinstance(fast, Mapping) or not fast:
        return []
    known = {"psnr": "psnr", "agreement": "agreement", "worse": "worse", "protocol": "metric", "unit": "unit"}
    found = {name: fast[key] for key, name in (known | {"examples": "examples"}).items() if key in fast}
    if "worse" not in found:
        return []
    try:
        return [with_verdict(MeasuredPrecision.from_dict({"name": FAST, **found})).to_dict()]
    except WrongUse:
        return []


CONVERTERS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _from_1}
"""The function that converts each format to the next."""
