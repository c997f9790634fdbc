"""Pictures to look at: tiles and parts of the source and the result, hints, crops, and many results at once."""

import json
import zipfile
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest

import repix
from repix import registry
from repix.cli._app import run
from repix.conversion import Contract, read_model, write_model
from repix.errors import RepixError
from repix.models import Bundled
from repix.pictures import Picture
from repix.side_inputs import PictureMap
from repix.studio.pyramid import TILE, Pyramid
from tests.conversion.models import mixing
from tests.studio.conftest import ended, picture_file

HINTS = '[{"x": 5, "y": 4, "color": "#c02018"}, {"x": 40, "y": 30, "color": "#2040d0"}]'


def opened(client, content, name="photo.png"):
    """The id of a picture that is sent to be looked at."""
    answer = client.post("/api/v1/pictures", files={"file": (name, content)})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def converted(client, job, **options):
    """The state of a conversion of an opened picture, when it ended."""
    answer = client.post("/api/v1/convert", data={"source": job, **options})
    assert answer.status_code == 202, answer.text
    return ended(client, answer.json()["id"])


@pytest.mark.parametrize(
    ("model", "options", "words"),
    [
        ("colorize", {"hints": HINTS}, ("colorize", "--hints", "hints.json")),
        ("denoise-photo", {"crop": "8,3,30,20"}, ("denoise", "--crop", "8,3,30,20")),
        ("denoise-photo", {"keep_colors": "true"}, ("denoise", "--keep-colors")),
    ],
)
def test_options_give_the_bytes_of_the_command(client, tmp_path, monkeypatch, model, options, words):
    monkeypatch.chdir(tmp_path)
    content = picture_file(channels=1 if model == "colorize" else 3)
    (tmp_path / "photo.png").write_bytes(content)
    (tmp_path / "hints.json").write_text(HINTS)
    done = converted(client, opened(client, content), model=model, **options)
    assert done["state"] == "done", done["error"]
    assert "8 bits" in done["report"]["kept"]
    assert run([words[0], "photo.png", "--model", model, "-o", "made.png", *words[1:]]) == 0
    assert client.get(f"/api/v1/jobs/{done['id']}/result").content == (tmp_path / "made.png").read_bytes()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"hints": "[{"}, "hints.json is not valid JSON (line 1)"),
        ({"hints": '[{"x": 56, "y": 0, "color": "#000000"}]'}, "The hint at 56,0 of hints.json is outside the picture"),
        ({"hints": '[{"x": 1e9, "y": 0, "color": "red"}]'}, "Hint 1 of hints.json"),
        ({"hints": "[" * 5000}, "is not valid JSON"),
        ({"hints": "x" * 2**21}, ""),
        ({"hints": HINTS, "model": "denoise-photo"}, "takes no color hints"),
        ({"perception": "0.5"}, "takes no perception"),
        ({"crop": "1,2"}, "'1,2' is not a crop"),
        ({"crop": "0,0,0,5"}, "is not a crop"),
        ({"source": "../../x"}, "There is no such job"),
    ],
)
def test_options_that_do_not_fit_get_a_sentence(client, options, sentence):
    job = opened(client, picture_file())
    folder = client.app._application.state.uploads.folder
    answer = client.post("/api/v1/convert", data={"model": "colorize", "source": job} | options)
    assert answer.status_code in (400, 404, 413, 422)
    assert sentence in answer.text
    assert str(folder) not in answer.text
    assert len(list(folder.iterdir())) == 1


def test_a_crop_outside_the_picture_fails_without_paths(client):
    done = converted(client, opened(client, picture_file()), model="denoise-photo", crop="50,0,40,10")
    assert done["error"] == "The crop 50,0,40,10 is not inside the picture, which is 56×40."


def test_either_a_file_or_a_source(client):
    job = opened(client, picture_file())
    both = client.post(
        "/api/v1/convert", files={"file": ("a.png", picture_file())}, data={"model": "denoise-photo", "source": job}
    )
    neither = client.post("/api/v1/inspect", data={"source": ""})
    assert (both.status_code, neither.status_code) == (422, 422)
    again = client.post("/api/v1/inspect", data={"source": job})
    assert {"name": "size", "text": "56×40, 0.0 MP, 8 bits"} in again.json()["table"]
    client.delete(f"/api/v1/jobs/{job}")
    assert client.post("/api/v1/inspect", data={"source": job}).status_code == 404


