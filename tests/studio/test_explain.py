"""Explanations over HTTP are those of the command."""

import json

import pytest

from repix.cli._app import run
from repix.explanation.operations import OPERATIONS
from tests.json_schema import accepts
from tests.studio.conftest import ended


@pytest.mark.parametrize(
    ("operation", "options"),
    [
        *((name, {}) for name in OPERATIONS),
        ("conv", {"data": "1 2 3; 4 5 6; 7 8 9", "kernel": "1 0; 0 -1", "padding": "same", "bias": "0.5"}),
        ("bilinear", {"data": "1 2; 3 4", "scale": "3", "align-corners": "yes"}),
        ("conv-transpose", {"data": "1 1 1 1 1", "kernel": "1 3 1 1", "stride": "2"}),
    ],
)
def test_a_trace_has_the_bytes_of_the_command(client, capsys, operation, options):
    words = [
        word for key, value in options.items() for word in ([f"--{key}"] if value == "yes" else [f"--{key}", value])
    ]
    assert run(["explain", operation, *words, "--json"]) == 0
    assert client.get(f"/api/v1/explain/{operation}", params=options).text == capsys.readouterr().out


def test_operations_are_listed_with_schemas_that_accept_their_defaults(client):
    listed = client.get("/api/v1/explain").json()
    assert [one["name"] for one in listed] == list(OPERATIONS)
    for one in listed:
        properties = one["options"]["properties"]
        assert accepts(
            one["options"], {key: value["default"] for key, value in properties.items() if "default" in value}
        )
        assert not accepts(one["options"], {"nothing": 1})


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("convv", 404, "did you mean 'conv'?"),
        ("x" * 3000, 404, "There is no operation"),
        ("conv?kernle=1", 422, "did you mean 'kernel'?"),
        ("conv?data=1 x", 422, "--data"),
        ("conv?data=1e308 1e308&kernel=1e9 1e9", 422, "larger than the largest number"),
        ("conv?bias=nan", 422, "bias is 'nan'; it must be a finite number."),
        ("bilinear?scale=1001", 422, "scale is 1001; the largest value is 1000."),
        ("bilinear?scale=500", 422, "the limit is 10,000"),
        ("bilinear?align-corners=perhaps", 422, "write yes or no"),
        ("pixel-shuffle?scale=1.5", 422, "it must be a whole number"),
        ("conv?stride=99999", 422, "--stride 99999"),
        ("conv?data=" + ";".join(["1 " * 90] * 90) + "&padding=same", 422, "more than 4096 characters"),
    ],
)
def test_wrong_options_get_a_sentence(client, path, status, sentence):
    answer = client.get(f"/api/v1/explain/{path}")
    assert answer.status_code == status, answer.text[:300]
    assert sentence in answer.json()["error"]
    assert len(json.dumps(answer.json())) < 900


def drawn(client, operation, form, options):
    answer = client.post(f"/api/v1/explain/{operation}/drawing", data={"form": form, "options": json.dumps(options)})
    assert answer.status_code == 202, answer.text
    return ended(client, answer.json()["id"])


@pytest.mark.parametrize(
    ("operation", "form", "options", "name"),
    [
        ("conv-transpose", "svg", {"data": "1 2; 3 5", "stride": "2"}, "conv-transpose.svg"),
        ("bilinear", "png", {"data": "1 5; 4 8", "align-corners": "yes"}, "bilinear.png"),
        ("softmax", "gif", {}, "softmax.gif"),
        ("max-pool", "step-svg", {"kernel-size": 2}, "max-pool-steps.svg"),
    ],
)
def test_a_drawing_has_the_bytes_of_the_command(client, capsys, tmp_path, operation, form, options, name):
    file = tmp_path / name
    words = [
        word
        for key, value in options.items()
        for word in ([f"--{key}"] if value == "yes" else [f"--{key}", str(value)])
    ]
    assert run(["explain", operation, *words, f"--{form}", str(file)]) == 0
    capsys.readouterr()
    done = drawn(client, operation, form, options)
    assert (done["state"], done["name"], done["kind"]) == ("done", name, "draw"), done["error"]
    assert client.get(f"/api/v1/jobs/{done['id']}/result").content == file.read_bytes()


def test_a_drawing_that_cannot_be_made_says_why(client):
    large = "; ".join(["1 " * 30] * 2)
    assert drawn(client, "softmax", "svg", {"data": "1 x"})["error"].startswith('--data: "x" is not a number')
    assert "a picture shows at most 24×24" in drawn(client, "nearest", "png", {"data": large})["error"]
    path = "/api/v1/explain/conv/drawing"
    assert client.post(path, data={"form": "pdf"}).status_code == 422
    refused = client.post(path, data={"form": "svg", "options": '{"kernle": "1"}'})
    assert (refused.status_code, "did you mean 'kernel'?" in refused.json()["error"]) == (422, True)
    assert client.post("/api/v1/explain/convv/drawing", data={"form": "svg"}).status_code == 404
    assert client.get("/api/v1/jobs").json()[0]["kind"] == "draw"
    assert len(list(client.app._application.state.uploads.folder.iterdir())) == 2  # of the two that failed


def test_a_drawing_is_no_source_and_has_no_picture_before(client):
    done = drawn(client, "softmax", "svg", {})
    assert client.get(f"/api/v1/jobs/{done['id']}/levels?of=before").status_code == 409
    refused = client.post("/api/v1/convert", data={"model": "denoise-photo", "source": done["id"]})
    assert (refused.status_code, refused.json()) == (422, {"error": "This job was sent no file; send the file."})


def test_a_page_has_the_options_of_its_address(client):
    page = client.get("/explain/conv-transpose?stride=2&data=7 8&view=insert").text
    assert "repix explain conv-transpose --data" in page
    assert "--stride 2 --view insert --page" in page
    assert client.get("/explain/conv?stride=x").status_code == 422
    assert client.get("/explain/convv").status_code == 404
