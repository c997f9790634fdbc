"""Write constraints.txt again, with the newest versions that fit together: `python -m release.pins`.

pip resolves all extras and groups without installing anything. Review the difference, then run `make test`. torch stays
as it is, because its CPU build is not on the package index.
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILE = ROOT / "constraints.txt"
KEPT = ("torch",)
"""Pins that are raised by hand."""
APART = ("bm3d", "cluster", "cuda", "remote")
"""Extras that are not in `all`. `cuda` excludes `onnxruntime` in one environment, but nothing is installed here."""


def canonical(name: str) -> str:
    """Return a distribution's name as the package index compares it.

    >>> canonical("ml_dtypes")
    'ml-dtypes'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(text: str) -> dict[str, str]:
    r"""Return the lines of a constraints file by canonical name.

    >>> pinned("# comment\nml_dtypes==0.6.0\n")
    {'ml-dtypes': 'ml_dtypes==0.6.0'}
    """
    return {canonical(line.partition("==")[0]): line for line in text.splitlines() if "==" in line}


def resolved(kept: list[str]) -> dict[str, str]:
    """Return the newest pins, as pip would install them."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    wanted = [
        f"{ROOT}[all,{','.join(APART)}]",
        *kept,
        *(f"--group={ROOT / 'pyproject.toml'}:{name}" for name in groups),
    ]
    options = ["--quiet", "--dry-run", "--ignore-installed", "--report", "-"]
    report = subprocess.check_output([sys.executable, "-m", "pip", "install", *options, *wanted], text=True)
    found = [one["metadata"] for one in json.loads(report)["install"]]
    return {canonical(one["name"]): f"{one['name']}=={one['version']}" for one in found if one["name"] != "repix"}


def renewed(text: str, found: dict[str, str]) -> str:
    r"""Return a constraints file with newer pins; what was not found, such as pip itself, stays.

    A line stays as it is, too, if its version does: indexes spell one name in several ways.

    >>> renewed("# why\na-a==1\nb==2\n", {"a-a": "a_a==1", "b": "b==3", "c": "c==1"})
    '# why\na-a==1\nb==3\nc==1\n'
    """
    head = [line for line in text.splitlines() if line.startswith("#")]
    before = pinned(text)
    lines = {**before, **{name: line for name, line in found.items() if differs(line, before.get(name))}}
    return "\n".join([*head, *(lines[name] for name in sorted(lines))]) + "\n"


def differs(line: str, before: str | None) -> bool:
    """Return True if a pin is new or has another version.

    >>> differs("a_a==1", "a-a==1")
    False
    """
    return before is None or line.partition("==")[2] != before.partition("==")[2]


def main() -> int:
    """Write the file, and print what changed."""
    text = FILE.read_text(encoding="utf-8")
    before = pinned(text)
    kept = [before[name] for name in KEPT]
    found = {name: line for name, line in resolved(kept).items() if name not in KEPT}
    FILE.write_text(renewed(text, found), encoding="utf-8")
    for name, line in found.items():
        if differs(line, before.get(name)):
            print(f"{before.get(name, '(new)')} -> {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
