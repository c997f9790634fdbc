"""Write the tables of networks and upsamplers into their pages: run it after adding or changing one.

    python docs/make_tables.py            write them
    python docs/make_tables.py --check    say which are not as they should be, and exit with 1

A row is what a member declares of itself, and its `use`.
"""

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from repix import registry

DOCS = Path(__file__).parent
HEADS = {
    "networks": ("name", "scale", "step", "halo", "parameters", "multiply-adds per pixel", "use"),
    "upsampling": ("name", "learns", "channels", "halo at ×2", "flat stays flat", "take it when"),
}
"""The columns of each family's table, which stands on the page of the same name."""


def table(family: str, names: Sequence[str] | None = None) -> str:
    """Return the table of a family, by default of repix's own members."""
    head = HEADS[family]
    rows = [ROWS[family](name) for name in names or registry.own_names(family)]
    lines = [head, ("---",) * len(head), *((_link(family, row[0]), *row[1:]) for row in rows)]
    return "\n".join(map(_line, lines)) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |" if cells[0] != "---" else "|---" * len(cells) + "|"


def _link(family: str, name: str) -> str:
    if name not in registry.own_names(family):
        return name
    return f"[{name}](../src/repix/{family}/{name.replace('-', '_')}.py)"


def _network(name: str) -> tuple[str, ...]:
    network = registry.get("networks", name)
    counts, halo = network.cost(), network.halo()
    numbers = (str(network.scale()), str(network.step()), "all" if halo is None else str(halo))
    return name, *numbers, f"{counts.parameters:,}", f"{counts.macs:,}", _use("networks", name)


def _upsampler(name: str) -> tuple[str, ...]:
    upsampler = registry.get("upsampling", name)
    halo = upsampler.halo(2)
    learns, flat = ("yes" if one else "no" for one in (upsampler.has_weights, upsampler.preserves_constants))
    said = (learns, upsampler.channels, "none" if halo is None else str(halo), flat)
    return name, *said, _use("upsampling", name)


def _use(family: str, name: str) -> str:
    use: str = registry.get(family, name).use
    return use or registry.summary(family, name)


ROWS: dict[str, Callable[[str], tuple[Any, ...]]] = {"networks": _network, "upsampling": _upsampler}


def page(family: str) -> tuple[Path, str]:
    """Return a family's page and its text with the present table."""
    file = DOCS / f"{family}.md"
    text = file.read_text(encoding="utf-8")
    head = re.escape(_line(HEADS[family]))
    made, count = re.subn(rf"^{head}\n(\|.*\n)+", lambda _: table(family), text, flags=re.MULTILINE)
    if count != 1:
        raise SystemExit(f"{file} has {count} tables that begin with {_line(HEADS[family])}; it must have one.")
    return file, made


def main() -> int:
    """Write all tables, or compare them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 where a table differs")
    check = parser.parse_args().check
    made = dict(page(family) for family in HEADS)
    different = [file for file, text in made.items() if file.read_text(encoding="utf-8") != text]
    for file in different:
        if not check:
            file.write_text(made[file], encoding="utf-8")
        print(f"{file.name} {'differs' if check else 'written'}")
    return 1 if check and different else 0


if __name__ == "__main__":
    sys.exit(main())
