"""Write the reference tables of the documentation from the code.

    python docs/make_reference.py            write them
    python docs/make_reference.py --check    name the pages that differ, and exit with 1
    python docs/make_reference.py --words    count the words of each page: written by hand, generated

A page marks where a table belongs with `<!-- generated: NAME -->` and `<!-- end -->`; the rest is written by hand.
"""

import argparse
import inspect
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import fields
from inspect import ismodule
from pathlib import Path
from typing import Any, get_args

import repix
from marked_tables import filled, marked, table
from repix import registry
from repix.cli._app import verb, verbs
from repix.cli._cluster import ClusterArguments
from repix.cli._commands import BatchArguments, WriteArguments
from repix.cli._conversion import ModelArguments
from repix.cli._list import ListArguments
from repix.conversion import Contract, read_model
from repix.models import catalog
from repix.parameters import NONE, Parameter, parameters
from repix.tasks import Task
from repix.training.recipe import Recipe

DOCS = Path(__file__).parent
WORD = "generated"
"""The word in the marks of these tables."""
WHOLE = ("models-cards.md",)
"""Pages that another script writes as a whole."""

SHARED: Mapping[str, tuple[str, type]] = {
    "files": ("Files and folders", BatchArguments),
    "writing": ("Writing pictures", WriteArguments),
    "list": ("Lists of files", ListArguments),
    "cluster": ("Clusters", ClusterArguments),
    "model": ("Running a model", ModelArguments),
}
"""Options that several verbs have: the heading under which they are listed once, and their class."""

TASKS: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "denoise": ({}, {"color": False}),
    "deblur": ({}, {"color": False}),
    "upscale": ({}, {"color": False}),
    "segment": ({"values": [0, 255]}, {"values": [0, 255], "color": False}),
}
"""The settings with which a task is listed, where its defaults alone do not show its channels and metrics."""


# ---------------------------------------------------------------------------------------------------- the command line


def commands() -> str:
    """Return every verb with its arguments and options; those that several verbs have are listed once."""
    parts = [f"## {title}\n\n{_options(_of_class(arguments))}" for title, arguments in SHARED.values()]
    return "\n\n".join([*parts, *(_verb(name) for name in verbs())])


def _of_class(arguments: type) -> list[Any]:
    """Return the options of a class of arguments, as a verb has them that changes none of their defaults."""
    filtering = [*verb("filter").commands["median"].params, *verb("convert").params]
    options = {one.name: one for one in reversed(filtering)}
    return [options[field.name] for field in fields(arguments)]


def _verb(name: str) -> str:
    command = verb(name)
    if hasattr(command, "commands"):
        return "\n\n".join([f"## {name}", _help(command), *_members(command)])
    return "\n\n".join([f"## {name}", f"`repix {name}{_arguments(command)}`", _help(command), *_own_options(command)])


def _help(command: Any) -> str:
    """Return the first paragraph of a command's help."""
    return (command.help or "").partition("\n\n")[0].replace("\n", " ")


def _arguments(command: Any) -> str:
    words = [one.metavar or one.name.upper() for one in command.params if not one.opts[0].startswith("-")]
    return "".join(f" {word}" for word in words)


def _own_options(command: Any) -> list[str]:
    """Return the options that only this verb has, and the names of the groups of the others."""
    groups = _groups(command)
    own = [one for one in command.params if _is_own(one, _names(groups))]
    return [*([_options(own)] if own else []), *_also(groups)]


def _is_own(option: Any, shared: Set[str]) -> bool:
    """Return whether an option is not among the shared ones, or has another default than they."""
    defaults = {field.name: field.default for _, arguments in SHARED.values() for field in fields(arguments)}
    if option.hidden or not option.opts[0].startswith("-"):
        return False
    return option.name not in shared or option.default != defaults.get(option.name, option.default)


def _groups(command: Any) -> list[str]:
    """Return the groups of shared options that a command has in full."""
    names = {one.name for one in command.params}
    return [key for key in SHARED if _names([key]) <= names]


