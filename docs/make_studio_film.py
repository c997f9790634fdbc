"""Record the studio as an animated WebP, docs/pictures/studio.webp: `python -m docs.make_studio_film`.

A browser shows a noisy photo being dropped, converted and compared, and a gray one being colorized. Each frame is a
picture of the page; the time of a frame is chosen here, so the film does not depend on the computer's speed. It needs
Chromium and the extra `studio`.
"""

import argparse
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import skimage
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from repix.cli._app import run
from repix.studio.server import bound

FILE = Path(__file__).parent / "pictures" / "studio.webp"
PHOTOS = Path(skimage.__file__).parent / "data"
WIDTH, HEIGHT = 960, 720
HINTS = (("apple", 0.35, 0.75), ("wood", 0.9, 0.62), ("carrot", 0.5, 0.35))
"""Names of colors in the palette, and where the photo has them, as parts of the view."""
CONVERSION_MS = 120_000
"""The longest time that a conversion may take."""


@dataclass
class Film:
    """Frames of a page, each with its time."""

    page: Page
    frames: list[Image.Image] = field(default_factory=list)
    times: list[int] = field(default_factory=list)

    def keep(self, milliseconds: int) -> None:
        """Add what the page shows now, for a time."""
        self.frames.append(Image.open(BytesIO(self.page.screenshot())).convert("RGB"))
        self.times.append(milliseconds)

    def write(self, file: Path, width: int) -> None:
        """Write the film, scaled to a width, to be repeated without end."""
        size = (width, round(width * HEIGHT / WIDTH))
        first, *others = (one.resize(size, Image.Resampling.LANCZOS) for one in self.frames)
        first.save(file, save_all=True, append_images=others, duration=self.times, loop=0, quality=60, method=4)


@contextmanager
def studio() -> Iterator[str]:
    """Run a studio, and give its address."""
    with bound("127.0.0.1", 0) as free:
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "repix", "studio", "--port", str(port)]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    server.stderr.readline()  # the address
    try:
        yield f"http://localhost:{port}"
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate()


def denoise(film: Film, photo: Path) -> None:
    """Show how a noisy photo is converted and compared."""
    expect(film.page.get_by_label("Pictures")).to_be_visible()
    film.keep(1500)
    film.page.get_by_label("Pictures").set_input_files(photo)
    expect(film.page.get_by_text("looks like")).to_be_visible(timeout=CONVERSION_MS)
    film.keep(2500)
    film.page.get_by_role("button", name="Convert").click()
    film.keep(600)
    expect(film.page.get_by_role("img", name="before and after")).to_be_visible(timeout=CONVERSION_MS)
    border = film.page.get_by_role("slider", name="Border")
    film.page.get_by_role("img", name="before and after").scroll_into_view_if_needed()
    for place in [*range(50, 95, 5), *range(90, 5, -5), *range(10, 55, 5)]:
        border.fill(str(place))
        film.page.wait_for_timeout(150)  # until the page has drawn
        film.keep(160)
    film.keep(1500)


def colorize(film: Film, photo: Path) -> None:
    """Show how a gray photo gets colors, and what clicks change."""
    film.page.get_by_role("link", name="Colorize").click()
    film.page.get_by_label("Gray picture").set_input_files(photo)
    state = film.page.get_by_role("status")
    expect(state).to_contain_text("0 hints; colors of a copy", timeout=CONVERSION_MS)
    view = film.page.locator(".stage:visible")
    view.scroll_into_view_if_needed()
    film.page.wait_for_timeout(2000)  # until the colors are drawn
    film.keep(2500)
    box = view.bounding_box()
    assert box is not None
    for number, (color, x, y) in enumerate(HINTS, 1):
        film.page.get_by_label(color).click()
        view.click(position={"x": x * box["width"], "y": y * box["height"]})
        expect(state).to_contain_text(f"{number} hint")
        expect(state).not_to_contain_text("…", timeout=CONVERSION_MS)
        film.page.wait_for_timeout(2000)
        film.keep(1800)


def main() -> int:
    """Record."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("-o", "--output", type=Path, default=FILE, help="the file to write")
    parser.add_argument("--photos", type=Path, default=PHOTOS, help="folder with astronaut.png and coffee.png")
    parser.add_argument("--width", type=int, default=720, help="columns of the film")
    given = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        raise SystemExit("Chromium is not installed; in Debian: apt install chromium")
    with tempfile.TemporaryDirectory() as folder, studio() as address, sync_playwright() as driver:
        noisy, gray = (Path(folder, name) for name in ("photo.png", "gray.png"))
        run(["degrade", "gaussian", str(given.photos / "astronaut.png"), "-o", str(noisy), "--sigma", "25"])
        run(["degrade", "gray", str(given.photos / "coffee.png"), "-o", str(gray)])
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        film = Film(browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}))
        film.page.goto(address)
        denoise(film, noisy)
        colorize(film, gray)
        browser.close()
        film.write(given.output, given.width)
    print(f"{given.output}: {len(film.frames)} frames, {sum(film.times) / 1000:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
