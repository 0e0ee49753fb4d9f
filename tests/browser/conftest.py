"""One running product and one Chromium for the session; a fresh browser context for each test."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect, sync_playwright

from tests.browser import steps
from tests.browser.people import Person
from tests.browser.stack import Stack, running_stack
from tests.browser.troubles import Troubles
from tools.chromium import launch

PATIENCE_MS = 15_000
FAILED = pytest.StashKey[bool]()

Window = Callable[..., AbstractContextManager[Page]]


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The product as ``python -m ecomops up`` starts it."""
    with running_stack() as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of this test process."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def window(chromium: Browser, stack: Stack) -> Window:
    """Opens a browser of somebody's own; nothing may have gone wrong in it when it is closed.

    ``expected``: regular expressions of what is to be complained about.
    """

    @contextmanager
    def opened(*, expected: Sequence[str] = (), **options: Any) -> Iterator[Page]:
        context = chromium.new_context(base_url=stack.url, reduced_motion="reduce", **options)
        context.set_default_timeout(PATIENCE_MS)
        troubles = Troubles(expected)
        troubles.watch(context)
        try:
            yield context.new_page()
        finally:
            context.close()
        assert troubles.unexpected == []

    return opened


@pytest.fixture
def page(window: Window, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Page]:
    """A browser that knows nobody."""
    with window() as opened:
        yield opened
        _picture_of_failure(opened, request, tmp_path)


@pytest.fixture
def casey(page: Page, stack: Stack) -> Person:
    """The admin of a new, empty workspace, signed in in ``page``."""
    person = Person()
    steps.sign_up(page, person, stack.url)
    return person


@pytest.fixture(scope="session")
def demo(window: Window, stack: Stack) -> StorageState:
    """Signed in as the controller of the demo workspace, whose data is there to the last row."""
    controller = stack.demo_controller()
    with window() as page:
        steps.sign_in(page, controller.email, controller.password)
        page.goto("/jobs")
        expect(page.get_by_text("Completed").first).to_be_visible(timeout=60_000)
        expect(page.get_by_role("progressbar")).to_have_count(0, timeout=240_000)
        return page.context.storage_state()


@pytest.fixture
def demo_page(
    window: Window, demo: StorageState, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Page]:
    """A browser of the demo workspace's controller."""
    with window(storage_state=demo) as opened:
        yield opened
        _picture_of_failure(opened, request, tmp_path)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that a test failed, for the picture of its page."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


def _picture_of_failure(page: Page, request: pytest.FixtureRequest, folder: Path) -> None:
    if request.node.stash.get(FAILED, False):
        picture = folder / "failure.png"
        page.screenshot(path=picture)
        print(f"{page.url} looked like {picture}")
