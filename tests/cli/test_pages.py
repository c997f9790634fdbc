"""`repix evaluate --page` and `repix measure --page`: one file that shows the worst pictures first."""

import base64
import io
import re
from html import unescape

import numpy as np
import pytest
from PIL import Image

from repix.cli._app import run
from repix.evaluation import page as page_module
from repix.evaluation import worst_pictures
from tests.data.drawing import blobs, photo, put

SPOILED = ("--degrade", "gaussian sigma=25")


def repix(capsys, *words):
    """Exit code, what was printed, and what was complained."""
    code = run([*map(str, words)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def captions(html):
    """The titles of the figures with their pictures: label and pixels."""
    found = {}
    for figure in re.findall(r'<figure class="views wide">(.*?)</figure>', html, re.DOTALL):
        title = unescape(re.search(r"<strong>(.*?)</strong>", figure)[1])
        strip = figure.partition('class="strip"')[2]
        images = re.findall(r'<img src="data:image/png;base64,([^"]+)" alt="([^"]*)"', strip)
        found[title] = {unescape(label): pixels(content) for content, label in images}
    return found


def pixels(content):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content))))


@pytest.fixture
def grays(tmp_path):
    """Gray pictures; the last one is full of detail, so that a median filter is worst for it."""
    for number in range(3):
        put(tmp_path / "grays" / f"{number}.png", photo(number, channels=1))
    noise = np.random.default_rng(0).integers(0, 256, (60, 300)).astype(np.uint8)
    put(tmp_path / "grays" / "wild.png", noise)
    return tmp_path / "grays"


def test_the_worst_picture_comes_first_with_all_its_views(grays, tmp_path, capsys):
    page = tmp_path / "page.html"
    assert repix(capsys, "evaluate", "median", "nothing", grays, *SPOILED, "--page", page)[0] == 0
    html = page.read_text(encoding="utf-8")
    shown = captions(html)
    assert next(iter(shown)) == "wild.png"
    assert len(shown) == 4
    assert list(shown["wild.png"]) == ["source", "truth", "median", "nothing", "error of median", "error of nothing"]
    assert {one.shape for one in shown["wild.png"].values()} == {(60, worst_pictures.SIDE, 3)}
    assert {one.shape for one in shown["0.png"].values()} == {(96, 80, 3)}
    whole = np.asarray(Image.open(grays / "0.png"))
    assert (shown["0.png"]["truth"] == whole[:, :, np.newaxis]).all()
    assert "crop of 224×60 pixels" in html
    assert "gray levels (8-bit)" in html
    assert "median is" in html  # the answer at the top
    assert not re.search(r"""(src|href)=["'](?!data:)""", html)


def test_only_the_worst_pictures_are_shown_and_all_scores_are_listed(grays, tmp_path, capsys, monkeypatch):
    for module in (page_module, worst_pictures):  # the page has its own copy of the number
        monkeypatch.setattr(module, "MOST_SHOWN", 2)
    page = tmp_path / "page.html"
    assert repix(capsys, "evaluate", "median", grays, *SPOILED, "--page", page)[0] == 0
    html = page.read_text(encoding="utf-8")
    assert len(captions(html)) == 2
    assert "The 2 worst are shown" in html
    table = html.partition("Scores of each picture")[2].partition("</table>")[0]
    rows = re.findall(r"<tr><td[^>]*>([^<]+)</td><td[^>]*data-value=\"([^\"]+)\"", table)
    assert rows[0][0] == "wild.png"
    values = [float(value) for _, value in rows]
    assert len(values) == 4
    assert values == sorted(values)


def test_classes_have_names_colors_and_scores(tmp_path, capsys):
    for number in range(3):
        put(tmp_path / "street" / "images" / f"{number}.png", photo(number))
        put(tmp_path / "street" / "masks" / f"{number}.png", blobs(number, 3))
    page = tmp_path / "page.html"
    code, _, err = repix(capsys, "evaluate", "nothing", tmp_path / "street", "--task", "segment", "--page", page)
    assert (code, err) == (0, "")
    html = page.read_text(encoding="utf-8")
    shown = next(iter(captions(html).values()))
    assert list(shown) == ["source", "truth", "the commonest class", "error"]
    truth = {tuple(color) for color in shown["truth"].reshape(-1, 3).tolist()}
    legend = re.findall(r'style="background: #(\w{6})"></span>(class \d \(\d\))', html)
    colors = {name: tuple(bytes.fromhex(color)) for color, name in legend}
    assert len(colors) == 3
    assert truth == set(colors.values())
    assert "wrong, in the error map" in html
    assert "<h2>Classes</h2>" in html


def test_measured_pairs_have_a_page_with_a_slider(tmp_path, capsys):
    for number in range(3):
        put(tmp_path / "truths" / f"{number}.png", photo(number))
        put(tmp_path / "results" / f"{number}.png", np.clip(photo(number) + 9 * number, 0, 255).astype(np.uint8))
    page, folders = tmp_path / "page.html", (tmp_path / "results", tmp_path / "truths")
    assert repix(capsys, "measure", *folders, "--metric", "psnr-rgb", "--page", page)[0] == 0
    html = page.read_text(encoding="utf-8")
    shown = captions(html)
    assert list(shown) == ["2", "1", "0"]
    assert list(shown["2"]) == ["truth", "result", "error"]
    assert html.count('class="slider"') == 3
    assert (shown["0"]["truth"] == shown["0"]["result"]).all()
    before = page.read_bytes()
    code, _, err = repix(capsys, "measure", *folders, "--metric", "psnr-rgb", "--page", page)
    assert (code, "exists already; use --overwrite" in err, page.read_bytes() == before) == (1, True, True)
    assert repix(capsys, "measure", *folders, "--all", "--page", page, "--overwrite")[0] == 0


def test_label_maps_have_a_page(tmp_path, capsys):
    put(tmp_path / "truth.png", blobs(0, 3))
    put(tmp_path / "result.png", blobs(1, 3))
    words = ("--metric", "miou", "--classes", 3, "--page", tmp_path / "page.html")
    assert repix(capsys, "measure", tmp_path / "result.png", tmp_path / "truth.png", *words)[0] == 0
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    colors = {tuple(color) for color in captions(html)["truth"]["truth"].reshape(-1, 3).tolist()}
    assert len(colors) == 3


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("evaluate", "median", "grays", *SPOILED, "--page", "grays"), "grays is a folder; name a file in it."),
        (
            ("measure", "t.png", "--metric", "psnr-y-bicubic", "--scale", 2, "--page", "p.html"),
            "give both, RESULT TRUTH",
        ),
        (("measure", "t.png", "t.png", "--metric", "psnr-rgb", "--page", "no/p.html"), "the folder does not exist"),
    ],
)
def test_what_cannot_be_written_is_one_sentence(words, sentence, grays, tmp_path, capsys, monkeypatch):
    put(tmp_path / "t.png", photo(0))
    monkeypatch.chdir(tmp_path)
    code, _, err = repix(capsys, *words)
    assert code in (1, 2)
    assert err.count("\n") == 1
    assert sentence in err
    assert not list(tmp_path.glob("*.html"))