@pytest.mark.parametrize(("height", "width", "channels"), [(1037, 530, 3), (3, 1200, 1), (512, 512, 4)])
def test_each_level_has_the_means_of_the_one_before(tmp_path, height, width, channels):
    pixels = np.random.default_rng(width).integers(0, 2**16, (height, width, channels), np.uint16)
    repix.write(Picture(pixels), tmp_path / "a.tif")
    made = Pyramid.make(tmp_path / "a.tif", tmp_path, "a", 10**8)
    wanted = np.rint(pixels / 257)
    for level in made.levels:
        found = level.read(0, 0, level.width, level.height)
        assert found.shape == wanted.shape
        assert np.abs(found - wanted).max() <= 0.5
        even = np.pad(found.astype(float), ((0, found.shape[0] % 2), (0, found.shape[1] % 2), (0, 0)), mode="edge")
        wanted = even.reshape(even.shape[0] // 2, 2, even.shape[1] // 2, 2, -1).mean((1, 3))
    assert max(made.levels[-1].height, made.levels[-1].width) <= TILE


def test_tiles_and_parts_are_the_picture_with_its_profile(client):
    content, profile = picture_file(600, 1100, depth=np.uint16, form="tif"), repix.read(picture_file()).profile
    pixels = np.rint(repix.read(content).pixels / 257)
    job = opened(client, content, "scan.tif")
    address = f"/api/v1/jobs/{job}"
    assert client.get(f"{address}/levels?of=before").json() == {"width": 1100, "height": 600, "tile": 512, "levels": 3}
    tile = repix.read(client.get(f"{address}/tile?of=before&level=0&x=2&y=1").content)
    np.testing.assert_array_equal(tile.pixels, pixels[512:, 1024:])
    assert (tile.depth, tile.profile) == ("8", profile)
    part = repix.read(client.get(f"{address}/part?of=before&left=100&top=7&width=30&height=20").content)
    np.testing.assert_array_equal(part.pixels, pixels[7:27, 100:130])


def test_a_picture_is_decoded_once_for_all_its_tiles(client, monkeypatch):
    from repix.studio import pyramid

    calls, real = [], pyramid.open_bands
    monkeypatch.setattr(pyramid, "open_bands", lambda path: calls.append(path) or real(path))
    job = opened(client, picture_file(600, 700))
    for x in (0, 1, 0):
        assert client.get(f"/api/v1/jobs/{job}/tile?of=before&level=0&x={x}&y=0").status_code == 200
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("tile?of=before&level=0&x=9&y=0", 422),
        ("tile?of=before&level=7&x=0&y=0", 422),
        ("tile?of=before&level=-1&x=0&y=0", 422),
        ("tile?of=before&level=0&x=99999999999999999999&y=0", 422),
        ("tile?of=../x&level=0&x=0&y=0", 422),
        ("part?of=before&left=0&top=0&width=60000&height=60000", 422),
        ("part?of=before&left=0&top=0&width=0&height=1", 422),
        ("levels?of=nothing", 422),
    ],
)
def test_hostile_addresses_get_a_sentence(client, query, status):
    job = opened(client, picture_file())
    answer = client.get(f"/api/v1/jobs/{job}/{query}")
    assert answer.status_code == status
    assert answer.json()["error"]
    assert "Traceback" not in answer.text


