"""JSON Schemas of the networks' settings, from a process of its own: networks need torch, the server does not.

`python -P -m repix.studio.network_schemas` prints them.
"""

import json
import subprocess
import sys
from functools import cache

from repix import registry
from repix.errors import RepixError
from repix.settings import Schema

SECONDS = 120


def main() -> None:
    """Print the schema of each network's settings, as JSON."""
    names = registry.available("networks")
    print(json.dumps({name: registry.get("networks", name).config.schema() for name in names}))


@cache
def network_schemas() -> dict[str, Schema]:
    """Return the schema of each network's settings; raise RepixError where torch is missing."""
    command = [sys.executable, "-P", "-m", __name__]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True)  # noqa: S603
        found: dict[str, Schema] = json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError):
        raise RepixError('The networks cannot be listed; is the extra "train" installed?') from None
    return found


if __name__ == "__main__":
    main()
