"""Pages as a reader sees them: Chromium, driven by Playwright; without Chromium, these tests are skipped."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.serving import studio_of

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a process."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed; in Debian: apt install chromium")
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """A studio for all tests of a process that need no folder of their own."""
    with studio_of() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page of a small screen; an error on its console, or a request to the network, fails the test."""
    with _opened(browser, ("file:", "data:")) as opened:
        yield opened


@pytest.fixture
def local_page(browser: Browser) -> Iterator[Page]:
    """The same for a server of this computer; a refusal that the page shows is no error of the page."""
    with _opened(
        browser, ("http://localhost:", "data:", "blob:"), ignored="the server responded with a status of 4"
    ) as opened:
        yield opened


@contextmanager
def _opened(browser: Browser, schemes: tuple[str, ...], ignored: str = "\0") -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 420, "height": 800})
    opened, errors = context.new_page(), list[str]()
    opened.on(
        "console", lambda one: errors.append(one.text) if one.type == "error" and ignored not in one.text else None
    )
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("request", lambda one: None if one.url.startswith(schemes) else errors.append(one.url))
    yield opened
    context.close()
    assert errors == []
