"""A cache that is nobody's, one thread, and one finished run that many tests look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from repix.conversion.peak_memory import bytes_per_pixel
from repix.training import Recipe, Trained, checkpoint, export, train
from tests.training.making import Told, folder_for, learning_only, quick, recipe


@pytest.fixture(autouse=True, scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The user's own cache stays as it is."""
    folder = tmp_path_factory.mktemp("cache")
    threads = torch.get_num_threads()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        torch.set_num_threads(1)  # sums have an order
        yield folder
        torch.set_num_threads(threads)


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything, quickly."""
    quick(monkeypatch)


@pytest.fixture
def lean(monkeypatch: pytest.MonkeyPatch) -> None:
    """The weights only."""
    learning_only(monkeypatch)


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five tiny pictures."""
    return folder_for("denoise", tmp_path_factory.mktemp("photos"))


@dataclass(frozen=True)
class Finished:
    """A run that went to its end; nobody may change it."""

    recipe: Recipe
    path: Path
    trained: Trained
    told: Told


@pytest.fixture(scope="session")
def finished(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """Four steps of denoising; the memory of its model is measured."""
    path, told = tmp_path_factory.mktemp("runs") / "run", Told()
    made = recipe(photos, steps=4)
    with pytest.MonkeyPatch.context() as patch:
        quick(patch)
        patch.setattr(export, "bytes_per_pixel", bytes_per_pixel)
        return Finished(made, path, train(made, path, told.reporter()), told)


class Killed(BaseException):
    """Stands for SIGKILL."""


@pytest.fixture(scope="module")
def half(photos, tmp_path_factory):
    """A run of four steps that was killed after its second."""
    path = tmp_path_factory.mktemp("half") / "run"
    save = checkpoint.Checkpoint.save

    def killing(self, state):
        save(self, state)
        if state.step == 2:
            raise Killed

    with pytest.MonkeyPatch.context() as patch:
        learning_only(patch)
        patch.setattr(checkpoint.Checkpoint, "save", killing)
        with pytest.raises(Killed):
            train(recipe(photos, steps=4), path, Told().reporter())
    return path
