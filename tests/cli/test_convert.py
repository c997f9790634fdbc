"""`repix convert` and the verbs of the tasks: the same bytes by every door, many files, pipes, and every refusal."""

import json
import subprocess
import sys

import numpy as np
import pytest

import repix
from repix import registry
from repix.cli._app import run, verbs
from repix.conversion import Contract, convert, converter, open_model, write_model
from repix.masks import Encoding
from repix.pictures import read, write
from repix.tasks.segment import settings_for
from tests.conversion.models import mixing
from tests.data.drawing import photo, put

DENOISE = Contract("denoise", {"color": True}, channels=(3, 3), halo=0, bytes_per_pixel=24)
TWICE = Contract("upscale", {"scale": 2}, channels=(3, 3), scale=2, halo=0, bytes_per_pixel=60)


@pytest.fixture
def model(tmp_path):
    """A model that mixes colors."""
    write_model(tmp_path / "model.onnx", mixing(DENOISE)[0], DENOISE)
    return tmp_path / "model.onnx"


@pytest.fixture
def photos(tmp_path):
    """A folder of pictures, one of them in a folder of its own."""
    for name, number in [("a.png", 0), ("b.jpg", 1), ("deep/c.tif", 2)]:
        put(tmp_path / "photos" / name, photo(number, (30, 26)))
    return tmp_path / "photos"


def called(capsys, *words):
    """Exit code, what was printed, and what was said."""
    code = run([str(word) for word in words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_every_door_gives_the_same_bytes(model, photos, tmp_path, capsys):
    source, out = photos / "a.png", tmp_path / "out"
    by_hand = convert(read(source), open_model(model))
    write(by_hand, tmp_path / "expected.png")
    expected = (tmp_path / "expected.png").read_bytes()
    assert called(capsys, "convert", model, source, "-o", tmp_path / "one.png")[0] == 0
    assert called(capsys, "convert", model, photos, "-o", out)[0] == 0
    assert called(capsys, "denoise", source, "--model", model, "-o", tmp_path / "verb.png")[0] == 0
    assert called(capsys, "convert", model, source, "-o", tmp_path / "tiled.png", "--tile", 7)[0] == 0
    assert called(capsys, "convert", model, source, "-o", tmp_path / "small.png", "--memory", "350MB")[0] == 0
    write(repix.convert(read(source), model), tmp_path / "python.png")
    write(converter(model)(source), tmp_path / "converter.png")
    files = [tmp_path / f"{name}.png" for name in ("one", "verb", "tiled", "small", "python", "converter")]
    for file in [*files, out / "a.png"]:
        assert file.read_bytes() == expected, file
    array = converter(model)(read(source).pixels)
    np.testing.assert_array_equal(array, by_hand.pixels)
    command = [sys.executable, "-m", "repix", "denoise", "-", "-o", "-", "--model", str(model)]
    piped = subprocess.run(command, input=source.read_bytes(), capture_output=True, check=True)
    assert piped.stdout == expected


def test_folders_are_mirrored_and_what_is_done_is_not_done_again(model, photos, tmp_path, capsys):
    out = tmp_path / "out"
    words = ("convert", model, photos, "-o", out, "--recursive")
    assert called(capsys, *words, "--dry-run")[1].count("new") == 3
    assert not out.exists()
    code, printed, _ = called(capsys, *words)
    assert (code, len(printed.splitlines())) == (0, 3)
    made = {file.relative_to(out).as_posix() for file in out.rglob("*") if file.suffix in (".png", ".jpg", ".tif")}
    assert made == {"a.png", "b.jpg", "deep/c.tif"}
    stamps = {file: file.stat().st_mtime_ns for file in out.rglob("*.*") if not file.name.startswith(".")}
    code, printed, said = called(capsys, *words)
    assert (code, printed) == (0, "")
    assert "up to date" in said
    put(photos / "a.png", photo(7, (30, 26)))
    code, printed, _ = called(capsys, *words)
    assert (code, printed.strip()) == (0, str(out / "a.png"))
    assert {file: file.stat().st_mtime_ns for file in stamps if file.name != "a.png"} == {
        file: stamp for file, stamp in stamps.items() if file.name != "a.png"
    }
    assert called(capsys, *words, "--strength", "0.5")[1].count("\n") == 3  # other options, other results
    assert called(capsys, *words, "--compare")[0] == 0
    assert (out / "deep" / "c-compare.png").exists()


def test_a_bad_file_is_said_and_the_others_go_on(model, photos, tmp_path, capsys):
    (photos / "bad.png").write_bytes(b"no picture")
    code, printed, said = called(capsys, "convert", model, photos, "-o", tmp_path / "out")
    assert code == 1
    assert len(printed.splitlines()) == 2
    assert "bad.png" in said
    assert "failed" in said
    code, printed, _ = called(capsys, "convert", model, photos, "-o", tmp_path / "out", "--json")
    report = json.loads(printed)
    assert code == 1
    assert report["totals"]["kept"] == 2
    assert [one["state"] for one in report["files"]].count("failed") == 1


def test_what_is_beside_and_what_is_cut(model, photos, tmp_path, capsys):
    out = tmp_path / "part.png"
    assert called(capsys, "convert", model, photos / "a.png", "-o", out, "--crop", "3,4,10,9", "--compare")[0] == 0
    assert read(out).size == (9, 10)
    assert read(tmp_path / "part-compare.png").size == (9, 20)
    words = ("segment", photos / "a.png", "--model", _three_classes(tmp_path), "-o", tmp_path / "mask.png")
    assert called(capsys, *words, "--overlay", "--probabilities")[0] == 0
    assert set(np.unique(read(tmp_path / "mask.png").pixels)) <= {0, 1, 2}
    assert (tmp_path / "mask-overlay.png").exists()
    assert np.load(tmp_path / "mask-probabilities.npy").shape == (30, 26, 3)


def _three_classes(folder):
    """A model that segments."""
    classes = Contract("segment", settings_for(Encoding("levels", (0, 1, 2))), channels=(3, 3), halo=0)
    write_model(folder / "classes.onnx", mixing(classes)[0], classes)
    return folder / "classes.onnx"


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif", ".pgm", ".pfm", ".png", ".tif"])
def test_a_mask_is_never_written_where_classes_mix(suffix, photos, tmp_path, capsys):
    source = tmp_path / f"street{suffix}"
    picture = read(photos / "a.png")
    write(picture.with_colors(picture.colors()[:, :, :1]) if suffix == ".pgm" else picture, source)
    words = ("segment", source, "--model", _three_classes(tmp_path))
    assert called(capsys, *words)[0] == 0
    mask = tmp_path / f"street-segment{'.tif' if suffix == '.tif' else '.png'}"
    assert set(np.unique(read(mask).pixels)) <= {0, 1, 2}
    if suffix in (".png", ".tif"):
        return
    for option in (("-o", tmp_path / f"m{suffix}"), ("--format", suffix[1:])):
        code, _, said = called(capsys, *words, *option, "--overwrite")
        assert code == 2
        assert "would change the classes of a mask; write a .png" in said


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("--memory", "much"), 2, "--memory much is not a size"),
        (("--memory", "1MB"), 1, "needs about"),
        (("--crop", "1,2"), 2, "is not a crop"),
        (("--overlay",), 2, "are for segmentation models"),
        (("--engine", "opnvino"), 2, "openvino"),
        (("--precision", "quick"), 2, "precision"),
        (("--device", "abacus"), 2, "abacus"),
        (("--format", "gif"), 2, "--format gif"),
        (("--tile", "0"), 2, "greater than or equal to 1"),
    ],
)
def test_wrong_options_are_refused_in_a_sentence(words, code, why, model, photos, tmp_path, capsys):
    found, printed, said = called(capsys, "convert", model, photos / "a.png", "-o", tmp_path / "out.png", *words)
    assert (found, printed) == (code, "")
    assert why in said
    assert "Traceback" not in said
    assert not (tmp_path / "out.png").exists()


