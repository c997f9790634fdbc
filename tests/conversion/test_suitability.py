"""Suitability: what is said of a result that is almost its source."""

from types import SimpleNamespace

import numpy as np
import pytest

from repix import Picture, write
from repix.conversion import open_model, read_model, suitability
from repix.conversion.file import FileOptions, convert_file
from repix.conversion.suitability import Suitability
from repix.models import model_named
from repix.pictures import open_bands


@pytest.mark.parametrize(
    ("model", "sigma", "said"),
    [
        ("denoise-photo", 4, ": there was little to remove"),  # not: take the model that was just used
        ("dejpeg", 0, "; no noise and no blur were found"),
    ],
)
def test_advice_on_an_almost_unchanged_result_names_another_model_or_none(tmp_path, model, sigma, said):
    y, x = np.mgrid[:128, :128]
    drawn = 120 + 60 * (np.sin(x / 9) * np.cos(y / 13))[..., np.newaxis] * [1, 0.8, 0.6]
    noisy = drawn + np.random.default_rng(0).normal(0, sigma, drawn.shape)
    write(Picture(noisy.clip(0, 255).astype(np.uint8)), tmp_path / "a.png")
    task = read_model(model_named(model)).contract.make_task()
    with open_bands(tmp_path / "a.png") as bands:
        check = Suitability(tmp_path / "a.png", bands, task, 1.0, fail=False)
        while bands.rows_left:
            check.rows.read(50)
    check.change = SimpleNamespace(levels=0.4)
    (line,) = check.report().advice
    assert line == f"the result differs from the picture by only 0.4 gray levels on average{said}"


@pytest.mark.parametrize("options", [FileOptions(), FileOptions(compare=True)])
def test_a_picture_is_decoded_once(tmp_path, monkeypatch, options):
    rng = np.random.default_rng(0)
    noisy = [170, 128, 80] + 25 * rng.standard_normal((700, 700, 3))
    write(Picture(noisy.clip(0, 255).astype(np.uint8)), tmp_path / "a.png")
    monkeypatch.setattr(suitability, "inspect", None)
    report = convert_file(tmp_path / "a.png", tmp_path / "b.png", open_model("denoise-gray", "echo"), options)
    assert "is in color, which this model is not for; repix denoise is" in report.advice[0]
