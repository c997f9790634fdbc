"""The experiments of benchmarks/lectures: figures and a page on drawn pictures, their pictures, and bad input."""

import json
from pathlib import Path

import numpy as np
import pytest
from benchmarks.lectures import denoisers, frameworks, pictures
from benchmarks.lectures.__main__ import NAMES, experiment, main
from benchmarks.lectures.grids import compared, member, plan_of

from repix import registry
from repix.masks import read_mask
from repix.pictures import Picture, read, write
from repix.training import Recipe
from tests.training.conftest import cache  # noqa: F401 (a fixture)
from tests.training.making import folder_for, quick


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """No slow parts of a training."""
    quick(monkeypatch)


def oxford(root: Path, count: int = 6) -> Path:
    """A folder in the layout of Oxford-IIIT Pet; the last picture, of the test list, is a copy of the first one."""
    rng = np.random.default_rng(1)
    drawn = [pictures.drawn_pet(rng, 150) for _ in range(count)]
    names = [f"cat_{number}" for number in range(count + 1)]
    for name, (photo, mask) in zip(names, [*drawn, drawn[0]], strict=True):
        for place, picture in ((root / "images" / f"{name}.png", photo),
                               (root / "annotations" / "trimaps" / f"{name}.png", mask)):  # fmt: skip
            place.parent.mkdir(parents=True, exist_ok=True)
            write(picture, place)
    for split, own in (("trainval", names[: count - 1]), ("test", names[count - 1 :])):
        (root / "annotations" / f"{split}.txt").write_text("".join(f"{name} 1 1 1\n" for name in own))
    return root


def test_pets_become_128_pixels_with_their_masks_and_without_leaks(tmp_path):
    made = pictures.pets(oxford(tmp_path / "pets"), tmp_path / "small", 4, 2)
    names = {split: sorted(file.name for file in (made / split).iterdir()) for split in ("train", "val")}
    assert names == {"train": ["001.png", "002.png", "003.png"], "val": ["000.png", "001.png"]}  # 000 is val's copy
    assert {file.name for file in (made / "train-labels").iterdir()} == set(names["train"])
    photo, mask = read(made / "train" / "001.png"), read_mask(made / "train-labels" / "001.png").pixels
    assert photo.size == mask.shape[:2] == (128, 128)
    assert sorted(set(mask.ravel().tolist())) == [1, 2, 3]


def test_all_networks_of_frameworks_have_about_the_same_work():
    network = registry.get("networks", "super-resolution")
    residual = [(framework, "residual") for framework in frameworks.FRAMEWORKS]
    for framework, block in [*residual, *(("post", block) for block in frameworks.BLOCKS)]:
        width = frameworks.width_for(framework, block)
        config = network.config(1, 1, scale=4, framework=framework, block=block, depth=2, width=width)
        assert network.fits(config) is None
        assert 0.75 < network.cost(config).macs / frameworks.WORK < 1.25


def test_denoisers_write_their_figures_and_one_page(tmp_path, monkeypatch):
    monkeypatch.setattr(denoisers, "FILTERS", ("mean", "median"))
    monkeypatch.setattr(denoisers, "NOISES", {"salt": "salt-and-pepper density=0.05"})
    assert main(["denoisers", "-o", str(tmp_path), "--pictures", "8", "--seeds", "2"]) == 0
    rows = {row["name"]: row for row in json.loads((tmp_path / "lectures-denoisers.json").read_text())["rows"]}
    assert list(rows) == ["nothing", "mean", "median", "denoise-color", "denoise-impulse"]
    assert rows["median"]["quality"] > rows["mean"]["quality"] > rows["nothing"]["quality"]  # impulses: the known order
    assert rows["median"]["quality"] == pytest.approx(np.mean(rows["median"]["values"]), abs=0.001)
    page = (tmp_path / "index.html").read_text()
    assert "denoise-impulse" in page
    assert 'src="data:' in page
    assert 'src="' not in page.replace('src="data:', "")


def test_a_grid_has_a_row_for_each_member_with_all_seeds(tmp_path):
    folder = folder_for("denoise", tmp_path / "photos", 6)
    base = Recipe(
        "denoise", str(folder), steps=3, patch_size=8, batch_size=2, holdout=2, precision="fp32", network="pixelwise",
        settings={"color": False},
    )  # fmt: skip
    members = [member("4", base, widths=(4,), task_settings={"loss": "l1"}), member("odd", base, widths=())]
    found = compared("Widths", plan_of(members, 2), tmp_path / "grid")
    rows = {row["name"]: row for row in found.rows}
    assert (rows["4"]["seeds"], len(rows["4"]["values"]), rows["4"]["steps"]) == (2, 2, 3)
    assert rows["4"]["quality"] == pytest.approx(np.mean(rows["4"]["values"]), abs=0.001)
    assert rows["4"]["cpu_ms_per_megapixel"] > 0
    assert not rows["nothing"]["trained"]
    assert "odd" not in rows
    assert any("odd" in line for section in found.sections for line in section.rows)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--steps", "0"], "--steps is 0; it must be at least 1."),
        (["--pictures", "3"], "--pictures is 3; it must be at least 8."),
        (["--pets", "missing"], "missing is not a folder; give a folder of pictures."),
    ],
)
def test_bad_options_are_one_sentence(words, said, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["pets", "-o", "out", *words]) == 2
    assert capsys.readouterr().err == f"{said}\n"
    assert not list(tmp_path.iterdir())


def test_folders_without_enough_pictures_are_one_sentence(tmp_path, capsys):
    (tmp_path / "photos").mkdir()
    write(Picture(np.full((200, 200, 3), 9, np.uint8)), tmp_path / "photos" / "a.png")
    assert main(["denoisers", "-o", str(tmp_path / "out"), "--photos", str(tmp_path / "photos")]) == 2
    assert "has 1 photo of at least 128×128; 7 are needed." in capsys.readouterr().err
    assert main(["pets", "-o", str(tmp_path / "out"), "--pets", str(tmp_path / "photos")]) == 2
    assert "has no test or validation split" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", NAMES)
def test_every_experiment_says_what_the_lecture_says(name):
    found = experiment(name)
    assert found.name == name
    assert found.lecture.endswith(".")


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_every_experiment_runs(name, tmp_path):
    assert main([name, "-o", str(tmp_path), "--steps", "2", "--seeds", "1", "--pictures", "8"]) == 0
    rows = json.loads((tmp_path / f"lectures-{name}.json").read_text())["rows"]
    assert rows
    assert all(row.get("failures", []) == [] for row in rows)
    assert (tmp_path / "index.html").stat().st_size > 10_000
