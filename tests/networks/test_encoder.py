"""A network around an encoder with timm's interface: sizes, weights from a file, any upsampler, the model file."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import repix
from repix import networks, registry
from repix.conversion import open_model
from repix.conversion.onnx_import import importer
from repix.errors import Unreadable, WrongShape, WrongUse
from tests.networks.measuring import picture


class Info:
    """What timm tells of features."""

    def __init__(self, channels, reductions):
        self._channels, self._reductions = channels, reductions

    def channels(self):
        return self._channels

    def reduction(self):
        return self._reductions


class Encoder(nn.Module):
    """Three levels, named as timm's flattened encoders are; the first makes quarters, as a ResNet's stem does."""

    def __init__(self, channels=(4, 6, 8), reductions=(4, 8, 16)):
        super().__init__()
        self.feature_info = Info(list(channels), list(reductions))
        self.stem_0 = nn.Sequential(nn.Conv2d(3, 4, 5, 4, 2), nn.BatchNorm2d(4))
        self.stages_1 = nn.Conv2d(4, 6, 3, 2, 1)
        self.stages_2 = nn.Conv2d(6, 8, 3, 2, 1)

    def forward(self, x):
        fine = self.stem_0(x).relu()
        middle = self.stages_1(fine).relu()
        return [fine, middle, self.stages_2(middle).relu()]


def saved(path, encoder, *, dots=False, **more):
    """The weights as a classifier's file has them: other names for the same layers, and a last layer."""
    state = {name.replace("_", ".", 1) if dots else name: values for name, values in encoder.state_dict().items()}
    save_file({**{name: values.contiguous() for name, values in state.items()}, **more}, path)
    return path


def test_scores_have_the_pictures_size_and_every_parameter_learns():
    torch.manual_seed(1)
    network = networks.with_encoder(Encoder(), 5)
    y = network(picture(3, 32, 48, count=2))
    assert y.shape == (2, 5, 32, 48)
    (y * torch.randn_like(y)).sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())
    assert network.unused == ()


REFUSED = {
    "unpool": "unpool returns values to their positions before max pooling; it needs that pool's indices",
    "reshape": "reshape turns scale² channels into one, so 6 cannot become 1; use 4 input channels",
}
UPSAMPLERS = {name: registry.get("upsampling", name) for name in registry.available("upsampling")}
FITTING = [name for name, one in UPSAMPLERS.items() if one.channels != "blocks" and not one.needs_indices]


@pytest.mark.parametrize("upsampler", [*FITTING, "transposed kernel=4"])
def test_any_upsampler_stands_in_the_decoder(upsampler):
    network = networks.with_encoder(Encoder(), 3, upsampler=upsampler)
    assert network(picture(3, 16, 32)).shape == (1, 3, 16, 32)


@pytest.mark.parametrize("upsampler", REFUSED)
def test_an_upsampler_that_does_not_fit_is_refused_with_its_reason(upsampler):
    with pytest.raises(WrongUse, match=REFUSED[upsampler]):
        networks.with_encoder(Encoder(), 3, upsampler=upsampler)


def test_other_sizes_are_refused_with_the_size_to_pad_to():
    with pytest.raises(WrongShape, match="multiples of 16 as height and width, but was given 17×32; pad to 32×32"):
        networks.with_encoder(Encoder(), 3)(picture(3, 17, 32))
    with pytest.raises(WrongShape, match="of 3 channels, but was given 1"):
        networks.with_encoder(Encoder(), 3)(picture(1, 32, 32))


@pytest.mark.parametrize("dots", [False, True])
def test_weights_come_from_a_file_and_what_is_not_used_is_named(tmp_path, dots):
    trained = Encoder()
    file = saved(tmp_path / "weights.safetensors", trained, dots=dots, **{"head.fc.weight": torch.zeros(10, 8)})
    network = networks.with_encoder(Encoder(), 2, weights=file)
    assert network.unused == ("head.fc.weight",)
    for name, values in trained.state_dict().items():
        assert torch.equal(network.encoder.state_dict()[name], values)


