"""What pairs are made of: the degradations, with the strengths that the settings say."""

import numpy as np
import pytest

from repix import Picture, degradations, read, registry
from repix.arithmetic.color import luma
from repix.errors import WrongShape, WrongUse
from tests.tasks.drawn import drawn


def make(name, **settings):
    return registry.get("tasks", name)(settings)


def noise_of(task, clean, seed=0):
    source, target = task.make_pair(clean, np.random.default_rng(seed))
    return source.colors() - target.colors()


def test_T01_one_sigma_gives_that_noise_and_a_range_every_picture_its_own():
    clean = Picture(np.full((120, 120, 3), 128, np.uint8))
    assert 255 * noise_of(make("denoise", sigma=[25, 25]), clean).std() == pytest.approx(25, rel=0.02)
    strengths = [255 * noise_of(make("denoise", sigma=[10, 50]), clean, seed).std() for seed in range(30)]
    assert 9.5 < min(strengths) < 20
    assert 40 < max(strengths) < 51


def test_T01_noise_is_neither_clipped_nor_rounded():
    noisy = make("denoise", sigma=[50, 50]).make_pair(Picture(np.zeros((20, 20), np.uint8)), np.random.default_rng(0))[
        0
    ]
    assert noisy.depth == "float"
    assert noisy.pixels.min() < -0.1


@pytest.mark.parametrize(("share", "least", "most"), [(0.0, 0, 0), (0.5, 20, 40), (1.0, 60, 60)])
def test_T01_as_many_as_are_wanted_are_clipped_as_files_are(share, least, most):
    task, clean = make("denoise", sigma=[50, 50], clipped=share), Picture(np.zeros((20, 20), np.uint8))
    noisy = [task.make_pair(clean, np.random.default_rng(seed))[0].pixels for seed in range(60)]
    clipped = [one for one in noisy if one.min() >= 0]
    assert least <= len(clipped) <= most
    assert all(np.array_equal(np.rint(one * 255) / np.float32(255), one) for one in clipped)


def test_T01_a_gray_model_learns_from_lightness_and_a_color_model_from_three_noises():
    source, target = make("denoise", color=False).make_pair(drawn(), np.random.default_rng(0))
    assert source.is_gray
    np.testing.assert_array_equal(target.pixels, Picture.of(luma(drawn().colors())).pixels)
    noise = noise_of(make("denoise", sigma=[25, 25]), drawn(channels=1))
    assert abs(np.corrcoef(noise[:, :, 0].ravel(), noise[:, :, 1].ravel())[0, 1]) < 0.1


def test_T01_salt_and_pepper_hits_whole_pixels_at_the_rate():
    source, target = make("denoise", sigma=None, density=[0.2, 0.2]).make_pair(
        drawn((90, 90)), np.random.default_rng(0)
    )
    hit = (source.colors() != target.colors()).any(axis=2)
    assert hit.mean() == pytest.approx(0.2, abs=0.02)
    assert set(np.unique(source.colors()[hit])) <= {0, 1}


def test_T01_all_three_kinds_occur_where_all_have_a_range():
    task = make("denoise", sigma=[10, 10], density=[0.1, 0.1], speckle=[0.1, 0.1])
    clean = Picture(np.full((40, 40), 100, np.uint8).astype(np.uint8))
    shares = {round(float((noise_of(task, clean, seed) == 0).mean()), 1) for seed in range(20)}
    spreads = {round(255 * float(noise_of(task, clean, seed).std()), -1) for seed in range(20)}
    assert shares == {0.0, 0.9}
    assert len(spreads) >= 2


def test_T01_a_gray_model_cleans_a_color_picture_channel_by_channel():
    task, photo = make("denoise", color=False), drawn(channels=4)
    x = task.encode(photo)
    assert x.shape == (3, 1, *photo.size)
    np.testing.assert_array_equal(x[2, 0], photo.colors()[:, :, 2])


def test_T01_a_color_model_leaves_a_gray_picture_gray():
    task, photo = make("denoise"), drawn(channels=2)
    x = task.encode(photo)
    assert (x == x[:, :1]).all()
    y = np.random.default_rng(0).random(x.shape, np.float32)
    result = task.decode(y, photo)
    np.testing.assert_array_equal(result.pixels[:, :, 1], photo.pixels[:, :, 1])
    wanted = Picture.of(luma(y[0].transpose(1, 2, 0)))
    np.testing.assert_array_equal(result.pixels[:, :, :1], wanted.pixels)


def test_T03_the_source_is_gray_and_noisy_and_the_target_is_the_photo():
    source, target = make("restore", sigma=[20, 20]).make_pair(drawn((90, 90)), np.random.default_rng(0))
    assert source.is_gray
    np.testing.assert_array_equal(target.pixels, drawn((90, 90)).pixels)
    assert 255 * (source.colors() - luma(target.colors())).std() == pytest.approx(20, rel=0.05)