def _names(groups: Iterable[str]) -> set[str]:
    return {field.name for key in groups for field in fields(SHARED[key][1])}


def _also(groups: Iterable[str]) -> list[str]:
    titles = [SHARED[key][0].lower() for key in groups]
    said = ", ".join(f"[{title}](#{title.replace(' ', '-')})" for title in titles)
    return [f"Also: {said}."] if said else []


def _members(group: Any) -> list[str]:
    """Return a table of the commands of a verb with their own options, then the options that all of one kind have."""
    made = {name: listed.params for name, listed in group.commands.items()}
    first = _arguments(next(iter(group.commands.values())))
    others = [name for name, listed in group.commands.items() if _arguments(listed) != first]  # such as of a photo
    same = [{one.name for one in options} for name, options in made.items() if name not in others]
    every = set.intersection(*same)
    rows = [
        [_called(name, group, others), _sentence(group.commands[name].get_short_help_str()), _listed(options, every)]
        for name, options in made.items()
    ]
    groups = [key for key in SHARED if _names([key]) <= every]
    common = [one for one in next(iter(made.values())) if one.name in every and _is_own(one, _names(groups))]
    note = [f"All but {' and '.join(f'`{name}`' for name in others)} also have:"] if others else []
    return [table(["command", "what it does", "options and defaults"], rows), *note, _options(common), *_also(groups)]


def _called(name: str, group: Any, others: Sequence[str]) -> str:
    """Return a command as code, with its arguments where they are not those of the first."""
    return f"`{name}{_arguments(group.commands[name]) if name in others else ''}`"


def _listed(options: Iterable[Any], every: Set[str]) -> str:
    own = [one for one in options if _is_own(one, every)]
    return ", ".join(f"`{_name(one)}`{f' ({_default(one)})' if _default(one) else ''}" for one in own)


def _options(options: Iterable[Any]) -> str:
    return table(["option", "default", "meaning"], [[f"`{_name(one)}`", _default(one), one.help] for one in options])


def _name(option: Any) -> str:
    """Return an option as it is written: its names and what it takes."""
    names = ", ".join(sorted(option.opts, key=len))
    if option.secondary_opts:
        return f"{names} / {option.secondary_opts[0]}"
    return names if option.is_flag else f"{names} {option.metavar or _kind(option)}"


def _kind(option: Any) -> str:
    kind = option.type_descriptor.annotation
    choices = get_args(kind)
    if choices and all(isinstance(one, str) for one in choices):
        return "|".join(choices)
    return {"int": "N", "float": "X", "str": "NAME", "Path": "PATH"}.get(getattr(kind, "__name__", ""), "VALUE")


def _default(option: Any) -> str:
    default = option.default
    return "" if option.is_flag or default in (None, "", ()) or callable(default) else f"`{default}`"


# ------------------------------------------------------------------------------------------------------ plugin families


def tasks() -> str:
    """Return every task with its channels, default loss and metrics."""
    rows = []
    for name in registry.available("tasks"):
        made = [registry.get("tasks", name)(settings) for settings in TASKS.get(name, ({},))]
        loss = parameters(type(made[0].settings))["loss"].default
        channels = " or ".join(dict.fromkeys(_channels(task) for task in made))
        metrics = ", ".join(f"`{one}`" for one in dict.fromkeys(m.name for task in made for m in task.metrics))
        rows.append(
            [f"[`{name}`](#{name})", _sentence(registry.summary("tasks", name)), channels, f"`{loss}`", metrics]
        )
    return table(["task", "what it does", "channels", "loss", "metrics"], rows)


def _channels(task: Task) -> str:
    source, target = task.channels
    return f"{source} → {'classes' if task.logits else target}"


def task_settings() -> str:
    """Return the settings of every task, each under the task's name."""
    parts = []
    for name in registry.available("tasks"):
        kind = registry.get("tasks", name).settings
        schema = kind.schema()["properties"]
        rows = [[f"`{one}`", _json_default(schema[one]), parameters(kind)[one].help] for one in schema]
        parts.append(f"### {name}\n\n{table(['setting', 'default', 'meaning'], rows)}")
    return "\n\n".join(parts)


