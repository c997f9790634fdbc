"""Write the contract's JSON Schema, contract.schema.json: `python docs/make_schema.py`."""

import json
from pathlib import Path

from repix.conversion import Contract

PAGE = Path(__file__).with_name("contract.schema.json")


def page() -> str:
    """Return the text of the file."""
    return json.dumps(Contract.schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
