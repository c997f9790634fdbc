"""Jobs: the source and result path of each file, chosen and checked before any work starts."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from repix.batch.any_path import is_folder
from repix.batch.path_keys import PathKeys, folders_above
from repix.errors import Unreadable, Unwritable, WrongUse
from repix.pictures.atomic import reason
from repix.pictures.formats import (
    MASK_SUFFIXES,
    READ_SUFFIXES,
    WRITTEN_SUFFIXES,
    require_lossless,
    result_suffix,
)
from repix.remote import AnyPath, RemotePath
from repix.volumes.formats import NIFTI_SUFFIXES, is_nifti, stem, whole_suffix


@dataclass(frozen=True)
class Naming:
    """Rules for the names of results."""

    suffix: str = ""
    """Appended to the stem: "-clean" makes photo-clean.jpg."""
    beside: str = "-converted"
    """Appended to the stem of a result in its source's folder if there is no `suffix`."""
    format: str = ""
    """Format of all results as a file suffix, "png"; default: that of each source."""
    mask: bool = False
    """True for masks: their values must not change, so they become PNG files if the format is lossy."""
    side_outputs: tuple[str, ...] = ()
    """Further files for each result, as text after the result's stem: "-compare.png"."""
    volumes: bool = False
    """True if NIfTI files are sources, too."""

    def __post_init__(self) -> None:
        separators = {"/", "\0", os.sep, os.altsep or os.sep}
        if any(one in self.suffix for one in separators):
            raise WrongUse(f"--suffix {self.suffix!r} contains a path separator; name another folder with -o.")
        written = (*WRITTEN_SUFFIXES, *NIFTI_SUFFIXES) if self.volumes else WRITTEN_SUFFIXES
        if self.format and f".{self.format.lower()}" not in written:
            known = " ".join(suffix[1:] for suffix in written)
            raise WrongUse(f"--format {self.format} is not a format repix can write; choose from {known}.")
        if self.mask and self.format:
            require_lossless(Path(f"a.{self.format}"), f"--format {self.format}")

    def name(self, source: str, addition: str) -> str:
        """Return the name of a file's result: HEIC becomes JPEG; what is read-only, or lossy for a mask, becomes PNG.

        >>> Naming().name("photo.gif", "-small"), Naming(format="webp").name("scan.2024.JPG", "")
        ('photo-small.png', 'scan.2024.webp')
        >>> Naming().name("photo.heic", ""), Naming().name("photo.NEF", "")
        ('photo.jpg', 'photo.png')
        >>> Naming(mask=True).name("street.jpg", "-segment")
        'street-segment.png'
        >>> Naming(volumes=True).name("scan.nii.gz", "-clean")
        'scan-clean.nii.gz'
        """
        if self.volumes and source.lower().endswith(NIFTI_SUFFIXES):
            return f"{stem(Path(source))}{addition}.{self.format or whole_suffix(source)[1:]}"
        base, _, suffix = source.rpartition(".")
        if not base or f".{suffix.lower()}" not in READ_SUFFIXES:
            base, suffix = source, ""
        if self.format:
            suffix = self.format
        elif not self.mask:
            suffix = result_suffix(suffix)
        elif f".{suffix.lower()}" not in MASK_SUFFIXES:
            suffix = "png"
        return f"{base}{addition}.{suffix}"


@dataclass(frozen=True, slots=True)
class Job:
    """A source and its result."""

    source: AnyPath
    target: AnyPath
    side_outputs: tuple[AnyPath, ...] = field(default=(), repr=False)
    """Further results, in the target's folder and named after it."""
    others: tuple[Path, ...] = field(default=(), repr=False)
    """Further sources: the truth that a result is measured against, other shots of a scene."""
    origin: str = field(default="", repr=False, compare=False)
    """Where a list names the job, for messages: "list.jsonl, line 3"."""


@dataclass(frozen=True)
class Jobs:
    """The jobs of a run."""

    each: Sequence[Job]
    folder: AnyPath | None = None
    """The output folder with its journal, if all results go to one."""
    unread: tuple[tuple[AnyPath, str], ...] = ()
    """Folders that could not be read, and why."""
    skipped: tuple[AnyPath, ...] = ()
    """Files in the folders that are not pictures repix can read, by their suffix."""
    are_apart: bool = False
    """True if it was checked already that no result is its source."""


@dataclass(frozen=True)
class _Found:
    """A source, its path within the searched folder, and whether the user named it."""

    path: AnyPath
    place: str
    named: bool


@dataclass
class _Walk:
    """Results of searching folders."""

    found: list[_Found] = field(default_factory=list)
    unread: list[tuple[AnyPath, str]] = field(default_factory=list)
    skipped: list[AnyPath] = field(default_factory=list)


