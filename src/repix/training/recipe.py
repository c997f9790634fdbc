"""Recipe: the settings that a training is asked for. It may be partial; `resolve` chooses the rest."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from repix import registry
from repix.errors import Unreadable, WrongUse
from repix.models import is_bundled
from repix.parameters import NONE, Bounds, Parameter, may_be_none, parameters, require_plain
from repix.printable import shown

DeviceName = Literal["auto", "cpu", "cuda"]
PrecisionName = Literal["auto", "fp32", "bf16"]
OptimizerName = Literal["muon", "adamw"]

RENAMED = {
    "batch": "batch_size",
    "ignored": "ignore_index",
    "keep_out": "holdout",
    "rate": "lr",
    "size": "patch_size",
    "start": "init_from",
}
"""Keys of older recipes, and their present names."""

PATHS = ("folder", "holdout", "init_from")
"""Settings that may be a path."""
OBJECTIVE_PATHS = ("features",)
"""Settings of objectives that may be a path, or the name of a bundled model."""
TABLES = ("settings", "network_settings", "objective_settings")
"""Settings that are tables."""
OPTIONS = (
    *(
        "network",
        "upsampler",
        "minutes",
        "steps",
        "patch_size",
        "patch_slices",
        "batch_size",
        "lr",
        "optimizer",
        "holdout",
    ),
    *(
        "ignore_index",
        "init_from",
        "audit_above",
        "audit_stops",
        "classical",
        "seed",
        "device",
        "devices",
        "nodes",
        "precision",
    ),
)
"""Settings that are options of `repix train`; a task or network may have a setting of the same name."""
LONGEST = 255
"""Bytes of a file's name, on every common file system."""


