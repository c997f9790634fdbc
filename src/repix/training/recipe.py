"""Recipe: everything that a training depends on; as TOML it repeats the run that wrote it."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from repix import members
from repix.errors import Unreadable, WrongUse
from repix.parameters import NONE, Bounds, Parameter, may_be_none, parameters, require_plain
from repix.printable import shown

Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["auto", "fp32", "bf16"]
Optimizer = Literal["muon", "adamw"]

MINUTES = 10.0
"""How long a training takes where nobody says."""


@dataclass(frozen=True)
class Recipe:
    """What to learn, from which folder, with what; what is left out is chosen by task.

    >>> Recipe("denoise", "photos", minutes=5).minutes
    5
    >>> Recipe("denoise", "photos", minutes=5, steps=100)
    Traceback (most recent call last):
    repix.errors.WrongUse: Both minutes and steps are given; give one of them.
    """

    task: Annotated[str, "what is learnt"]
    folder: Annotated[str, "the folder to learn from"]
    network: Annotated[str | None, "the network; left out, the one that suits the task"] = None
    upsampler: Annotated[str | None, "the upsampler in it, with its settings: 'transposed kernel=4'"] = None
    minutes: Annotated[float | None, "how long to train; turned into steps by a short calibration", Bounds(0)] = None
    steps: Annotated[int | None, "how long to train, in steps", Bounds(1, 10**9)] = None
    validations: Annotated[
        int | None,
        "how many times held-out pictures go through the network; left out, in a tenth of the time",
        Bounds(1),
    ] = None
    size: Annotated[int | None, "rows and columns of the patches, in pixels of the source", Bounds(1, 4096)] = None
    batch: Annotated[int | None, "patches in a step", Bounds(1, 65536)] = None
    rate: Annotated[float | None, "the highest learning rate", Bounds(high=10, above=0)] = None
    optimizer: Annotated[Optimizer | None, "how weights follow from gradients; left out, what suits the task"] = None
    keep_out: Annotated[int | str | None, "how many examples to judge by, or a folder of them"] = None
    ignored: Annotated[int | None, "the label of masks that counts for nothing", Bounds(0)] = None
    start: Annotated[str | None, "a run or its weights to begin with, or a recipe that is trained first"] = None
    seed: Annotated[int, "the number that all random choices come from", Bounds(0, 2**31)] = 0
    device: Annotated[Device, "where to compute"] = "auto"
    precision: Annotated[Precision, "auto is bf16 where the processor has it"] = "auto"
    settings: Annotated[Mapping[str, Any], "the task's settings"] = field(default_factory=dict)
    network_settings: Annotated[Mapping[str, Any], "the network's settings"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = parameters(type(self))
        for name, parameter in known.items():
            if name not in ("keep_out", "settings", "network_settings"):
                parameter.check(getattr(self, name))
        if isinstance(self.keep_out, bool) or not isinstance(self.keep_out, int | str | None):
            raise WrongUse(f"keep_out is {shown(self.keep_out)}; it must be a whole number, or a folder.")
        if self.minutes is not None and self.steps is not None:
            raise WrongUse("Both minutes and steps are given; give one of them.")
        for name in ("settings", "network_settings"):
            if not isinstance(getattr(self, name), Mapping):
                raise WrongUse(f"{name} is {shown(getattr(self, name))}; it must be a table of names and values.")
        named = {"tasks": self.task} | ({} if self.network is None else {"networks": self.network})
        for family, name in named.items():
            if name not in members.names(family):
                members.member(family, name)  # says what it might have meant
        described = _described(self.task)
        for name in self.settings:
            if name not in described:
                known_names = members.closest(str(name), tuple(described))
                raise WrongUse(f"{self.task} has no setting {shown(name)}; {known_names}")

    def plain(self) -> dict[str, Any]:
        """What TOML can hold; what is left out has its default."""
        given = {name: value for name, value in asdict(self).items() if value is not None and value != {}}
        given["settings"] = {name: NONE if value is None else value for name, value in self.settings.items()}
        return {name: _listed(value) for name, value in given.items() if value != {}}

    def seen_from(self, place: Path) -> "Recipe":
        """The same with full paths, where those that are none begin in this folder.

        >>> Recipe("denoise", "photos", keep_out="others").seen_from(Path("/data")).keep_out
        '/data/others'
        """
        paths = {name: getattr(self, name) for name in ("folder", "keep_out", "start")}
        for name, path in paths.items():
            if isinstance(path, str) and "\0" in path:
                raise WrongUse(f"{name} is {shown(path)}; no path has a NUL in it.")
        full: dict[str, Any] = {
            name: str((place / path).resolve()) for name, path in paths.items() if isinstance(path, str)
        }
        return replace(self, **full)

    def differs(self, made: "Recipe") -> str | None:
        """The first thing that this recipe asks for and a settled one does not have; None where there is none.

        >>> Recipe("denoise", "photos", steps=5).differs(Recipe("denoise", "photos", steps=7, seed=0))
        'steps'
        """
        asked, has = self.plain(), made.plain()
        for name in ("settings", "network_settings"):
            kept = has.get(name, {})
            for key, value in asked.pop(name, {}).items():
                if kept.get(key) != value:
                    return str(key)
        left_open = ("start", "upsampler", "minutes", "device", "precision")
        return next((name for name in asked if name not in left_open and asked[name] != has.get(name)), None)


def chained(recipe: Recipe) -> list[Recipe]:
    """The recipes that a recipe starts from, the nearest first, all on its pictures; refused where they go in a circle.

    They must keep out the same pictures, or a later one would be judged by what an earlier one has seen.
    """
    found: list[Recipe] = []
    seen: set[str] = set()
    at = recipe
    while at.start is not None and at.start.endswith(".toml"):
        if at.start in seen:
            raise WrongUse(f"{at.start} starts from itself; a recipe must begin somewhere.")
        seen.add(at.start)
        before = replace(read_recipe(Path(at.start)), folder=recipe.folder)
        if before.keep_out != recipe.keep_out:
            raise WrongUse(
                f"{at.start} keeps out {before.keep_out}, and the recipe that starts from it {recipe.keep_out}; they "
                "must keep out the same pictures."
            )
        found.append(before)
        at = before
    return found


def from_table(table: Mapping[str, Any]) -> Recipe:
    """A recipe from what TOML holds; unknown names are refused."""
    known = [one.name for one in fields(Recipe)]
    for name in table:
        if name not in known:
            raise WrongUse(f"There is no setting {shown(name)} in a recipe; {members.closest(name, tuple(known))}")
    for name in ("task", "folder"):
        if not isinstance(table.get(name), str):
            raise WrongUse(f'The recipe does not say its {name}; write {name} = "...".')
    recipe = Recipe(**table)
    described = _described(recipe.task)
    settings = {
        name: None if value == NONE and may_be_none(described[name].kind) else value
        for name, value in recipe.settings.items()
    }
    return replace(recipe, settings=settings)


def _described(task: str) -> Mapping[str, Parameter]:
    """The task's settings by name."""
    return parameters(members.member("tasks", task).settings)


def read_recipe(path: Path) -> Recipe:
    """The recipe of a TOML file. Where its folders are no full paths, they are seen from the file's own folder."""
    table = read_toml(path)
    table.pop("record", None)  # what a run adds about itself
    try:
        return from_table(table).seen_from(path.parent)
    except WrongUse as problem:
        raise type(problem)(f"{path}: {problem}") from None


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file."""
    from repix.pictures.atomic import read_error

    try:
        text = path.read_bytes()
    except (OSError, ValueError) as problem:  # a ValueError: no path has a NUL in it
        raise read_error(path, problem) from None
    try:
        table = tomllib.loads(text.decode())
    except RecursionError:
        raise Unreadable(f"{path} holds lists or tables too deep within each other; no recipe is like that.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise Unreadable(f"{path} is no TOML: {problem}.") from None
    except ValueError:  # Python reads no number of so many digits
        raise Unreadable(f"{path} holds a number of thousands of digits; whole numbers have at most 64 bits.") from None
    try:
        require_plain(table, str(path))
    except WrongUse as problem:
        raise Unreadable(str(problem)) from None
    return table


def _listed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _listed(one) for name, one in value.items() if one is not None}
    return [_listed(one) for one in value] if isinstance(value, list | tuple) else value
