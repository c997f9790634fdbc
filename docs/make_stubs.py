"""Writes the stubs of the functions that packages offer by name: run it after adding or changing a member.

    python docs/make_stubs.py            write them
    python docs/make_stubs.py --check    say which are not as they should be, and exit with 1

`repix.networks.unet` is made when it is asked for, so neither an editor nor a type checker can find it in the source.
Each such package therefore has a `_functions.pyi` beside its `__init__.py`, which imports it for type checkers only.
A file of that name without a `.py` hides no source: mypy checks the package and the stub. (An `__init__.pyi` would hide
its `__init__.py`.)

The functions of networks and upsamplers are made from settings classes, so their stubs say the whole signature. The
functions of filters, degradations, metrics and the like stand in files; their stubs import them.
"""

import argparse
import inspect
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from repix import registry
from repix.arithmetic.arrays import Array, Integers
from repix.upsampling import Weights

ROOT = Path(__file__).parents[1] / "src" / "repix"

MADE = ("networks", "upsampling")
"""Families whose functions are made from settings classes."""

CALLED = [family for family in registry.FAMILIES if family not in (*registry.INSIDE, "tasks")]
"""Families whose functions a package offers by name."""

HEAD = '"""{text} Written by docs/make_stubs.py."""\n'

NAMED: tuple[tuple[Any, str, str], ...] = (
    (Array, "Array", "from repix.arithmetic.arrays import Array"),
    (Integers, "Integers", "from repix.arithmetic.arrays import Integers"),
    (Weights, "Weights", "from repix.upsampling import Weights"),
)
"""Types that a stub calls by a name of their own, and where that comes from."""


def stubs() -> dict[Path, str]:
    """Return the text of every stub by its file."""
    found = {}
    for family in CALLED:
        folder = ROOT / family
        names = registry.own_names(family)
        if family in MADE:
            functions = [registry.get(family, name).function for name in names]
            found[folder / "_functions.pyi"] = made(f"The functions of `repix.{family}`.", functions)
        else:
            found[folder / "_functions.pyi"] = imported(family, names)
    references = [registry.get("upsampling", name).reference_function for name in registry.own_names("upsampling")]
    text = "The functions of `repix.upsampling.reference`."
    found[ROOT / "upsampling" / "reference" / "_functions.pyi"] = made(text, references)
    return found


def imported(family: str, names: Sequence[str]) -> str:
    """Return a stub that imports each function from its file."""
    lines = [HEAD.format(text=f"The functions of `repix.{family}`.")]
    for name in names:
        function = registry.get(family, name).function
        module, called = function.__module__, function.__name__
        lines.append(f"from {module} import {called} as {name.replace('-', '_')}")
    return "\n".join(lines) + "\n"


def made(text: str, functions: list[Callable[..., Any]]) -> str:
    """Return a stub with the signature and docstring of each function."""
    imports: set[str] = set()
    bodies = [_function(function, imports) for function in functions]
    third = sorted(line for line in imports if "repix" not in line and "typing" not in line)
    blocks = [
        "\n".join(sorted(lines))
        for lines in ([one for one in imports if "typing" in one], third, [one for one in imports if "repix" in one])
        if lines
    ]
    return "\n\n".join([HEAD.format(text=text).rstrip(), *blocks, "\n".join(bodies).rstrip()]) + "\n"


def _function(function: Callable[..., Any], imports: set[str]) -> str:
    signature = inspect.signature(function)
    lines, star = [], False
    for parameter in signature.parameters.values():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and not star:
            star = True
            lines.append("    *,")
        given = "" if parameter.default is inspect.Parameter.empty else f" = {_value(parameter.default)}"
        lines.append(f"    {parameter.name}: {_type(parameter.annotation, imports)}{given},")
    doc = textwrap.indent(f'"""{(function.__doc__ or "").strip()}\n"""', "    ")
    doc = "\n".join(line.rstrip() for line in doc.splitlines())
    returns = _type(signature.return_annotation, imports)
    return "\n".join([f"def {function.__name__}(", *lines, f") -> {returns}:", doc, ""])


def _value(value: object) -> str:
    """A default as ruff writes it."""
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _type(kind: Any, imports: set[str]) -> str:
    """A type as source code."""
    for known, name, line in NAMED:
        if kind == known:
            imports.add(line)
            return name
    text = kind if isinstance(kind, str) else inspect.formatannotation(kind)
    if text in ("nn.Module", "torch.nn.modules.module.Module"):
        imports.add("from torch import nn")
        return "nn.Module"
    if "Literal" in text:
        imports.add("from typing import Literal")
    return text.replace("typing.", "").replace("'", '"')


def main() -> int:
    """Write all stubs, or compare them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 where a stub differs")
    check = parser.parse_args().check
    different = [
        file for file, text in stubs().items() if not file.exists() or file.read_text(encoding="utf-8") != text
    ]
    for file in different:
        if not check:
            file.write_text(stubs()[file], encoding="utf-8")
        print(f"{file.relative_to(ROOT)} {'differs' if check else 'written'}")
    return 1 if check and different else 0


if __name__ == "__main__":
    sys.exit(main())
