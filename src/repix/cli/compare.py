"""Train a grid of networks, upsamplers and settings at an equal budget, and compare them on one page."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from repix import registry
from repix.cli._cluster import ClusterArguments
from repix.cli._commands import (
    BatchSize,
    Holdout,
    IgnoreIndex,
    LearningRate,
    Optimizer,
    PatchSize,
    command_of,
    parameter,
    parameters_of,
    taken,
)
from repix.cli._progress import named_bars, tell, tell_on_terminal, with_progress
from repix.cli._resumable import resumable
from repix.errors import WrongUse
from repix.printable import json_text, printable

if TYPE_CHECKING:
    from repix.cluster.crew import Crew
    from repix.cluster.shipment import Shipment
    from repix.comparison import Grid, GridResults, Plan
    from repix.comparison.grid_folder import GridFolder
    from repix.comparison.runner import Start

Words = list[str] | None

SHARED = ("minutes", "steps", "patch_size", "batch_size", "lr", "optimizer", "ignore_index", "device", "precision")
"""Options that all runs have in common, by their names in a recipe."""

HELP = """Train every combination of the choices at an equal budget, and compare them in GRID/index.html.

To compare several values, repeat an option or separate the values by commas: --upsampler nearest --upsampler
"transposed kernel=4", --skip concat,none. The numbers of one value are separated by spaces: --set "widths=16 32 64 64".
Several seeds show how much results vary by chance. All models are measured
on the same held-out pictures; their speed comes last, in turns: of several rounds the fastest counts. The same command
continues an interrupted grid. Exit code 1 if a run failed.
"""
Task = Annotated[str, typer.Argument(metavar="TASK", help=f"The task: {', '.join(registry.available('tasks'))}.")]
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", readable=False, help="The folder of pictures.")]


@dataclass(frozen=True)
class CompareArguments:
    """Options: the choices, the budget, and settings that all runs share."""

    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="GRID", help="The grid's folder.")] = None
    upsampler: Annotated[Words, typer.Option(help="An upsampler with its settings: 'transposed kernel=4'.")] = None
    network: Annotated[Words, typer.Option(help="A network; `repix networks` lists them.")] = None
    skip: Annotated[Words, typer.Option(help="Skip connections of unet: concat, add, none.")] = None
    block: Annotated[Words, typer.Option(help="Building block of super-resolution.")] = None
    framework: Annotated[Words, typer.Option(help="Framework of super-resolution.")] = None
    settings: Annotated[
        Words,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="A setting of the task or network; two values of a name are compared."
        ),
    ] = None
    others: Annotated[
        Words, typer.Option("--with", metavar="MODEL", help="Compare also with this model or filter; may be repeated.")
    ] = None
    minutes: Annotated[float | None, typer.Option(help="Time of each run, in minutes; default: 10.")] = None
    steps: Annotated[int | None, typer.Option(help="Training steps of each run, instead of minutes.")] = None
    seeds: Annotated[int, typer.Option(help="Runs of each combination, with different random seeds.")] = 3
    parallel: Annotated[
        int | None, typer.Option(min=1, help="Runs at the same time; default: one for each core, with one thread each.")
    ] = None
    patch_size: PatchSize = None
    batch_size: BatchSize = None
    lr: LearningRate = None
    optimizer: Optimizer = None
    holdout: Holdout = None
    ignore_index: IgnoreIndex = None
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(help="The device; auto is a GPU if torch finds one.")
    ] = "auto"
    precision: Annotated[
        Literal["auto", "bf16", "fp32"], typer.Option(help="Precision; auto is bf16 if the processor has it.")
    ] = "auto"
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the runs and their time, without training.")] = False

    def grid(self, task: str, folder: Path) -> "Grid":
        """Return the grid of these options."""
        from repix.comparison import Grid
        from repix.data import read_holdout
        from repix.training import Recipe

        options: dict[str, Any] = {name: getattr(self, name) for name in SHARED}
        spelled = registry.spelled(task, registry.available("tasks"))
        base = Recipe(spelled, str(folder), holdout=read_holdout(self.holdout), **options)
        choices = {"skip": self.skip or (), "block": self.block or (), "framework": self.framework or ()}
        return Grid.of(base, self.upsampler or (), self.network or (), choices, self.settings or (), self.seeds)


def _compare(values: dict[str, Any]) -> int:
    from repix import training

    task, folder, cluster = values.pop("task"), values.pop("folder"), taken(ClusterArguments, values)
    given = CompareArguments(**values)
    cluster.require_shared([folder, given.output], {})
    if given.output is None:
        raise WrongUse("Name the folder of the grid: -o GRID.")
    with resumable():
        tell_on_terminal(f"{folder} is checked, and the runs are planned.")
        training.require_libraries()
        registry.require_libraries("matplotlib")
        return _compared(task, folder, given, given.output, cluster)


def _compared(task: str, folder: Path, given: CompareArguments, output: Path, cluster: ClusterArguments) -> int:
    from repix import comparison, training
    from repix.comparison.grid_folder import GridFolder

    grid, target = given.grid(task, folder), GridFolder(output)
    target.require_ours()
    reporter = training.Reporter(tell, with_progress)
    is_away = cluster.cluster is not None
    plan = comparison.planned(grid, given.others or (), given.parallel, reporter, cluster=is_away)
    target.require_same(plan.grid.base, [one.member for one in plan.members], grid.seeds)
    if given.dry_run:
        _show_plan(plan, target, given.as_json)
        return 0
    for line in plan.announcement(target):
        tell(line)
    with cluster.crew(lambda: _shipment(plan)) as crew:
        start, room = (None, None) if crew is None else (_start_on(crew), crew.room)
        with named_bars() as progress:
            results = comparison.compare(plan, output, reporter, progress, start, room)
        _show(results, target, given.as_json)
    return int(bool(results.failures))


def _shipment(plan: "Plan") -> "Shipment":
    from repix.cluster.grid_runs import runs_of

    return runs_of(plan.threads, plan.members[0].config.device)


def _start_on(crew: "Crew") -> "Start":
    from repix.cluster.grid_runs import start_on

    return start_on(crew)


def _show_plan(plan: "Plan", folder: "GridFolder", as_json: bool) -> None:
    """Print the runs with their states, what is left out, and the time."""
    if as_json:
        print(json_text(plan.as_json(folder)))
        return
    states = [[name, *row] for name, row in plan.states(folder).items()]
    _print(["member", *(f"seed {seed}" for seed in range(plan.grid.seeds))], states, plan.summary(folder))


def _show(results: "GridResults", folder: "GridFolder", as_json: bool) -> None:
    """Print the answer and a short table, or the results as JSON."""
    from repix.comparison.answer import answer, short_table

    said = answer(results)
    if as_json:
        print(json_text(results.as_json(said)))
        return
    time = [] if results.speeds is None else [f"Time: {results.speeds.protocol}."]
    _print(["member", results.protocol.label, "ms per megapixel"], short_table(results), [*said, *time])
    for name, seed, reason in results.failures:
        tell(f"{name}, seed {seed} failed: {reason}")
    print(printable(folder.page))


def _print(header: list[str], rows: list[list[str]], sentences: list[str]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*header, highlight=False)
    for row in rows:
        table.add_row(*map(printable, row))
    console = Console(markup=False, emoji=False, highlight=False)
    console.print(table)
    for sentence in sentences:
        console.print(printable(sentence), soft_wrap=True)


ARGUMENTS = [parameter("task", Task), parameter("folder", Folder)]
VERB = command_of(
    "compare",
    HELP,
    [*ARGUMENTS, *parameters_of(CompareArguments), *parameters_of(ClusterArguments)],
    _compare,
    ends_soon=False,
)
