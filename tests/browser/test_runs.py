"""The tab Runs with a real server: curves and samples of runs, and a real training, started and stopped on the page."""

import os
import re
import signal
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from repix.report import Section
from repix.report import page as report_page
from repix.training.run_folder import RunFolder
from tests.browser.serving import free_port, studio_of
from tests.studio.making import make_photos, make_run

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    """A studio with two runs, the second one stopped, and a comparison."""
    root = tmp_path_factory.mktemp("work")
    make_run(root, "runs/first")
    second = make_run(root, "runs/second", state="stopped")
    second.metrics.write_text("step,seconds,lr,loss\n10,1,0.1,0.04\n30,2,0.1,0.001\n40,oops\n")
    rows = [["b", "2"], ["a", "1"]]
    grid = root / "grid"
    grid.mkdir()
    (grid / "grid.json").write_text('{"task": "denoise", "minutes": 2}')
    (grid / "index.html").write_text(
        report_page("Comparison", "", [Section("All", "", header=["name", "n"], rows=rows)], [])
    )
    with studio_of(root) as opened:
        yield opened


@pytest.fixture
def runs(local_page: Page, address: str) -> Page:
    """The tab with the curves of both runs."""
    local_page.goto(f"{address}/#/runs")
    local_page.get_by_role("button", name="runs/second").click()
    local_page.get_by_label("Plot runs/first").check()
    expect(local_page.get_by_role("img", name="loss over step, runs/second, runs/first")).to_be_visible()
    return local_page


def test_curves_of_several_runs_have_their_values_by_keyboard(runs):
    chart = runs.get_by_role("img", name="loss over step")
    chart.focus()
    for key, first, second in (
        ("Home", "0.5", "0.04"),
        ("ArrowRight", "0.25", "0.04 (at 10)"),
        ("End", "0.25 (at 20)", "0.001"),
    ):
        runs.keyboard.press(key)
        expect(runs.locator(".legend")).to_contain_text(f"runs/first: {first}")
        expect(runs.locator(".legend")).to_contain_text(f"runs/second: {second}")
    lines = chart.locator("polyline")
    styles = {
        (one.evaluate("one => getComputedStyle(one).stroke"), one.get_attribute("stroke-dasharray"))
        for one in lines.all()
    }
    assert len(styles) == 2
    place = lambda: [float(one.split(",")[1]) for one in lines.first.get_attribute("points").split()]  # noqa: E731
    linear = place()
    runs.get_by_role("button", name="Logarithmic").click()
    expect(chart.locator("text", has_text="0.01").first).to_be_visible()
    assert place() != linear
    assert place()[0] == pytest.approx(linear_of_log(0.04, 0.001, 0.5), abs=0.5)
    runs.get_by_label("Curve").select_option("checkerboard (dB)")
    expect(runs.get_by_role("img", name="checkerboard (dB) over step")).to_be_visible()


def linear_of_log(value: float, low: float, high: float) -> float:
    """The height of a value on a logarithmic axis between 296 (low) and 20 (high)."""
    from math import log

    return 296 + (log(value) - log(low)) / (log(high) - log(low)) * (20 - 296)


def test_samples_have_a_slider_and_a_damaged_table_a_sentence(runs):
    expect(
        runs.get_by_role("article").get_by_text("metrics.csv is damaged in line 4; the rows before it")
    ).to_be_visible()
    expect(runs.get_by_text("Stopped, step 30 of 44")).to_be_visible()
    sheet = runs.get_by_alt_text("after step 20")
    expect(sheet).to_be_visible()
    assert sheet.evaluate("one => one.decode().then(() => one.naturalWidth)") == 56
    slider = runs.get_by_role("slider", name="Samples")
    slider.focus()
    runs.keyboard.press("ArrowLeft")
    expect(runs.get_by_alt_text("after step 10")).to_be_visible()


def test_a_comparison_is_a_page_in_a_sandbox_whose_script_runs(runs):
    with runs.expect_popup() as opened:
        runs.get_by_role("link", name="grid").click()
    report = opened.value
    report.get_by_role("button", name="name").click()
    expect(report.locator("tbody tr").first).to_contain_text("a")
    assert report.evaluate("origin") == "null"
    assert report.evaluate("fetch('/api/v1/runs').then(() => 'reached', () => 'refused')") == "refused"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_tab_follows_the_guidelines_for_accessibility(runs, scheme):
    runs.emulate_media(color_scheme=scheme)
    runs.get_by_text("Start a training").click()
    runs.get_by_text("Settings of the task denoise").click()
    runs.get_by_text("Values as a table").click()
    found = Axe().run(runs, options=RULES)
    assert [(one["id"], one["nodes"][0]["html"][:120]) for one in found.response["violations"]] == []
    assert runs.evaluate("document.documentElement.scrollWidth") <= 420


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.get_by_role("textbox", name=re.compile(f"^{name} ?")).fill(value)


@pytest.fixture
def run(tmp_path) -> Iterator[RunFolder]:
    """The folder of a run whose process ends with the test, even if that fails."""
    yield RunFolder(tmp_path / "runs" / "first")
    left = RunFolder(tmp_path / "runs" / "first").writer
    if left is not None:
        os.kill(left, signal.SIGKILL)


def test_a_training_is_started_survives_the_server_and_is_stopped(local_page, tmp_path, run):
    make_photos(tmp_path)
    port = free_port()
    with studio_of(tmp_path, port, end=signal.SIGKILL) as address:
        local_page.goto(f"{address}/#/runs")
        expect(local_page.get_by_text("There is no training in it yet.")).to_be_visible()
        local_page.get_by_text("Start a training").click()
        local_page.get_by_label("New folder for the run").fill("../elsewhere")
        local_page.get_by_role("button", name="Start the training").click()
        expect(local_page.get_by_role("alert")).to_contain_text("A name may not have the part '..'")
        local_page.get_by_label("New folder for the run").fill("runs/first")
        local_page.get_by_role("combobox", name="Network").select_option("pixelwise")
        local_page.get_by_text("More settings").click()
        fill(
            local_page,
            steps="1000000",
            holdout="1",
            validations="20000",
            audit_above="",
            patch_size="8",
            batch_size="2",
        )
        local_page.get_by_role("combobox", name="classical").select_option("false")
        local_page.get_by_role("button", name="Start the training").click()
        expect(local_page.get_by_role("listitem").get_by_text("running")).to_be_visible()
        expect(local_page.get_by_role("img", name="loss over step")).to_be_visible(timeout=120_000)
        expect(local_page.get_by_alt_text("after step")).to_be_visible()
        local_page.goto("data:text/html,")  # a page that asks nothing while there is no server
    with studio_of(tmp_path, port):
        local_page.goto(f"{address}/#/runs")
        local_page.get_by_role("button", name="runs/first").click()
        expect(local_page.get_by_role("listitem").get_by_text("running")).to_be_visible()
        local_page.get_by_role("button", name="Stop").click()
        expect(local_page.get_by_role("listitem").get_by_text("stopped")).to_be_visible(timeout=120_000)
        expect(local_page.get_by_role("link", name="model.onnx")).to_be_visible()
        expect(local_page.get_by_role("button", name="Continue")).to_be_visible()
    assert run.resume.exists()
    assert not run.is_locked