def find(
    inputs: Sequence[AnyPath],
    output: AnyPath | None = None,
    naming: Naming | None = None,
    *,
    recursive: bool = False,
    allow_empty: bool = False,
) -> Jobs:
    """Return the jobs of files and folders; with `recursive`, subfolders too, with the same structure in the output.

    In a folder, all files with a picture's suffix are sources. Hidden files and the output folder are skipped; links to
    folders are followed unless they lead to a folder that was searched already. A file that is named explicitly is a
    source whatever its suffix. Folders without pictures are refused unless `allow_empty` is given.

    >>> find([Path("nowhere.png")], Path("out")).each
    (Job(source=PosixPath('nowhere.png'), target=PosixPath('out/nowhere.png')),)
    """
    walk = _Walk()
    folders = []
    for one in inputs:
        if is_folder(one):
            folders.append(one)
            volumes = naming is not None and naming.volumes
            if isinstance(one, RemotePath):
                _search_remote(one, recursive, output, walk, volumes)
            else:
                _search(one, recursive, output if isinstance(output, Path) else None, walk, volumes)
        else:
            walk.found.append(_Found(one, one.name, named=True))
    into_folder = _goes_into_folder(output, 2 if folders else len(inputs))
    each = _arranged(walk.found, output, into_folder, naming or Naming())
    if not each and folders and not walk.unread and not allow_empty:
        deeper = "" if recursive else "; --recursive includes subfolders"
        raise Unreadable(f"{' and '.join(map(str, folders))}: no pictures that repix can read{deeper}.")
    return Jobs(each, output if into_folder else None, tuple(walk.unread), tuple(walk.skipped))


def pictures_in(folder: Path, recursive: bool = False) -> list[tuple[Path, str]]:
    """Return the pictures of a folder in alphabetical order, and the path of each within it, with forward slashes.

    >>> pictures_in(Path("nowhere"))
    Traceback (most recent call last):
    repix.errors.Unreadable: The folder nowhere cannot be read: the folder does not exist.
    """
    walk = _Walk()
    _search(folder, recursive, None, walk)
    if walk.unread:
        raise Unreadable(walk.unread[0][1])
    return [(one.path, one.place) for one in walk.found if isinstance(one.path, Path) and one.path.is_file()]


def pictures_of(paths: Sequence[Path], recursive: bool = False) -> list[Path]:
    """Return the files that are named, and the pictures in the folders; a folder without pictures is refused."""
    found: list[Path] = []
    for path in paths:
        inside = [one for one, _ in pictures_in(path, recursive)] if path.is_dir() else [path]
        if not inside:
            deeper = "" if recursive else "; --recursive includes subfolders"
            raise Unreadable(f"{path}: no pictures that repix can read{deeper}.")
        found += inside
    return found


def require_folder(output: AnyPath) -> None:
    """Refuse an output that does not name a folder."""
    _goes_into_folder(output, count=2)


def _goes_into_folder(output: AnyPath | None, count: int) -> bool:
    """Return True if the output is a folder; a folder named like a picture file is refused."""
    if output is None:
        return False
    if output.name == "-":
        raise WrongUse("-o -: this command does not write to the standard output; name a file or a folder.")
    is_there = is_folder(output)
    if count > 1 and (output.suffix.lower() in WRITTEN_SUFFIXES or is_nifti(Path(output.name))) and not is_there:
        raise WrongUse(f"-o {output} names one file; for several files or a folder, name a folder.")
    return count > 1 or is_there or not output.suffix


def _search(root: Path, recursive: bool, output: Path | None, walk: _Walk, volumes: bool = False) -> None:
    """Add the pictures of a folder by name; folders that are reached only through links come last."""
    avoided = None if output is None else os.path.realpath(output)
    if avoided is not None and _is_within(os.path.realpath(root), avoided):
        avoided = None
    seen: set[str] = set()
    links: list[tuple[Path, str]] = []
    found: list[_Found] = []
    waiting = [(root, "")]
    while waiting or links:
        folder, place = waiting.pop() if waiting else links.pop(0)
        real = os.path.realpath(folder)
        if real in seen or (avoided is not None and _is_within(real, avoided)):
            continue
        seen.add(real)
        for entry in _entries(folder, walk):
            path, below = folder / entry.name, f"{place}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                waiting.append((path, f"{below}/"))
            elif entry.is_symlink() and os.path.isdir(path):  # noqa: PTH112
                links.append((path, f"{below}/"))
            elif path.suffix.lower() in READ_SUFFIXES or (volumes and is_nifti(path)):
                found.append(_Found(path, below, named=False))
            else:
                walk.skipped.append(path)
        if not recursive:
            break
    walk.found += sorted(found, key=lambda one: one.place.split("/"))


def _search_remote(root: RemotePath, recursive: bool, output: AnyPath | None, walk: _Walk, volumes: bool) -> None:
    """Add the pictures of a remote folder by name, as `_search` does."""
    found: list[_Found] = []
    try:
        for path in root.files(recursive):
            place = path.relative_to(root).as_posix()
            is_avoided = path.is_within(output) and not root.is_within(output)
            if is_avoided or any(part.startswith(".") for part in place.split("/")):
                continue
            if path.suffix.lower() in READ_SUFFIXES or (volumes and is_nifti(Path(path.name))):
                found.append(_Found(path, place, named=False))
            else:
                walk.skipped.append(path)
    except OSError as problem:
        walk.unread.append((root, f"The folder {root} cannot be read: {reason(problem)}."))
    walk.found += sorted(found, key=lambda one: one.place.split("/"))


