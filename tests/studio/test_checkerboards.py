"""Untrained layers and audits over HTTP."""

import base64
import json

import numpy as np
import pytest

import repix
from repix.audit.untrained_layer import UntrainedLayer
from repix.cli._app import run
from repix.studio import model_audit
from repix.upsampling._phases import phase_sums
from tests.audit.test_hostile_models import UNEVEN, transposed
from tests.audit.zoo import content
from tests.studio.conftest import ended, picture_file

KINDS = ("transposed", "pixel-shuffle", "resize-conv", "bilinear")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("weights", ["equal", "random", "even"])
def test_a_constant_becomes_the_phase_sums(kind, weights):
    """The definition: away from the border, each phase of an enlarged 1 is the sum of its weights."""
    for kernel, stride in ((3, 2), (4, 2), (5, 3), (4, 4)):
        layer = UntrainedLayer(kind=kind, kernel=kernel, stride=stride, weights=weights, seed=5)
        flat = layer.enlarge(np.ones((12, 12)))
        middle = flat[4 * stride : 5 * stride, 4 * stride : 5 * stride]
        assert flat.shape == (12 * stride, 12 * stride)
        np.testing.assert_allclose(np.sort(middle, None), np.sort(layer.phases.sums, None), atol=1e-12)
        assert layer.phases.even == (np.ptp(middle) < 1e-9)
        if weights == "even" or kind in ("resize-conv", "bilinear"):
            assert layer.phases.even


def test_equal_weights_are_even_if_the_kernel_is_divisible_by_the_stride():
    """Odena, Dumoulin and Olah (2016)."""
    found = {
        (kernel, stride): UntrainedLayer(kernel=kernel, stride=stride).phases.even
        for kernel in range(1, 10)
        for stride in (2, 3, 4)
    }
    assert {key for key, even in found.items() if even} == {(k, s) for k, s in found if k % s == 0}


def pixels(uri):
    return repix.read(base64.b64decode(uri.partition(",")[2])).pixels


def test_the_page_gets_numbers_and_pictures(client):
    photo = picture_file(300, 200)
    small = client.post("/api/v1/checkerboard/photo", files={"file": ("a.png", photo)})
    assert repix.read(small.content).size == (128, 128)
    layer = {"kernel": 3, "weights": "random", "seed": 4}
    answer = client.post(
        "/api/v1/checkerboard", files={"file": ("a.png", small.content)}, data={"layer": json.dumps(layer)}
    )
    found = answer.json()
    np.testing.assert_allclose(
        found["phase_sums"], phase_sums(np.array(found["kernel"])[np.newaxis], 2)[0, 0], atol=1e-12
    )
    assert found["sentence"].startswith("The phase sums differ")
    assert not found["even"]
    assert found["flat_score"] > 30
    assert pixels(found["result"]).shape[:2] == (256, 256)
    flat = pixels(found["flat"]["picture"])
    np.testing.assert_array_equal(flat[2:, 2:], flat[:-2, :-2])  # its period is the stride
    assert len(np.unique(flat)) > 1
    again = client.post("/api/v1/checkerboard", files={"file": ("a.png", photo)}, data={"layer": json.dumps(layer)})
    assert again.json() == found  # the small photo gives what the photo gives


def test_a_layer_without_a_photo_has_a_drawn_one(client):
    found = client.post("/api/v1/checkerboard", data={"layer": '{"kernel": 4}'}).json()
    assert found["even"]
    assert found["flat_score"] < 1
    assert client.get("/api/v1/checkerboard").json()["properties"]["kernel"]["maximum"] == 9


@pytest.mark.parametrize(
    ("layer", "sentence"),
    [
        ('{"kernel": 10}', "kernel is 10; it must be from 1 to 9"),
        ('{"kernel": 3.5}', "it must be a whole number"),
        ('{"kind": "carafe"}', "choose from transposed"),
        ('{"sise": 1}', "has no setting 'sise'"),
        ('{"kernel": 1, "weights": "even"}', "phases without weights"),
        ('{"seed": -1}', "seed is -1"),
        ("7", "no JSON object"),
    ],
)
def test_wrong_layers_get_a_sentence(client, layer, sentence):
    answer = client.post("/api/v1/checkerboard", data={"layer": layer})
    assert answer.status_code == 422
    assert sentence in answer.json()["error"]