def test_T03_a_chain_makes_the_noise_of_half_of_the_pictures_and_its_truth_is_the_target():
    photo, task = drawn((24, 20)), make("restore", sigma=[0, 0], degradations=["camera shot=0.03", "jpeg quality=90"])
    pairs = [task.make_pair(photo, np.random.default_rng(seed)) for seed in range(40)]
    noisy = [float((source.colors() - luma(target.colors())).std()) > 0.01 for source, target in pairs]
    assert 10 < sum(noisy) < 30
    truth = degradations.camera(photo.colors(), np.random.default_rng(0), 0.0, 0.0)
    for (source, target), has_noise in zip(pairs, noisy, strict=True):
        assert source.is_gray
        np.testing.assert_allclose(target.colors(), truth if has_noise else photo.colors(), atol=1e-6)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_T04_the_small_picture_is_matlabs(shared, scale):
    """Colors and gray, against the pictures that MATLAB itself made."""
    for name in ("butterfly", "woman"):
        large, small = (read(shared / "set5" / f"{name}_x{scale}_{kind}.png") for kind in ("HR", "LR"))
        source, target = make("upscale", scale=scale).make_pair(large, np.random.default_rng(0))
        np.testing.assert_array_equal(source.pixels, small.pixels)
        np.testing.assert_array_equal(target.pixels, large.pixels)


def test_T04_rows_and_columns_beyond_the_scale_are_cut_and_too_small_is_said():
    task = make("upscale", scale=3)
    source, target = task.make_pair(drawn((35, 28)), np.random.default_rng(0))
    assert (source.size, target.size) == ((11, 9), (33, 27))
    np.testing.assert_array_equal(target.pixels, drawn((35, 28)).pixels[:33, :27])
    expected = degradations.shrink(target.colors(), scale=3, eight_bit=True)
    np.testing.assert_allclose(source.colors(), expected, atol=1e-7)
    with pytest.raises(WrongShape, match=r"2×9 \(height × width\); to upscale 3 times, both sides must be at least 3"):
        task.make_pair(drawn((2, 9)), np.random.default_rng(0))


def test_T04_a_chain_degrades_the_small_picture_only():
    steps = ("gaussian sigma=2..10", "jpeg quality=60..95 chance=0.8")
    task = make("upscale", scale=2, degradations=steps)
    source, target = task.make_pair(drawn(), np.random.default_rng(4))
    np.testing.assert_allclose(target.colors(), drawn().colors()[:34, :26], atol=1e-7)
    small = degradations.shrink(target.colors(), scale=2, eight_bit=True)
    np.testing.assert_array_equal(source.colors(), degradations.chain(small, np.random.default_rng(4), steps))


@pytest.mark.parametrize("color", [True, False])
def test_T04_alpha_is_enlarged_by_the_model_and_opaque_stays_opaque(color):
    task = make("upscale", color=color)
    source = drawn((6, 5), 4)
    source.pixels[:2, :, 3] = 0
    y = task.encode(source).repeat(2, axis=2).repeat(2, axis=3)
    wobble = np.random.default_rng(0).uniform(-0.01, 0.01, y.shape).astype(np.float32)
    result, exact = task.decode(y + wobble, source), task.decode(y, source)
    large = source.pixels.repeat(2, axis=0).repeat(2, axis=1)
    visible = large[:, :, 3] > 0
    np.testing.assert_array_equal(exact.pixels[visible], large[visible])
    ends = np.isin(large[:, :, 3], (0, 255))
    assert 0 < ends.mean() < 1
    np.testing.assert_array_equal(result.pixels[ends][:, 3], large[ends][:, 3])
    assert not result.pixels[~visible].any()


def test_T05_blurs_are_those_of_the_degradations_with_a_little_noise():
    clean, one_percent = drawn((60, 60)), [2.55, 2.55]
    task = make("deblur", sigma=[1.6, 1.6], length=None, noise=one_percent)
    source, target = task.make_pair(clean, np.random.default_rng(0))
    noise = source.colors() - degradations.gaussian_blur(target.colors(), sigma=1.6)
    assert 255 * noise.std() == pytest.approx(2.55, rel=0.05)
    flat = make("deblur", noise=[0, 0]).make_pair(Picture(np.full((20, 20), 99, np.uint8)), np.random.default_rng(0))[0]
    np.testing.assert_allclose(flat.colors(), 99 / 255, atol=1e-6)


def test_T05_motion_goes_in_every_direction():
    point = Picture(np.zeros((41, 41), np.uint8))
    point.pixels[20, 20] = 255
    task = make("deblur", sigma=None, length=[15, 15], noise=[0, 0], color=False)
    shapes = set()
    for seed in range(12):
        rows, columns = np.nonzero(task.make_pair(point, np.random.default_rng(seed))[0].colors()[:, :, 0] > 0.01)
        shapes.add(int(np.ptp(rows)) > int(np.ptp(columns)))
    assert shapes == {True, False}


