"""Metrics of trainings, read from their model files: python -m benchmarks.trained RUN...

Each RUN is a folder that `repix train` wrote. Its model knows how it was trained, and how it compared with doing
nothing and with the best classical filter on the held-out pictures.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.timing import RESULTS, save
from repix.conversion import read_model
from repix.training.run_folder import RunFolder


def row(run: Path) -> dict[str, Any]:
    """A run in one line, by the metric that decides."""
    contract = read_model(RunFolder(run).model).contract
    found, trained = contract.metrics[0], contract.trained
    return {
        "task": contract.task,
        "network": contract.network,
        "parameters": contract.parameters,
        "steps": trained["steps"],
        "seconds": trained["seconds"],
        "precision": trained["precision"],
        "metric": found["metric"],
        "pictures": found["examples"],
        "model": round(found["value"], 4),
        "others": {name: round(value, 4) for name, value in found["others"].items()},
    }


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Markdown."""
    lines = ["| task | network | steps | metric | model | the others |", "|---" * 6 + "|"]
    for one in rows:
        others = ", ".join(f"{name} {value:.4g}" for name, value in one["others"].items())
        names = f"{one['task']} | {one['network']}, {one['parameters'] / 1e6:.2f} M | {one['steps']}"
        lines.append(f"| {names} | {one['metric']} | {one['model']:.4g} | {others} |")
    return "\n".join(lines)


def main() -> None:
    """Read, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="*", type=Path)
    runs = parser.parse_args().runs
    if not runs:
        print("needs folders of runs: python -m benchmarks.trained RUN...")
        return
    rows = [row(run) for run in runs]
    print(table(rows))
    (RESULTS / "trained.md").write_text(table(rows) + "\n", encoding="utf-8")
    save("trained", rows, ["torch", "lightning", "openvino"])


if __name__ == "__main__":
    main()
