"""The settings of the audit log: retention, and the stream to a receiver of one's own."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from ecomops.local.ports import LOOPBACK
from ecomops.ui.pages.settings.snippet import VERIFY
from tests.browser import steps
from tests.browser.people import Person

pytestmark = pytest.mark.browser


@dataclass
class Receiver:
    """Somebody's own system: keeps what is posted to it."""

    url: str
    got: list[tuple[str, bytes]] = field(default_factory=list)

    def await_event(self, page: Page, words: bytes, seconds: float = 30.0) -> None:
        """Wait until something that holds ``words`` has arrived."""
        deadline = time.monotonic() + seconds
        while not any(words in body for _, body in self.got):
            assert time.monotonic() < deadline, f"{words!r} did not arrive"
            page.wait_for_timeout(200)


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Listens for as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            kept.got.append((self.headers["ecomops-signature"], body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        kept = Receiver(f"http://{LOOPBACK}:{server.server_port}/audit")
        Thread(target=server.serve_forever, daemon=True).start()
        yield kept
        server.shutdown()


def open_settings(page: Page) -> None:
    page.goto("/settings/audit")
    expect(page.get_by_role("heading", name="Event stream")).to_be_visible()


def card(page: Page, name: str) -> Locator:
    heading = page.get_by_role("heading", name=name, exact=True)
    return page.locator("section").filter(has=heading)


def test_retention_is_chosen_and_stays(page: Page, casey: Person) -> None:
    open_settings(page)
    page.get_by_role("radio", name="A number of days").check()
    page.get_by_label("Days", exact=True).fill("30")
    page.get_by_role("button", name="Save Retention").click()
    expect(page.get_by_role("alert").filter(has_text="90")).to_be_visible()
    page.get_by_label("Days", exact=True).fill("120")
    page.get_by_role("button", name="Save Retention").click()
    expect(steps.toast(page, "Retention saved")).to_be_visible()
    page.reload()
    expect(page.get_by_role("radio", name="A number of days")).to_be_checked()
    expect(page.get_by_label("Days", exact=True)).to_have_value("120")
    page.get_by_role("radio", name="For ever").check()
    page.get_by_role("button", name="Save Retention").click()
    page.reload()
    expect(page.get_by_role("radio", name="For ever")).to_be_checked()


def test_events_reach_a_receiver_that_checks_them_with_the_shown_secret(
    page: Page, casey: Person
) -> None:
    rooms: dict[str, Any] = {}
    exec(VERIFY, rooms)
    with receiver() as mine:
        open_settings(page)
        page.get_by_label("Address").fill(mine.url)
        page.get_by_role("button", name="Start Streaming").click()
        shown = page.get_by_role("dialog").get_by_label("Secret")
        expect(shown).to_have_value(re.compile(r".{32,}"))
        secret = shown.input_value()
        page.get_by_role("button", name="I have kept it").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.get_by_role("button", name="Send test").click()
        expect(steps.toast(page, "Test received")).to_be_visible()
        page.get_by_role("button", name="Replay from…").click()
        page.get_by_role("dialog").get_by_role("button", name="Replay", exact=True).click()
        expect(steps.toast(page, "Replaying")).to_be_visible()
        mine.await_event(page, b"tenant_registered")
        assert all(rooms["is_ours"](secret, signed, body) for signed, body in mine.got)
        page.reload()
        expect(card(page, "Event stream").get_by_text("None yet")).to_have_count(0)
        assert secret not in page.content()


def test_a_stream_is_paused_and_resumed(page: Page, casey: Person) -> None:
    with receiver() as mine:
        open_settings(page)
        page.get_by_label("Address").fill(mine.url)
        page.get_by_role("button", name="Start Streaming").click()
        page.get_by_role("button", name="I have kept it").click()
        page.get_by_role("button", name="Pause").click()
        expect(card(page, "Event stream").get_by_text("Paused", exact=True)).to_be_visible()
        page.get_by_role("button", name="Resume").click()
        expect(card(page, "Event stream").get_by_text("Active", exact=True)).to_be_visible()
        page.get_by_role("button", name="Delete…").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete Stream").click()
        expect(page.get_by_role("button", name="Start Streaming")).to_be_visible()
