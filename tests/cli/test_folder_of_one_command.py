"""A folder of results is what its last command alone would have made, however many were interrupted before."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from repix.batch.outcome import Progress
from repix.cli import _batches
from repix.cli._app import run
from repix.conversion import Contract, write_model
from repix.conversion.model_loader import LoadedModel
from tests.conversion.models import mixing
from tests.data.drawing import photo, put

CONTRACT = Contract("denoise", {"color": True}, channels=(3, 3), halo=0, bytes_per_pixel=1_000_000)
FILES = 5


@dataclass(frozen=True)
class ByShape:
    """As bf16 can be, only more so: other levels for another size of tile, precision, device, or number of threads."""

    fast: bool
    device: str
    threads: int | None
    contract: Contract = CONTRACT

    def run(self, x: np.ndarray) -> np.ndarray:
        height, width = x.shape[2:]
        elsewhere = self.device != "cpu"
        levels = 40 * self.fast + 60 * elsewhere
        if self.fast or elsewhere:
            levels += height * width % 11 + (self.threads or 0)
        return np.clip(x / 2 + np.float32(levels / 255), 0, 1)


@pytest.fixture
def words(tmp_path, monkeypatch):
    """A folder of pictures of many sizes, and a command that converts it."""

    def opened(_, name, *, device, precision, threads):
        fast = precision in ("auto", "fast")
        device = "cpu" if device == "auto" else device
        precision = "fast" if fast else "exact"
        return LoadedModel(ByShape(fast, device, threads), name, precision, device=device, threads=threads)

    monkeypatch.setattr("repix.conversion.open_model", opened)
    write_model(tmp_path / "model.onnx", mixing(CONTRACT)[0], CONTRACT)
    for number in range(FILES):
        put(tmp_path / "photos" / f"{number}.png", photo(number, (7 + 5 * number, 31 - 3 * number)))
    return ["convert", str(tmp_path / "model.onnx"), str(tmp_path / "photos"), "--workers", "1"]


def interrupted(words: list[str], after: int, monkeypatch) -> int:
    """Run a command that is interrupted when so many files are finished."""

    class Interrupting(_batches.Reporter):
        finished = 0

        def show(self, progress: Progress) -> None:
            super().show(progress)
            self.finished += progress.last is not None
            if self.finished >= after:
                raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(_batches, "Reporter", Interrupting)
        return run(words)


def results(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.glob("*.png"))}


def options(rng: np.random.Generator) -> list[str]:
    """Any that a person could change between two runs."""
    said = ["--memory", rng.choice(["300MB", "400MB", "2GB", "3GB"])]
    said += ["--precision", rng.choice(["auto", "fast", "exact"])]
    for name, values in (("--tile", ["6", "40"]), ("--threads", ["1", "2"]), ("--device", ["cpu", "gpu"])):
        if rng.random() < 0.4:
            said += [name, rng.choice(values)]
    return [str(word) for word in said]


@pytest.mark.parametrize("seed", range(8))
def test_results_are_those_of_the_last_command_alone(seed, words, tmp_path, monkeypatch):
    rng = np.random.default_rng(seed)
    out, alone = tmp_path / "out", tmp_path / "alone"
    for _ in range(3):
        after = int(rng.integers(1, FILES + 1))
        assert interrupted([*words, "-o", str(out), *options(rng)], after, monkeypatch) == 130
    last = options(rng)
    for folder in (out, alone):
        assert not run([*words, "-o", str(folder), *last])
    assert len(results(out)) == FILES
    assert results(out) == results(alone)


def test_in_float32_another_budget_makes_nothing_again_and_in_bf16_all(words, tmp_path, capsys):
    for precision, again in (("exact", 0), ("fast", FILES)):
        command = [*words, "-o", str(tmp_path / precision), "--precision", precision]
        assert not run([*command, "--memory", "300MB"])
        small = results(tmp_path / precision)
        capsys.readouterr()
        assert not run([*command, "--memory", "2GB", "--dry-run"])
        assert capsys.readouterr().out.count("renewed") == again
        assert not run([*command, "--memory", "2GB"])
        assert len(capsys.readouterr().out.splitlines()) == again
        assert (results(tmp_path / precision) == small) == (precision == "exact")
        assert not run([*command, "--memory", "2GB"])
        assert not capsys.readouterr().out


def test_a_machine_without_bf16_makes_again_what_one_with_it_made(words, tmp_path, capsys):
    command = [*words, "-o", str(tmp_path / "out")]
    assert not run([*command, "--precision", "fast"])
    capsys.readouterr()
    assert not run([*command, "--precision", "exact"])  # what auto comes to there
    assert len(capsys.readouterr().out.splitlines()) == FILES


def test_engines_say_whether_their_tiles_are_exact():
    exact = LoadedModel(ByShape(False, "cpu", None), "shapes", "exact")
    assert exact.tiles_are_exact
    assert not replace(exact, precision="fast").tiles_are_exact
    assert not replace(exact, device="gpu").tiles_are_exact
