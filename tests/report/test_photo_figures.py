"""`repix explain checkerboard` and `hypercolumn`: what they show is what the layers compute."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate

from repix import registry
from repix.arithmetic import conv2d
from repix.cli._app import run
from repix.evaluation.hypercolumn import chosen_layers, hypercolumn
from repix.pictures import Picture, read, write
from repix.report.checkerboard import enlargements, feature_maps, gray_photo, pattern


def photo(height=90, width=100, channels=3):
    """A ramp with a texture."""
    y, x = np.mgrid[:height, :width]
    plane = (x + 2 * y) % 64 + 100 + 20 * np.sin(y / 5)
    return Picture(np.repeat(plane[..., None], channels, 2).astype(np.uint8))


def test_U22_kernel_3_has_a_pattern_also_with_equal_weights_and_kernel_4_only_with_random_ones():
    gray = gray_photo(photo())
    made = {one.name: one for one in enlargements(feature_maps(gray, 0), 0)}
    height, width = gray.shape
    assert made["kernel 3, all equal"].result.shape == (2 * height - 1, 2 * width - 1)
    assert (
        made["kernel 4, all equal"].result.shape == made["bilinear, then 1×1"].result.shape == (2 * height, 2 * width)
    )
    assert made["kernel 3, all equal"].pattern > 20
    assert made["kernel 4, random"].pattern > 10
    assert made["kernel 4, all equal"].pattern < 1
    assert made["bilinear, then 1×1"].pattern < 1


def test_U16_bilinear_with_aligned_corners_keeps_them_and_has_no_pattern():
    gray = gray_photo(photo())
    maps = feature_maps(gray, 0)
    made = {one.name: one for one in enlargements(maps, 0)}
    aligned, other = made["align_corners, then 1×1"], made["bilinear, then 1×1"]
    assert aligned.result.shape == (2 * gray.shape[0], 2 * gray.shape[1])
    assert aligned.pattern < 1
    columns = [
        interpolate(torch.from_numpy(maps), scale_factor=2, mode="bilinear", align_corners=is_aligned)
        for is_aligned in (True, False)
    ]
    by_torch = [one[0].reshape(64, -1).numpy().T for one in columns]
    mix = np.linalg.lstsq(by_torch[0], aligned.result.ravel(), rcond=None)[0]
    assert by_torch[0] @ mix == pytest.approx(aligned.result.ravel(), abs=1e-9)
    assert by_torch[1] @ mix == pytest.approx(other.result.ravel(), abs=1e-9)  # the same 1×1 convolution


def test_a_photo_of_224_becomes_447_and_448_pixels():
    gray = gray_photo(photo(448, 448))
    assert gray.shape == (224, 224)
    sizes = {one.result.shape for one in enlargements(feature_maps(gray, 0), 0)}
    assert sizes == {(447, 447), (448, 448)}


def test_the_pattern_is_the_range_of_the_phases():
    tile = np.array([[4.0, 2.0], [2.0, 1.0]])
    assert pattern(np.tile(tile, (20, 20))) == 100
    assert pattern(np.arange(1600.0).reshape(40, 40)) == pytest.approx(100 * 41 / (23 * 41))  # one row, one column


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_the_checkerboard_command_writes_its_figure(tmp_path, capsys, suffix):
    write(photo(), tmp_path / "photo.png")
    target = tmp_path / f"figure.{suffix}"
    words = ["explain", "checkerboard", str(tmp_path / "photo.png"), "-o", str(target)]
    assert run(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 7
    assert lines[-1] == str(target)
    if suffix == "png":
        assert min(read(target).size) > 600
    else:
        images = ET.fromstring(target.read_text(encoding="utf-8")).iter("{http://www.w3.org/2000/svg}image")  # noqa: S314
        assert len(list(images)) == 17
    before = target.read_bytes()
    assert run(words) == 1
    assert run([*words, "--overwrite"]) == 0
    assert target.read_bytes() == before


def test_a_hypercolumn_holds_the_values_of_every_layer_at_the_pixel():
    found = hypercolumn(photo(80, 96, 1), "denoise-gray", (50, 30))
    assert len(found.layers) > 6
    for layer in found.layers:
        _, height, width = layer.maps.shape
        assert layer.at == (30 * height // 80, 50 * width // 96)
        np.testing.assert_array_equal(layer.column, layer.maps[:, layer.at[0], layer.at[1]])
    shown = chosen_layers(found.layers)
    assert (shown[0], shown[-1]) == (found.layers[0], found.layers[-1])
    assert len(shown) == 6


def test_the_model_sees_the_part_of_a_large_photo_around_the_pixel():
    found = hypercolumn(photo(300, 900, 1), "denoise-gray", (700, 3))
    assert found.picture.size == (256, 256)
    assert found.picture.pixels[found.point[1], found.point[0]] == photo(300, 900, 1).pixels[3, 700]


def test_the_maps_of_an_exported_network_are_torchs(tmp_path):
    import torch

    from repix.training.export import export

    network = registry.get("networks", "dncnn")
    config = type(network.small)(**{**network.small.to_dict(), "in_channels": 1, "out_channels": 1, "norm": "none"})
    torch.manual_seed(0)
    module = network.module(config).eval()
    task = registry.get("tasks", "denoise")({"color": False})
    export(tmp_path / "model.onnx", module, network, config, task)
    picture = photo(40, 44, 1)
    found = hypercolumn(picture, tmp_path / "model.onnx", (7, 9))
    weights = [one.detach().double().numpy() for one in module.parameters()]
    expected = conv2d(picture.colors()[..., 0].astype(float)[None, None], weights[0], weights[1], padding=1)
    np.testing.assert_allclose(found.layers[0].maps, np.maximum(expected[0], 0), atol=1e-5)


BAD = [
    (["checkerboard", "missing.jpg"], 1, "there is no such file"),
    (["checkerboard", "PHOTO", "-o", "a.txt"], 2, "must end in .svg or .png"),
    (["checkerboard", "NARROW"], 2, "its shorter side must have 64"),
    (["checkerboard", "FLAT"], 2, "one color only"),
    (["hypercolumn", "denoise-gray", "PHOTO", "--at", "5"], 2, "give the column and the row"),
    (["hypercolumn", "denoise-gray", "PHOTO", "--at", "500,1"], 2, "outside the photo, which is 100×90"),
    (["hypercolumn", "no-such-model", "PHOTO", "--at", "5,5"], 2, "no-such-model"),
]


@pytest.mark.parametrize(
    ("words", "code", "sentence"), BAD, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_bad_input_is_one_sentence_and_leaves_no_file(words, code, sentence, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(photo(), tmp_path / "PHOTO.png")
    write(photo(20, 200), tmp_path / "NARROW.png")
    write(Picture(np.full((90, 90, 3), 7, np.uint8)), tmp_path / "FLAT.png")
    files = sorted(tmp_path.iterdir())
    given = [f"{word}.png" if word.isupper() else word for word in words]
    assert run(["explain", *given]) == code
    printed = capsys.readouterr()
    assert sentence in printed.err
    assert printed.err.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == files


def test_the_hypercolumn_command_prints_every_layer(tmp_path, capsys):
    write(photo(60, 64), tmp_path / "photo.png")
    target = tmp_path / "column.png"
    assert (
        run(
            ["explain", "hypercolumn", "denoise-color", str(tmp_path / "photo.png"), "--at", "20,10", "-o", str(target)]
        )
        == 0
    )
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["layer", "channels", "size", "channel:", "value", "at", "the", "pixel"]
    assert lines[-1] == str(target)
    assert [int(line.split()[0]) for line in lines[1:-1]] == list(range(len(lines) - 2))
    assert min(read(target).size) > 600
