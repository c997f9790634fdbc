"""docs/your-own-loop.md: its code runs, on small drawn pictures, and `repix convert` runs what it exports."""

import inspect
import re
from pathlib import Path

import numpy as np
import pytest
import torch

import repix
from repix.cli._app import run
from repix.conversion import read_model
from repix.conversion.onnx_import import importer

PAGE = (Path(__file__).parents[1] / "docs" / "your-own-loop.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))


def code(title: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", SECTIONS[title], re.DOTALL | re.MULTILINE)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(importer, "bytes_per_pixel", lambda *_: 77)
    (tmp_path / "photos").mkdir()
    y, x = np.mgrid[:64, :80] / 80
    for number in range(3):
        pixels = np.stack([x, y, (x + y + number / 5) % 1], -1)
        repix.write(repix.Picture.of(pixels), tmp_path / "photos" / f"{number}.png")
    return tmp_path


def require_model(path: Path, capsys) -> None:
    """The command line converts with it, and the contract is complete."""
    contract = read_model(path).contract
    assert (contract.task, contract.channels, contract.step, contract.halo) == ("denoise", (3, 3), 1, 5)
    assert contract.settings["sigma"] == [25.0, 25.0]
    assert run(["convert", str(path), "photos", "-o", f"{path.stem}-results"]) == 0
    capsys.readouterr()
    assert {file.name for file in Path(f"{path.stem}-results").glob("*.png")} == {"0.png", "1.png", "2.png"}


def test_the_plain_loop_learns_and_its_model_file_converts(folder, capsys):
    torch.manual_seed(0)
    names: dict = {}
    loop, measuring = code("Plain PyTorch")
    assert len([line for line in loop.splitlines() if line]) <= 32
    exec(loop, names)  # noqa: S102 (the page's own code)
    assert names["loss"] < 0.9 * repix.losses.charbonnier(names["noisy"], names["clean"])
    assert "halo: 5 by its graph" in capsys.readouterr().out
    assert len(list((folder / "results").glob("*.png"))) == 3
    exec(measuring, names)  # noqa: S102
    assert len(names["results"].outcomes) == 2
    capsys.readouterr()
    require_model(folder / "denoiser.onnx", capsys)


@pytest.mark.filterwarnings("ignore:.*does not have many workers.*", "ignore:.*LeafSpec.*", "ignore:.*GPU available.*")
def test_the_lightning_loop_ends_in_a_model_file_too(folder, capsys):
    torch.manual_seed(0)
    names: dict = {}
    prepared = code("Plain PyTorch")[0].partition("network = ")[0]
    exec(prepared, names)  # noqa: S102
    exec(code("Lightning")[0], names)  # noqa: S102
    assert names["trainer"].global_step == 20
    capsys.readouterr()
    require_model(folder / "lightning.onnx", capsys)


def test_the_own_module_has_the_step_and_halo_that_the_page_says(folder, capsys):
    block = code("Your own module")[0]
    exec(block, {"repix": repix})  # noqa: S102
    said = re.search(r"# (\d+) (\d+)$", block, re.MULTILINE)
    assert capsys.readouterr().out.split() == list(said.groups())


def test_the_page_calls_the_encoder_as_the_function_is():
    """timm is not installed; the call's names are looked at."""
    block = code("An encoder that you have")[0]
    called = set(re.findall(r"\b(\w+)=", block.partition("with_encoder(")[2]))
    assert {"classes", "upsampler", "weights", "normalize"} <= called
    assert called <= set(inspect.signature(repix.networks.with_encoder).parameters)
