"""The widget of `repix.studio.show` in a real browser, as a notebook calls it: with the values of its Python side."""

import base64
import json

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from repix.arithmetic import conv_transpose2d
from repix.studio import show
from repix.studio.notebook.widget import Widget

MODULE = """async ([script, values]) => {
  const bytes = (text) => new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
  const found = await import(`data:text/javascript;base64,${script}`);
  const state = { ...values, contents: values.contents.map(bytes) };
  const cell = document.createElement("div");
  document.body.append(cell);
  window.removed = found.default.render({ model: { get: (name) => state[name] }, el: cell });
}"""


def draw(page: Page, widget: Widget) -> None:
    values = {"kind": widget.kind, "data": widget.data, "files": widget.files}
    contents = [base64.b64encode(one).decode() for one in widget.contents]
    script = base64.b64encode(Widget._esm.encode()).decode()
    page.set_content("<!doctype html><title>notebook</title><body></body>")
    page.evaluate(MODULE, [script, json.loads(json.dumps(values | {"contents": contents}))])


def test_a_trace_is_stepped_and_its_keys_are_its_own(local_page):
    draw(local_page, show(conv_transpose2d.trace(np.array([[1.0, 2.0], [3.0, 4.0]]), np.ones((3, 3)), stride=2)))
    local_page.get_by_role("button", name="Forward").click()
    expect(local_page.get_by_text("Step 1 of 4")).to_be_visible()
    local_page.keyboard.press("ArrowRight")  # the focus is in the cell
    expect(local_page.get_by_text("Step 2 of 4")).to_be_visible()
    local_page.evaluate("document.activeElement.blur()")
    local_page.keyboard.press("ArrowRight")
    expect(local_page.get_by_text("Step 2 of 4")).to_be_visible()
    local_page.evaluate("removed()")
    expect(local_page.get_by_text("Step 2 of 4")).to_have_count(0)


def test_before_and_after_have_a_border_that_moves(local_page):
    dark, light = (np.full((40, 60, 3), value, np.uint8) for value in (20, 200))
    draw(local_page, show(dark, light, name="levels"))
    local_page.get_by_role("slider", name="Border").fill("20")
    expect(local_page.get_by_role("slider", name="Border")).to_have_value("20")


def test_a_run_has_its_curve_and_a_slider_of_samples(local_page, tmp_path):
    from repix import Picture, write

    (tmp_path / "samples").mkdir()
    (tmp_path / "curve.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="90" height="40"/>')
    for step in (10, 20):
        write(Picture(np.full((8, 24), step, np.uint8)), tmp_path / "samples" / f"step-{step}.png")
    draw(local_page, show(tmp_path, name="my run"))
    expect(local_page.get_by_role("heading", name="my run")).to_be_visible()
    expect(local_page.get_by_alt_text("loss and first metric by step")).to_be_visible()
    assert local_page.get_by_alt_text("step-20").evaluate("one => one.decode().then(() => one.naturalWidth)") == 24
    local_page.get_by_role("slider").fill("0")
    expect(local_page.get_by_alt_text("step-10")).to_be_visible()


@pytest.mark.parametrize("given", ["nowhere.png", 3, "."])
def test_nothing_to_show_is_one_sentence(given, tmp_path, monkeypatch):
    from repix.errors import RepixError

    monkeypatch.chdir(tmp_path)
    with pytest.raises(RepixError, match=r"there is no such file|is neither a picture|is no folder of a training run"):
        show(given)
