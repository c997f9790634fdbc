"""What is advised, what a model is not for, and pictures of odd kinds."""

import io

import numpy as np
import pytest
from PIL import Image

from repix import registry
from repix.conversion import read_model
from repix.inspection import inspect
from repix.inspection.advice import advice, parts_for, unsuitable
from repix.inspection.inspector import Specimen
from repix.inspection.samples import sample_picture
from repix.models import catalog
from repix.pictures import Picture, read, write
from repix.tasks import Domain
from tests.inspection.cases import photo


def noisy(sigma: float) -> Picture:
    noise = np.random.default_rng(0).standard_normal(photo("coffee.png").shape)
    return Picture.of(photo("coffee.png") + sigma / 255 * noise)


def speckled() -> Picture:
    picture, rng = photo("coffee.png").copy(), np.random.default_rng(0)
    draw = rng.random(picture.shape[:2])
    picture[draw < 0.06], picture[draw > 0.94] = 0, 1
    return Picture.of(picture)


def compressed(quality: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(Picture.of(photo("astronaut.png")).pixels).save(file, "JPEG", quality=quality)
    return file.getvalue()


@pytest.mark.parametrize("name", sorted(catalog()))
def test_the_catalog_has_the_domain_of_the_contract(name):
    told = {key: tuple(value) if isinstance(value, list) else value for key, value in catalog()[name].domain.items()}
    assert Domain(**told) == read_model(name).contract.make_task().domain


def test_each_problem_gets_its_command():
    assert str(advice(inspect(speckled()))[0]).endswith("12%: repix denoise --model denoise-impulse")
    assert [one.command for one in advice(inspect(noisy(25)))] == ["repix denoise"]
    assert advice(inspect(Picture.of(photo("coffee.png")))) == []
    assert [one.command for one in advice(inspect(compressed(30)))] == ["repix denoise --model dejpeg"]
    assert advice(inspect(compressed(95))) == []
    gray = Picture.of(photo("coffee.png").mean(axis=2))
    assert [one.command for one in advice(inspect(gray))] == ["repix colorize"]
    gray_noise = Picture.of(noisy(40).colors().mean(axis=2))
    assert [one.command for one in advice(inspect(gray_noise))][:1] == ["repix denoise --model denoise-gray"]


@pytest.mark.parametrize(
    ("task", "settings", "picture", "said"),
    [
        ("denoise", {}, noisy(25), ""),
        ("denoise", {}, speckled(), "repix denoise --model denoise-impulse removes it"),
        ("deblur", {}, noisy(25), "repix denoise removes it"),
        (
            "deblur",
            {},
            compressed(30),
            "JPEG compression, quality 30, which this model is not for; repix denoise --model",
        ),
        ("denoise", {"sigma": None, "degradations": ("jpeg quality=5..95",)}, compressed(30), ""),
        ("denoise", {"sigma": None, "degradations": ("jpeg quality=5..95",)}, noisy(25), "repix denoise removes it"),
        ("denoise", {"degradations": ("jpeg quality=5..95",)}, noisy(25), ""),
        ("denoise", {"sigma": None, "degradations": ("camera", "jpeg quality=60")}, noisy(25), ""),
        (
            "denoise",
            {},
            Picture.of(noisy(25).colors().mean(axis=2)),
            "is gray, which this model is not for; repix denoise --model denoise-gray is",
        ),
        ("upscale", {}, noisy(25), "repix denoise removes it"),
        ("upscale", {}, Picture.of(photo("coffee.png")), ""),
        ("colorize", {}, Picture.of(photo("coffee.png")), "is in color"),
        ("colorize", {}, Picture.of(photo("coffee.png").mean(axis=2)), ""),
    ],
)
def test_a_picture_outside_a_domain_is_said(task, settings, picture, said):
    line = unsuitable(inspect(picture), registry.get("tasks", task)(settings).domain)
    assert (said in line) if said else not line
    assert "\n" not in line


def test_only_a_model_against_noise_names_another_one_for_a_noisy_picture_of_the_wrong_kind():
    gray = inspect(Picture.of(noisy(25).colors().mean(axis=2)))
    assert unsuitable(gray, Domain(color="color")) == "the picture is gray, which this model is not for"


@pytest.mark.parametrize("name", sorted(catalog()))
def test_the_parts_that_a_domain_needs_tell_as_much_as_all(name):
    domain = read_model(name).contract.make_task().domain
    gray, squeezed = Picture.of(noisy(25).colors().mean(axis=2)), read(compressed(30))
    for picture in (noisy(0), noisy(4), noisy(25), gray, speckled(), squeezed):
        specimen = Specimen(picture, picture.size, sample_picture(picture))
        found = specimen.inspection(parts_for(domain))
        assert bool(unsuitable(found, domain)) == bool(unsuitable(specimen.inspection(), domain))


@pytest.mark.parametrize("shape", [(1, 1), (1, 9, 3), (7, 5, 4), (8, 8, 2), (40, 3), (3, 4000, 3), (700, 700)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_any_picture_is_inspected(shape, dtype):
    rng = np.random.default_rng(0)
    values = rng.random(shape) if dtype == np.float32 else rng.integers(0, np.iinfo(dtype).max, shape)
    found = inspect(Picture(values.astype(dtype)))
    assert (found.height, found.width) == shape[:2]
    assert all(text for _, text in found.rows())
    advice(found)


def test_values_that_are_not_finite_do_no_harm():
    inspect(Picture(np.full((300, 300, 3), np.nan, np.float32)))


def test_depth_does_not_change_the_findings():
    eight = noisy(20)
    sixteen = Picture(eight.pixels.astype(np.uint16) * 257)
    assert inspect(eight).luma_noise.sigma == pytest.approx(inspect(sixteen).luma_noise.sigma, rel=1e-4)


def test_a_file_has_the_findings_of_its_picture(tmp_path):
    write(noisy(20), tmp_path / "a.png")
    assert inspect(tmp_path / "a.png") == inspect(noisy(20))
    assert inspect((tmp_path / "a.png").read_bytes()) == inspect(noisy(20))


def test_bands_give_the_samples_of_the_whole(tmp_path):
    picture = Picture(np.random.default_rng(0).integers(0, 256, (900, 1100, 3), dtype=np.uint8))
    write(picture, tmp_path / "a.png")
    assert inspect(tmp_path / "a.png") == inspect(picture)
