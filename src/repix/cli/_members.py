"""Commands of plugin families: `repix filter median`, `repix degrade gaussian`."""

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from repix import registry
from repix.cli._commands import (
    BatchArguments,
    Depth,
    Inputs,
    Listed,
    WriteArguments,
    command_of,
    group,
    parameter,
    parameters_of,
    require_depth,
    taken,
)

if TYPE_CHECKING:
    import numpy as np

    from repix.pictures import Picture

Seed = Annotated[int, typer.Option(min=0, help="Random seed, the same for each file.")]
Convert = Callable[["Picture", "np.random.Generator"], "Picture"]
"""Conversion of a picture; each file gets a new generator with the same seed."""
Prepare = Callable[[dict[str, Any], str | None], Convert]
"""Makes the conversion from the command's settings and the depth to write, after checking them."""


def family_group(family: str, verb: str, help_text: str, others: dict[str, Any] | None = None) -> Any:
    """Return a group with a command for each plugin of a family, made on use, and other commands."""
    listed = {
        name: Listed(partial(registry.summary, family, name), partial(_member_command, family, name))
        for name in registry.available(family)
    }
    return group(verb, help_text, dict(sorted((listed | (others or {})).items())))


def _member_command(family: str, name: str) -> Any:
    """Return the command of a plugin: the parameters of its function become options."""
    from repix.parameters import parameters
    from repix.pictures.array_function import apply, is_opaque_eight_bit

    offered = registry.get(family, name)
    described = parameters(offered.function)
    context = set(inspect.signature(offered.function).parameters)

    def prepare(settings: dict[str, Any], depth: str | None) -> Convert:
        for key, one in described.items():
            one.check(settings[key])

        def convert(picture: "Picture", rng: "np.random.Generator") -> "Picture":
            given = {"rng": rng, "eight_bit": is_opaque_eight_bit(picture)}
            function = partial(offered.function, **settings, **{key: given[key] for key in given.keys() & context})
            return apply(function, picture, offered.scales, depth)

        return convert

    own = [
        parameter(key, Annotated[one.kind, typer.Option(help=one.help)], one.default) for key, one in described.items()
    ]
    return picture_command((family, name), _help(offered.function), own, prepare, random="rng" in context)


def picture_command(
    name: tuple[str, str], help_text: str, own: Sequence[inspect.Parameter], prepare: Prepare, random: bool
) -> Any:
    """Return a command that converts pictures: its own options, then the shared ones that it does not redefine.

    `name` is the family and the name of the command.
    """

    def run(values: dict[str, Any]) -> int:
        import numpy as np

        from repix.batch import picture_work
        from repix.cli._batches import convert_files

        settings = {one.name: values.pop(one.name) for one in own}
        inputs: list[Path] = values.pop("inputs")
        depth, seed = values.pop("depth"), values.pop("seed", 0)
        require_depth(depth)
        convert = prepare(settings, depth)
        arguments, writing = taken(BatchArguments, values), taken(WriteArguments, values)
        fingerprint = _fingerprint(name, settings, {"depth": depth, "seed": seed})
        work = picture_work(
            lambda picture: convert(picture, np.random.default_rng(seed)), fingerprint, writing.options()
        )
        return convert_files(inputs, arguments.naming(f"-{name[1]}"), work, arguments)

    shared = [*parameters_of(BatchArguments), parameter("depth", Depth, None), *parameters_of(WriteArguments)]
    if random:
        shared.insert(0, parameter("seed", Seed, 0))
    taken_names = {one.name for one in own}
    options = [one for one in shared if one.name not in taken_names]
    return command_of(name[1], help_text, [parameter("inputs", Inputs), *own, *options], run)


def _fingerprint(name: tuple[str, str], settings: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return everything that a result depends on besides its source."""
    family, member = name
    return {"family": family, "name": member, "settings": dict(settings), **more}


def _help(function: Callable[..., Any]) -> str:
    """Return a function's docstring up to its sections and its example; the options have their own help."""
    return re.split(r"^(?:Args|Returns|Raises):$|^>>>", inspect.getdoc(function) or "", flags=re.MULTILINE)[0].rstrip()