def _json_default(schema: Mapping[str, Any]) -> str:
    return f"`{json.dumps(schema['default'])}`" if "default" in schema else "must be given"


def losses() -> str:
    """Return every loss with its formula."""
    return _family("losses", lambda name: [_returned(registry.get("losses", name).function)], "formula")


def metrics() -> str:
    """Return every metric with its unit and settings."""

    def about(name: str) -> list[str]:
        metric = registry.get("metrics", name)
        return [metric.unit or "", metric.better, _settings(metric.settings), "together" if metric.tally else "mean"]

    return _family("metrics", about, "unit", "better", "settings", "of a folder")


def _family(family: str, about: Callable[[str], list[str]], *heads: str) -> str:
    rows = [
        [f"`{name}`", _sentence(registry.summary(family, name)), *about(name)] for name in registry.available(family)
    ]
    return table(["name", "what it is", *(heads or ("settings",))], rows)


def _settings(described: Mapping[str, Parameter]) -> str:
    """Return the names of some settings with their defaults."""
    return ", ".join(f"`{name}{_given(one.default)}`" for name, one in described.items())


def _given(default: Any) -> str:
    if default is inspect.Parameter.empty:
        return ""
    return f"={NONE if default is None else default}"


def _returned(function: Callable[..., Any]) -> str:
    """Return the first line of a docstring without its "Return"."""
    first = (inspect.getdoc(function) or "").partition("\n\n")[0].replace("\n", " ")
    return _capital(first.removeprefix("Return ").removeprefix("the ")).rstrip(".")


def _sentence(text: str) -> str:
    """Return a summary without the name that it may begin with."""
    name, _, rest = text.rstrip(".").partition(": ")
    return _capital(rest if rest and len(name) < 30 else text.rstrip("."))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def networks() -> str:
    """Return every network with its properties at the default settings."""
    rows = []
    for name in registry.available("networks"):
        network = registry.get("networks", name)
        cost, halo = network.cost(), network.halo()
        link = _link("networks", name)
        figures = [network.scale(), network.step(), "all" if halo is None else halo]
        rows.append([link, *map(str, figures), f"{cost.parameters:,}", f"{cost.macs:,}", _use("networks", name)])
    return table(["name", "scale", "step", "halo", "parameters", "multiply-adds per pixel", "description"], rows)


def network_settings() -> str:
    """Return the settings of every network."""
    rows = [
        [f"`{name}`", _settings(parameters(registry.get("networks", name).config))]
        for name in registry.available("networks")
    ]
    return table(["network", "settings with their defaults"], rows)


def upsamplers() -> str:
    """Return every upsampler with its properties."""
    rows = []
    for name in registry.available("upsampling"):
        one = registry.get("upsampling", name)
        halo = one.halo(2)
        link = _link("upsampling", name)
        learns, flat = ("yes" if said else "no" for said in (one.has_weights, one.preserves_constants))
        rows.append([link, learns, one.channels, "none" if halo is None else str(halo), flat, _use("upsampling", name)])
    return table(["name", "learns", "channels", "halo at ×2", "flat stays flat", "use"], rows)


def _use(family: str, name: str) -> str:
    return _sentence(registry.get(family, name).use or registry.summary(family, name))


def _link(family: str, name: str) -> str:
    """Return the name with a link to its file, if it is one of repix's own."""
    if name not in registry.own_names(family):
        return name
    return f"[{name}](../src/repix/{family}/{name.replace('-', '_')}.py)"


# ------------------------------------------------------------------------------------------ models, contracts, recipes


def models() -> str:
    """Return the bundled models: task, purpose and size."""
    rows = []
    for one in catalog().values():
        name = f"[{one.name}](models-cards.md#{one.name})"
        rows.append([name, f"`{one.task}`{' *' if one.default else ''}", one.purpose, _megabytes(one.path)])
    return table(["model", "task", "made for", "file"], rows)