def test_weights_of_another_encoder_are_refused(tmp_path):
    state = Encoder().state_dict()
    file = tmp_path / "weights.safetensors"
    save_file({name: values for name, values in state.items() if not name.startswith("stages_2")}, file)
    with pytest.raises(WrongUse, match=r"lacks 2 of the encoder's 11 tensors, such as stages_2.weight, stages_2.bias;"):
        networks.with_encoder(Encoder(), 2, weights=file)
    save_file(state | {"stages_1.weight": torch.zeros(6, 4, 5, 5)}, file)
    with pytest.raises(WrongUse, match=r"contains stages_1.weight with shape \(6, 4, 5, 5\), but the encoder needs"):
        networks.with_encoder(Encoder(), 2, weights=file)


def test_a_file_that_is_none_is_refused(tmp_path):
    with pytest.raises(Unreadable, match=r"nowhere.safetensors: there is no such file\.$"):
        networks.with_encoder(Encoder(), 2, weights=tmp_path / "nowhere.safetensors")
    (tmp_path / "weights.pth").write_bytes(b"PK\x03\x04 pickled")
    with pytest.raises(Unreadable, match=r"weights.pth is not a file of weights that repix can read \(safetensors\)"):
        networks.with_encoder(Encoder(), 2, weights=tmp_path / "weights.pth")
    with pytest.raises(Unreadable, match="is not a file of weights"):
        networks.with_encoder(Encoder(), 2, weights=tmp_path)


def test_pictures_are_normalized_inside():
    encoder, mean, deviation = Encoder(), [0.5, 0.4, 0.3], [0.2, 0.25, 0.5]
    network = networks.with_encoder(encoder, 2, normalize=(mean, deviation)).eval()
    given = []
    encoder.register_forward_pre_hook(lambda _, x: given.append(x[0]))
    x = picture(3, 16, 16)
    network(x)
    expected = (x - torch.tensor(mean)[:, None, None]) / torch.tensor(deviation)[:, None, None]
    torch.testing.assert_close(given[0], expected)


@pytest.mark.parametrize(
    ("encoder", "more", "said"),
    [
        (nn.Conv2d(3, 3, 3), {}, "Conv2d has no feature_info with channels.. and reduction.."),
        (Encoder(reductions=(4, 8)), {}, "gives features of .4, 6, 8. channels, .4, 8. times smaller"),
        (Encoder(reductions=(4, 6, 16)), {}, "by a whole number"),
        (
            Encoder(reductions=(4, 8, 32)),
            {},
            "declares features 4×16×16, 6×8×8, 8×2×2 for a picture of 64×64, but returns 4×16×16",
        ),
        (Encoder(channels=(4, 6, 9)), {}, "9×2×2 for a picture of 32×32, but returns"),
        (Encoder(), {"classes": 0}, "classes is 0"),
        (Encoder(), {"upsampler": "bilinar"}, "did you mean 'bilinear'"),
        (Encoder(), {"normalize": ((0.5,), (0.2,))}, "for each of 3 channels"),
        (Encoder(), {"normalize": ((0.5,) * 3, (0.0,) * 3)}, "above 0"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(encoder, more, said):
    with pytest.raises(WrongUse, match=said):
        networks.with_encoder(encoder, **{"classes": 2, **more})


def test_making_it_changes_no_statistics():
    encoder = Encoder()
    before = {name: values.clone() for name, values in encoder.state_dict().items()}
    assert networks.with_encoder(encoder, 2).training
    assert all(torch.equal(before[name], values) for name, values in encoder.state_dict().items())


def test_it_becomes_a_model_file(tmp_path, monkeypatch):
    monkeypatch.setattr(importer, "bytes_per_pixel", lambda *_: 77)
    torch.manual_seed(2)
    network = networks.with_encoder(Encoder(), 3, normalize=((0.5,) * 3, (0.25,) * 3)).eval()
    contract = repix.export(network, tmp_path / "net.onnx", "segment").contract
    assert (contract.channels, contract.step) == ((3, 3), 16)
    assert contract.halo is not None
    x = picture(3, 48, 32)
    with torch.no_grad():
        expected = network(x).softmax(1).numpy()
    np.testing.assert_allclose(open_model(tmp_path / "net.onnx", precision="exact").run(x.numpy()), expected, atol=1e-5)
