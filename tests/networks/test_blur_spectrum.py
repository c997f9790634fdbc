"""What steers the blocks: the local spectrum beside numpy's, and that it tells one blur from another."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from repix import registry
from repix.degradations import motion_blur
from repix.networks._blur_spectrum import CELL, LEAST_POWER, WINDOW, BlurDescriptor, Spectrum
from repix.networks.efficient_unet import Config
from tests.data.drawing import photo as drawn
from tests.networks.measuring import picture


def test_the_power_is_that_of_fourier():
    """The mean over 81 windows, after the means of 17×17 are taken away and a bell is laid over each."""
    spectrum, side = Spectrum(), 9 * CELL
    x = torch.rand(1, 3, side, side, generator=torch.manual_seed(0))
    found = spectrum(x)
    assert found.shape == (1, (WINDOW // 2 + 1) * WINDOW, side // CELL, side // CELL)
    gray = x.mean(1)[0].double().numpy()
    mean = torch.nn.functional.avg_pool2d(x.mean(1, keepdim=True), 17, 1, 8, count_include_pad=False)[0, 0].numpy()
    padded = np.pad(gray - mean, CELL // 2, mode="edge")
    bell = np.sin(np.pi * (np.arange(WINDOW) + 0.5) / WINDOW) ** 2
    bell = np.outer(bell, bell) / np.square(bell).sum()
    starts = range(0, side, CELL)
    windows = [padded[y : y + WINDOW, x : x + WINDOW] * bell for y in starts for x in starts]
    power = np.mean([np.abs(np.fft.fft2(one)) ** 2 for one in windows], axis=0)
    expected = np.log(power.T[: WINDOW // 2 + 1].ravel() + LEAST_POWER)
    np.testing.assert_allclose(found[0, :, 4, 4], expected - expected.mean(), atol=1e-3)


def test_a_darker_picture_of_noise_has_the_same_spectrum():
    """Noise has power at every frequency; where a picture has none, what is added before the logarithm shows."""
    spectrum, x = Spectrum(), picture(3, 48, 64)
    np.testing.assert_allclose(spectrum(x), spectrum(x / 2), atol=0.02)


def test_motion_is_dark_along_its_direction():
    """Fine stripes vanish where the camera moved across them, and stay where it moved along them."""
    spectrum = Spectrum()
    noise = np.random.default_rng(0).random((64, 64, 1))
    flat, upright = (
        spectrum(torch.from_numpy(motion_blur(noise, 9, angle).transpose(2, 0, 1)[None].copy()).float())[0, :, 2, 2]
        .reshape(WINDOW // 2 + 1, WINDOW)
        .numpy()
        for angle in (0, 90)
    )
    along_rows, down_columns = (slice(6, 12), 0), (0, slice(6, 12))
    assert flat[along_rows].mean() < flat[down_columns].mean() - 2
    assert upright[down_columns].mean() < upright[along_rows].mean() - 2


def test_the_hint_tells_directions_apart():
    """On photos that are drawn, after it learned from real ones: each is nearest to the others of its direction."""
    sense, angles = BlurDescriptor(), (0, 45, 90, 135)
    photos = [drawn(number, (128, 128)).astype(float).mean(2, keepdims=True) / 255 for number in range(8)]
    blurred = [[motion_blur(photo, 11, angle).transpose(2, 0, 1) for angle in angles] for photo in photos]
    hints = sense(torch.from_numpy(np.array(blurred)).float().flatten(0, 1))[:, :, 4, 4].reshape(8, 4, -1).numpy()
    right = 0
    for one in range(8):
        usual = np.delete(hints, one, 0).mean(0)
        nearest = np.square(hints[one][:, None] - usual[None]).sum(2).argmin(1)
        right += (nearest == np.arange(4)).sum()
    assert right >= 28


def test_its_recipe_finds_what_there_is_to_tell(tmp_path):
    """On a photo that is drawn: as many truths as spectra, and a motion's direction is what makes its spectrum dark."""
    path = Path(__file__).parents[2] / "recipes" / "blur_spectrum.py"
    spec = spec_from_file_location("blur_spectrum", path)
    recipe = module_from_spec(spec)
    spec.loader.exec_module(recipe)
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (170, 180, 3), np.uint8)).save(tmp_path / "a.png")
    spectra, truths = recipe.examples([tmp_path / "a.png"], 12)
    assert (spectra.shape, truths.shape) == ((12, 544, 1, 1), (12, 7, 1, 1))
    flat = spectra.reshape(12, WINDOW // 2 + 1, WINDOW)
    tilts = flat[:, 0, 6:12].mean(1) - flat[:, 6:12, 0].mean(1)  # up and down against left and right
    far = truths[:, 4, 0, 0] > 0.5
    assert np.corrcoef(tilts[far], truths[far, 2, 0, 0])[0, 1] > 0.5


def test_conditioning_begins_near_zero():
    """With the weights of an unconditioned network, a conditioned one gives nearly the same before it is trained."""
    network = registry.get("networks", "efficient-unet")
    plain, conditioned = (
        Config(widths=(4, 6, 8), blocks=(1, 1, 1)),
        Config(widths=(4, 6, 8), blocks=(1, 1, 1), conditioned=True),
    )
    one, other = network.module(plain), network.module(conditioned)
    missing = other.load_state_dict(one.state_dict(), strict=False).missing_keys
    assert all("channel_gain" in name or "descriptor" in name for name in missing)
    x = picture(3, 32, 48)
    torch.testing.assert_close(one(x), other(x), atol=1e-4, rtol=0)


def test_pixels_coarser_than_a_cell_cannot_be_steered():
    network = registry.get("networks", "efficient-unet")
    for unshuffle, levels in ((3, 2), (4, 4)):
        config = Config(widths=(4,) * levels, blocks=(1,) * levels, unshuffle=unshuffle, conditioned=True)
        assert "cells of 16 pixels" in network.config_error(config)
