"""The function of a filter or degradation, as the command makes it of its options."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from repix import registry
from repix.degradations import chain_function, read_steps
from repix.errors import WrongUse
from repix.pictures import Picture
from repix.pictures.array_function import picture_function
from repix.settings import read_parameters

CHAIN = "chain"
"""The degradation whose option `step` lists several others."""


def change_function(
    family: str, member: str, settings: Mapping[str, Any], depth: str | None
) -> Callable[[Picture, np.random.Generator], Picture]:
    """Return the function that the command calls; raise WrongUse for wrong settings."""
    if (family, member) == ("degradations", CHAIN):
        return chain_function(read_steps(_texts(settings)), depth)
    offered = registry.get(family, member)
    given = read_parameters(member, offered.function, settings)
    return picture_function(partial(offered.function, **given), offered.scales, depth)


def _texts(settings: Mapping[str, Any]) -> list[str]:
    """Return the steps of a chain."""
    steps = settings.get("step")
    if settings.keys() != {"step"} or not isinstance(steps, list) or not all(isinstance(one, str) for one in steps):
        raise WrongUse('chain needs the setting step, a list of texts such as ["gaussian sigma=25"], and no other.')
    return steps