def test_tiles_of_a_damaged_picture_leave_no_files(client):
    content = picture_file(600, 600)
    job = opened(client, content[: len(content) // 2])
    answer = client.get(f"/api/v1/jobs/{job}/levels?of=before")
    folder = client.app._application.state.uploads.folder
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("The picture is a damaged")
    assert not list(folder.glob("*/*.level"))


def test_tiles_need_room(tmp_path):
    (tmp_path / "a.png").write_bytes(picture_file(600, 600))
    with pytest.raises(RepixError, match=r"more than the 0\.0 GB that the studio has left"):
        Pyramid.make(tmp_path / "a.png", tmp_path, "a", 1000)
    assert not list(tmp_path.glob("*.level"))


def test_results_come_as_one_zip_file(client):
    job = opened(client, picture_file())
    done = [converted(client, job, model="denoise-photo", strength=strength)["id"] for strength in ("1", "0.5")]
    answer = client.get("/api/v1/jobs/results.zip", params={"id": done})
    with zipfile.ZipFile(BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["photo-denoise.png", "photo-denoise (2).png"]
        for name, one in zip(archive.namelist(), done, strict=True):
            assert archive.read(name) == client.get(f"/api/v1/jobs/{one}/result").content
    assert client.get("/api/v1/jobs/results.zip", params={"id": [*done, "x"]}).status_code == 404
    assert client.get("/api/v1/jobs/results.zip").status_code == 422


def test_one_stream_has_the_events_of_all_jobs(client):
    job = opened(client, picture_file())
    sent = [client.post("/api/v1/convert", data={"source": job, "model": "denoise-photo"}).json()["id"] for _ in "abc"]
    last = {}
    with client.stream("GET", "/api/v1/jobs/events") as answer:
        for line in answer.iter_lines():
            if line.startswith("data: "):
                last |= {one["id"]: one["state"] for one in json.loads(line.removeprefix("data: "))}
    assert set(last) <= set(sent)
    assert set(last.values()) <= {"done"}
    assert {client.get(f"/api/v1/jobs/{one}").json()["state"] for one in sent} == {"done"}


@pytest.fixture
def steered(tmp_path, monkeypatch):
    """A catalog with one model, whose result depends on its perception map."""
    task = registry.get("tasks", "upscale")({"perception": True})
    contract = Contract(
        "upscale", task.settings.to_dict(), channels=task.channels, scale=2, side_inputs=task.side.inputs
    )
    write_model(tmp_path / "steered.onnx", mixing(contract)[0], contract)
    entry = Bundled("steered", "upscale", "tests", "photos", "", "", "", {})
    monkeypatch.setattr("repix.models.FOLDER", tmp_path)
    for module in ("bundled", "routes.conversions", "routes.models"):
        monkeypatch.setattr(f"repix.studio.{module}.catalog", lambda: {"steered": entry})
    return tmp_path / "steered.onnx"


def test_a_perception_and_a_painted_map_steer_a_model(client, steered):
    (listed,) = client.get("/api/v1/models").json()
    assert listed["side_inputs"] == [{"name": "perception", "kind": "perception-map", "chosen": False}]
    content, values = picture_file(), np.linspace(0, 255, 40 * 56).reshape(40, 56, 1).astype(np.uint8)
    job, painted = opened(client, content), BytesIO()
    repix.write(Picture(values), painted, format="png")
    one = converted(client, job, model="steered", perception="0.7")
    sent = client.post(
        "/api/v1/convert",
        data={"source": job, "model": "steered"},
        files={"perception_map": ("m.png", painted.getvalue())},
    )
    for done, value in ((one, 0.7), (ended(client, sent.json()["id"]), PictureMap(values, "m.png"))):
        assert done["state"] == "done", done["error"]
        made = repix.read(client.get(f"/api/v1/jobs/{done['id']}/result").content)
        wanted = repix.convert(repix.read(content), steered, side={"perception": value})
        np.testing.assert_array_equal(made.pixels, wanted.pixels)


def test_a_map_is_left_to_a_model_that_can_choose_it(client, steered):
    content = picture_file()
    job = opened(client, content)
    request = {"source": job, "model": "steered", "perception": "auto"}
    refused = client.post("/api/v1/convert", data=request)
    assert (refused.status_code, refused.json()["error"]) == (
        422,
        "The model does not choose the map itself; give a perception from 0 to 1.",
    )
    contract = read_model(steered).contract
    contract = replace(contract, side_inputs=tuple(replace(one, chosen=True) for one in contract.side_inputs))
    write_model(steered, mixing(contract)[0], contract)
    done = ended(client, client.post("/api/v1/convert", data=request).json()["id"])
    wanted = repix.convert(repix.read(content), steered, side={"perception": -1.0})
    np.testing.assert_array_equal(
        repix.read(client.get(f"/api/v1/jobs/{done['id']}/result").content).pixels, wanted.pixels
    )
    for wrong in ("-1", "1.5", "much"):
        assert client.post("/api/v1/convert", data={**request, "perception": wrong}).status_code == 422


def test_a_map_that_does_not_fit_gets_a_sentence(client, steered):
    job = opened(client, picture_file())
    for content, sentence in (
        (picture_file(40, 55, 1), "The perception map is 55×40, but the picture is 56×40"),
        (picture_file(), "map.png is in color"),
        (b"", "The perception map is empty."),
    ):
        sent = {"perception_map": ("m.png", content)}
        answer = client.post("/api/v1/convert", data={"source": job, "model": "steered"}, files=sent)
        assert answer.status_code == 422
        assert answer.json()["error"].startswith(sentence)


def test_a_model_whose_file_is_removed_is_a_sentence_and_other_requests_go_on(client, steered):
    job = opened(client, picture_file(20, 24))
    assert converted(client, job, model="steered", perception="0.5")["state"] == "done"
    steered.unlink()
    refused = client.post("/api/v1/convert", data={"source": job, "model": "steered"})
    assert (refused.status_code, refused.json()["error"]) == (
        422,
        "The model steered cannot be used any more (steered.onnx: there is no such file); install repix again.",
    )
    assert client.get("/api/v1/models").json() == []
    assert [one["name"] for one in client.get("/api/v1/jobs").json()] == ["photo.png", "photo-upscale.png"]