@pytest.mark.parametrize("size", [(30, 30), (40, 900)])
def test_photos_that_are_too_small_get_a_sentence(client, size):
    answer = client.post("/api/v1/checkerboard/photo", files={"file": ("a.png", picture_file(*size))})
    assert answer.status_code == 422
    assert "its shorter side must have 64" in answer.json()["error"]
    assert not list(client.app._application.state.uploads.folder.iterdir())


def audit(client, model, name="my net.onnx", **fields):
    answer = client.post("/api/v1/audit", files={"file": (name, model)}, data=fields)
    assert answer.status_code == 202, answer.text
    return ended(client, answer.json()["id"])


def test_an_audit_is_what_the_command_prints(client, tmp_path, monkeypatch, capsys):
    model = content("random 3x3")
    (tmp_path / "my net.onnx").write_bytes(model)
    done = audit(client, model)
    assert (done["state"], done["name"]) == ("done", "my net-audit.json"), done["error"]
    monkeypatch.chdir(tmp_path)
    assert run(["audit", "my net.onnx", "--json", "--page", "page.html"]) == 0
    assert client.get(f"/api/v1/jobs/{done['id']}/result").text == capsys.readouterr().out
    page = client.get(f"/api/v1/jobs/{done['id']}/parts/page.html")
    assert page.content == (tmp_path / "page.html").read_bytes()
    assert page.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ("nan", "The model has weights that are NaN or infinite"),
        ("elsewhere", ""),
    ],
)
def test_hostile_models_get_a_sentence(client, tmp_path, case, sentence):
    if case == "nan":
        kernel = UNEVEN.copy()
        kernel[0, 0, 0, 0] = np.nan
        model = transposed(tmp_path / "x.onnx", kernel).read_bytes()
    else:
        model = elsewhere(tmp_path)
    done = audit(client, model)
    assert done["state"] == "failed"
    assert sentence in done["error"]
    assert "The model" in done["error"]
    assert str(client.app._application.state.uploads.folder) not in done["error"]
    assert "Traceback" not in done["error"]


def elsewhere(folder):
    """A model whose weights are said to be in a file of the server."""
    import onnx

    model = onnx.load(transposed(folder / "x.onnx"))
    (weights,) = model.graph.initializer
    onnx.external_data_helper.set_external_data(weights, "../../../../../../etc/passwd", offset=0, length=324)
    weights.ClearField("raw_data")
    weights.data_location = onnx.TensorProto.EXTERNAL
    return model.SerializeToString()


def test_only_onnx_files_of_a_limited_size_are_taken(client, monkeypatch):
    answer = client.post("/api/v1/audit", files={"file": ("x.pt", b"PK")})
    assert (answer.status_code, "name ends in .onnx" in answer.json()["error"]) == (415, True)
    answer = client.post("/api/v1/audit", files={"file": ("x.onnx", b"PK")}, data={"range": "0-2"})
    assert answer.status_code == 422
    monkeypatch.setattr("repix.studio.routes.audits.LARGEST", 5)
    answer = client.post("/api/v1/audit", files={"file": ("x.onnx", b"123456")})
    assert (answer.status_code, "larger than the 5 bytes" in answer.json()["error"]) == (413, True)
    assert not list(client.app._application.state.uploads.folder.iterdir())


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [("SECONDS", -1, "could not be audited within -1 seconds"), ("_memory", lambda _: 10**15, "memory limit")],
)
def test_an_audit_that_takes_too_much_is_ended(client, monkeypatch, name, value, sentence):
    monkeypatch.setattr(model_audit, name, value)
    done = audit(client, content("random 3x3"))
    assert done["state"] == "failed"
    assert sentence in done["error"]
