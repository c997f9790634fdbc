"""`repix fuse`: files in, one file out, and errors that name the shot."""

import numpy as np
import pytest

import repix
from repix.cli._app import run
from tests.fusion.scenes import drawn, shots_of
from tests.pictures.making import exif, profiles


@pytest.fixture
def shots(tmp_path):
    """Three shots as files."""
    paths = [tmp_path / f"shot{number}.png" for number in range(3)]
    for path, shot in zip(paths, shots_of(drawn(), count=3)[0], strict=True):
        repix.write(repix.Picture(np.rint(shot * 65535).astype(np.uint16)), path)
    return [str(path) for path in paths]


def stranger(tmp_path, pixels):
    path = tmp_path / "stranger.png"
    repix.write(repix.Picture(pixels), path)
    return str(path)


def test_r02_shots_become_one_file_of_the_first_shots_depth(shots, tmp_path, capsys):
    out = tmp_path / "out.png"
    assert run(["fuse", *shots, "-o", str(out), "--scale", "3", "-v"]) == 0
    picture = repix.read(out)
    assert (picture.size, picture.depth, picture.is_gray) == ((300, 330), "16", True)
    told = capsys.readouterr()
    assert told.out == f"{out}\n"
    assert told.err.count("correlation") == 3


def test_profile_and_exif_are_those_of_the_first_shot(shots, tmp_path):
    marked = repix.Picture(repix.read(shots[0]).pixels, profile=profiles(gray=True)[-1], exif=exif())
    first, out = tmp_path / "marked.png", tmp_path / "out.png"
    repix.write(marked, first)
    assert run(["fuse", str(first), *shots[1:], "-o", str(out)]) == 0
    fused, source = repix.read(out), repix.read(first)
    assert source.profile is not None
    assert fused.profile == source.profile
    assert b"a maker" in fused.exif  # not byte for byte: the size that it tells has changed


def test_the_command_line_gives_what_python_gives(shots, tmp_path):
    out = tmp_path / "out.png"
    assert run(["fuse", *shots, "-o", str(out)]) == 0
    first, *others = (repix.read(shot) for shot in shots)
    fused = repix.fuse([first.colors(), *(other.colors() for other in others)])
    np.testing.assert_array_equal(repix.read(out).pixels, first.with_colors(fused).pixels)


def test_left_out_the_result_is_named_after_the_first_shot(shots, tmp_path):
    assert run(["fuse", *shots, "--depth", "8"]) == 0
    assert repix.read(tmp_path / "shot0-fused.png").depth == "8"


def test_a_stranger_is_named_and_can_be_left_out(shots, tmp_path, capsys):
    turned = stranger(tmp_path, repix.read(shots[0]).pixels[::-1, ::-1].copy())
    out = tmp_path / "out.png"
    assert run(["fuse", *shots, turned, "-o", str(out)]) == 2
    assert f"{turned}: no match for {shots[0]}" in capsys.readouterr().err
    assert not out.exists()
    assert run(["fuse", *shots, turned, "-o", str(out), "--drop-bad"]) == 0
    assert f"{turned} does not match" in capsys.readouterr().err
    without = tmp_path / "without.png"
    assert run(["fuse", *shots, "-o", str(without)]) == 0
    np.testing.assert_array_equal(repix.read(out).pixels, repix.read(without).pixels)


def test_opaque_alpha_is_kept_and_transparency_refused(shots, tmp_path, capsys):
    pixels = repix.read(shots[0]).pixels
    opaque = stranger(tmp_path, np.concatenate([pixels, np.full_like(pixels, 65535)], axis=2))
    out = tmp_path / "out.png"
    assert run(["fuse", opaque, *shots, "-o", str(out)]) == 0
    assert (repix.read(out).pixels[:, :, 1] == 65535).all()
    glass = tmp_path / "glass.png"
    repix.write(repix.Picture(np.concatenate([pixels, pixels], axis=2)), glass)
    assert run(["fuse", *shots, str(glass), "-o", str(tmp_path / "none.png")]) == 2
    assert f"{glass} has transparent pixels" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["{0}"], 2, "at least 2 shots of one scene, not 1"),
        (["{0}", "{0}x"], 1, "there is no such file"),
        (["{0}", "{1}", "--depth", "9"], 2, "--depth is 9; choose from 8, 16, float"),
        (["{0}", "{1}", "--blur", "-1"], 2, "blur is -1.0 pixels"),
        (["{0}", "{1}", "--scale", "9"], 2, "less than or equal to 8"),
    ],
)
def test_wrong_usage_is_one_sentence(shots, arguments, code, sentence, capsys):
    assert run(["fuse", *(argument.format(*shots) for argument in arguments)]) == code
    told = capsys.readouterr().err
    assert sentence in told
    assert "Traceback" not in told
