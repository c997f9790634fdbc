"""`repix degrade`: the same results as in Python, in files; wrong use in one sentence."""

import numpy as np
import pytest
from PIL import Image

from repix import degradations, read, registry
from repix.cli._app import run
from repix.pictures import Picture, write

NAMES = registry.available("degradations")


@pytest.fixture
def levels() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (12, 10, 3)).astype(np.uint8)


@pytest.fixture
def photo(tmp_path, levels):
    path = tmp_path / "photo.png"
    write(Picture(levels), path)
    return path


def written(path) -> np.ndarray:
    return read(path).pixels


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_every_degradation_converts_every_kind_of_picture(name, channels, tmp_path, levels):
    source, target = tmp_path / "in.png", tmp_path / "out.png"
    write(Picture(np.dstack([levels, levels])[:, :, :channels]), source)
    assert run(["degrade", name, str(source), "-o", str(target)]) == 0
    offered = registry.get("degradations", name)
    result = written(target)
    assert result.dtype == np.uint8
    assert result.shape[2] == (channels - 2 if offered.gray and channels > 2 else channels)
    assert result.shape[:2] == ((6, 5) if offered.scales else (12, 10))


def test_the_file_is_what_python_gives_rounded(photo, tmp_path, levels):
    words = ["degrade", "gaussian", str(photo), "--sigma", "30", "--seed", "7"]
    assert run([*words, "-o", str(tmp_path / "out.png")]) == 0
    assert run([*words, "-o", str(tmp_path / "out.tif"), "--depth", "float"]) == 0
    unit = (levels / 255).astype(np.float32)
    expected = degradations.gaussian(unit, np.random.default_rng(7), sigma=30)
    np.testing.assert_array_equal(written(tmp_path / "out.png"), np.rint(np.clip(expected, 0, 1) * 255))
    np.testing.assert_array_equal(written(tmp_path / "out.tif"), expected)
    assert expected.min() < 0


def test_seeds_repeat_and_differ(photo, tmp_path):
    def noisy(name: str, seed: str) -> np.ndarray:
        assert run(["degrade", "poisson", str(photo), "-o", str(tmp_path / name), "--seed", seed]) == 0
        return written(tmp_path / name)

    once = noisy("once.png", "1")
    np.testing.assert_array_equal(once, noisy("again.png", "1"))
    assert (once != noisy("other.png", "2")).any()


def test_left_out_the_output_lies_beside_the_source(photo):
    assert run(["degrade", "motion-blur", str(photo), "--length", "5", "--angle", "-30.5"]) == 0
    assert photo.with_name("photo-motion-blur.png").is_file()


def test_gray_writes_a_file_of_one_channel(photo, tmp_path):
    assert run(["degrade", "gray", str(photo), "-o", str(tmp_path / "gray.png")]) == 0
    with Image.open(tmp_path / "gray.png") as gray:
        assert gray.mode == "L"


@pytest.mark.parametrize("command", ["shrink --scale {}", "chain --step|shrink scale={}"])
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_U06_shrink_writes_matlabs_files(shared, tmp_path, scale, command):
    sources = sorted((shared / "set5").glob(f"*_x{scale}_HR.png"))
    words = [word for part in command.format(scale).split("|") for word in ([part] if "=" in part else part.split())]
    assert run(["degrade", *words, *map(str, sources), "-o", str(tmp_path)]) == 0
    for source in sources:
        truth = np.asarray(Image.open(str(source).replace("_HR", "_LR")).convert("RGB"))
        np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / source.name).convert("RGB")), truth)
    assert len(sources) == 5


def test_a_chain_of_files_is_a_chain_of_arrays(photo, tmp_path, levels):
    texts = ["gaussian-blur sigma=1.6", "shrink scale=2", "gaussian sigma=2.55", "edges style=pencil"]
    words = [word for text in texts for word in ("--step", text)]
    assert run(["degrade", "chain", str(photo), "-o", str(tmp_path / "out.tif"), *words, "--depth", "float"]) == 0
    unit = (levels / 255).astype(np.float32)
    expected = degradations.chain(unit, np.random.default_rng(0), texts, eight_bit=True)
    np.testing.assert_array_equal(written(tmp_path / "out.tif"), expected)


def test_a_chain_scales_alpha_but_puts_no_noise_on_it(tmp_path, levels):
    source = tmp_path / "in.png"
    write(Picture(np.dstack([levels, np.full((12, 10), 200, np.uint8)])), source)
    words = ["--step", "shrink scale=2", "--step", "gaussian sigma=50"]
    assert run(["degrade", "chain", str(source), "-o", str(tmp_path / "out.png"), *words]) == 0
    result = written(tmp_path / "out.png")
    assert result.shape == (6, 5, 4)
    assert (result[:, :, 3] == 200).all()


def test_jpegs_quality_is_the_damage(photo, tmp_path, levels):
    def loss(quality: str) -> float:
        target = tmp_path / f"{quality}.png"
        assert (
            run(["degrade", "jpeg", str(photo), "-o", str(target), "--quality", quality, "--subsampling", "4:4:4"]) == 0
        )
        return float(np.abs(written(target).astype(float) - levels).mean())

    assert loss("10") > 2 * loss("95")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["gaussian", "--sigma", "-1"], "sigma is -1; it must be from 0 to 10000."),
        (["gaussian", "--sigma", "nan"], "sigma is nan; it must be a finite number."),
        (["salt-and-pepper", "--density", "1.5"], "density is 1.5; it must be from 0 to 1."),
        (["mean-blur", "--size", "4"], "size is 4; it must be odd, from 1 to 999."),
        (["jpeg", "--quality", "0"], "quality is 0; it must be from 1 to 100."),
        (["gaussian", "--depth", "12"], "--depth is 12; choose from 8, 16, float."),
        (["chain", "--step", "gausian"], "In the step 'gausian': There is no 'gausian' among the degradations;"),
        (["chain", "--step", "gray", "--step", "gaussian 5"], "'5' is not a setting; write name=value."),
    ],
)
def test_wrong_values_are_one_sentence_before_any_file_is_read(words, sentence, tmp_path, capsys):
    assert run(["degrade", *words, str(tmp_path / "no such file.png")]) == 2
    message = capsys.readouterr().err
    assert message.startswith("repix: ")
    assert sentence in message
    assert message.count("\n") == 1


def test_a_picture_that_cannot_be_degraded_does_not_stop_the_others(photo, tmp_path, capsys):
    hole = tmp_path / "hole.tif"
    write(Picture(np.full((4, 4, 3), np.nan, np.float32)), hole)
    words = ["degrade", "mean-blur", str(hole), str(photo)]
    assert run([*words, "-o", str(tmp_path / "out")]) == 1
    assert (tmp_path / "out" / "photo.png").is_file()
    first, *counts, _ = capsys.readouterr().err.splitlines()
    assert first.startswith(f"repix: {hole} contains [nan, nan, nan] in row 0, column 0")
    assert [line.split() for line in counts] == [["converted", "1"], ["failed", "1"]]
    assert run([*words[:3], "-o", str(tmp_path / "alone.tif")]) == 1
    assert f"{hole} contains [nan, nan, nan]" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["edges", "--style", "crayon"], ["chain"], ["gaussian", "--seed", "-1"], ["gray", "--seed", "1"]]
)
def test_other_wrong_options_are_wrong_use(words, photo, capsys):
    assert run(["degrade", *words, str(photo)]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_help_says_range_and_meaning(capsys):
    assert run(["degrade", "salt-and-pepper", "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "Fraction of noisy pixels, from 0 to 1." in shown
    assert ">>>" not in shown