@dataclass(frozen=True)
class Recipe:
    """A task, a folder of pictures, and any settings; `resolve` chooses those that are left out.

    >>> Recipe("denoise", "photos", minutes=5).minutes
    5
    >>> Recipe("denoise", "photos", minutes=5, steps=100)
    Traceback (most recent call last):
    repix.errors.WrongUse: Both minutes and steps are given; give one of them.
    """

    task: Annotated[str, "the task to train"]
    folder: Annotated[str, "the folder of pictures"]
    network: Annotated[str | None, "the network; default: the one that suits the task"] = None
    upsampler: Annotated[str | None, "the upsampler in it, with its settings: 'transposed kernel=4'"] = None
    minutes: Annotated[float | None, "time for all stages; a calibration converts it to steps", Bounds(0)] = None
    steps: Annotated[int | None, "number of training steps, instead of minutes", Bounds(1, 10**9)] = None
    validations: Annotated[
        int | None,
        "number of validations; default: 12, or fewer if they would take over a tenth of the time",
        Bounds(1),
    ] = None
    patch_size: Annotated[int | None, "height and width of the patches, in pixels of the source", Bounds(1, 4096)] = (
        None
    )
    patch_slices: Annotated[
        int | None,
        "slices of the patches, of a network for volumes; default: 8, or fewer for small volumes",
        Bounds(1, 4096),
    ] = None
    batch_size: Annotated[int | None, "patches per step", Bounds(1, 65536)] = None
    lr: Annotated[float | None, "the highest learning rate", Bounds(high=10, above=0)] = None
    optimizer: Annotated[OptimizerName | None, "the optimizer; default: the one that suits the task"] = None
    objective: Annotated[
        str | None, "the objective: one training step; default: supervised, or the one the task needs"
    ] = None
    holdout: Annotated[int | str | None, "number of examples to hold out for validation, or a folder of them"] = None
    ignore_index: Annotated[int | None, "value of ignored pixels in the masks", Bounds(0)] = None
    init_from: Annotated[
        str | None, "initial weights: a run, a model file, a bundled model's name, or a recipe that is trained first"
    ] = None
    audit_above: Annotated[
        float | None,
        "checkerboard score in dB above which a validation warns, by `repix audit`; default: no audit",
        Bounds(0, 1000),
    ] = None
    audit_stops: Annotated[bool, "stop the training at a validation above `audit_above`; default: only warn"] = False
    classical: Annotated[
        bool, "compare the model with the best classical filter, which may take minutes (BM3D); default: yes"
    ] = True
    seed: Annotated[int, "random seed", Bounds(0, 2**31)] = 0
    device: Annotated[DeviceName, "the device; auto is a GPU if torch finds one"] = "auto"
    devices: Annotated[
        int | None,
        "devices of each machine, with a process for each; default: 1, or as torchrun or SLURM started",
        Bounds(1, 1024),
    ] = None
    nodes: Annotated[int | None, "machines; default: 1, or as torchrun or SLURM started", Bounds(1, 65536)] = None
    precision: Annotated[PrecisionName, "precision: bf16, fp32, or auto (bf16 if the processor has it)"] = "auto"
    settings: Annotated[Mapping[str, Any], "the task's settings"] = field(default_factory=dict)
    network_settings: Annotated[Mapping[str, Any], "the network's settings"] = field(default_factory=dict)
    objective_settings: Annotated[Mapping[str, Any], "the objective's settings"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = parameters(type(self))
        for name, parameter in known.items():
            if name not in ("holdout", *TABLES):
                parameter.check(getattr(self, name))
        if isinstance(self.holdout, bool) or not isinstance(self.holdout, int | str | None):
            raise WrongUse(f"holdout is {shown(self.holdout)}; it must be a whole number or a folder.")
        if self.minutes is not None and self.steps is not None:
            raise WrongUse("Both minutes and steps are given; give one of them.")
        if self.audit_stops and self.audit_above is None:
            raise WrongUse("audit_stops needs a limit; give audit_above too, such as 10 (dB).")
        for name in PATHS:
            _require_possible(name, getattr(self, name))
        for name in TABLES:
            if not isinstance(getattr(self, name), Mapping):
                raise WrongUse(f"{name} is {shown(getattr(self, name))}; it must be a table of names and values.")
        for name in OBJECTIVE_PATHS:
            _require_possible(name, self.objective_settings.get(name))
        named = {"tasks": self.task, "networks": self.network, "objectives": self.objective}
        for family, chosen in named.items():
            if chosen is not None and chosen not in registry.available(family):
                registry.get(family, chosen)  # raises the error that names the nearest one
        described = _described(self.task)
        for name in self.settings:
            if name not in described:
                known_names = registry.closest(str(name), tuple(described))
                raise WrongUse(f"{self.task} has no setting {shown(name)}; {known_names}")

    @property
    def of_volumes(self) -> bool:
        """True if the recipe names a network for volumes."""
        return self.network is not None and registry.get("networks", self.network).dimensions == 3

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as a table of TOML that `from_dict` reads; settings that are None are left out."""
        given = {name: value for name, value in asdict(self).items() if value is not None and value != {}}
        given["settings"] = {name: NONE if value is None else value for name, value in self.settings.items()}
        return {name: _listed(value) for name, value in given.items() if value != {}}

    def seen_from(self, place: Path) -> "Recipe":
        """Return the recipe with absolute paths; relative ones start at `place`. Names of bundled models stay.

        >>> Recipe("denoise", "photos", holdout="others", init_from="denoise-gray").seen_from(Path("/data")).holdout
        '/data/others'
        """
        paths = {name: getattr(self, name) for name in PATHS}
        if self.init_from is not None and is_bundled(self.init_from):
            del paths["init_from"]
        full: dict[str, Any] = {
            name: str((place / path).resolve()) for name, path in paths.items() if isinstance(path, str)
        }
        of_objective = {
            name: str((place / path).resolve())
            for name, path in self.objective_settings.items()
            if name in OBJECTIVE_PATHS and isinstance(path, str) and not is_bundled(path)
        }
        return replace(self, objective_settings={**self.objective_settings, **of_objective}, **full)

    def differs(self, made: "Recipe") -> str | None:
        """Return the first setting in which a resolved recipe differs from this one; None if all are equal.

        >>> Recipe("denoise", "photos", steps=5).differs(Recipe("denoise", "photos", steps=7, seed=0))
        'steps'
        """
        asked, has = self.to_dict(), made.to_dict()
        for name in TABLES:
            kept = has.get(name, {})
            for key, value in asked.pop(name, {}).items():
                if kept.get(key) != value:
                    return str(key)
        left_open = ("init_from", "upsampler", "minutes", "classical", "device", "devices", "nodes", "precision")
        return next((name for name in asked if name not in left_open and asked[name] != has.get(name)), None)


def _require_possible(name: str, path: object) -> None:
    """Refuse a path that no file system has."""
    if not isinstance(path, str):
        return
    if "\0" in path:
        raise WrongUse(f"{name} is {shown(path)}; a path cannot contain a NUL.")
    if any(len(part.encode("utf-8", "surrogatepass")) > LONGEST for part in Path(path).parts):
        raise WrongUse(f"{name} is {shown(path)}; no file or folder has a name of more than {LONGEST} bytes.")


def chained(recipe: Recipe) -> list[Recipe]:
    """Return the recipes that a recipe starts from, the nearest first, with its folder; a cycle is refused.

    All must hold out the same pictures; otherwise one would be validated on pictures that another was trained on.
    """
    found: list[Recipe] = []
    seen: set[str] = set()
    at = recipe
    while at.init_from is not None and at.init_from.endswith(".toml"):
        if at.init_from in seen:
            raise WrongUse(f"{at.init_from} starts from itself; remove its init_from.")
        seen.add(at.init_from)
        before = replace(read_recipe(Path(at.init_from)), folder=recipe.folder)
        if before.holdout != recipe.holdout:
            raise WrongUse(
                f"{at.init_from} has holdout {before.holdout}, and the recipe that starts from it {recipe.holdout}; "
                "they must hold out the same pictures."
            )
        found.append(before)
        at = before
    return found


def from_dict(table: Mapping[str, Any]) -> Recipe:
    """Return the recipe in a table of TOML; unknown keys, and those of older recipes, are refused."""
    old = [name for name in table if name in RENAMED]
    if old:
        new = ", ".join(f"{RENAMED[name]} in place of {name}" for name in old)
        raise WrongUse(f"This recipe is of an older format; write {new}.")
    known = [one.name for one in fields(Recipe)]
    for name in table:
        if name not in known:
            raise WrongUse(f"A recipe has no setting {shown(name)}; {registry.closest(name, tuple(known))}")
    for name in ("task", "folder"):
        if not isinstance(table.get(name), str):
            raise WrongUse(f'A recipe needs {name} as text; write {name} = "...".')
    recipe = Recipe(**table)
    described = _described(recipe.task)
    settings = {
        name: None if value == NONE and may_be_none(described[name].kind) else value
        for name, value in recipe.settings.items()
    }
    return replace(recipe, settings=settings)


def with_settings(recipe: Recipe, words: Sequence[str]) -> Recipe:
    """Return the recipe with each text `name=value` as a setting of the task, or else of the network.

    >>> made = with_settings(Recipe("denoise", "photos"), ["loss=l1", "widths=16 32 48"])
    >>> made.settings, made.network_settings
    ({'loss': 'l1'}, {'widths': (16, 32, 48)})
    """
    task = registry.get("tasks", recipe.task)
    network = registry.get("networks", recipe.network or task.training.network)
    of_task, of_network = parameters(task.settings), parameters(network.config)
    known = tuple(dict.fromkeys((*of_task, *of_network)))
    for_task, for_network = dict(recipe.settings), dict(recipe.network_settings)
    for word, text in _split(words).items():
        name = registry.spelled(word, known)
        if name == "ignored" or (name in OPTIONS and name not in known):  # the check of the folder needs them, too
            option = "ignore-index" if name == "ignored" else name.replace("_", "-")
            raise WrongUse(f"--set {name}={text}: there is an option for it; write --{option} {text}.")
        if name in of_task:
            for_task[name] = of_task[name].read(text)
        elif name in of_network:
            for_network[name] = of_network[name].read(text)
        else:
            hint = registry.closest(name, known)
            raise WrongUse(f"Neither {recipe.task} nor {network.name} has a setting '{name}'; {hint}")
    return replace(recipe, settings=for_task, network_settings=for_network)


def name_and_value(word: str) -> tuple[str, str]:
    """Return the name and the value of a text `name=value`.

    >>> name_and_value("base-width=8")
    ('base_width', '8')
    """
    name, equals, value = word.partition("=")
    if not name or not equals:
        raise WrongUse(f"--set {word} has no {'value' if name else 'name'}; write it as --set NAME=VALUE.")
    return name.replace("-", "_"), value


def _split(words: Sequence[str]) -> dict[str, str]:
    """Return the names and values of texts `name=value`."""
    found: dict[str, str] = {}
    for word in words:
        name, value = name_and_value(word)
        if name in found:
            raise WrongUse(f"{name} is set twice.")
        found[name] = value
    return found


def _described(task: str) -> Mapping[str, Parameter]:
    """Return the task's settings by name."""
    return parameters(registry.get("tasks", task).settings)


def read_recipe(path: Path) -> Recipe:
    """Return the recipe in a TOML file; relative paths start at the file's folder."""
    table = read_toml(path)
    table.pop("record", None)  # of a run.toml
    try:
        return from_dict(table).seen_from(path.parent)
    except WrongUse as problem:
        raise type(problem)(f"{path}: {problem}") from None


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of a TOML file; a table that is too deep or not plain is refused."""
    from repix.pictures.atomic import read_error

    try:
        text = path.read_bytes()
    except (OSError, ValueError) as problem:  # a ValueError: the path contains a NUL
        raise read_error(path, problem) from None
    try:
        table = tomllib.loads(text.decode())
    except RecursionError:
        raise Unreadable(f"{path} contains lists or tables that are nested too deep for a recipe.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise Unreadable(f"{path} is not valid TOML: {problem}.") from None
    except ValueError:  # Python limits the digits of a number
        raise Unreadable(f"{path} contains a number that is too long; whole numbers have at most 64 bits.") from None
    try:
        require_plain(table, str(path))
    except WrongUse as problem:
        raise Unreadable(str(problem)) from None
    return table


def _listed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _listed(one) for name, one in value.items() if one is not None}
    return [_listed(one) for one in value] if isinstance(value, list | tuple) else value
