"""Manifests: the jobs of a list of files, for folders too large to search.

Each line names a source and, if it is not to follow from the source's name, the path of its result within the output
folder. The lines are checked in one pass; of each, two paths and a few numbers are kept: as texts, because a million
`Path` objects take more memory.
"""

import os
from pathlib import Path

from repix.batch.jobs import Jobs, Naming, require_folder
from repix.batch.manifest_conflicts import Conflicts
from repix.batch.manifest_reader import Line, read_lines
from repix.batch.packed_jobs import PackedJobs
from repix.batch.path_keys import split
from repix.errors import Unreadable, WrongUse
from repix.pictures.formats import require_lossless
from repix.printable import shown
from repix.remote import AnyPath, Stores
from repix.remote.stores import is_url


def listed(manifest: Path, output: AnyPath, naming: Naming | None = None, stores: Stores | None = None) -> Jobs:
    """Return the jobs of a manifest's lines, in their order; their results are in the folder `output`.

    A relative source is in the manifest's folder, and its result in the same subfolder of the output.

    Args:
        manifest: A file of JSON lines (`.jsonl`), or a Parquet file with the column source and perhaps target.
        output: The output folder.
        naming: Rules for the names of results that the manifest does not name.
        stores: What opens sources that are URLs; without it, they are refused.

    Returns:
        The jobs; each is made from its line's paths when it is used.

    Raises:
        WrongUse: A line is not valid, two lines have the same result, or a result would replace a source.
        Unreadable: The manifest cannot be read, or lists no files.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     size = Path(folder, "list.jsonl").write_text('{"source": "day/a.heic"}')
    ...     listed(Path(folder, "list.jsonl"), Path("out")).each[0].target
    PosixPath('out/day/a.jpg')
    """
    require_folder(output)
    naming = naming or Naming()
    jobs = PackedJobs(manifest, naming.side_outputs, stores)
    names, conflicts = _Names(manifest, output, naming), Conflicts(manifest, jobs, naming.side_outputs)
    for line in read_lines(manifest):
        if is_url(line.source):
            _require_store(manifest, line, stores)
        source, target = names.source(line), names.target(line)
        conflicts.include(line.number, source, target)
        jobs.add(line.number, source, target)
    if not len(jobs):
        raise Unreadable(f"{manifest} lists no files.")
    conflicts.require_none()
    return Jobs(jobs, output, are_apart=True)


def _require_store(manifest: Path, line: Line, stores: Stores | None) -> None:
    """Refuse the URL of a store that cannot be opened."""
    place = f"{manifest}, line {line.number}"
    if stores is None:
        raise WrongUse(f"{place}: the source {shown(line.source)} is a URL, which this command does not read.")
    try:
        stores.located(line.source)
    except WrongUse as problem:
        raise WrongUse(f"{place}: {problem}") from None


class _Names:
    """Paths of sources and results, as texts: `Path` would take a third of a manifest's time."""

    def __init__(self, manifest: Path, output: AnyPath, naming: Naming) -> None:
        self._manifest, self._naming = manifest, naming
        self._folder, self._output = str(manifest.parent), str(output)
        self._folders: dict[str, str] = {}
        self._before = os.path.join(self._folder, "") if os.sep == "/" else None  # noqa: PTH118

    def source(self, line: Line) -> str:
        if is_url(line.source):
            return line.source
        if self._before is None or line.source.startswith("/"):
            return os.path.join(self._folder, line.source)  # noqa: PTH118
        return self._before + line.source  # as `join`, in a third of the time

    def target(self, line: Line) -> str:
        if line.target:
            if self._naming.mask:
                require_lossless(Path(line.target), f"{self._manifest}, line {line.number}: the target {line.target}")
            return os.path.join(self._output, line.target)  # noqa: PTH118
        folder, name = split(line.source)
        if folder not in self._folders:
            self._folders[folder] = self._folder_of(folder)
        return self._folders[folder] + self._naming.name(name, self._naming.suffix)

    def _folder_of(self, folder: str) -> str:
        """Return the folder of the results of a source's folder, with a separator at its end."""
        inside = "" if is_url(folder) or os.path.isabs(folder) or ".." in Path(folder).parts else folder  # noqa: PTH117
        return os.path.join(self._output, inside, "")  # noqa: PTH118
