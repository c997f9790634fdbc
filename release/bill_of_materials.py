"""Write a software bill of materials, CycloneDX 1.6 in JSON: every distribution of constraints.txt with its license.

    python -m release.bill_of_materials > dist/repix.cdx.json

Licenses are read from the installed distributions' metadata, so what is not installed is listed without one and named
on the standard error.
"""

import json
import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"^([\w.-]+)==(\S+)$", re.MULTILINE)


def license_of(found: Distribution) -> str:
    """Return the license of a distribution: its expression, else its classifiers, else its field."""
    about = found.metadata
    classified = [one.rpartition(" :: ")[2] for one in about.get_all("Classifier", []) if one.startswith("License ::")]
    said = about.get("License-Expression") or ", ".join(dict.fromkeys(classified)) or about.get("License") or ""
    return said.strip().partition("\n")[0]


def component(name: str, version: str) -> dict[str, Any]:
    """Return one entry of the bill."""
    entry: dict[str, Any] = {"type": "library", "name": name, "version": version}
    entry["purl"] = f"pkg:pypi/{re.sub(r'[-_.]+', '-', name).lower()}@{version}"
    try:
        said = license_of(distribution(name))
    except PackageNotFoundError:
        said = ""
    return {**entry, "licenses": [{"license": {"name": said}}]} if said else entry


def bill(constraints: str, version: str) -> dict[str, Any]:
    """Return the whole bill for the pins of a constraints file."""
    parts = [component(name, pinned) for name, pinned in PIN.findall(constraints)]
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
        print(f"Without a known license, because not installed here: {', '.join(unknown)}", file=sys.stderr)
    print(json.dumps(made, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
