"""The studio's viewer, color hints, batches and perception maps, with real models and a real browser."""

import re
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import APIResponse, Page, Route, expect

import repix
from repix import models, registry
from repix.cli._app import run
from repix.conversion import Contract, write_model
from repix.models import Bundled, catalog
from repix.pictures import Picture
from repix.studio.app import make_app
from repix.studio.server import bound
from repix.studio.settings import StudioSettings
from tests.conversion.models import mixing

USED = ("denoise-photo", "colorize")
DRAWN = "([x, y]) => [...document.querySelector('.stage canvas').getContext('2d').getImageData(x, y, 1, 1).data]"


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Bundled]]:
    """A catalog of two bundled models, and one that takes a perception map."""
    folder = tmp_path_factory.mktemp("models")
    known = {name: catalog()[name] for name in USED}
    for one in known.values():
        shutil.copy(one.path, folder)
    task = registry.get("tasks", "upscale")({"perception": True})
    contract = Contract(
        "upscale", task.settings.to_dict(), channels=task.channels, scale=2, side_inputs=task.side.inputs
    )
    write_model(folder / "steered.onnx", mixing(contract)[0], contract)
    known["steered"] = Bundled("steered", "upscale", "tests", "photos", "", "", "", {})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "FOLDER", folder)
        for module in ("bundled", "routes.conversions", "routes.models", "routes.inspection"):
            patch.setattr(f"repix.studio.{module}.catalog", lambda: known)
        yield known


@pytest.fixture
def studio(local_page: Page, known: dict[str, Bundled]) -> Iterator[Page]:
    """The page of a studio that has this catalog, in a thread of the test."""
    with bound("127.0.0.1", 0) as listening:
        listening.listen()
        port = listening.getsockname()[1]
        config = uvicorn.Config(
            make_app(StudioSettings(port=port)), log_level="warning", ws="none", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        local_page.goto(f"http://localhost:{port}")
        expect(local_page.get_by_label("Pictures")).to_be_attached()  # the models are listed
        yield local_page
        local_page.goto("about:blank")
        server.should_exit = True
        thread.join()


def saved(path: Path, pixels: np.ndarray) -> Path:
    repix.write(Picture(pixels), path)
    return path


def noisy(height: int, width: int, channels: int = 3) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    values = 80 + 60 * np.sin(x / 20) + 40 * (y > height / 2)
    noise = np.random.default_rng(0).normal(0, 15, (height, width, channels))
    return np.clip(values[:, :, np.newaxis] + noise, 0, 255).astype(np.uint8)


def drawn(page: Page, right: float, down: float) -> list[int]:
    """The color at a place of the viewer, in parts of its size."""
    width, height = page.locator(".stage canvas").evaluate("one => [one.width, one.height]")
    return pixel(page, int(width * right), int(height * down))


def pixel(page: Page, x: int, y: int) -> list[int]:
    found: list[int] = page.evaluate(DRAWN, [x, y])
    return found[:3]


def wait(page: Page, holds: Callable[[], bool]) -> None:
    """Draw frames until a condition holds."""
    for _ in range(600):
        if holds():
            return
        page.evaluate("() => new Promise(requestAnimationFrame)")
    pytest.fail("The picture never looked as it should.")


def click(page: Page, right: float, down: float) -> None:
    stage = page.locator(".stage")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * right, box["y"] + box["height"] * down)


