"""Grid: the choices to compare, and its members, all combinations of them."""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from repix import registry
from repix.errors import WrongUse
from repix.networks import Network
from repix.parameters import parameters
from repix.training.recipe import Recipe, name_and_value, with_settings

MOST_SEEDS = 100
NETWORK, UPSAMPLER = "network", "upsampler"


@dataclass(frozen=True)
class Member:
    """One combination of the choices."""

    name: str
    """The choices in which the members differ, as text."""
    choices: Mapping[str, str]
    """All choices by name."""
    recipe: Recipe
    """The recipe, with the first seed."""

    @property
    def folder(self) -> str:
        """The stem of the folders of its runs, which does not depend on the other members."""
        said = " ".join(_said(name, value) for name, value in self.choices.items()) or "default"
        return re.sub(r"[^a-z0-9.]+", "-", said.lower()).strip("-.")

    def with_seed(self, seed: int) -> Recipe:
        """Return the recipe of a run: without the classical filter, which would be the same for all runs."""
        return replace(self.recipe, seed=seed, classical=False)


@dataclass(frozen=True)
class Grid:
    """Choices to compare; every member has one of each.

    >>> grid = Grid(Recipe("denoise", "photos", steps=9), ("nearest", "bilinear"), ("unet",), {"skip": ("add", "none")})
    >>> [member.name for member in grid.members()]
    ['nearest, skip add', 'nearest, skip none', 'bilinear, skip add', 'bilinear, skip none']
    """

    base: Recipe
    """The settings that all members share: task, folder, budget ..."""
    upsamplers: Sequence[str] = ()
    networks: Sequence[str] = ()
    settings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Values of settings of the task or the network, as words, by name."""
    seeds: int = 3
    """Each member is trained with this many seeds, from 0."""

    @classmethod
    def of(
        cls,
        base: Recipe,
        upsamplers: Sequence[str],
        networks: Sequence[str],
        choices: Mapping[str, Sequence[str]],
        words: Iterable[str],
        seeds: int,
    ) -> "Grid":
        """Return the grid of the options of `repix compare`: networks and choices may be separated by commas.

        Raises:
            WrongUse: a text `name=value` in `words` sets a choice that is given already.
        """
        settings = {name: values for name, given in choices.items() if (values := listed(given))}
        for name, values in merged(words).items():
            if name in settings:
                raise WrongUse(f"--set {name}={values[0]}: --{name} gives it already; use one of them.")
            settings[name] = values
        return cls(base, tuple(upsamplers), listed(networks), settings, seeds)

    def __post_init__(self) -> None:
        if not 1 <= self.seeds <= MOST_SEEDS:
            raise WrongUse(f"seeds is {self.seeds}; it must be from 1 to {MOST_SEEDS}.")
        for name, values in self._axes().items():
            twice = next((value for value in values if list(values).count(value) > 1), None)
            if twice is not None:
                raise WrongUse(f"{name} {twice} is named twice; name each choice once.")

    def members(self) -> list[Member]:
        """Return all combinations; a network without a setting is combined with the other choices only.

        Raises:
            WrongUse: a name is unknown, or no network has one of the settings.
        """
        names = self.networks or (None,)
        found = [registry.get("networks", name or self._default_network) for name in names]
        for axis in (*([UPSAMPLER] if self.upsamplers else []), *self.settings):
            self._require_taken(axis, found)
        members = [
            self._member(choices)
            for name, network in zip(names, found, strict=True)
            for choices in self._combinations(name, network)
        ]
        stems = [member.folder for member in members]
        for member, stem in zip(members, stems, strict=True):
            if stems.count(stem) > 1:
                raise WrongUse(f"The names of two choices differ only in signs ({member.name}); rename one of them.")
        return members

    @property
    def _default_network(self) -> str:
        return str(registry.get("tasks", self.base.task).training.network)

    def _axes(self) -> dict[str, Sequence[str]]:
        return {NETWORK: self.networks, UPSAMPLER: self.upsamplers, **self.settings}

    def _require_taken(self, axis: str, networks: Sequence[Network[Any]]) -> None:
        """Refuse a choice that no network has."""
        if any(self._takes(network, axis) for network in networks):
            return
        listed = ", ".join(network.name for network in networks)
        if len(networks) == 1 and axis != UPSAMPLER:
            with_settings(
                replace(self.base, network=listed), [f"{axis}={self.settings[axis][0]}"]
            )  # it names the nearest one
        raise WrongUse(f"{listed}: no network here has the setting '{axis}'; `repix networks NAME` lists settings.")

    def _takes(self, network: Network[Any], axis: str) -> bool:
        known = set(parameters(network.config))
        return axis in known or (
            axis != UPSAMPLER and axis in parameters(registry.get("tasks", self.base.task).settings)
        )

    def _combinations(self, name: str | None, network: Network[Any]) -> Iterator[dict[str, str]]:
        axes = {axis: values for axis, values in self._axes().items() if values and axis != NETWORK}
        taken = {axis: values for axis, values in axes.items() if self._takes(network, axis)}
        first = {} if name is None else {NETWORK: name}
        for values in itertools.product(*taken.values()):
            yield first | dict(zip(taken, values, strict=True))

    def _member(self, choices: Mapping[str, str]) -> Member:
        words = [f"{name}={value}" for name, value in choices.items() if name not in (NETWORK, UPSAMPLER)]
        made = replace(self.base, network=choices.get(NETWORK), upsampler=choices.get(UPSAMPLER), seed=0)
        differing = [name for name, values in self._axes().items() if len(values) > 1 and name in choices]
        shown = differing or list(choices)
        name = ", ".join(_said(one, choices[one]) for one in shown) or self._default_network
        return Member(name, choices, with_settings(made, words))


def listed(words: Iterable[str]) -> tuple[str, ...]:
    """Return the values of an option, which may be separated by commas.

    >>> listed(["concat,none", "add"])
    ('concat', 'none', 'add')
    """
    return tuple(value for word in words for value in word.split(",") if value)


def merged(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the values of each name in texts `name=value`; a name that comes several times has several values.

    >>> merged(["loss=l1", "skip=add", "loss=mse"])
    {'loss': ('l1', 'mse'), 'skip': ('add',)}
    """
    found: dict[str, tuple[str, ...]] = {}
    for name, value in map(name_and_value, words):
        found[name] = (*found.get(name, ()), value)
    return found


def _said(name: str, value: str) -> str:
    return value if name in (NETWORK, UPSAMPLER) else f"{name} {value}"
