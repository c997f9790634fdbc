"""Network interpolation: its ends are the two runs, between them NumPy's arithmetic, and unequal runs are refused."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from repix import networks
from repix.cli._app import run
from repix.conversion import open_model, read_model
from repix.conversion.model_file import with_contract
from repix.errors import WrongUse
from repix.training.interpolation import Interpolation, interpolated
from repix.training.run_export import export_run
from repix.training.run_folder import RunFolder
from tests.networks.measuring import picture
from tests.training.making import recipe


def made(path, seed, **more):
    """A run of random weights."""
    path.mkdir()
    folder = RunFolder(path)
    own = recipe(path / "photos", **more)
    record = {"data": "aa", "trained": {"steps": seed, "of": 9}, "metrics": [{"metric": "psnr-y", "value": 20.0}]}
    folder.write_recipe(own, record)
    folder.write_weights(module(seed).state_dict())
    return path


def module(seed):
    torch.manual_seed(seed)
    return networks.pixelwise(in_channels=1, out_channels=1, widths=(4,)).eval()


@pytest.fixture
def runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("repix.training.export.ENGINES", ("openvino",))
    monkeypatch.setattr("repix.training.export.bytes_per_pixel", lambda _: 1000)
    return made(tmp_path / "first", 1), made(tmp_path / "second", 2)


def test_the_ends_are_the_weights_of_the_two_runs(runs):
    first = RunFolder(runs[0])
    own = first.read_recipe()[0]
    for share, seed in ((0.0, 1), (1.0, 2)):
        found = Interpolation(runs[1], share).weights(first, own)
        for name, expected in module(seed).state_dict().items():
            assert torch.equal(found[name], expected), name


def test_the_model_at_the_other_end_is_the_export_of_the_other_run(runs):
    whole = export_run(runs[0], "end.onnx", interpolation=Interpolation(runs[1], 1.0))
    export_run(runs[1], "own.onnx")
    contents = [with_contract(read_model(name).content, whole) for name in ("end.onnx", "own.onnx")]
    assert contents[0] == contents[1]


def test_between_them_weights_are_numpys_and_the_contract_says_what_it_is(runs):
    assert run(["export", "first", "--interpolate", "0.25", "--other", "second", "-o", "between.onnx"]) == 0
    one, other = ({name: value.numpy() for name, value in module(seed).state_dict().items()} for seed in (1, 2))
    between = module(1)
    mixed = {name: np.asarray(0.75 * one[name] + 0.25 * other[name], one[name].dtype) for name in one}
    between.load_state_dict({name: torch.from_numpy(value) for name, value in mixed.items()})
    x = picture(1, 9, 7)
    found = open_model("between.onnx", precision="exact", threads=1).run(x.numpy())
    with torch.no_grad():
        np.testing.assert_allclose(found, between(x).numpy(), rtol=0, atol=1e-5)
    contract = read_model("between.onnx").contract
    assert contract.trained == {"steps": 1, "of": 9, "interpolation": 0.25, "other_steps": 2, "other_of": 9}
    assert contract.metrics == ()
    assert contract.data == "aa"


@given(st.floats(0, 1, width=32), st.integers(0, 1000))
def test_every_weight_is_between_the_two_and_counters_stay(share, seed):
    generator = torch.Generator().manual_seed(seed)
    one, other = ({"w": torch.randn(5, generator=generator), "n": torch.tensor(number)} for number in (3, 7))
    found = interpolated(one, other, share)
    expected = (1 - share) * one["w"].double() + share * other["w"].double()
    torch.testing.assert_close(found["w"].double(), expected, rtol=1e-5, atol=1e-6)
    assert int(found["n"]) == 3
    assert torch.equal(interpolated(one, other, 0.0)["w"], one["w"])
    assert torch.equal(interpolated(one, other, 1.0)["w"], other["w"])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"settings": {"color": True}}, "setting color of the task False, but .* has True"),
        ({"settings": {"color": False, "loss": "l1"}}, "setting loss of the task 'mse', but .* has 'l1'"),
        ({"network_settings": {"widths": [6]}}, "setting widths of the network .*4.*, but .* has .*6"),
        ({"network": "dncnn", "network_settings": {"depth": 3}}, "network 'pixelwise', but .* has 'dncnn'"),
    ],
)
def test_unequal_runs_are_refused(runs, tmp_path, more, said):
    third = made(tmp_path / "third", 3, **more)
    with pytest.raises(WrongUse, match=said):
        export_run(runs[0], "out.onnx", interpolation=Interpolation(third, 0.5))
    assert not (tmp_path / "out.onnx").exists()


def test_what_is_incomplete_or_out_of_range_is_refused(runs, capsys):
    for words, said in [
        (["--interpolate", "0.5"], "--interpolate and --other go together"),
        (["--other", "second"], "--interpolate and --other go together"),
        (["--interpolate", "0.5", "--other", "second"], "name the file to write (-o)"),
        (["--interpolate", "2", "--other", "second", "-o", "out.onnx"], "--interpolate"),
        (["--interpolate", "1", "--other", "nowhere", "-o", "out.onnx"], "nowhere contains no run.toml"),
    ]:
        assert run(["export", "first", *words]) != 0
        assert said in capsys.readouterr().err
    with pytest.raises(WrongUse, match="it must be from 0 to 1"):
        Interpolation(runs[1], 1.5)
