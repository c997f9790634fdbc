"""Folder of a grid: the runs, what they were asked for, and the results."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from repix.comparison.grid import Member
from repix.comparison.runner import Job
from repix.comparison.speeds import FILE
from repix.errors import Unreadable, Unwritable, WrongUse
from repix.pictures.atomic import atomic_file, check_writable, read_error, write_error
from repix.training.recipe import Recipe
from repix.training.run_folder import UNFINISHED, RunFolder

BUDGET = ("task", "folder", "minutes", "steps")
"""Settings that cannot change when a grid is continued, because its runs would not be comparable."""


@dataclass(frozen=True)
class GridFolder:
    """The folder of a grid, and the paths of its files."""

    path: Path

    @property
    def record(self) -> Path:
        """The settings that all runs have in common."""
        return self.path / "grid.json"

    @property
    def page(self) -> Path:
        """The page with the results."""
        return self.path / "index.html"

    @property
    def results(self) -> Path:
        """The results for programs."""
        return self.path / "results.json"

    @property
    def table(self) -> Path:
        """The metrics as a table."""
        return self.path / "results.csv"

    @property
    def speeds(self) -> Path:
        """The speed of all models."""
        return self.path / FILE

    def run(self, member: Member, seed: int) -> RunFolder:
        """Return the folder of a run."""
        return RunFolder(self.path / "runs" / f"{member.folder}-seed{seed}")

    def jobs(self, members: Sequence[Member], seeds: int) -> list[Job]:
        """Return one job for each member and seed; all members are trained with one seed before the next."""
        return [
            Job(
                member.name,
                seed,
                self.path / "recipes" / f"{member.folder}-seed{seed}.toml",
                self.run(member, seed),
            )
            for seed in range(seeds)
            for member in members
        ]

    def require_ours(self) -> None:
        """Refuse a folder of something else, or one that cannot be written; call it before any expensive work."""
        if self.path.exists() and not self.path.is_dir():
            raise Unwritable(f"{self.path} is a file; name a folder for the grid.")
        check_writable(self.path)
        if self.path.is_dir() and not self.record.exists():
            ours = (".lock", *UNFINISHED)  # of a grid that was killed before its first run
            if any(not any(entry.match(name) for name in ours) for entry in self.path.iterdir()):
                raise Unwritable(f"{self.path} is not empty; name a new folder for the grid.")

    def require_same(self, base: Recipe, members: Sequence[Member], seeds: int) -> None:
        """Refuse a folder of something else, or of a grid whose runs could not be compared with these."""
        self.require_ours()
        known = self._read_record()
        for name, value in self._common(base).items():
            if known is not None and known.get(name) != value:
                raise WrongUse(
                    f"{self.path} is a grid with {name} {known.get(name)}, and now it is {value}; the runs could not "
                    "be compared. Name another folder."
                )
        for member in members:
            for seed in range(seeds):
                self._require_same_run(self.run(member, seed), member.with_seed(seed))

    def begin(self, base: Recipe, members: Sequence[Member], seeds: int) -> None:
        """Write the recipes of the runs, and their common settings."""
        self.write(self.record, json.dumps(self._common(base), indent=1).encode())
        for job, member in zip(self.jobs(members, seeds), list(members) * seeds, strict=True):
            self.write(job.recipe, tomli_w.dumps(member.with_seed(job.seed).to_dict()).encode())

    def write(self, path: Path, content: bytes) -> None:
        """Write a file of the grid atomically."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise write_error(path, problem) from None
        with atomic_file(path, overwrite=True) as file:
            file.write(content)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the folder within a `with` block, so that one grid at a time is trained in it."""
        with RunFolder(self.path).locked():
            yield

    def _common(self, base: Recipe) -> dict[str, Any]:
        return {name: getattr(base, name) for name in BUDGET}

    def _read_record(self) -> Mapping[str, Any] | None:
        if not self.record.exists():
            return None
        try:
            found = json.loads(self.record.read_bytes())
        except OSError as problem:
            raise read_error(self.record, problem) from None
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise Unreadable(f"{self.record} is damaged; move it away, or name another folder.")
        return found

    def _require_same_run(self, run: RunFolder, asked: Recipe) -> None:
        if not run.recipe.exists():
            return
        differs = asked.differs(run.read_recipe()[0])
        if differs is not None:
            raise WrongUse(
                f"{run.path} was trained with other settings ({differs} differs); move it away, or name another folder "
                "for the grid."
            )
