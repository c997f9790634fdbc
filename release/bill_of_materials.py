"""Write a software bill of materials, CycloneDX 1.6 in JSON: every distribution of constraints.txt with its license.

    python -m release.bill_of_materials > dist/repix.cdx.json

The scope of a distribution is `required` for what the base install needs, `optional` for what the extras need, and
`excluded` for tools that build, check and test. Licenses and needs are read from the metadata of installed
distributions; what has no license there is named on the standard error.
"""

import json
import re
import sys
from collections.abc import Collection
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from release.pins import canonical

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"^([\w.-]+)==(\S+)$", re.MULTILINE)


def license_of(found: Distribution) -> str:
    """Return the license of a distribution: its expression, else its classifiers, else its field."""
    about = found.metadata
    classified = [one.rpartition(" :: ")[2] for one in about.get_all("Classifier", []) if one.startswith("License ::")]
    said = about.get("License-Expression") or ", ".join(dict.fromkeys(classified)) or about.get("License") or ""
    return said.strip().partition("\n")[0]


def needs(name: str, extras: Collection[str]) -> list[Requirement]:
    """Return what a distribution with these extras needs on this machine; nothing if it is not installed."""
    try:
        listed = [Requirement(line) for line in distribution(name).requires or []]
    except PackageNotFoundError:
        return []
    asked = ["", *extras]
    return [one for one in listed if not one.marker or any(one.marker.evaluate({"extra": extra}) for extra in asked)]


def closure(name: str, extras: Collection[str]) -> set[str]:
    """Return the canonical names of all that a distribution needs, of what these need, and so on."""
    waiting, seen = [(name, frozenset(extras))], set()
    while waiting:
        asked = waiting.pop()
        if asked not in seen:
            seen.add(asked)
            waiting += [(canonical(one.name), frozenset(one.extras)) for one in needs(*asked)]
    return {found for found, _ in seen} - {name}


def scopes() -> dict[str, str]:
    """Return `required` or `optional` for what repix and its extras need, by canonical name."""
    extras = distribution("repix").metadata.get_all("Provides-Extra", [])
    optional = dict.fromkeys(closure("repix", extras), "optional")
    return optional | dict.fromkeys(closure("repix", []), "required")


def component(name: str, version: str, scope: str) -> dict[str, Any]:
    """Return one entry of the bill."""
    entry: dict[str, Any] = {"type": "library", "name": name, "version": version, "scope": scope}
    entry["purl"] = f"pkg:pypi/{canonical(name)}@{version}"
    try:
        said = license_of(distribution(name))
    except PackageNotFoundError:
        said = ""
    return {**entry, "licenses": [{"license": {"name": said}}]} if said else entry


def bill(constraints: str, version: str) -> dict[str, Any]:
    """Return the whole bill for the pins of a constraints file."""
    known = scopes()
    pins = PIN.findall(constraints)
    parts = [component(name, pinned, known.get(canonical(name), "excluded")) for name, pinned in pins]
    about = {
        "type": "application",
        "name": "repix",
        "version": version,
        "licenses": [{"license": {"id": "Apache-2.0"}}],
    }
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": about},
        "components": parts,
    }


def main() -> int:
    """Print the bill."""
    made = bill((ROOT / "constraints.txt").read_text(encoding="utf-8"), distribution("repix").version)
    unknown = [one["name"] for one in made["components"] if "licenses" not in one]
    if unknown:
        print(f"Without a license in installed metadata: {', '.join(unknown)}", file=sys.stderr)
    print(json.dumps(made, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