def precisions() -> str:
    """Return how the bundled models' results in bf16 were measured, and the verdict."""
    rows = []
    for one in catalog().values():
        for measured in read_model(one.path).contract.precisions:
            near = f"{measured.psnr:.1f} dB" if measured.psnr is not None else f"{measured.agreement:.2%} of the pixels"
            rows.append([f"`{one.name}`", near, f"{measured.worse:.3f} {measured.unit}".strip(), measured.verdict])
    return table(["model", "equal to the exact result", "loss against the ground truth", "verdict"], rows)


def _megabytes(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB"


def contract() -> str:
    """Return every key of a contract."""
    return table(["key", "meaning"], [[f"`{name}`", one.help] for name, one in parameters(Contract).items()])


def recipe() -> str:
    """Return every key of a recipe, with the option of `repix train` of the same name."""
    options = {one.name: max(one.opts, key=len) for one in verb("train").params if one.opts[0].startswith("-")}
    rows = []
    for name, one in parameters(Recipe).items():
        rows.append([f"`{name}`", f"`{options[name]}`" if name in options else "", one.help])
    return table(["key", "option", "meaning"], rows)


def objective_settings() -> str:
    """Return the settings of every objective that has some."""
    rows = []
    for name in registry.available("objectives"):
        for key, one in parameters(registry.get("objectives", name).config).items():
            rows.append([f"`{name}`", f"`{key}`", f"`{one.default}`", one.help])
    return table(["objective", "setting", "default", "meaning"], rows)


def python() -> str:
    """Return every public name of `repix` that is not a package."""
    names = [name for name in repix.__all__ if not name.startswith("_") and not ismodule(getattr(repix, name))]
    return table(["name", "what it does"], [[f"`repix.{name}`", _summary(getattr(repix, name))] for name in names])


def packages() -> str:
    """Return every public package."""
    modules = [getattr(repix, name) for name in repix.__all__ if ismodule(getattr(repix, name))]
    return table(["package", "content"], [[f"`{module.__name__}`", _summary(module)] for module in modules])


def _summary(documented: Any) -> str:
    return _sentence((inspect.getdoc(documented) or "").partition("\n\n")[0].replace("\n", " "))


TABLES: Mapping[str, Callable[[], str]] = {
    "commands": commands,
    "contract": contract,
    "losses": losses,
    "metrics": metrics,
    "models": models,
    "network settings": network_settings,
    "networks": networks,
    "objective settings": objective_settings,
    "packages": packages,
    "precisions": precisions,
    "python": python,
    "recipe": recipe,
    "task settings": task_settings,
    "tasks": tasks,
    "upsamplers": upsamplers,
}


def written(page: str) -> str:
    """Return a page with every table written again."""
    return filled(page, WORD, TABLES)


def words(path: Path) -> tuple[int, int]:
    """Return how many words of a page are written by hand, and how many are generated."""
    text = path.read_text(encoding="utf-8")
    by_hand = 0 if path.name in WHOLE else len(marked(r"\w+").sub("", text).split())
    return by_hand, len(text.split()) - by_hand


def main() -> int:
    """Write all pages, compare them, or count their words."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 where a page differs")
    parser.add_argument("--words", action="store_true", help="count words instead")
    given = parser.parse_args()
    pages = sorted(DOCS.glob("*.md"))
    if given.words:
        counts = {page.name: words(page) for page in pages}
        for name, (own, made) in counts.items():
            print(f"{name:32} {own:6} {made:6}")
        print(f"{'all':32} {sum(own for own, _ in counts.values()):6} {sum(made for _, made in counts.values()):6}")
        return 0
    different = [
        page for page in pages if written(page.read_text(encoding="utf-8")) != page.read_text(encoding="utf-8")
    ]
    for page in different:
        if not given.check:
            page.write_text(written(page.read_text(encoding="utf-8")), encoding="utf-8")
        print(f"{page.name} {'differs' if given.check else 'written'}")
    return 1 if given.check and different else 0


if __name__ == "__main__":
    sys.exit(main())