def is_one_file(source: AnyPath, target: AnyPath) -> bool:
    """Return True if both paths lead to the same existing file.

    >>> is_one_file(Path("/etc/hostname"), Path("nowhere"))
    False
    """
    if isinstance(source, RemotePath) or isinstance(target, RemotePath):
        return source == target
    try:
        return os.path.lexists(target) and source.samefile(target)
    except (OSError, ValueError):  # one of them does not exist
        return False


def _is_within(folder: str, other: str) -> bool:
    return Path(folder).is_relative_to(other)


def _entries(folder: Path, walk: _Walk) -> list[os.DirEntry[str]]:
    """Return the entries of a folder by name, without hidden ones."""
    try:
        with os.scandir(folder) as entries:
            return sorted((e for e in entries if not e.name.startswith(".")), key=lambda entry: entry.name)
    except OSError as problem:
        walk.unread.append((folder, f"The folder {folder} cannot be read: {reason(problem)}."))
        return []


def _arranged(found: Sequence[_Found], output: AnyPath | None, into_folder: bool, naming: Naming) -> tuple[Job, ...]:
    """Return the jobs, each once; collisions are refused."""
    if output is not None and not into_folder:
        _require_exact_name(output, naming)
    keys = PathKeys()
    pairs = [(one, _job(one.path, _target(one, output, into_folder, naming), naming)) for one in found]
    pairs = _without_earlier_results(pairs, keys)
    jobs = tuple({(keys.key(job.source), job.target): job for _, job in pairs}.values())
    _require_apart(jobs, keys)
    for job in jobs:
        if isinstance(job.target, RemotePath):  # an object may have the name of a folder
            continue
        if keys.has_folder(job.target.parent) and is_folder(job.target):
            raise Unwritable(f"{job.source} would be written to {job.target}, which is a folder; name another.")
    return jobs


def _job(source: AnyPath, target: AnyPath, naming: Naming) -> Job:
    return Job(source, target, side_paths(target, naming.side_outputs))


def side_paths(target: AnyPath, endings: tuple[str, ...]) -> tuple[AnyPath, ...]:
    """Return the paths of a result's side outputs.

    >>> side_paths(Path("out/a.jpg"), ("-compare.png",))
    (PosixPath('out/a-compare.png'),)
    """
    return tuple(target.with_name(f"{stem(Path(target.name))}{ending}") for ending in endings)


def _target(one: _Found, output: AnyPath | None, into_folder: bool, naming: Naming) -> AnyPath:
    if output is None:
        return one.path.parent / naming.name(one.path.name, naming.suffix or naming.beside)
    if not into_folder:
        return output
    folder, slash, name = one.place.rpartition("/")
    return output / f"{folder}{slash}{naming.name(name, naming.suffix)}"


def _require_exact_name(output: AnyPath, naming: Naming) -> None:
    """Refuse --suffix and another --format for an output that names a file."""
    if naming.suffix:
        raise WrongUse(f"-o {output} is the name of the file; leave out --suffix {naming.suffix}.")
    if naming.format and whole_suffix(output.name).lower() != f".{naming.format.lower()}":
        raise WrongUse(f"-o {output} and --format {naming.format} are different formats; leave one out.")
    if naming.mask:
        require_lossless(Path(output.name), f"-o {output}")


def _without_earlier_results(pairs: list[tuple[_Found, Job]], keys: PathKeys) -> list[tuple[_Found, Job]]:
    """Remove found sources that are results of an earlier run of the same command."""
    results: dict[str, set[str]] = {}
    for _, job in pairs:
        for path in (job.target, *job.side_outputs):
            results.setdefault(keys.key(path), set()).add(keys.key(job.source))
    return [
        (one, job)
        for one, job in pairs
        if one.named or not results.get(source := keys.key(job.source), set()) - {source}
    ]


def _require_apart(jobs: Sequence[Job], keys: PathKeys) -> None:
    """Refuse results that share a path on any file system, replace another source, or lie below another result."""
    sources = {keys.key(job.source) for job in jobs}
    targets: dict[str, Job] = {}
    for job in jobs:
        for path in (job.target, *job.side_outputs):
            key = keys.key(path)
            other = targets.setdefault(key, job)
            if other is not job:
                same = next(one for one in (other.target, *other.side_outputs) if keys.key(one) == key)
                near = "" if same == path else f", or {same}, which is the same file on some file systems"
                raise WrongUse(
                    f"{other.source} and {job.source} would both be written to {path}{near}; convert them one by one."
                )
            if key in sources and (path is not job.target or keys.key(job.source) != key):
                raise WrongUse(
                    f"{job.source} would be written to {path}, which is a source too; leave one of them out, or "
                    "name another folder."
                )
    for job in jobs:
        inside = next((targets[key] for key in folders_above(keys.key(job.target)) if key in targets), None)
        if inside is not None:
            raise WrongUse(
                f"{inside.source} would be written to {inside.target}, but {job.target} needs a folder there."
            )
