"""The lectures' networks have the lectures' sizes; parameters are summed here by hand."""

import itertools

import pytest
import torch
from torch import nn

from repix import registry
from repix.errors import WrongUse
from repix.networks import channel_mixer, encoder_decoder, picture_unet, unet
from repix.networks.fcn import Config as FcnConfig
from tests.networks.measuring import picture

LECTURE_WIDTHS = (64, 128, 256, 512, 512)


def convolutions(*channels: int, kernel: int = 3) -> int:
    """Weights and biases of one convolution after another."""
    return sum(kernel**2 * a * b + b for a, b in itertools.pairwise(channels))


def sizes_on_the_way(module: nn.Module, x: torch.Tensor) -> list[tuple[int, ...]]:
    """What contractions, expansions and upsamplers give, without the batch."""
    seen: list[tuple[int, ...]] = []

    def note(_module, _given, result):
        seen.append(tuple((result[0] if isinstance(result, tuple) else result).shape[1:]))

    for part in [*module.encoder, *module.decoder, module.last]:
        part.register_forward_hook(note)
    with torch.no_grad():
        module.eval()(x)
    return seen


def counted(name: str, **settings) -> int:
    network = registry.get("networks", name)
    return network.cost(network.config(**settings)).parameters


def test_S02_pixelwise_looks_at_one_pixel():
    assert counted("pixelwise") == convolutions(3, 64, 64, 3, kernel=1) + 2 * (64 + 64)


def test_S03_kernels_of_the_lecture():
    assert counted("wide-kernel") == convolutions(3, 64, 64, kernel=5) + convolutions(64, 3, kernel=1) + 4 * 64
    assert counted("wide-kernel", kernels=(9, 5)) == counted("wide-kernel") + 3 * 64 * (81 - 25)


def test_S04_the_dense_layer_has_a_hundred_million_weights():
    encoder = convolutions(3, *LECTURE_WIDTHS, 512) + 2 * (sum(LECTURE_WIDTHS) + 512)
    assert counted("dense-reshape") == encoder + (2048 + 1) * 3 * 128 * 128
    network = registry.get("networks", "dense-reshape")
    assert network.fixed(network.config()) == 128
    with pytest.raises(WrongUse, match="size is 100; with 6 widths it must be a multiple of 64"):
        network.module(network.config(size=100))


ENCODER = convolutions(3, *LECTURE_WIDTHS) + 2 * sum(LECTURE_WIDTHS)


def test_S06_encoder_and_decoder():
    back = (512, 512, 256, 128, 64)
    assert counted("encoder-decoder") == ENCODER + convolutions(*back, 3) + 2 * sum(back[1:])


def test_S06_upsampling_alone_has_no_weights_after_the_scores():
    assert counted("encoder-decoder", refine=False) == ENCODER + convolutions(512, 3, kernel=1)
    module = encoder_decoder(refine=False)
    assert not list(module.decoder.parameters())


def test_S07_sizes_on_the_way():
    way = [(64, 64, 64), (128, 32, 32), (256, 16, 16), (512, 8, 8), (512, 4, 4)]
    assert sizes_on_the_way(unet(), picture(3, 128, 128)) == [*way, *way[-2::-1], (3, 128, 128)]


def test_S07_skips_cost_weights_only_where_they_concatenate():
    joined = convolutions(512, 512) + sum(
        convolutions(2 * a, b) for a, b in [(512, 256), (256, 128), (128, 64), (64, 3)]
    )
    assert counted("unet") == ENCODER + joined + 2 * (512 + 256 + 128 + 64)
    assert counted("unet", skip="add") == counted("unet", skip="none") == counted("encoder-decoder")


def test_S07_without_skips_it_is_the_encoder_decoder():
    widths = (4, 8, 8)
    plain = encoder_decoder(widths=widths).eval()
    without = unet(widths=widths, skip="none").eval()
    state = zip(without.state_dict(), plain.state_dict().values(), strict=True)
    without.load_state_dict(dict(state))
    x = picture(3, 16, 24)
    assert torch.equal(without(x), plain(x))


@pytest.mark.parametrize("skip", ["concat", "add"])
def test_S07_skips_carry_fine_detail(skip):
    """Silence all that comes up from below: with skips something of the picture still arrives."""
    module = unet(widths=(4, 8, 8), skip=skip).eval()
    with torch.no_grad():
        for p in module.encoder[-1].parameters():
            p.zero_()
        a, b = module(picture(3, 16, 16)), module(torch.zeros(1, 3, 16, 16))
    assert (a - b).abs().max() > 0


