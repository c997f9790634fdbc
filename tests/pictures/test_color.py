"""RGB numbers stay; CMYK and Lab are converted, and that is said."""

import io

import numpy as np
import pytest
import tifffile
from PIL import Image

import repix
from tests.pictures.making import DISPLAY_P3, put


def cmyk(form: str) -> bytes:
    inks = np.zeros((4, 4, 4), np.uint8)
    inks[0, :, 0] = 255  # a row of cyan, one of magenta, one of yellow, one of black
    inks[1, :, 1], inks[2, :, 2], inks[3, :, 3] = 255, 255, 255
    stream = io.BytesIO()
    Image.fromarray(inks, "CMYK").resize((32, 32), 0).save(stream, form)
    return stream.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_cmyk_becomes_srgb(tmp_path, form):
    picture = repix.read(put(tmp_path, "a", cmyk(form)))
    cyan, magenta, yellow, black = picture.pixels[[4, 12, 20, 28], 16].astype(int)
    assert cyan[0] < 60 < cyan[2]
    assert magenta[1] < 60 < magenta[0]
    assert yellow[2] < 60 < yellow[0]
    assert black.max() < 70
    assert picture.notes == (
        "the colors were converted from CMYK to sRGB (by a standard profile, because the file has none)",
    )
    assert picture.profile is not None


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_lab_becomes_srgb(tmp_path, dtype):
    lab = np.array([[[53.24, 80.09, 67.2], [87.73, -86.18, 83.18], [32.3, 79.19, -107.86], [100, 0, 0], [0, 0, 0]]])
    unit = np.iinfo(dtype).max / 255
    numbers = np.stack([lab[..., 0] / 100 * 255, lab[..., 1] % 256, lab[..., 2] % 256], axis=2) * unit
    if dtype == np.uint16:  # negative numbers are those of int16
        numbers[..., 1:] = (np.round(lab[..., 1:] * 256)) % 65536
    stream = io.BytesIO()
    tifffile.imwrite(stream, np.round(numbers).astype(dtype), photometric="cielab", metadata=None)
    picture = repix.read(put(tmp_path, "a.tif", stream.getvalue()))
    white = np.iinfo(dtype).max
    wanted = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [0, 0, 0]]) / 255
    np.testing.assert_allclose(picture.pixels[0] / white, wanted, atol=0.03)
    assert picture.notes == ("the colors were converted from Lab to sRGB",)


def test_numbers_of_another_profile_are_not_converted(tmp_path):
    numbers = np.arange(48, dtype=np.uint8).reshape(4, 4, 3) * 5
    Image.fromarray(numbers).save(tmp_path / "a.png", icc_profile=DISPLAY_P3)
    picture = repix.read(tmp_path / "a.png")
    np.testing.assert_array_equal(picture.pixels, numbers)
    repix.write(picture, tmp_path / "b.tif", strict=True)
    again = repix.read(tmp_path / "b.tif")
    np.testing.assert_array_equal(again.pixels, numbers)
    assert again.profile == DISPLAY_P3
