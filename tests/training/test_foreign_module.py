"""Anybody's module as a model file: what is measured, what the file then gives, and what is refused with its reason."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import repix
from repix.conversion import open_model, read_model
from repix.conversion.onnx_import import importer
from repix.errors import BrokenPromise, RepixError, UnknownName, WrongUse


@pytest.fixture(autouse=True)
def no_memory_measured(monkeypatch):
    monkeypatch.setattr(importer, "bytes_per_pixel", lambda *_: 77)
    torch.manual_seed(0)


class Halves(nn.Module):
    """Two convolutions with stride, and back: multiples of four only."""

    def __init__(self, channels=3):
        super().__init__()
        self.down = nn.Sequential(
            nn.Conv2d(channels, 4, 3, 2, 1), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 8, 3, 2, 1)
        )
        self.up = nn.ConvTranspose2d(8, channels, 4, 4)

    def forward(self, x):
        return x + self.up(self.down(x).relu())


class Attention(nn.Module):
    """Every pixel looks at every other."""

    def forward(self, x):
        flat = x.flatten(2)
        return (flat @ (flat.transpose(1, 2) @ flat).softmax(1)).reshape(x.shape)


class Scores(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.scores = nn.Conv2d(3, classes, 3, padding=1)

    def forward(self, x):
        return self.scores(x)


class Likely(Scores):
    def forward(self, x):
        return self.scores(x).softmax(1)


class Dense(nn.Module):
    """One size only."""

    def __init__(self):
        super().__init__()
        self.all = nn.Linear(3 * 32 * 32, 3 * 32 * 32)

    def forward(self, x):
        return self.all(x.flatten(1)).reshape(x.shape)


def written(module, path, task, **more):
    """The export, and what its file gives for noise of a size that was never tried."""
    found = repix.export(module, path, task, **more)
    assert read_model(path).contract == found.contract
    contract = found.contract
    side = contract.size or 3 * contract.step
    shape = (1, contract.channels[0], side, side if contract.size else 11 * contract.step)
    x = np.random.default_rng(1).random(shape, np.float32)
    return found, x, open_model(path, precision="exact").run(x)


def given(module, x):
    with torch.no_grad():
        return module.eval()(torch.from_numpy(x)).numpy()


def test_step_and_halo_are_measured_and_the_file_gives_what_torch_gives(tmp_path):
    module = Halves()
    found, x, y = written(module, tmp_path / "net.onnx", "denoise", settings={"sigma": [10, 20]})
    contract = found.contract
    assert (contract.channels, contract.scale, contract.step, contract.size) == ((3, 3), 1, 4, None)
    assert contract.halo == contract.halo_measured == 6
    assert contract.settings["sigma"] == [10.0, 20.0]
    assert contract.trained["imported"] == "Halves"
    assert 0 < contract.export_error < 1e-5
    np.testing.assert_allclose(y, given(module, x), atol=1e-5)
    assert "sizes: every multiple of 4" in found.measured


def test_the_callers_module_stays_as_it_was(tmp_path):
    module = Halves().train()
    before = {name: values.clone() for name, values in module.state_dict().items()}
    repix.export(module, tmp_path / "net.onnx", "denoise")
    assert module.training
    assert all(p.requires_grad for p in module.parameters())
    assert all(torch.equal(before[name], values) for name, values in module.state_dict().items())


def test_a_module_that_looks_everywhere_is_for_whole_pictures(tmp_path):
    module = Attention()
    found, x, y = written(module, tmp_path / "net.onnx", "denoise")
    assert found.contract.halo is None
    assert any(line.startswith("halo: none, so pictures are converted whole") for line in found.measured)
    np.testing.assert_allclose(y, given(module, x), atol=1e-4)


@pytest.mark.parametrize("classes", [1, 2, 5])
def test_scores_become_probabilities_inside_the_file(tmp_path, classes):
    module = Scores(classes)
    found, x, y = written(module, tmp_path / "net.onnx", "segment")
    scores = torch.from_numpy(given(module, x))
    likely = scores.softmax(1) if classes > 1 else torch.cat([1 - scores.sigmoid(), scores.sigmoid()], 1)
    np.testing.assert_allclose(y, likely.numpy(), atol=1e-5)
    assert found.contract.settings["values"] == list(range(max(classes, 2)))


def test_the_tasks_settings_are_taken(tmp_path):
    settings = {"values": [0, 255], "names": ["street", "car"]}
    contract = repix.export(Scores(2), tmp_path / "net.onnx", "segment", settings=settings).contract
    assert contract.settings["values"] == [0, 255]
    assert contract.settings["names"] == ["street", "car"]


def test_probabilities_stay_as_they_are(tmp_path):
    module = Likely(3)
    _, x, y = written(module, tmp_path / "net.onnx", "segment", probabilities=True)
    np.testing.assert_allclose(y, given(module, x), atol=1e-5)
    with pytest.raises(WrongUse, match=r"^Likely returns probabilities already; pass probabilities=True\.$"):
        repix.export(module, tmp_path / "net.onnx", "segment")
    with pytest.raises(WrongUse, match="Scores returns classes whose sum is from"):
        repix.export(Scores(3), tmp_path / "net.onnx", "segment", probabilities=True)


def test_a_scale_is_measured_and_held_to_what_is_said(tmp_path):
    module = nn.Sequential(nn.Conv2d(1, 9, 3, padding=1), nn.PixelShuffle(3))
    found, x, y = written(module, tmp_path / "net.onnx", "upscale", scale=3)
    assert (found.contract.scale, found.contract.channels) == (3, (1, 1))
    np.testing.assert_allclose(y, given(module, x), atol=1e-5)
    with pytest.raises(WrongUse, match="Sequential gives pictures 3 times larger, but scale is 2"):
        repix.export(module, tmp_path / "other.onnx", "upscale", scale=2)
    assert not (tmp_path / "other.onnx").exists()


def test_a_module_of_one_size_says_so(tmp_path):
    found, _, _ = written(Dense(), tmp_path / "net.onnx", "denoise")
    assert (found.contract.size, found.contract.halo) == (32, None)
    assert "sizes: only 32×32" in found.measured


class Pair(nn.Module):
    def forward(self, x):
        return x, x


class Odd(nn.Module):
    """No number is such that all its multiples run."""

    def forward(self, x):
        if x.shape[3] % 7 != 5:
            raise ValueError("a strange size")
        return x


class Baked(nn.Module):
    def forward(self, x):
        return nn.functional.interpolate(x[:, :, ::2, ::2], size=(int(x.shape[2]), int(x.shape[3])))


class Random(nn.Module):
    def forward(self, x):
        return x + torch.rand_like(x)


class Stubborn(nn.Module):
    def forward(self, _):
        raise ValueError("not this picture\nat all")


class Undrawable(nn.Module):
    def forward(self, x):
        return x * 2 if x.sum() > 0 else x


class Broken(nn.Module):
    def forward(self, x):
        return x / 0 - x / 0


REFUSED = [
    (nn.Conv2d(3, 3, 3), "denoise", "Conv2d returns 62×94 for a picture of 64×96, which is not a whole multiple"),
    (nn.Conv2d(3, 3, 2, 2), "denoise", "Conv2d returns 32×48 for a picture of 64×96"),
    (Pair(), "denoise", "Pair returns a tuple; a model file needs one tensor N×C×H×W"),
    (nn.Flatten(), "denoise", r"Flatten returns a tensor of shape \(1, 18432\)"),
    (Random(), "denoise", "Random returns another result for the same picture"),
    (Stubborn(), "denoise", "the error at 64×96: not this picture$"),
    (Undrawable(), "denoise", "torch cannot export the graph of Undrawable: "),
    (Broken(), "denoise", "Broken returns values that are not finite"),
    (Scores(4), "denoise", "Scores turns 3 channels into 4, 1 times the size, but denoise"),
    (nn.Upsample(scale_factor=2), "denoise", "Upsample gives pictures 2 times larger, but denoise keeps their size"),
    (nn.Upsample(scale_factor=8), "upscale", "Upsample gives pictures 8 times larger; upscale knows 2, 3 and 4 times"),
    ("net.onnx", "denoise", "A str was given; export takes a torch.nn.Module"),
]


@pytest.mark.parametrize(("module", "task", "said"), REFUSED, ids=lambda one: type(one).__name__)
def test_what_cannot_be_a_model_file_is_refused_with_the_reason_and_nothing_is_written(tmp_path, module, task, said):
    with pytest.raises(RepixError, match=said):
        repix.export(module, tmp_path / "net.onnx", task)
    assert list(tmp_path.iterdir()) == []


def test_a_size_that_became_a_number_on_the_way_is_named(tmp_path):
    with pytest.raises(BrokenPromise, match=r"for one size of pictures only, because a size became a constant"):
        repix.export(Baked(), tmp_path / "net.onnx", "denoise")


def test_sizes_without_a_step_are_refused(tmp_path):
    with pytest.raises(WrongUse, match="Odd runs on 64×96, but not on all multiples of any number up to 256"):
        repix.export(Odd(), tmp_path / "net.onnx", "denoise")


def test_wrong_words_are_refused_before_anything_runs(tmp_path):
    with pytest.raises(UnknownName, match="did you mean 'denoise'"):
        repix.export(Halves(), tmp_path / "net.onnx", "denois")
    with pytest.raises(WrongUse, match="probabilities is for classes, and denoise gives pictures"):
        repix.export(Halves(), tmp_path / "net.onnx", "denoise", probabilities=True)
    with pytest.raises(WrongUse, match="has no setting 'sigmas'; did you mean 'sigma'"):
        repix.export(Halves(), tmp_path / "net.onnx", "denoise", settings={"sigmas": [1, 2]})


def test_an_old_file_stays_where_the_new_one_is_refused(tmp_path):
    path = Path(tmp_path, "net.onnx")
    path.write_bytes(b"old")
    with pytest.raises(RepixError):
        repix.export(Random(), path, "denoise")
    assert path.read_bytes() == b"old"


def test_an_engine_that_differs_from_torch_is_refused(tmp_path, monkeypatch):
    from repix.training import export as exporting

    monkeypatch.setattr(exporting, "_difference", lambda *_: 0.5)
    with pytest.raises(BrokenPromise, match=r"^The result of Halves differs by 0\.5 between openvino and torch"):
        repix.export(Halves(), tmp_path / "net.onnx", "denoise")
    assert list(tmp_path.iterdir()) == []