def test_a_model_for_another_task_is_refused(tmp_path, photos, capsys):
    write_model(tmp_path / "twice.onnx", mixing(TWICE)[0], TWICE)
    code, _, said = called(capsys, "denoise", photos / "a.png", "--model", tmp_path / "twice.onnx")
    assert (code, "is a model for upscale, not for denoise; use `repix upscale`" in said) == (2, True)


def test_a_task_without_a_model_says_how_to_get_one(photos, capsys, monkeypatch):
    monkeypatch.setattr("repix.models.catalog", dict)
    code, _, said = called(capsys, "scene", photos / "a.png")
    assert (code, "train one with `repix train scene" in said) == (2, True)


def test_pipes_are_for_one_picture(model, photos, capsys):
    code, _, said = called(capsys, "convert", model, "-", photos / "a.png")
    assert (code, "one picture" in said) == (2, True)


def test_nothing_lies_beside_a_pipe(model, photos, capsys):
    code, _, said = called(capsys, "convert", model, photos / "a.png", "-o", "-", "--compare")
    assert (code, "write further files next to the result; name a file with -o" in said) == (2, True)


def test_a_scale_that_no_model_has_is_refused(photos, capsys, monkeypatch):
    monkeypatch.setattr("repix.models.catalog", dict)
    code, _, said = called(capsys, "upscale", photos / "a.png", "--scale", 3)
    assert (code, "There is no bundled model 'upscale-x3'; train one" in said) == (2, True)


@pytest.mark.parametrize(("sent", "why"), [(b"", "is empty"), (b"nonsense", "is not an image")])
def test_a_pipe_without_a_picture_is_refused(sent, why, model):
    command = [sys.executable, "-m", "repix", "convert", str(model), "-", "-o", "-"]
    done = subprocess.run(command, input=sent, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, b"")
    assert why in done.stderr.decode()
    assert "The" in done.stderr.decode()


@pytest.mark.parametrize("verb", ["convert", *registry.available("tasks")])
def test_every_verb_is_listed_and_teaches(verb, capsys):
    assert verb in verbs()
    code, printed, _ = called(capsys, verb, "--help")
    assert code == 0
    for option in ("--output", "--recursive", "--dry-run", "--memory", "--tile", "--json"):
        assert option in printed
