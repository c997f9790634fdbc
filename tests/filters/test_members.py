"""Each filter beside somebody else's implementation, or a law where there is none."""

import numpy as np
import pytest
import pywt
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from scipy.cluster import vq
from skimage import color, restoration, segmentation

from repix import filters
from repix.degradations import salt_and_pepper
from repix.errors import WrongUse
from repix.filters._noise import estimate_noise
from repix.filters._opponent import from_opponent, to_opponent
from repix.pictures import read

SIDES = st.integers(1, 24)
MODE = "reflect"


def scene(rng: np.random.Generator, shape: tuple[int, ...] = (64, 64), noise: float = 25 / 255) -> np.ndarray:
    """Blocks of four grays or colors under noise."""
    blocks = rng.integers(1, 5, (shape[0] // 16, shape[1] // 16, *shape[2:])) / 5
    return np.kron(blocks, np.ones((16, 16, 1)[: len(shape)])) + rng.normal(0, noise, shape)


def window(size: float, picture: np.ndarray) -> tuple[float, ...]:
    return (size, size, 0 if isinstance(size, float) else 1)[: picture.ndim]


def adaptive_median(picture: np.ndarray, largest: int) -> np.ndarray:
    """The definition, a pixel at a time, with NumPy's median."""
    padded, result = np.pad(picture, largest, mode="symmetric"), picture.copy()
    for (row, column), value in np.ndenumerate(picture):
        for size in range(min(3, largest), largest + 1, 2):
            cut = slice(largest - size // 2, largest + size // 2 + 1)
            near = padded[row:, column:][cut, cut]
            if near.min() < np.median(near) < near.max() or size == largest:
                if not near.min() < value < near.max():
                    result[row, column] = np.median(near)
                break
    return result


@settings(max_examples=15)
@given(st.integers(1, 16), st.integers(1, 16), st.sampled_from([1, 3, 5, 7]), st.sampled_from([0.1, 0.6]))
def test_D06_the_adaptive_median_is_its_definition(height, width, largest, density):
    rng = np.random.default_rng(height)
    picture = salt_and_pepper(rng.random((height, width, 3)), rng, density)
    expected = np.stack([adaptive_median(picture[:, :, c], largest) for c in range(3)], axis=2)
    np.testing.assert_array_equal(filters.adaptive_median(picture, largest), expected)
    np.testing.assert_array_equal(filters.adaptive_median(picture[:, :, 0], largest), expected[:, :, 0])


@settings(max_examples=40)
@given(SIDES, SIDES, st.sampled_from([1, 3, 5, 7, 9, 31]), st.sampled_from([(), (1,), (3,)]), st.booleans())
def test_D02_mean_and_median_are_scipys(height, width, size, channels, double):
    picture = np.random.default_rng(height).standard_normal((height, width, *channels))
    picture = picture.astype(np.float64 if double else np.float32)
    expected = ndimage.uniform_filter(picture, window(size, picture), mode=MODE)
    np.testing.assert_allclose(filters.mean(picture, size), expected, atol=1e-13 if double else 3e-6)
    expected = ndimage.median_filter(picture, window(size, picture), mode=MODE)
    np.testing.assert_array_equal(filters.median(picture, size), expected)


@settings(max_examples=20)
@given(SIDES, SIDES, st.sampled_from([3, 5, 7]))
def test_D02_median_is_the_middle_of_the_mirrored_window(height, width, size):
    picture = np.random.default_rng(width).random((height, width), dtype=np.float32)
    framed = np.pad(picture, size // 2, mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(framed, (size, size))
    np.testing.assert_array_equal(filters.median(picture, size), np.median(windows, axis=(2, 3)))


@settings(max_examples=40)
@given(SIDES, SIDES, st.sampled_from([0.1, 0.5, 1.0, 3.0, 12.0]), st.sampled_from([(), (3,)]), st.booleans())
def test_D02_gaussian_is_scipys(height, width, sigma, channels, double):
    picture = np.random.default_rng(height).standard_normal((height, width, *channels))
    picture = picture.astype(np.float64 if double else np.float32)
    expected = ndimage.gaussian_filter(picture, window(sigma, picture), mode=MODE)
    np.testing.assert_allclose(filters.gaussian(picture, sigma), expected, atol=1e-13 if double else 1e-6)


def test_a_gaussian_of_no_width_changes_nothing():
    picture = np.random.default_rng(0).random((5, 6))
    np.testing.assert_array_equal(filters.gaussian(picture, 0), picture)


@pytest.mark.parametrize("channels", [1, 3])
def test_D02_bilateral_is_its_formula(channels):
    """Every pair of pixels, in NumPy: the bell of the distance times the bell of the mean absolute difference."""
    picture = np.random.default_rng(1).random((11, 9, channels))
    spread, contrast, noise, reach = 1.5, 2.5, 40 / 255, 3
    framed = np.pad(picture, ((reach, reach), (reach, reach), (0, 0)), mode="symmetric")
    total, weights = np.zeros_like(picture), np.zeros((11, 9, 1))
    inside = [(y, x) for y in range(-reach, reach + 1) for x in range(-reach, reach + 1) if y * y + x * x <= reach**2]
    for y, x in inside:
        moved = framed[reach + y : reach + y + 11, reach + x : reach + x + 9]
        apart = np.abs(moved - picture).mean(axis=2, keepdims=True) / (contrast * noise)
        weight = np.exp(-(y * y + x * x) / (2 * spread**2) - apart**2 / 2)
        total, weights = total + weight * moved, weights + weight
    found = filters.bilateral(picture, sigma=40, spread=spread, contrast=contrast)
    np.testing.assert_allclose(found, total / weights, atol=1e-4)


def test_bilateral_without_an_edge_in_sight_is_gaussian():
    noisy = scene(np.random.default_rng(3), noise=0.01)
    broad = filters.bilateral(noisy, sigma=255, spread=0.5, contrast=1000)
    np.testing.assert_allclose(broad, filters.gaussian(noisy, 0.5), atol=0.02)


@pytest.mark.parametrize("rule", ["bayes", "visu"])
@pytest.mark.parametrize("mode", ["soft", "hard"])
def test_D03_wavelet_is_scikit_images(rule, mode):
    """On a picture whose size the wavelet divides, with one shift and their number of levels."""
    noisy = np.clip(scene(np.random.default_rng(4), (64, 64)), 0, 1)
    theirs = restoration.denoise_wavelet(
        noisy,
        25 / 255,
        wavelet="haar",
        mode=mode,
        wavelet_levels=5,
        method={"bayes": "BayesShrink", "visu": "VisuShrink"}[rule],
    )
    ours = filters.wavelet(noisy, 25, rule, mode, "haar", shifts=1)
    np.testing.assert_allclose(np.clip(ours, 0, 1), theirs, atol=1e-6)


def test_D03_wavelet_shifts_are_the_mean_over_shifted_pictures():
    noisy = scene(np.random.default_rng(5), (48, 64, 3))
    one = [
        filters.wavelet(np.pad(noisy, ((1, 0), (1, 0), (0, 0)), mode="symmetric")[y:, x:], 25, shifts=1)
        for y in (0, 1)
        for x in (0, 1)
    ]
    cropped = [one[2 * y + x][1 - y : 49 - y, 1 - x : 65 - x] for y in (0, 1) for x in (0, 1)]
    np.testing.assert_allclose(filters.wavelet(noisy, 25, shifts=2), np.mean(cropped, axis=0), atol=1e-12)


def test_D03_opponent_colors_are_a_rotation():
    picture = np.random.default_rng(6).random((4, 5, 3))
    turned = to_opponent(picture)
    np.testing.assert_allclose(np.square(turned).sum(), np.square(picture).sum())
    np.testing.assert_allclose(from_opponent(turned), picture)


@pytest.mark.parametrize("basis", ["nothing", "bior2.2", "gaus1", "dmey", ""])
def test_wavelets_that_would_not_keep_noise_white_are_refused(basis):
    with pytest.raises(WrongUse, match=f"There is no orthogonal wavelet '{basis}'; "):
        filters.wavelet(np.zeros((8, 8)), basis=basis)


@pytest.mark.parametrize("shape", [(24, 20), (24, 20, 3)])
def test_D03_nl_means_is_its_formula(shape):
    """Against scikit-image's other implementation, which visits every patch, on the same weights."""
    noisy = np.random.default_rng(7).random(shape)
    theirs = restoration.denoise_nl_means(
        noisy, 5, 8, h=0.6 * 25 / 255, sigma=25 / 255, fast_mode=False, channel_axis=-1 if len(shape) == 3 else None
    )
    ours = filters.nl_means(noisy, 25)
    assert np.abs(ours - theirs).mean() < 0.02


def test_D03_nl_means_repairs_what_repeats_from_far_away():
    """One spoiled tile of many: a filter of near pixels cannot know, patches can."""
    clean = np.tile(np.kron([[0.1, 0.9], [0.9, 0.1]], np.ones((2, 2))), (10, 10))
    spoiled = clean.copy()
    spoiled[20, 20] += 0.1
    repaired = filters.nl_means(spoiled, 25, distance=10)
    assert abs(repaired - clean)[20, 20] < 0.02


def test_D03_bm3d_is_the_packages_own_in_gray_and_nearly_so_in_color():
    bm3d = pytest.importorskip("bm3d")
    gray = scene(np.random.default_rng(8), (48, 32)).astype(np.float32)
    np.testing.assert_allclose(filters.bm3d(gray, 25), bm3d.bm3d(gray, 25 / 255), atol=1e-5)
    color = scene(np.random.default_rng(9), (48, 48, 3))
    assert np.abs(filters.bm3d(color, 25) - bm3d.bm3d_rgb(color, 25 / 255)).mean() < 0.01


def test_D03_bm3d_takes_a_gray_picture_of_three_channels():
    """The package's own color transform divides by the range of a color difference that is zero here."""
    gray = scene(np.random.default_rng(10), (32, 32))
    color = filters.bm3d(np.repeat(gray[:, :, np.newaxis], 3, axis=2), 25)
    assert np.isfinite(color).all()
    assert np.ptp(color, axis=2).max() < 1e-5


@pytest.mark.parametrize(("left", "right"), [(4, 4), (6, 10), (12, 3)])
def test_D04_total_variation_of_a_step_is_known(left, right):
    """Each plateau moves towards the other by the weight divided by its width; nothing else changes."""
    step = np.repeat([0.2, 0.9], [left, right])[np.newaxis]
    weight = 0.7 * 50 / 255
    expected = np.repeat([0.2 + weight / left, 0.9 - weight / right], [left, right])[np.newaxis]
    np.testing.assert_allclose(filters.total_variation(step, 50), expected, atol=1 / 255)


def energy(result: np.ndarray, noisy: np.ndarray, weight: float) -> float:
    down, across = np.zeros_like(result), np.zeros_like(result)
    down[:-1], across[:, :-1] = np.diff(result, axis=0), np.diff(result, axis=1)
    return float(np.square(result - noisy).sum() / 2 + weight * np.hypot(down, across).sum())


def test_D04_total_variation_is_the_least_of_its_energy():
    """Less than what another solver finds, and less than its neighbors in random directions."""
    noisy = scene(np.random.default_rng(11), (48, 48))
    weight = 0.7 * 25 / 255
    found = filters.total_variation(noisy, 25)
    least = energy(found, noisy, weight)
    bregman = restoration.denoise_tv_bregman(noisy, 1 / (2 * weight), max_num_iter=1000, eps=1e-6)
    assert least < energy(bregman, noisy, weight)
    assert least < 0.5 * energy(noisy, noisy, weight)
    for seed in range(5):
        assert least < energy(found + np.random.default_rng(seed).normal(0, 0.003, found.shape), noisy, weight)
    np.testing.assert_allclose(found.mean(), noisy.mean(), atol=1e-9)


FOUR = np.array([[0.1, 0.1, 0.1], [0.9, 0.2, 0.1], [0.1, 0.8, 0.3], [0.2, 0.3, 0.9]])


def test_S01_k_means_finds_colors_that_stand_apart():
    rng = np.random.default_rng(12)
    truth = rng.integers(0, 4, (40, 50))
    picture = FOUR[truth] + rng.normal(0, 0.01, (40, 50, 3))
    painted = filters.k_means(picture, k=4)
    for label in range(4):
        mean = picture[truth == label].mean(axis=0)
        np.testing.assert_allclose(painted[truth == label], np.broadcast_to(mean, (np.sum(truth == label), 3)))


def test_S01_a_k_that_is_chosen_is_the_smallest_that_keeps_95_percent():
    rng = np.random.default_rng(14)
    picture = FOUR[rng.integers(0, 4, (40, 50))] + rng.normal(0, 0.01, (40, 50, 3))
    chosen, fewer = filters.k_means(picture), filters.k_means(picture, k=3)
    np.testing.assert_array_equal(np.unique(chosen), np.unique(filters.k_means(picture, k=4)))
    assert np.square(chosen - picture).mean() < 0.05 * picture.var(axis=(0, 1)).mean()
    assert np.square(fewer - picture).mean() > 0.05 * picture.var(axis=(0, 1)).mean()


@pytest.mark.parametrize("k", [2, 5, 9])
def test_S01_k_means_is_as_near_as_scipys(k):
    rng = np.random.default_rng(13)
    picture = scene(rng, (64, 64, 3))
    points = picture.reshape(-1, 3)
    centers, labels = vq.kmeans2(points, points[:: len(points) // k][:k], 100, minit="matrix")
    theirs = np.square(points - centers[labels]).sum()
    assert np.square(filters.k_means(picture, k=k) - picture).sum() < 1.02 * theirs


def test_S01_each_generator_its_own_result_and_left_out_it_is_that_of_seed_0():
    picture = np.random.default_rng(15).random((40, 40, 3))
    zero, one = (filters.k_means(picture, np.random.default_rng(seed), k=7) for seed in (0, 1))
    np.testing.assert_array_equal(filters.k_means(picture, k=7), zero)
    assert (zero != one).any()


def test_S01_more_colors_than_there_are_is_refused():
    picture = np.zeros((300, 300, 3))
    picture[:100], picture[7, 7] = 0.5, 1.0
    with pytest.raises(WrongUse, match="k is 4, but the picture has only 3 different colors; choose a smaller k"):
        filters.k_means(picture, k=4)
    np.testing.assert_allclose(filters.k_means(picture, k=3), picture, atol=1e-7)  # the rare color is found


@pytest.mark.parametrize("k", [0, -1, 257, 2.5, True])
def test_S01_a_k_that_makes_no_sense_is_refused(k):
    with pytest.raises(WrongUse, match=f"^k is {k}"):
        filters.k_means(np.zeros((4, 4)), k=k)


def test_S01_slic_paints_scikit_images_superpixels_in_their_means():
    picture = np.clip(scene(np.random.default_rng(16), (48, 64, 3)), 0, 1)
    labels = segmentation.slic(picture, 60, start_label=0)
    np.testing.assert_allclose(filters.slic(picture, 60), color.label2rgb(labels, picture, kind="avg", bg_label=-1))


def test_S01_slic_of_gray_is_slic_of_equal_channels():
    gray = np.clip(scene(np.random.default_rng(17), (48, 64)), 0, 1)
    color = filters.slic(np.repeat(gray[:, :, np.newaxis], 3, axis=2), 40)
    np.testing.assert_array_equal(color[:, :, 0], filters.slic(gray, 40))


@pytest.mark.parametrize("sigma", [5, 25, 50])
def test_the_estimated_noise_is_scikit_images_and_near_the_truth(sigma):
    noisy = scene(np.random.default_rng(18), (256, 256, 3), sigma / 255)
    np.testing.assert_allclose(
        estimate_noise(noisy), restoration.estimate_sigma(noisy, average_sigmas=True, channel_axis=-1), rtol=1e-9
    )
    np.testing.assert_allclose(255 * estimate_noise(noisy), sigma, rtol=0.05)


def test_black_bars_do_not_hide_the_noise():
    noisy = scene(np.random.default_rng(19), (128, 128))
    noisy[:80] = 0
    np.testing.assert_allclose(255 * estimate_noise(noisy), 25, rtol=0.1)


def test_estimating_needs_no_particular_size():
    for shape in [(1, 1), (1, 5), (2, 1, 3), (3, 3, 1)]:
        assert 0 <= estimate_noise(np.random.default_rng(20).random(shape)) < 1


@pytest.mark.parametrize(
    ("name", "wrong", "sentence"),
    [
        ("mean", {"size": 4}, "size is 4; it must be odd, from 1 to 999."),
        ("mean", {"size": 0}, "size is 0; it must be odd, from 1 to 999."),
        ("median", {"size": -3}, "size is -3; it must be odd, from 1 to 999."),
        ("median", {"size": 3.0}, "size is 3.0; it must be a whole number."),
        ("median", {"size": 1_000_001}, "size is 1e+06; it must be odd, from 1 to 999."),
        ("gaussian", {"sigma": -1}, "sigma is -1; it must be from 0 to 100."),
        ("bilateral", {"sigma": -1}, "sigma is -1; it must be from 0 to 255."),
        ("bilateral", {"spread": 0}, "spread is 0; it must be from 0.1 to 100."),
        ("wavelet", {"rule": "sure"}, "rule is 'sure'; choose from bayes, visu."),
        ("wavelet", {"mode": "firm"}, "mode is 'firm'; choose from soft, hard."),
        ("wavelet", {"shifts": 0}, "shifts is 0; it must be from 1 to 16."),
        ("nl_means", {"patch": 4}, "patch is 4; it must be odd, from 1 to 99."),
        ("nl_means", {"distance": 0}, "distance is 0; it must be from 1 to 100."),
        ("nl_means", {"strength": 0}, "strength is 0; it must be from 0.01 to 100."),
        ("bm3d", {"sigma": 256}, "sigma is 256; it must be from 0 to 255."),
        ("total_variation", {"sigma": float("inf")}, "sigma is inf; it must be a finite number."),
        ("slic", {"count": 0}, "count is 0; it must be from 1 to 1000000."),
        ("slic", {"compactness": 0}, "compactness is 0; it must be from 0.01 to 1000."),
        ("k_means", {"rng": 3}, "rng is 3; it must be a generator: numpy.random.default_rng(seed)."),
    ],
)
def test_a_wrong_setting_is_one_sentence(name, wrong, sentence):
    with pytest.raises(WrongUse) as caught:
        getattr(filters, name)(np.zeros((5, 5)), **wrong)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(("name", "gain"), [("nl_means", 7), ("wavelet", 6), ("total_variation", 6), ("bilateral", 6)])
def test_D03_a_real_noisy_picture_gains(shared, name, gain):
    clean = read(shared / "set12" / "08.png").colors()[:256, :256, 0]
    noisy = clean + np.random.default_rng(0).normal(0, 25 / 255, clean.shape).astype(np.float32)
    before, after = (np.square(p - clean).mean() for p in (noisy, getattr(filters, name)(noisy)))
    assert 10 * np.log10(before / after) > gain


def test_every_orthogonal_wavelet_takes_any_size():
    picture = np.random.default_rng(21).random((5, 9))
    for basis in [name for family in ("haar", "db", "sym", "coif") for name in pywt.wavelist(family)]:
        np.testing.assert_allclose(filters.wavelet(picture, 1e-9, "visu", basis=basis, shifts=1), picture, atol=1e-5)