@pytest.mark.parametrize(("share", "least", "most"), [(0, 0, 0), (0.5, 60, 140), (1, 200, 200)])
def test_a_share_of_blurred_pictures_comes_in_gray(share, least, most):
    """200 draws: half of them are 60 to 140 but once in 10⁸."""
    task, photo = make("deblur", gray=share), Picture(np.full((4, 4, 3), (9, 99, 200), np.uint8))
    pairs = [task.make_pair(photo, np.random.default_rng(seed)) for seed in range(200)]
    grays = [[bool((np.ptp(one.colors(), axis=2) == 0).all()) for one in pair] for pair in pairs]
    assert least <= sum(source for source, _ in grays) <= most
    assert all(source == target for source, target in grays)
    assert not any(one.is_gray for pair in pairs for one in pair)
    assert task.encode(pairs[0][0]).shape == task.encode_target(pairs[0][1]).shape == (1, 3, 4, 4)


@pytest.mark.parametrize(("style", "paper"), [("canny", 0.0), ("pencil", 1.0)])
def test_T06_drawings_are_the_degradations_and_lie_on_paper(style, paper):
    task = make("scene", style=style)
    source, _ = task.make_pair(drawn(), np.random.default_rng(0))
    drawing = degradations.edges(drawn().colors(), style=style)
    np.testing.assert_allclose(source.colors(), drawing, atol=0.51 / 255)
    clear = Picture(np.zeros((3, 4, 4), np.uint8) + np.array([90, 90, 90, 0], np.uint8))
    assert (task.encode(clear) == paper).all()


@pytest.mark.parametrize(
    ("name", "settings", "sentence"),
    [
        ("denoise", {"sigma": None}, "sigma, density, random_valued, speckle and degradations are all none"),
        ("denoise", {"sigma": 25}, r"sigma is 25; it must be two numbers, the smaller one first, such as \[0, 25\]"),
        ("denoise", {"sigma": [25]}, r"sigma is \[25\]; it must be two numbers"),
        ("denoise", {"sigma": [50, 0]}, r"sigma is \[50, 0\]; write the smaller number first"),
        ("denoise", {"sigma": [-1, 25]}, "sigma is -1; it must be from 0 to 10000"),
        ("denoise", {"sigma": [0, float("nan")]}, "sigma is nan; it must be a finite number"),
        ("denoise", {"density": [0, 1.5]}, "density is 1.5; it must be from 0 to 1"),
        ("denoise", {"color": 1}, "color is 1; it must be true or false"),
        ("denoise", {"loss": "l2"}, "loss is 'l2'; choose from l1, mse, charbonnier, log-mse"),
        ("colorize", {"loss": "lines"}, "loss is 'lines'; choose from l1, mse, charbonnier, log-mse"),
        ("deblur", {"sigma": None, "length": None}, "sigma, length and radius are all none"),
        ("deblur", {"gray": 0.5, "color": False}, "gray needs a color model"),
        ("deblur", {"sigma": [0, 1]}, "sigma is 0; it must be more than 0"),
        ("restore", {"sigma": None}, "sigma is None; it must be two numbers"),
        ("restore", {"degradations": ["shrink"]}, "The step shrink changes the size; in degradations of restore"),
        ("upscale", {"scale": 5}, "scale is 5; it must be from 2 to 4"),
        (
            "upscale",
            {"degradations": ["gray", "shrink"]},
            "The step shrink changes the size; in degradations of upscale",
        ),
        ("denoise", {"degradations": ["shrink scale=3"]}, "The step shrink changes the size"),
        ("upscale", {"scale": 2.0}, "scale is 2.0; it must be a whole number"),
        ("upscale", {"scale": True}, "scale is True; it must be a whole number"),
        ("scene", {"style": "ink"}, "style is 'ink'; choose from canny, pencil"),
    ],
)
def test_wrong_settings_are_refused(name, settings, sentence):
    with pytest.raises(WrongUse, match=f"^{sentence}"):
        make(name, **settings)


def test_no_range_is_the_text_none_because_toml_has_no_null():
    settings = make("denoise", sigma=None, density=[0.1, 0.2]).settings
    assert settings.to_dict()["sigma"] == settings.to_dict()["speckle"] == "none"
    assert make("denoise", **settings.to_dict()).settings == settings
    assert make("denoise", sigma="none", density=[0.1, 0.2]).settings.sigma is None
    with pytest.raises(WrongUse, match='sigma is an empty list; write sigma = "none" for no value'):
        make("denoise", sigma=[], density=[0.1, 0.2])


def test_numpys_numbers_become_plain_ones():
    task = make("denoise", sigma=(np.float32(1), np.int64(25)), color=np.bool_(True))
    assert task.settings.to_dict()["sigma"] == [1.0, 25]
    assert task.settings.color is True
