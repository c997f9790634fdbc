"""Option of commands that can work on a cluster."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repix.cli._progress import tell
from repix.errors import WrongUse
from repix.remote.stores import is_url, url_text

if TYPE_CHECKING:
    from repix.cluster.crew import Crew
    from repix.cluster.shipment import Shipment


@dataclass(frozen=True)
class ClusterArguments:
    """The cluster, as an option."""

    cluster: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Work on a Ray cluster: auto, local (this machine), or ray://HOST:PORT."),
    ] = None

    def require_shared(self, paths: Sequence[Path | None], refused: Mapping[str, bool]) -> None:
        """Refuse URLs, and options that exclude a cluster; `refused` says which of those are given."""
        if self.cluster is None:
            return
        for path in paths:
            if path is not None and is_url(path):
                raise WrongUse(
                    f"--cluster is for folders that all machines share, not for the URL {url_text(path)}; name such a "
                    "folder, or leave --cluster out."
                )
        if given := [name for name, is_given in refused.items() if is_given]:
            raise WrongUse(f"--cluster works on files and folders once; leave {' and '.join(given)} out.")

    def require_folder(self, output: Path | None) -> None:
        """Refuse a cluster without an output folder."""
        if self.cluster is None:
            return
        if output is None or output.name == "-" or (output.suffix and not output.is_dir()):
            raise WrongUse("--cluster needs a folder for results and journal, which all machines share: -o FOLDER.")

    @contextmanager
    def crew(self, shipment: "Callable[[], Shipment]", slots: int = 1) -> Iterator["Crew | None"]:
        """Yield the worker processes of the cluster, each for so many tasks at a time; None without a cluster."""
        if self.cluster is None:
            yield None
            return
        from repix.batch.place import PlaceLost
        from repix.cli._ending import end_at_once, interruption_handled
        from repix.cli._output import flushed
        from repix.cluster.ray_cluster import ray_crew

        with ray_crew(self.cluster, shipment(), slots, tell) as crew:
            try:
                yield crew
            except PlaceLost as problem:
                if crew.is_stranded:
                    tell(str(problem))
                    end_at_once(code=flushed(problem.exit_code))
                raise
            interruption_handled()  # the report is printed; ending the cluster may take longer than Ctrl-C has
            if crew.is_stranded:
                end_at_once(code=flushed(1))  # Ray would wait for the lost head, and then crash
