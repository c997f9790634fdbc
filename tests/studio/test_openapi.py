"""The OpenAPI description beside the server: schemathesis draws requests from it, and compares the answers with it."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

from tests.browser.serving import studio_of
from tests.given import Run

LEFT_OUT = "positive_data_acceptance"
"""A schema cannot say that a file is a picture, or a name that of a plugin."""
REFUSALS = """[checks]
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 406, 409, 411, 413, 415, 422, 428, 429]
"""
"""Its own list has 5xx, and lacks 411 and 413: no length is announced, or one too long."""


@pytest.mark.long
@pytest.mark.skipif(find_spec("schemathesis") is None, reason="schemathesis is not installed; `make test-long` does it")
def test_the_server_answers_as_its_description_says(tmp_path):
    (tmp_path / "schemathesis.toml").write_text(REFUSALS)
    with studio_of() as address:
        ran = subprocess.run(
            [
                sys.executable, "-m", "schemathesis.cli", "run", f"{address}/openapi.json", "--no-color",
                "--exclude-checks", LEFT_OUT, "--max-examples", "20", "--seed", str(Run.seed),
                "--request-timeout", "120", "--wait-for-schema", "60",
            ],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-20_000:]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("checkerboard", "GET, POST"), ("jobs/x", "DELETE, GET"), ("jobs/events", "GET"), ("trainings", "POST")],
)
def test_a_method_that_is_not_taken_is_answered_with_those_that_are(client, path, allowed):
    answer = client.request("OPTIONS", f"/api/v1/{path}")
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert answer.json() == {"error": "This address does not take this method; see /api."}


def test_every_request_is_described_with_its_refusals_and_its_kind_of_answer(client):
    described = client.get("/openapi.json").json()
    for path, methods in described["paths"].items():
        for request in methods.values():
            assert request["responses"]["4XX"]["content"]["application/json"]["schema"]["required"] == ["error"], path
    tile = described["paths"]["/api/v1/jobs/{id}/tile"]["get"]["responses"]["200"]
    assert list(tile["content"]) == ["image/png"]
