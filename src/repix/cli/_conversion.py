"""`repix convert` and the commands of the tasks: their options, and running a model on files, folders and pipes."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from inspect import Parameter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from repix import registry
from repix.cli._cluster import ClusterArguments
from repix.cli._commands import (
    BatchArguments,
    WriteArguments,
    command_of,
    description,
    parameter,
    parameters_of,
    taken,
)
from repix.cli._frames import FrameArguments
from repix.cli._level import STANDARD, model_for_level
from repix.cli._list import ListArguments
from repix.cli._progress import tell
from repix.cli._side import SIDE_OPTIONS, SideArguments
from repix.errors import WrongUse
from repix.printable import printable

if TYPE_CHECKING:
    from repix.batch import Naming
    from repix.batch.place import Place
    from repix.cluster.model_parcel import ModelParcel
    from repix.conversion.file import FileOptions
    from repix.conversion.model_loader import LoadedModel

Inputs = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="IN", readable=False, help="Pictures, volumes, folders of them, or URLs; - is standard input."
    ),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="File, folder or URL; - is standard output; default: the source's folder."),
]
TASK_OPTIONS: dict[str, tuple[type, Any, str]] = {
    "strength": (float, 1.0, "Blend the result with its source: 1 is the result, 0 the source."),
    "keep-colors": (bool, False, "Keep the low frequencies of the source's colors: no color cast."),
    "overlay": (bool, False, "Also write NAME-overlay.png: the classes drawn over the photo."),
    "probabilities": (bool, False, "Also write NAME-probabilities.npy: H×W×classes."),
    "mask": (bool, False, "Also write NAME-mask.png: white where the model found corrupted pixels."),
}
"""Options that only some tasks accept: type, default and help."""
MORE = "`repix convert --help` explains tiles, memory, metadata, folders and the journal; the same applies here."
MODEL = parameter(
    "model",
    Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="MODEL",
            help="A bundled model's name, a model file, or a run folder; default: the bundled model for this task.",
        ),
    ],
    None,
)


@dataclass(frozen=True)
class ModelArguments:
    """Options of all commands that run a model on files."""

    stack: Annotated[
        bool, typer.Option("--stack", help="The folder IN is one volume, its pictures are slices; so is a folder OUT.")
    ] = False
    crop: Annotated[str | None, typer.Option(metavar="X,Y,W,H", help="Convert only this part, as a test.")] = None
    stamp: Annotated[
        bool, typer.Option("--stamp", help="Write `Software: repix`, model and options into the metadata of results.")
    ] = False
    compare: Annotated[
        bool, typer.Option("--compare", help="Also write NAME-compare.png: source and result side by side.")
    ] = False
    memory: Annotated[str, typer.Option(metavar="SIZE", help="Memory limit, such as 500MB or 4GB.")] = "2GB"
    tile: Annotated[int | None, typer.Option(min=1, help="Tile size in pixels; default: what --memory allows.")] = None
    engine: Annotated[str, typer.Option(help="auto, openvino, onnxruntime, or echo (copies its input; for tests).")] = (
        "auto"
    )
    device: Annotated[str, typer.Option(help="auto (the processor), cpu, gpu, npu, cuda, coreml or directml.")] = "auto"
    precision: Annotated[
        str,
        typer.Option(
            help="exact (float32), fast (bf16; gpu and npu: fp16), or auto: fast if the model stays accurate in it."
        ),
    ] = "auto"
    threads: Annotated[int | None, typer.Option(min=1, help="Threads for computing; default: one per core.")] = None
    bands: Annotated[
        bool,
        typer.Option("--bands", help="With --cluster: spread each picture's bands, not files; for giant pictures."),
    ] = False
    fail_unsuitable: Annotated[
        bool,
        typer.Option(
            "--fail-unsuitable", help="Fail for pictures that the model is not for, or that it leaves almost unchanged."
        ),
    ] = False


def conversion_command(
    name: str,
    help_text: str,
    choice: Sequence[Parameter],
    path_of: Callable[..., Path],
    accepted: Sequence[str] = (*TASK_OPTIONS, *SIDE_OPTIONS),
    level_models: Mapping[str, str] | None = None,
    steered_path_of: Callable[..., Path] | None = None,
) -> Any:
    """Return a command that converts files with a model, which `path_of` chooses from the options `choice`.

    If the noise level is given and no model, `level_models` names the models for "gray" and "color" pictures; if a
    perception is given, `steered_path_of` chooses the model. Of the task options, the help lists those in `accepted`.
    The others exist, so that the refusal tells the reason.
    """

    def run(values: dict[str, Any]) -> int:
        chosen = {one.name: values.pop(one.name) for one in choice}
        inputs: list[Path] = values.pop("inputs") or []
        frames = taken(FrameArguments, values)
        frames.require(inputs, values)
        batch, writing = taken(BatchArguments, values), taken(WriteArguments, values)
        model, side = taken(ModelArguments, values), taken(SideArguments, values)
        listed, cluster = taken(ListArguments, values), taken(ClusterArguments, values)
        listed.require_inputs(inputs, batch, model.stack)
        cluster.require_shared([*inputs, batch.output], {"--watch": batch.watch, "--stack": model.stack})
        cluster.require_folder(batch.output)
        if model.bands and cluster.cluster is None:
            raise WrongUse("--bands spreads pictures over a cluster; add --cluster, or leave --bands out.")
        if level_models is not None and side.sigma is not None and chosen["model"] is None:
            listed.refuse_level(level_models)
            path = frames.model(level_models) or model_for_level(level_models, inputs, batch.recursive)
        elif steered_path_of is not None and side.perception is not None:
            path = steered_path_of(**chosen)
        else:
            path = path_of(**chosen)
        return _Conversion(name, path, batch, writing, model, side, frames, listed, cluster, values).of(inputs)

    chosen = {one.name for one in choice}
    own = [_task_option(one, hidden=one not in accepted) for one in TASK_OPTIONS if one not in chosen]
    own += [_side_option(one, hidden=one.name not in accepted) for one in parameters_of(SideArguments)]
    files = parameters_of(BatchArguments, workers=3)
    files[0] = files[0].replace(annotation=Output)
    ways = [*parameters_of(ListArguments), *parameters_of(ClusterArguments), *parameters_of(FrameArguments)]
    options = [*ways, *parameters_of(ModelArguments), *own, *parameters_of(WriteArguments)]
    given = parameter("inputs", Inputs, None)
    return command_of(name, help_text, [choice[0], given, *choice[1:], *files, *options], run)


def _task_option(name: str, hidden: bool) -> Parameter:
    kind, default, text = TASK_OPTIONS[name]
    least, most = (0, 1) if kind is float else (None, None)
    option = typer.Option(f"--{name}", min=least, max=most, help=text, hidden=hidden)
    return parameter(name.replace("-", "_"), Annotated[kind, option], default)


def _side_option(option: Parameter, hidden: bool) -> Parameter:
    """Return an option for a side input; in the help of a task only if the task names it."""
    described = option.annotation.__metadata__[0]
    return option.replace(annotation=Annotated[option.annotation.__origin__, _hidden(described)]) if hidden else option


def _hidden(described: Any) -> Any:
    found = copy(described)
    found.hidden = True
    return found


@dataclass(frozen=True)
class _Conversion:
    """Call of a command that runs a model on files."""

    verb: str
    path: Path
    batch: BatchArguments
    writing: WriteArguments
    model: ModelArguments
    side: SideArguments
    frames: FrameArguments
    listed: ListArguments
    cluster: ClusterArguments
    task_options: dict[str, Any]

    def of(self, inputs: list[Path]) -> int:
        """Convert the files, or the picture from the pipe, and return the exit code."""
        from repix.cli._batches import convert_files, convert_listed
        from repix.conversion import open_model
        from repix.conversion.folder import model_work

        model, options = self.model, self._file_options()
        threads = model.threads or (None if self.cluster.cluster is None else 1)
        engine = open_model(self.path, model.engine, device=model.device, precision=model.precision, threads=threads)
        options = replace(options, side=self.side.side(engine.contract, inputs))
        options.require(engine.contract)
        if engine.note:
            tell(engine.note)
        if self.model.bands and options.whole:
            raise WrongUse("--bands is for results alone; leave --crop and the options that write a second file out.")
        if self.frames.frames is not None:
            return self.frames.convert(engine, options, self.batch.workers)
        is_mask = engine.contract.make_task().logits
        if self.model.stack:
            return self._stack(inputs, engine, options)
        naming = self.batch.naming(f"-{self.verb}", is_mask, options.side_outputs, volumes=True)
        if STANDARD in inputs or self.batch.output == STANDARD:
            return self._pipe(inputs, engine, options, naming)
        work = model_work(engine, options)
        place = partial(self._place, engine, options)
        if self.listed.files is not None:
            urls = self.cluster.cluster is None
            return convert_listed(self.listed.files, naming, work, self.batch, place, urls=urls)
        return convert_files(inputs, naming, work, self.batch, place)

    @contextmanager
    def _place(self, engine: "LoadedModel", options: "FileOptions") -> Iterator["Place | None"]:
        """Yield where files are made: on a cluster, whole files or bands of one after the other; None: here."""
        if not self.model.bands:
            with self.cluster.crew(lambda: self._parcel(engine, options).files(), self.batch.workers) as crew:
                yield crew
            return
        from repix.cluster.band_place import SLOTS, BandPlace

        with self.cluster.crew(lambda: self._parcel(engine, options).bands(), SLOTS) as crew:
            yield None if crew is None else BandPlace(crew, engine, options)

    def _parcel(self, engine: "LoadedModel", options: "FileOptions") -> "ModelParcel":
        from repix.cluster.model_parcel import ModelParcel

        return ModelParcel.of(self.path, engine, options)

    def _file_options(self) -> "FileOptions":
        from repix.conversion.budget import Budget
        from repix.conversion.crop import Crop
        from repix.conversion.file import FileOptions

        return FileOptions(
            budget=Budget.read(self.model.memory, self.model.tile),
            stamp=self.model.stamp,
            crop=None if self.model.crop is None else Crop.read(self.model.crop),
            compare=self.model.compare,
            overwrite=self.batch.overwrite,
            quality=self.writing.quality,
            strict=self.writing.strict,
            fail_unsuitable=self.model.fail_unsuitable,
            **self.task_options,
        )

    def _stack(self, inputs: list[Path], engine: "LoadedModel", options: "FileOptions") -> int:
        """Convert one volume to a file, or to a folder of slices."""
        from repix.cli._batches import refuse_urls
        from repix.cli._progress import named_bars
        from repix.conversion.volume_file import convert_stack, voxels_of
        from repix.volumes.formats import stem

        batch = self.batch
        refuse_urls("--stack", [*inputs, batch.output])
        refused = {"--recursive": batch.recursive, "--watch": batch.watch, "--dry-run": batch.dry_run}
        given = [name for name, is_given in (refused | {"--json": batch.as_json}).items() if is_given]
        if given:
            raise WrongUse(f"--stack converts one volume; leave {' and '.join(given)} out.")
        if len(inputs) != 1 or STANDARD in (inputs[0], batch.output):
            raise WrongUse("--stack converts one volume; name one folder of slices, or one file.")
        source = inputs[0]
        target = batch.output or source.with_name(f"{stem(source)}{batch.suffix or f'-{self.verb}'}")
        with named_bars() as show:
            total, done = voxels_of(source), 0

            def advance(pixels: int) -> None:
                nonlocal done
                done += pixels
                show("Converting", done, total)

            suffix = f".{batch.format}" if batch.format else ""
            report = convert_stack(source, target, engine, options, suffix=suffix, progress=advance)
        print(printable(target))
        if batch.verbose:
            print(printable(report, lines=True), file=sys.stderr)
        return 0

    def _pipe(self, inputs: list[Path], engine: "LoadedModel", options: "FileOptions", naming: "Naming") -> int:
        from repix.batch.pipe import ARRIVED, through_pipe
        from repix.cli._batches import refuse_urls
        from repix.conversion.volume_file import convert_any_file

        output = self.batch.output or STANDARD
        refuse_urls("-", [*inputs, output])
        if len(inputs) != 1:
            raise WrongUse("- is one picture on the standard input or output; convert a single picture with it.")
        if output == STANDARD and options.side_outputs:
            raise WrongUse(
                "--compare, --overlay, --probabilities and --mask write further files next to the result; name a file "
                "with -o."
            )
        if output == STANDARD and sys.stdout.isatty():
            raise WrongUse("The standard output is a terminal; name a file with -o, or pipe the result to a program.")
        source = sys.stdin.buffer if inputs[0] == STANDARD else inputs[0]
        target = sys.stdout.buffer if output == STANDARD else output

        def convert(given: Path, made: Path) -> None:
            for line in convert_any_file(given, made, engine, options).advice:
                tell(f"{ARRIVED if inputs[0] == STANDARD else given}: {line}.")

        through_pipe(source, target, naming, convert)
        return 0


def task_command(task: str) -> Any:
    """Return the command of a task, made from the constant `COMMAND` of its file."""
    described = description(task)
    help_text = described.get("help") or registry.docstring("tasks", task)
    option, refused = described.get("model_option"), described.get("refused", {})
    choice = [MODEL]
    if option is not None:
        least, most = option["values"]
        kind = Annotated[int | None, typer.Option(min=least, max=most, help=option["help"])]
        choice.append(parameter(option["name"], kind, None))
    hidden = {name: Annotated[str | None, typer.Option(f"--{name}", hidden=True)] for name in refused}
    choice += [parameter(name, kind, None) for name, kind in hidden.items()]

    def path_of(model: str | None, *, kind: Literal["model", "steered"] = "model", **values: Any) -> Path:
        from repix.conversion.model_file import model_of_task
        from repix.models import model_for

        for name, answer in refused.items():
            if values[name] is not None:
                raise WrongUse(answer.format(values[name]))
        value = None if option is None else values[option["name"]]
        if model is None:
            return model_for(task, None if option is None or value is None else option[kind].format(value))
        if option is not None and value is not None:
            name = option["name"]
            raise WrongUse(f"Both --model and --{name} are given; a model has its own {name}, so leave one out.")
        return model_of_task(model, task)

    accepted, by_level = described.get("options", ()), described.get("level_models")
    steered = partial(path_of, kind="steered") if option is not None and "steered" in option else None
    return conversion_command(task, f"{help_text}\n\n{MORE}", choice, path_of, accepted, by_level, steered)
