"""Write the contracts of the bundled models again: in the present format, with the present names.

Run it with `python docs/rewrite_models.py` after a name in a contract or the format has changed, and then
`python docs/make_cards.py`. Each graph keeps its bytes; the catalog gets the new SHA-256 of each file.
"""

import hashlib
from pathlib import Path

from repix.conversion import Contract, read_model, write_model
from repix.conversion.contract_formats import renamed
from repix.conversion.model_file import without_contract
from repix.models import FOLDER, catalog

CATALOG = FOLDER / "catalog.toml"


def rewrite(path: Path) -> None:
    """Write one model's contract again."""
    model = read_model(path)
    write_model(path, model.content, Contract.from_dict(renamed(model.contract.to_dict())))
    if without_contract(path.read_bytes()) != without_contract(model.content):
        raise SystemExit(f"{path}: the graph has changed.")


def main() -> None:
    """Write them all, and the catalog."""
    text = CATALOG.read_text(encoding="utf-8")
    for bundled in catalog().values():
        rewrite(bundled.path)
        text = text.replace(bundled.sha256, hashlib.sha256(bundled.path.read_bytes()).hexdigest())
    CATALOG.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
