"""A cache that is nobody's, one thread, quick trainings in this process, and one finished grid to look at."""

import contextlib
import io
from pathlib import Path

import pytest

from repix.comparison import Grid, compare, planned
from repix.comparison.run_alone import run_alone
from repix.comparison.runner import Job
from repix.training import Recipe, Reporter
from tests.training.conftest import cache  # noqa: F401 (a fixture)
from tests.training.making import folder_for, quick

CHOICES = {"widths": ("4", "5")}


class Here:
    """Stands for a process: the run is trained at once, in this one."""

    def __init__(self, job: Job) -> None:
        self.said = io.StringIO()
        with contextlib.redirect_stderr(self.said):
            self.code = run_alone(job.recipe, job.run.path)

    def poll(self) -> int:
        return self.code

    def reason(self) -> str:
        return self.said.getvalue().strip()

    def stop(self) -> None:
        """It has ended."""


def base(folder: Path, steps: int = 3) -> Recipe:
    """A few tiny steps of denoising."""
    short = {"steps": steps, "patch_size": 8, "batch_size": 2, "lr": 0.01, "holdout": 2, "validations": 12}
    return Recipe("denoise", str(folder), **short, device="cpu", precision="fp32", settings={"color": False})


def grid(folder: Path, **more: object) -> Grid:
    """Two networks, two seeds."""
    return Grid(**{"base": base(folder), "networks": ("pixelwise",), "settings": CHOICES, "seeds": 2, **more})


def trained(made: Grid, output: Path, start=Here, others=(), messages=None):
    """The results of a grid, whose runs are trained in this process."""
    message = (lambda _: None) if messages is None else messages.append
    return compare(planned(made, others), output, Reporter(message), start=start)


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """No slow parts of a training."""
    quick(monkeypatch)


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six tiny pictures."""
    return folder_for("denoise", tmp_path_factory.mktemp("photos"), 6)


@pytest.fixture(scope="session")
def finished(photos: Path, tmp_path_factory: pytest.TempPathFactory):
    """A finished grid that nobody may change: its folder and its results."""
    output = tmp_path_factory.mktemp("grids") / "grid"
    with pytest.MonkeyPatch.context() as patch:
        quick(patch)
        return output, trained(grid(photos), output, others=("median size=3",))
