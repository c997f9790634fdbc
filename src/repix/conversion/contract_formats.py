"""Older contract formats: how the contracts of each become those of the present one.

| format | what it brought |
|---|---|
| 1 | the first; a file that says no number has it |
| 2 | `dimensions`, `windows`, `side_inputs`, `precisions` in place of `fast`; no value is "none", not null or `[]` |

A format-1 contract opens as one of a model for pictures (`dimensions` 2) that takes nothing beside the picture, has no
windows, and was measured in bf16 where its `fast` says so.

The tables below are names that were renamed since a contract could hold them: old → new. They are applied to every
contract of format 1, and by `python docs/rewrite_models.py` to the bundled models.
"""

from collections.abc import Callable, Mapping
from typing import Any

from repix.conversion.contract_parts import MeasuredPrecision
from repix.conversion.precision import FAST, with_verdict
from repix.errors import WrongUse
from repix.parameters import NONE

FORMAT = 2
"""The present format."""

TASKS: dict[str, str] = {}
"""Tasks."""
TASK_SETTINGS: dict[str, str] = {"colour": "color", "grey": "gray"}
"""Settings of tasks."""
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
BASELINES: dict[str, str] = {"grey": "gray"}
"""What a model was compared with, in a metric's `others`."""

MEASURED_ON: dict[str, str] = {
    "pictures kept out": "held-out pictures",
    "pictures kept out, which chose the weights too": "held-out pictures, which chose the weights too",
}
"""What a metric was measured on."""

EMPTY_WAS_NONE = ("sigma", "rate", "speckle", "length", "radius")
"""Settings of tasks that format 1 wrote as an empty list where they had no value."""
NULL_WAS_NONE = ("halo", "size", "bytes_per_pixel", "halo_measured")
"""Parts of the contract that it wrote as null."""


def upgraded(contract: Any, number: int) -> Any:
    """Return the contract of an older format as the present format has it; anything else is returned as it is.

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
    """Return a contract with the present names in place of older ones; one that has them stays as it is.

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
    if isinstance(found.get("metrics"), list):
        found["metrics"] = [_metric(one) for one in found["metrics"]]
    if isinstance(found.get("precisions"), list):
        found["precisions"] = [_with_metric(one, "metric") for one in found["precisions"]]
    return found


def _with_names(
    table: Mapping[str, Any], names: Mapping[str, str], values: Mapping[tuple[str, str], str]
) -> dict[str, Any]:
    present = {names.get(name, name): value for name, value in table.items()}
    return {name: values.get((name, one), one) if isinstance(one, str) else one for name, one in present.items()}


def _metric(measured: object) -> object:
    found = _with_metric(measured, "protocol")
    if isinstance(found, dict) and isinstance(found.get("on"), str):
        found = found | {"on": MEASURED_ON.get(found["on"], found["on"])}
    if not isinstance(found, dict) or not isinstance(found.get("others"), Mapping):
        return found
    return found | {"others": {BASELINES.get(name, name): value for name, value in found["others"].items()}}


def _with_metric(measured: object, key: str) -> object:
    """Return a measurement whose metric has its present name; its settings in brackets stay."""
    if not isinstance(measured, Mapping) or not isinstance(measured.get(key), str):
        return measured
    name, space, rest = measured[key].partition(" ")
    return {**measured, key: f"{METRICS.get(name, name)}{space}{rest}"}


def _from_1(old: dict[str, Any]) -> dict[str, Any]:
    """Format 1 to 2; what is missing or strange is left for the contract's own check to refuse."""
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
    """Return what was measured in bf16; nothing where it was nothing, or cannot be read."""
    if not isinstance(fast, Mapping) or not fast:
        return []
    known = {"psnr": "psnr", "agreement": "agreement", "worse": "worse", "protocol": "metric", "unit": "unit"}
    told = {name: fast[key] for key, name in (known | {"examples": "examples"}).items() if key in fast}
    if "worse" not in told:
        return []
    try:
        return [with_verdict(MeasuredPrecision.from_dict({"name": FAST, **told})).to_dict()]
    except WrongUse:
        return []


CONVERTERS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _from_1}
"""From each older format to the next."""
