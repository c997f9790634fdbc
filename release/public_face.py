"""Write tests/public_face.json, the list of public names, commands and options: `python -m release.public_face`.

A test compares it with the code, so that no name or option is added, renamed or removed unnoticed: docs/versions.md.
"""

import json
import sys
from pathlib import Path
from typing import Any

import repix
from repix.cli._app import verb, verbs

FILE = Path(__file__).parents[1] / "tests" / "public_face.json"


def options(command: Any) -> Any:
    """Return the arguments and options of a command; of a group, those of each of its commands."""
    if hasattr(command, "commands"):
        return {name: options(listed) for name, listed in command.commands.items()}
    shown = [one for one in command.params if not one.hidden]
    return sorted(name for one in shown for name in [*one.opts, *one.secondary_opts])


def public_face() -> dict[str, Any]:
    """Return all public names, commands and options."""
    names = [name for name in repix.__all__ if not name.startswith("_")]
    return {"names": names, "commands": {name: options(verb(name)) for name in verbs()}}


def main() -> int:
    """Write the list."""
    FILE.write_text(json.dumps(public_face(), indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