def require_accessible(page: Page) -> None:
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    assert [(one["id"], one["nodes"][0]["html"][:120]) for one in found.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 420


def test_hints_spread_are_moved_by_keys_saved_and_give_the_commands_file(studio, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    saved(Path("old photo.png"), noisy(96, 128, 1))
    studio.get_by_role("link", name="Colorize").click()
    studio.get_by_label("Gray picture").set_input_files("old photo.png")
    state = studio.get_by_role("status")
    expect(state).to_contain_text("0 hints; colors of a copy of 128 pixels", timeout=60_000)
    studio.get_by_label("apple").click()
    click(studio, 0.25, 0.25)
    expect(state).to_contain_text("1 hint; ")
    expect(state).not_to_contain_text("…", timeout=60_000)
    wait(studio, lambda: drawn(studio, 0.25, 0.22)[0] > 20 + drawn(studio, 0.25, 0.22)[2])
    studio.keyboard.press("Control+z")
    expect(state).to_contain_text("0 hints; ")
    studio.get_by_label("sky").click()
    studio.get_by_role("button", name="Hint in the middle").click()
    hint = studio.get_by_role("button", name="Hint 1: #8caae0 at 64, 48")
    hint.focus()
    studio.keyboard.press("ArrowRight")
    studio.keyboard.press("Shift+ArrowUp")
    expect(studio.get_by_role("button", name="Hint 1: #8caae0 at 65, 38")).to_be_focused()
    click(studio, 0.75, 0.75)
    studio.get_by_role("button", name=re.compile("Hint 2")).focus()
    studio.keyboard.press("Delete")
    with studio.expect_download() as download:
        studio.get_by_role("button", name="Save hints").click()
    download.value.save_as("old photo-hints.json")
    assert download.value.suggested_filename == "old photo-hints.json"
    studio.get_by_role("button", name="Remove all").click()
    studio.get_by_label("Load hints").set_input_files("old photo-hints.json")
    expect(state).to_contain_text("1 hint; ")  # the file is read
    studio.get_by_role("button", name="Colorize in full size").click()
    with studio.expect_download(timeout=60_000) as download:
        studio.get_by_role("link", name="Download old photo-colorize.png").click(timeout=60_000)
    download.value.save_as("made.png")
    studio.get_by_text("Show me the command").click()
    said = "repix colorize 'old photo.png' --model colorize --hints 'old photo-hints.json'"
    expect(studio.get_by_text(said)).to_be_visible()
    assert run([*("colorize", "old photo.png", "--hints", "old photo-hints.json", "-o", "by-command.png")]) == 0
    assert Path("made.png").read_bytes() == Path("by-command.png").read_bytes()
    require_accessible(studio)
    studio.emulate_media(color_scheme="dark")
    require_accessible(studio)


def test_the_viewer_shows_exact_pixels_of_a_large_photo_and_stays_fluent(studio, tmp_path):
    rows = np.tile(noisy(400, 600), (10, 10, 1))
    rows[0, :8] = np.arange(8)[:, np.newaxis] * 30
    studio.get_by_label("Pictures").set_input_files(saved(tmp_path / "large.png", rows))
    zoom = studio.locator(".zoom")
    expect(studio.get_by_role("button", name="Convert", exact=True)).to_be_visible(timeout=60_000)
    expect(zoom).to_be_visible(timeout=60_000)
    stage = studio.locator(".stage")
    stage.focus()
    studio.keyboard.press("2")
    expect(zoom).to_have_text("200 %")
    for key in ("ArrowLeft", "ArrowUp"):
        stage.evaluate(
            "(one, key) => { for (let n = 0; n < 200; n++) "
            "one.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })); }",
            key,
        )
    wait(studio, lambda: [pixel(studio, 2 * column + 1, 1)[0] for column in range(8)] == list(range(0, 240, 30)))
    box = stage.bounding_box()
    assert box is not None
    before = drawn(studio, 0.5, 0.5)
    tasks = traced(studio, lambda: drag(studio, box))
    assert drawn(studio, 0.5, 0.5) != before
    assert max(tasks) < 50, sorted(tasks)[-5:]
    assert len(tasks) > 20
    wait(studio, lambda: is_fitted(studio))
    fitted = zoom.inner_text()
    pinch(studio, box)
    expect(zoom).not_to_have_text(fitted)


def is_fitted(page: Page) -> bool:
    """Press 0, and tell if the picture is fitted: turns of the wheel may still be under way."""
    page.keyboard.press("0")
    return page.get_by_role("button", name="Fit").get_attribute("aria-pressed") == "true"


def drag(page: Page, box: dict) -> None:
    """Drag the picture around, and zoom with the wheel."""
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(20):
        page.mouse.move(x - 8 * step, y - 5 * step)
    page.mouse.up()
    for step in range(10):
        page.mouse.wheel(0, 90 if step < 5 else -90)


def traced(page: Page, act) -> list[float]:
    """The milliseconds of processor time of each task of the page's main thread; other programs do not count."""
    session, events, ends = page.context.new_cdp_session(page), [], []
    session.on("Tracing.dataCollected", lambda data: events.extend(data["value"]))
    session.on("Tracing.tracingComplete", lambda data: ends.append(data))
    categories = {"includedCategories": ["toplevel", "__metadata"]}
    session.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": categories})
    act()
    session.send("Tracing.end")
    while not ends:
        page.evaluate("1")
    main = [one for one in events if one["name"] == "thread_name" and one["args"]["name"] == "CrRendererMain"]
    threads = {(one["pid"], one["tid"]) for one in main}
    tasks = [one for one in events if (one["pid"], one["tid"]) in threads and "RunTask" in one["name"]]
    return [one["tdur"] / 1000 for one in tasks if "tdur" in one]


def pinch(page: Page, box: dict) -> None:
    """Two fingers that move apart."""
    session = page.context.new_cdp_session(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for kind, apart in (("touchStart", 20), ("touchMove", 30), ("touchMove", 60), ("touchEnd", None)):
        points = [] if apart is None else [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_a_batch_a_part_and_a_preview(studio, tmp_path):
    for name in ("a.png", "b.png"):
        saved(tmp_path / name, noisy(120, 160))
    studio.get_by_label("Pictures").set_input_files([tmp_path / "a.png", tmp_path / "b.png"])
    first, everything = studio.get_by_role("article", name="a.png"), studio.get_by_role("region", name="All pictures")
    expect(studio.get_by_role("button", name="Convert", exact=True)).to_have_count(2, timeout=60_000)
    first.get_by_role("button", name="Choose a part").click()
    for name, value in (("Width", "50"), ("Height", "40"), ("Left", "20"), ("Top", "10")):
        first.get_by_label(name, exact=True).fill(value)
    first.get_by_role("button", name="Preview", exact=True).click()
    expect(first.get_by_role("status")).to_contain_text("Preview of 50×40 pixels", timeout=60_000)
    everything.get_by_role("button", name="Convert all 2").click()
    expect(everything).to_contain_text("2 of 2 done", timeout=60_000)
    with studio.expect_download() as download:
        everything.get_by_role("link", name="Download 2 results as one zip file").click()
    download.value.save_as(tmp_path / "results.zip")
    with zipfile.ZipFile(tmp_path / "results.zip") as archive:
        assert sorted(archive.namelist()) == ["a-denoise.png", "b-denoise.png"]
        assert repix.read(archive.read("a-denoise.png")).size == (40, 50)
    first.get_by_text("What the result keeps").click()
    expect(first.get_by_text("8 bits, RGB")).to_be_visible()
    first.get_by_text("Show me the command").click()
    expect(first.get_by_text("--crop 20,10,50,40")).to_be_visible()
    require_accessible(studio)


def test_a_perception_is_a_number_or_painted(studio, tmp_path):
    photo = saved(tmp_path / "small.png", noisy(60, 80))
    studio.get_by_label("Pictures").set_input_files(photo)
    studio.get_by_label("Model").select_option("steered")
    studio.get_by_label("Fidelity 0 – detail 1").fill("0.5")
    studio.get_by_text("Show me the command").click()
    expect(studio.get_by_text("--model steered --perception 0.5")).to_be_visible()
    expect(studio.locator(".zoom")).to_be_visible()
    studio.get_by_role("button", name="Paint a map").click()
    click(studio, 0.5, 0.5)
    expect(studio.get_by_text("--perception map.png")).to_be_visible()
    with studio.expect_download() as download:
        studio.get_by_role("button", name="Save the map").click()
    painted = tmp_path / "map.png"
    download.value.save_as(painted)
    values = repix.read(painted).pixels
    assert (values[0, 0, 0], values[30, 40, 0]) == (128, 255)
    studio.get_by_role("button", name="Convert").click()
    with studio.expect_download(timeout=60_000) as download:
        studio.get_by_role("link", name="Download small-upscale.png").click(timeout=60_000)
    download.value.save_as(tmp_path / "made.png")
    model = models.FOLDER / "steered.onnx"
    wanted = repix.convert(repix.read(photo), model, side={"perception": values[:, :, 0] / np.float32(255)})
    np.testing.assert_array_equal(repix.read(tmp_path / "made.png").pixels, wanted.pixels)


def test_a_hint_given_while_the_end_of_a_job_is_asked_for_gets_its_colors(studio, tmp_path):
    held: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        """Keep the first answer back: the server gave it before it knew the next job."""
        if held:
            route.continue_()
        else:
            held.append((route, route.fetch()))

    studio.route("**/api/v1/jobs", hold)
    studio.get_by_role("link", name="Colorize").click()
    studio.get_by_label("Gray picture").set_input_files(saved(tmp_path / "old.png", noisy(96, 128, 1)))
    state = studio.get_by_role("status")
    expect(state).to_contain_text("0 hints; colors of a copy of 128 pixels", timeout=60_000)
    wait(studio, lambda: bool(held))
    with studio.expect_response("**/api/v1/convert"):
        studio.get_by_role("button", name="Hint in the middle").click()
    route, answer = held[0]
    route.fulfill(response=answer)
    expect(state).to_contain_text("1 hint; ")
    expect(state).not_to_contain_text("…", timeout=60_000)
    expect(studio.get_by_role("alert")).to_have_count(0)


def test_a_sentence_about_a_problem_leaves_the_viewer_as_it_was(studio, tmp_path):
    studio.get_by_role("link", name="Colorize").click()
    studio.get_by_label("Gray picture").set_input_files(saved(tmp_path / "old.png", noisy(96, 128, 1)))
    expect(studio.get_by_role("status")).to_contain_text("0 hints; colors", timeout=60_000)
    studio.get_by_role("button", name="200 %").click()
    expect(studio.locator(".zoom")).to_have_text("200 %")
    hints = tmp_path / "hints.json"
    hints.write_text("no hints")
    studio.get_by_label("Load hints").set_input_files(hints)
    expect(studio.get_by_role("alert")).to_have_text("hints.json is not valid JSON.")
    expect(studio.locator(".zoom")).to_have_text("200 %")
