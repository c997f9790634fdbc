"""Uploads: files of requests, stored under names of our own, and refused by their header if no picture is in them."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fastapi import HTTPException, UploadFile

from repix.errors import RepixError
from repix.pictures.band_reader import open_bands
from repix.pictures.formats import READ_SUFFIXES
from repix.pictures.limits import Limits
from repix.pictures.scratch import Scratch, remove_left_behind

CHUNK = 2**20
PREFIX = "repix-studio-"


@dataclass(frozen=True)
class Upload:
    """A stored picture."""

    path: Path
    name: str
    """Its file name on the client's side, without folders."""
    spoken: str = "The picture"
    """The words for it in sentences."""

    def without_path(self, sentence: str) -> str:
        """Return a sentence that names the upload, not its place on the server."""
        return sentence.replace(str(self.path), self.spoken).replace(f"{self.path.parent}/", "")


@dataclass(frozen=True)
class OfOneUpload:
    """The parts of `Work` that follow from its only upload."""

    source: Upload

    @property
    def folder(self) -> Path:
        """The folder of its files."""
        return self.source.path.parent

    @property
    def uploads(self) -> tuple[Upload, ...]:
        """The files that it reads."""
        return (self.source,)


class Uploads:
    """The folder of all uploads; each job has a folder in it."""

    def __init__(self, limits: Limits) -> None:
        remove_left_behind(PREFIX)
        self._scratch, self._limits = Scratch(PREFIX), limits
        self.folder = self._scratch.folder

    def new_folder(self) -> Path:
        """Return a new folder for the files of a job."""
        return Path(tempfile.mkdtemp(dir=self.folder))

    def keep(self, file: UploadFile, folder: Path, stem: str = "picture", spoken: str = "The picture") -> Upload:
        """Store a picture; raise an HTTPException if it is none, or too large by its header."""
        suffix = Path(file.filename or "").suffix.lower()
        if suffix not in READ_SUFFIXES:
            known = ", ".join(sorted(one[1:] for one in READ_SUFFIXES))
            raise HTTPException(415, f"Files of this name are not pictures that repix reads; it reads {known}.")
        kept = Upload(folder / f"{stem}{suffix}", Path(file.filename or stem).name, spoken)
        store(file, kept.path, spoken)
        try:
            with open_bands(kept.path) as bands:
                self._limits.check_size(spoken, *bands.size)
        except RepixError as problem:
            raise HTTPException(422, kept.without_path(str(problem))) from None
        return kept

    def close(self) -> None:
        """Remove all files."""
        self._scratch.close()


def store(file: UploadFile, path: Path, spoken: str) -> None:
    """Write an upload to a file; raise an HTTPException if there is no room for it."""
    try:
        with path.open("wb") as target:
            shutil.copyfileobj(file.file, target, CHUNK)
    except OSError as problem:
        raise HTTPException(507, f"{spoken} cannot be stored: {problem.strerror}.") from None