def test_T08_sizes_on_the_way():
    way = [(64, 128, 128), (128, 64, 64), (256, 32, 32), (512, 16, 16), (512, 8, 8)]
    assert sizes_on_the_way(picture_unet(), picture(3, 256, 256)) == [*way, *way[-2::-1], (3, 256, 256)]


def test_T08_parameters():
    ways = [(512, 512), (1024, 256), (512, 128), (256, 64), (128, 3)]
    assert counted("picture-unet") == ENCODER + sum(16 * a * b + b for a, b in ways) + 2 * (512 + 256 + 128 + 64)


def test_T08_four_times_larger():
    module = picture_unet(scale=4)
    way = [(64, 128, 128), (128, 64, 64), (256, 32, 32), (512, 16, 16)]
    beyond = [(64, 256, 256), (64, 512, 512), (3, 1024, 1024)]
    assert sizes_on_the_way(module, picture(3, 256, 256)) == [*way, *way[-2::-1], *beyond]


@pytest.mark.parametrize("scale", [1, 2, 4, 8])
def test_T08_widths_that_are_left_out_are_recorded(scale):
    """What is saved names them, so that another default never changes a trained network."""
    network = registry.get("networks", "picture-unet")
    asked = network.from_dict({"scale": scale})
    assert asked.to_dict()["widths"] == list(LECTURE_WIDTHS if scale == 1 else LECTURE_WIDTHS[:4])
    assert network.from_dict(asked.to_dict()) == asked
    assert network.from_dict({"scale": scale, "widths": [4, 8]}).widths == (4, 8)


def test_T08_results_are_pictures():
    network = registry.get("networks", "picture-unet")
    module = network.module(network.small).eval()
    with torch.no_grad():
        module.last.convolution.weight.mul_(1000)
        y = module(picture(3, 16, 16))
    assert y.min() == 0
    assert y.max() == 1


def test_T08_gray_is_zero_inside():
    """[0, 1] outside is [-1, 1] inside, so middle gray meets the first convolution as zero."""
    module = picture_unet(widths=(4, 8))
    given = []
    module.encoder[0].register_forward_pre_hook(lambda _, x: given.append(x[0]))
    module.eval()(torch.full((1, 3, 8, 8), 0.5))
    assert given[0].abs().max() == 0


def test_T08_only_doubles():
    network = registry.get("networks", "picture-unet")
    assert "must be 1, 2, 4 or 8" in network.fits(network.config(scale=3))


def test_U16_channel_mixer_is_the_lecture_code():
    theirs = nn.Sequential(
        nn.Conv2d(1, 64, 3, padding=1, bias=False),
        nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True),
        nn.Conv2d(64, 1, 1, bias=False),
    )
    ours = channel_mixer()
    ours.load_state_dict(theirs.state_dict())
    x = picture(1, 224, 224)
    assert torch.equal(ours(x), theirs(x))
    assert ours(x).shape == (1, 1, 448, 448)


def test_U17_a_pixels_column_holds_every_depth():
    network = registry.get("networks", "hypercolumn")
    module = network.module(network.small).eval()
    x = picture(3, 16, 8)
    columns = module.columns(x)
    finest = module.levels[0](x)
    assert columns.shape == (1, 4 + 6 + 8, 16, 8)
    assert torch.equal(columns[:, :4], finest)
    second = module.levels[1](nn.functional.max_pool2d(finest, 2))
    larger = nn.functional.interpolate(second, scale_factor=2, mode="bilinear")
    torch.testing.assert_close(columns[:, 4:10], larger)


def test_the_papers_fcn_has_its_134_million_parameters():
    """VGG-16's convolutions, two wide layers and a score, with 21 classes; FCN-32s before its last enlargement."""
    vgg = [(3, 64, 64), (64, 128, 128), (128, 256, 256, 256), (256, 512, 512, 512), (512, 512, 512, 512)]
    head = convolutions(512, 4096, kernel=7) + convolutions(4096, 4096, 21, kernel=1)
    total = sum(convolutions(*widths) for widths in vgg) + head
    assert total == 134_346_581
    assert counted("fcn", variant="32s", head=4096, head_kernel=7, out_channels=21) == total
    scores = convolutions(512, 21, kernel=1) + convolutions(256, 21, kernel=1)
    assert counted("fcn", head=4096, head_kernel=7, out_channels=21) == total + scores


def test_fcn_has_five_levels():
    network = registry.get("networks", "fcn")
    assert "widths has 2 numbers" in network.fits(FcnConfig(widths=(4, 4)))
