"""Volumes on the command line: files, folders of files, folders of slices, and names of results."""

import numpy as np
import pytest
import tifffile

from repix.cli._app import run
from repix.conversion import Contract, write_model
from repix.volumes import Metadata, Volume, read, write
from tests.conversion.models import mixing
from tests.volumes.test_tiff import voxels

GRAY = Contract("denoise", {"color": False}, halo=0, bytes_per_pixel=24)
MADE = voxels((3, 20, 24), np.uint16)


@pytest.fixture
def model(tmp_path):
    """A model that multiplies by a number."""
    write_model(tmp_path / "model.onnx", mixing(GRAY)[0], GRAY)
    return tmp_path / "model.onnx"


@pytest.fixture
def stacks(tmp_path):
    """A folder with a TIFF stack, a NIfTI volume and a picture."""
    pytest.importorskip("nibabel")
    folder = tmp_path / "stacks"
    folder.mkdir()
    for name in ("a.tif", "b.nii.gz"):
        write(Volume(MADE, Metadata((50, 4, 4), "µm")), folder / name)
    tifffile.imwrite(folder / "one.tif", MADE[0])
    return folder


def called(capsys, *words):
    code = run([str(word) for word in words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_a_folder_of_volumes_and_pictures(model, stacks, tmp_path, capsys):
    out = tmp_path / "out"
    assert called(capsys, "convert", model, stacks, "-o", out)[0] == 0
    assert sorted(path.name for path in out.iterdir() if path.name[0] != ".") == ["a.tif", "b.nii.gz", "one.tif"]
    one, two, alone = read(out / "a.tif"), read(out / "b.nii.gz"), tifffile.imread(out / "one.tif")
    assert np.array_equal(one.voxels, two.voxels)
    assert np.array_equal(one.voxels[0], alone)
    assert one.metadata.text == two.metadata.text == "spacing 50 × 4 × 4 µm"
    before = {path: path.stat().st_mtime_ns for path in out.iterdir() if path.name[0] != "."}
    code, _, err = called(capsys, "convert", model, stacks, "-o", out)
    assert code == 0
    assert "converted" not in err.partition("kept")[0] or "kept" in err
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_names_of_results(model, stacks, capsys):
    code, out, _ = called(capsys, "denoise", "--model", model, stacks / "b.nii.gz", stacks / "a.tif", "--compare")
    assert code == 0
    assert [line.rpartition("/")[2] for line in out.split()] == ["b-denoise.nii.gz", "a-denoise.tif"]
    assert (stacks / "b-denoise-compare.png").exists()
    code, out, _ = called(capsys, "denoise", "--model", model, stacks / "a.tif", "--format", "nii.gz")
    assert (code, out.strip().endswith("a-denoise.nii.gz")) == (0, True)


def test_a_stack_to_every_kind_of_output(model, stacks, tmp_path, capsys):
    for target in ("slices", "c.tif", "c.nii"):
        words = ("denoise", "--model", model, "--stack", stacks / "a.tif", "-o", tmp_path / target, "--verbose")
        code, out, err = called(capsys, *words)
        assert (code, out.strip()) == (0, str(tmp_path / target))
        assert "kept" in err
    assert called(capsys, "denoise", "--model", model, "--stack", tmp_path / "slices", "-o", tmp_path / "d.tif")[0] == 0
    found = [read(tmp_path / name).voxels for name in ("slices", "c.tif", "c.nii")]
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[1], found[2])


def test_what_a_stack_is_not_for(model, stacks, tmp_path, capsys):
    for words, said in (
        (("--stack", stacks, stacks), "one folder of slices"),
        (("--stack", stacks, "--recursive"), "leave --recursive out"),
        (("--stack", stacks / "a.tif", "-o", stacks), "exists already"),
        (("--stack", tmp_path / "nowhere"), "no such file"),
        ((stacks / "a.tif", "-o", tmp_path / "a.png"), "cannot hold a volume"),
        ((stacks / "a.tif", "-o", tmp_path / "a.tif", "--crop", "0,0,4,4"), "--crop is for pictures only"),
    ):
        code, _, err = called(capsys, "denoise", "--model", model, *words)
        assert code != 0
        assert said in err
    assert not (tmp_path / "a.png").exists()
    assert not list(tmp_path.glob(".repix*"))


def test_other_commands_name_the_commands_for_volumes(stacks, capsys):
    for name, said in (("a.tif", "has 3 pages; only commands that run a model"), ("b.nii.gz", "name it .nii.gz if")):
        code, _, err = called(capsys, "inspect", stacks / name)
        assert code != 0
        assert said in err
