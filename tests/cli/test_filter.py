"""`repix filter`: the same results as in Python, in files; wrong use in one sentence."""

import numpy as np
import pytest

from repix import filters, read, registry
from repix.cli._app import run
from repix.pictures import Picture, write

NAMES = registry.available("filters")


@pytest.fixture
def levels() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (18, 16, 4)).astype(np.uint8)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_every_filter_converts_every_kind_of_picture(name, channels, tmp_path, levels):
    source, target = tmp_path / "in.png", tmp_path / "out.png"
    write(Picture(levels[:, :, :channels]), source)
    assert run(["filter", name, str(source), "-o", str(target)]) == 0
    result = read(target).pixels
    assert result.dtype == np.uint8
    assert result.shape[2] == channels
    assert (result.shape[:2] == (18, 16)) is not registry.get("filters", name).scales


def test_the_file_is_what_python_gives_rounded_and_alpha_is_kept(tmp_path, levels):
    source, target = tmp_path / "in.png", tmp_path / "out.png"
    write(Picture(levels), source)
    words = ["--sigma", "20", "--rule", "visu", "--mode", "hard", "--basis", "db2", "--shifts", "2"]
    assert run(["filter", "wavelet", str(source), "-o", str(target), *words]) == 0
    unit = (levels[:, :, :3] / 255).astype(np.float32)
    expected = filters.wavelet(unit, 20, "visu", "hard", "db2", 2)
    np.testing.assert_array_equal(read(target).pixels[:, :, :3], np.rint(np.clip(expected, 0, 1) * 255))
    np.testing.assert_array_equal(read(target).pixels[:, :, 3], levels[:, :, 3])


def test_S01_the_seed_reaches_k_means(tmp_path, levels):
    source = tmp_path / "in.png"
    write(Picture(levels[:, :, :3]), source)

    def painted(seed: int) -> np.ndarray:
        target = tmp_path / f"{seed}.png"
        assert run(["filter", "k-means", str(source), "-o", str(target), "--k", "6", "--seed", str(seed)]) == 0
        return read(target).pixels

    unit = (levels[:, :, :3] / 255).astype(np.float32)
    expected = filters.k_means(unit, np.random.default_rng(5), k=6)
    np.testing.assert_array_equal(painted(5), np.rint(255 * expected))
    assert (painted(4) != np.rint(255 * expected)).any()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["mean", "--size", "4"], "size is 4; it must be odd, from 1 to 999."),
        (["bilateral", "--sigma", "-1"], "sigma is -1; it must be from 0 to 255."),
        (["k-means", "--k", "0"], "k is 0; it must be from 1 to 256."),
        (["wavelet", "--basis", "sim4"], "There is no orthogonal wavelet 'sim4'; did you mean 'sym4'?"),
    ],
)
def test_a_wrong_option_is_one_sentence(words, sentence, tmp_path, levels, capsys):
    write(Picture(levels), tmp_path / "in.png")
    assert run(["filter", *words, str(tmp_path / "in.png"), "-o", str(tmp_path / "out.png")]) == 2
    assert capsys.readouterr().err == f"repix: {sentence}\n"
    assert not (tmp_path / "out.png").exists()
