"""Which design learns most in equal time: python -m benchmarks.designs PHOTOS -o RUNS [--only denoise-gray].

For each model that matters most, several networks are trained for so many minutes on the same photos and measured on
the same 12 photos, through their exported models, with what they cost: parameters, multiply-adds for each pixel of the
source, milliseconds for a megapixel of the result. 20 photos are held out; the other 8 select the weights.
A complete run is not repeated, a stopped one is continued; so this can be called again until the table is
full.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.timing import RESULTS, in_turns, save
from repix import registry
from repix.conversion import convert, open_model
from repix.data import check
from repix.evaluation import measure
from repix.training import Recipe, resolve, resume, train
from repix.training.build import build
from repix.training.recipe import OptimizerName, read_recipe
from repix.training.run_folder import RunFolder

SIDE = 512
"""Of the result that is timed."""


@dataclass(frozen=True)
class Design:
    """A network in its settings, and how it is trained."""

    model: str
    name: str
    network: str
    settings: dict[str, Any] = field(default_factory=dict)
    lr: float = 1e-3
    optimizer: OptimizerName = "adamw"

    @property
    def folder(self) -> str:
        """Its run's folder."""
        return f"{self.model}-{self.name.replace(' ', '-').replace('/', '.')}"


TWO = {"upsampler": "transposed kernel=2"}
U = {**TWO, "widths": [48, 96, 160], "blocks": [2, 2, 3]}
DEEP_U = {**TWO, "widths": [32, 64, 128, 192], "blocks": [2, 2, 3, 3]}
ROW_AT_HALF_SIZE = {**TWO, "widths": [64], "blocks": [7]}
ROW_AT_FULL_SIZE = {"depth": 10, "width": 32, "scale": 1}
RESIDUAL_BLOCKS = {"framework": "post", "width": 48, "depth": 5}


def _muon(model: str, name: str, network: str, settings: dict[str, Any]) -> Design:
    return Design(model, f"{name}, Muon", network, settings, 2e-3, "muon")


def _denoisers(model: str) -> list[Design]:
    return [
        Design(model, "U 48/96/160", "efficient-unet", U),
        Design(model, "U 32/64/128/192", "efficient-unet", DEEP_U),
        Design(model, "row of 64 at half size", "efficient-unet", ROW_AT_HALF_SIZE),
        _muon(model, "U 48/96/160", "efficient-unet", U),
    ]


DESIGNS = (
    *_denoisers("denoise-gray"),
    Design("denoise-gray", "row of 32 at full size", "compact", ROW_AT_FULL_SIZE, lr=2e-3),
    *_denoisers("denoise-color"),
    _muon("denoise-photo", "U 48/96/160", "efficient-unet", U),
    _muon("denoise-photo", "U 32/64/128/192", "efficient-unet", DEEP_U),
    _muon("denoise-photo", "row of 64 at half size", "efficient-unet", ROW_AT_HALF_SIZE),
    Design("upscale-x2-clean", "row of 48, 8 deep", "compact", {"depth": 8, "width": 48}, lr=2e-3),
    Design("upscale-x2-clean", "row of 32, 16 deep", "compact", {"depth": 16, "width": 32}, lr=2e-3),
    Design("upscale-x2-clean", "row of 64, 10 deep", "compact", {"depth": 10, "width": 64}, lr=2e-3),
    Design("upscale-x2-clean", "residual blocks of 48", "super-resolution", RESIDUAL_BLOCKS, lr=1e-3),
    _muon("upscale-x2-clean", "row of 48, 8 deep", "compact", {"depth": 8, "width": 48}),
    _muon("upscale-x2-clean", "residual blocks of 48", "super-resolution", RESIDUAL_BLOCKS),
)
RECIPES = Path(__file__).parents[1] / "recipes"
TASKS: dict[str, tuple[str, dict[str, Any]]] = {
    "denoise-gray": ("denoise", {"color": False}),
    "denoise-color": ("denoise", {"color": True}),
    "denoise-photo": ("denoise", dict(read_recipe(RECIPES / "denoise-photo.toml").settings)),
    "upscale-x2-clean": ("upscale", {"scale": 2}),
}


def row(one: Design, photos: Path, runs: Path, minutes: float) -> dict[str, Any]:
    """Train, or continue, and read what came of it."""
    run = RunFolder(runs / one.folder)
    task, settings = TASKS[one.model]
    if not run.recipe.exists():
        more: dict[str, Any] = {"network": one.network, "network_settings": one.settings, "lr": one.lr}
        more["optimizer"] = one.optimizer
        recipe = Recipe(task, str(photos), minutes=minutes, holdout=20, classical=False, settings=settings, **more)
        complete = train(recipe, run.path).complete
    else:
        complete = resume(run.path).complete
    if not complete:
        raise SystemExit(130)
    engine = open_model(run.model)
    contract = engine.contract
    network: Any = registry.get("networks", contract.network)
    made = run.read_recipe()[0]
    findings = check(made.folder, made.task, made.holdout)
    examples = build(resolve(made, findings), findings).holdout.comparison
    outcome = measure(partial(convert, model=engine), examples, contract.make_task().metrics)
    metric, value = next(iter(outcome.totals.items()))
    return {
        "model": one.model,
        "design": one.name,
        "network": contract.network,
        "parameters": contract.parameters,
        "work": network.cost(network.from_dict(contract.network_settings)).macs,
        "ms_per_megapixel": round(_milliseconds(engine), 1),
        "precision": engine.precision,
        "metric": metric,
        "value": round(value, 3),
        **{name: contract.trained[name] for name in ("steps", "seconds")},
    }


def _milliseconds(engine: Any) -> float:
    """For a megapixel of the result."""
    contract = engine.contract
    side = SIDE // contract.scale // contract.step * contract.step
    x = np.random.default_rng(0).random((1, contract.channels[0], side, side), np.float32)
    return 1000 * min(in_turns({"run": lambda: engine.run(x)}, rounds=7)["run"]) * 1e6 / (side * contract.scale) ** 2


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Markdown, the best design of each model first."""
    lines = ["| model | design | dB | ms a megapixel | parameters | work | steps |", "|---" * 7 + "|"]
    for one in sorted(rows, key=lambda one: (one["model"], -one["value"])):
        cost = f"{one['ms_per_megapixel']:.0f} ({one['precision']}) | {one['parameters'] / 1e6:.2f} M"
        work = f"{one['work'] / 1e3:.0f} k"
        lines.append(f"| {one['model']} | {one['design']} | {one['value']:.2f} | {cost} | {work} | {one['steps']} |")
    return "\n".join(lines)


def main() -> None:
    """Train, measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", nargs="?", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("design-runs"), help="where the runs are kept")
    parser.add_argument("--minutes", type=float, default=10, help="for each")
    parser.add_argument("--only", choices=sorted(TASKS), help="the designs of this model")
    given = parser.parse_args()
    if given.photos is None:
        print("needs a folder of photos: python -m benchmarks.designs PHOTOS -o RUNS")
        return
    rows = []
    for one in DESIGNS:
        if given.only in (None, one.model):
            rows.append(row(one, given.photos, given.output, given.minutes))
            print(rows[-1], flush=True)
    print(table(rows))
    name = "designs" + (f"-{given.only}" if given.only else "")
    (RESULTS / f"{name}.md").write_text(table(rows) + "\n", encoding="utf-8")
    save(name, rows, ["torch", "lightning", "openvino"])


if __name__ == "__main__":
    main()
