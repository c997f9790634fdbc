"""Explanations over HTTP are those of the command."""

import json

import pytest

from repix.cli._app import run
from repix.explanation.operations import OPERATIONS
from tests.json_schema import accepts


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
