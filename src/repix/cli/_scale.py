"""Options of commands that run a model on very many files: lists of files, and clusters."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repix.cli._progress import tell
from repix.errors import WrongUse
from repix.remote.stores import is_url, url_text

if TYPE_CHECKING:
    from repix.batch.place import Place
    from repix.cli._commands import BatchArguments
    from repix.conversion.file import FileOptions
    from repix.conversion.model_loader import LoadedModel


@dataclass(frozen=True)
class ScaleArguments:
    """Options for very many files."""

    files: Annotated[
        Path | None,
        typer.Option(
            metavar="LIST",
            readable=False,
            help='Instead of IN: a list of files, .jsonl with lines {"source": ..., "target": ...}, or .parquet.',
        ),
    ] = None
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Convert on a Ray cluster: auto, local (this machine), or ray://HOST:PORT.",
        ),
    ] = None

    @property
    def threads(self) -> int | None:
        """Threads for computing, if --threads is not given: one for each worker process of a cluster."""
        return None if self.cluster is None else 1

    def require_place(self, inputs: list[Path], batch: "BatchArguments", stack: bool) -> None:
        """Refuse options that exclude a cluster, and a cluster without an output folder."""
        if self.cluster is None:
            return
        for path in (*inputs, *([batch.output] if batch.output is not None else [])):
            if is_url(path):
                raise WrongUse(
                    f"--cluster is for folders that all machines share, not for the URL {url_text(path)}; name such a "
                    "folder, or leave --cluster out."
                )
        given = {"--watch": batch.watch, "--stack": stack}
        if refused := [name for name, is_given in given.items() if is_given]:
            raise WrongUse(f"--cluster converts files and folders once; leave {' and '.join(refused)} out.")
        if batch.output is None or batch.output.name == "-" or (batch.output.suffix and not batch.output.is_dir()):
            raise WrongUse("--cluster needs a folder for results and journal, which all machines share: -o FOLDER.")

    @contextmanager
    def place(self, path: Path, model: "LoadedModel", options: "FileOptions", workers: int) -> Iterator["Place | None"]:
        """Yield the worker processes of the cluster, each for so many files at a time; None without a cluster."""
        if self.cluster is None:
            yield None
            return
        from repix.cli._ending import end_at_once, interruption_handled
        from repix.cli._output import flushed
        from repix.cluster.ray_cluster import ray_crew
        from repix.cluster.shipment import Shipment

        with ray_crew(self.cluster, Shipment.of(path, model, options), workers, tell) as crew:
            yield crew
            interruption_handled()  # the report is printed; ending the cluster may take longer than Ctrl-C has
            if crew.is_stranded:
                end_at_once(code=flushed(1))  # Ray would wait for the lost head, and then crash

    def require_inputs(self, inputs: list[Path], batch: "BatchArguments", stack: bool = False) -> None:
        """Refuse a command without files, and a list of files together with options that it excludes."""
        if self.files is None:
            if not inputs:
                raise WrongUse("No pictures are named; name files or folders, or a list of files with --files.")
            return
        if inputs:
            raise WrongUse(f"Both --files {self.files} and {inputs[0]} are given; leave one out.")
        given = {"--recursive": batch.recursive, "--watch": batch.watch, "--stack": stack}
        if refused := [name for name, is_given in given.items() if is_given]:
            raise WrongUse(f"--files names every file; leave {' and '.join(refused)} out.")

    def refuse_level(self, models: Mapping[str, str]) -> None:
        """Refuse a noise level that is to select a model by the kind of the pictures, which a list does not tell."""
        if self.files is not None:
            raise WrongUse(
                "--sigma selects the model by the pictures, which are not opened for a list; name the model: --model "
                f"{' or --model '.join(models.values())}."
            )
