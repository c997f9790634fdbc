"""The studio's application without a network, and small pictures to send."""

import json
from collections.abc import Callable, Iterator
from io import BytesIO

import numpy as np
import pytest
from fastapi.testclient import TestClient

from repix.pictures import Picture, write
from repix.studio.app import make_app
from repix.studio.settings import StudioSettings

ADDRESS = "http://localhost:8765"


def picture_file(
    height: int = 40, width: int = 56, channels: int = 3, depth: type = np.uint8, form: str = "png"
) -> bytes:
    """A drawn picture: smooth colors with an edge and some noise."""
    y, x = np.mgrid[:height, :width]
    rng = np.random.default_rng(3)
    planes = [np.sin(x / 9 + one) / 4 + 0.5 + (y > height // 2) * 0.2 for one in range(channels)]
    values = np.clip(np.stack(planes, 2) + rng.normal(0, 0.05, (height, width, channels)), 0, 1)
    file = BytesIO()
    write(Picture((values * np.iinfo(depth).max).astype(depth)), file, format=form)
    return file.getvalue()


@pytest.fixture
def client() -> Iterator[TestClient]:
    """A client of a studio of this computer."""
    with TestClient(make_app(StudioSettings()), base_url=ADDRESS) as opened:
        yield opened


@pytest.fixture
def convert(client: TestClient) -> Callable[..., dict]:
    """Send a picture, wait for the end of its job, and return the job."""

    def run(content: bytes, name: str = "photo.png", **options: object) -> dict:
        answer = client.post("/api/v1/convert", files={"file": (name, content)}, data=options)
        assert answer.status_code == 202, answer.text
        return ended(client, answer.json()["id"])

    return run


def ended(client: TestClient, job: str) -> dict:
    """The last state of a job, from its events."""
    with client.stream("GET", f"/api/v1/jobs/{job}/events") as answer:
        lines = [line for line in answer.iter_lines() if line.startswith("data: ")]
    return json.loads(lines[-1].removeprefix("data: "))
