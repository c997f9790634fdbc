"""The `Picture` itself: what it is made of, and what it refuses."""

import concurrent.futures

import numpy as np
import pytest

import repix
from repix.errors import WrongDtype, WrongShape, WrongUse
from repix.pictures import DEPTHS, Picture


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_to_numbers_and_back_is_exact(depth, channels):
    levels = np.arange(65536 if depth == "16" else 256)
    pixels = np.repeat(levels, channels).reshape(16, -1, channels)
    pixels = (pixels / 255).astype(np.float32) if depth == "float" else pixels.astype(DEPTHS[depth])
    picture = Picture(pixels)
    assert picture.colors().shape[2] == (1 if channels < 3 else 3)
    again = picture.with_colors(picture.colors(), picture.alpha())
    np.testing.assert_array_equal(again.pixels, pixels)
    assert again.depth == depth
    np.testing.assert_array_equal(Picture.of(picture.colors(), picture.alpha(), depth).pixels, pixels)


def test_depth_comes_from_the_dtype_and_never_from_the_numbers():
    dark = Picture(np.ones((2, 2), np.uint16))
    assert dark.depth == "16"
    assert float(dark.colors().max()) == pytest.approx(1 / 65535)


@pytest.mark.parametrize("dtype", [bool, np.int8, np.int32, np.int64, np.float16, np.float64, complex, object])
def test_other_numbers_are_refused(dtype):
    with pytest.raises(WrongDtype, match="uint8, uint16 or float32"):
        Picture(np.zeros((2, 2), dtype))


@pytest.mark.parametrize("shape", [(), (3,), (0, 3), (3, 0), (2, 2, 0), (2, 2, 5), (1, 2, 2, 3)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(WrongShape, match="a picture is H×W×C"):
        Picture(np.zeros(shape, np.uint8))


def test_wrong_numbers_for_a_new_picture():
    with pytest.raises(WrongUse, match="'12'"):
        Picture.of(np.zeros((2, 2)), depth="12")
    with pytest.raises(WrongDtype, match="uint8"):
        Picture.of(np.zeros((2, 2), np.uint8))


def test_many_threads_read_and_write_at_once(tmp_path):
    rng = np.random.default_rng(5)
    pictures = [Picture(rng.integers(0, 256, (60, 50, 3), dtype=np.uint8)) for _ in range(24)]

    def there_and_back(number: int) -> bool:
        path = tmp_path / f"{number}{('.png', '.tif', '.bmp')[number % 3]}"
        repix.write(pictures[number], path)
        return bool((repix.read(path).pixels == pictures[number].pixels).all())

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert all(pool.map(there_and_back, range(24)))


def test_pixels_that_are_no_array():
    with pytest.raises(WrongDtype, match="The pixels are list; a picture needs an array of uint8, uint16 or float32"):
        Picture([[0, 255]])


def test_an_array_is_not_written_as_a_picture(tmp_path):
    with pytest.raises(WrongUse, match=r"picture is of type ndarray; it must be a repix.Picture"):
        repix.write(np.zeros((2, 2), np.uint8), tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []
