"""The command palette: by keys alone, from any page, for what a role may do."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import steps
from tests.browser.people import Person
from tests.browser.stack import Stack, database

pytestmark = pytest.mark.browser

KEPT_INSIDE = """() => document.activeElement === document.body
  || document.activeElement.closest("#palette") !== null"""


def opened(page: Page, address: str = "/jobs") -> Locator:
    page.goto(address)
    expect(page.get_by_text("Casey Controller")).to_be_visible()
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Search or jump to")
    expect(palette).to_be_visible()
    expect(palette.get_by_role("combobox")).to_be_focused()
    return palette


def test_a_few_letters_and_enter_lead_to_a_page(demo_page: Page) -> None:
    palette = opened(demo_page)
    demo_page.keyboard.type("conn")
    expect(palette.get_by_role("option").first).to_have_text("Connections")
    demo_page.keyboard.press("Enter")
    expect(demo_page.get_by_role("heading", level=1)).to_have_text("Connections")
    expect(palette).to_be_hidden()


def test_the_arrows_choose_and_go_round(demo_page: Page) -> None:
    palette = opened(demo_page)
    chosen = palette.get_by_role("option", selected=True)
    expect(chosen).to_have_text("Dashboard")
    demo_page.keyboard.press("ArrowDown")
    expect(chosen).to_have_text("Tables")
    demo_page.keyboard.press("ArrowUp")
    demo_page.keyboard.press("ArrowUp")
    expect(chosen).to_have_text("NS Transactions")
    demo_page.keyboard.press("Enter")
    demo_page.wait_for_url("**/tables/netsuite_transactions")


def test_an_id_is_sought_in_the_table_that_it_is_of(demo_page: Page) -> None:
    palette = opened(demo_page)
    demo_page.keyboard.type("po_123")
    options = palette.get_by_role("option")
    expect(options).to_have_text(["Find “po_123” in Payouts"])
    demo_page.keyboard.press("Enter")
    demo_page.wait_for_url("**/tables/payouts?q=po_123")


def test_other_words_can_be_sought_in_every_table(demo_page: Page) -> None:
    palette = opened(demo_page)
    demo_page.keyboard.type("10442")
    expect(palette.get_by_role("option")).to_have_count(8)
    palette.get_by_role("option", name="in Orders").click()
    demo_page.wait_for_url("**/tables/orders?q=10442")


def test_escape_closes_it_and_the_focus_returns(demo_page: Page) -> None:
    demo_page.goto("/jobs")
    before = demo_page.get_by_role("banner").get_by_role("button", name="Run Sync")
    before.focus()
    demo_page.keyboard.press("Control+k")
    palette = demo_page.get_by_role("dialog", name="Search or jump to")
    expect(palette).to_be_visible()
    demo_page.keyboard.press("Tab")
    assert demo_page.evaluate(KEPT_INSIDE)
    demo_page.keyboard.press("Escape")
    expect(palette).to_be_hidden()
    expect(before).to_be_focused()
    demo_page.keyboard.press("Control+k")
    expect(palette.get_by_role("combobox")).to_have_value("")


def test_nothing_is_asked_of_the_server_until_something_is_chosen(demo_page: Page) -> None:
    asked: list[str] = []
    demo_page.on("websocket", lambda socket: socket.on("framesent", lambda _: asked.append("ws")))
    demo_page.goto("/jobs")
    expect(demo_page.get_by_role("main")).to_contain_text("Completed")
    demo_page.wait_for_timeout(500)
    demo_page.on("request", lambda request: asked.append(request.url))
    before = len(asked)
    assert before > 0
    demo_page.keyboard.press("Control+k")
    demo_page.keyboard.type("run sync")
    palette = demo_page.get_by_role("dialog", name="Search or jump to")
    expect(palette.get_by_role("option", name="Run Sync", exact=True)).to_be_visible()
    assert [it for it in asked[before:] if it != "ws"] == []
    assert len(asked) - before <= 1  # a heartbeat of the socket, if it falls into this second


def test_it_adds_a_connection_and_changes_the_theme(demo_page: Page) -> None:
    palette = opened(demo_page)
    demo_page.keyboard.type("add con")
    demo_page.keyboard.press("Enter")
    dialog = demo_page.get_by_role("dialog", name="Add Connection")
    expect(dialog.get_by_role("button", name="Stripe")).to_be_visible()
    demo_page.keyboard.press("Control+k")
    expect(palette).to_be_hidden()  # another dialog is open
    demo_page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    opened(demo_page)
    demo_page.keyboard.type("dark")
    demo_page.keyboard.press("Enter")
    expect(demo_page.locator("html")).to_have_class("dark")
    opened(demo_page)
    demo_page.keyboard.type("light")
    demo_page.keyboard.press("Enter")
    expect(demo_page.locator("html")).to_have_class("light")


def test_what_has_no_name_can_still_be_sought(demo_page: Page) -> None:
    palette = opened(demo_page)
    demo_page.keyboard.type("nothing of that name")
    expect(palette.get_by_role("option")).to_have_count(8)
    expect(palette.get_by_role("option", name="Dashboard")).to_have_count(0)


def test_a_reader_is_offered_what_a_reader_may_do(page: Page, casey: Person, stack: Stack) -> None:
    with database(stack, casey.slug) as connection:
        connection.execute("UPDATE memberships SET role = 'readonly'")
    page.wait_for_timeout(1_500)
    page.goto("/jobs")
    expect(page.get_by_text("Read-only")).to_be_visible()
    page.get_by_role("button", name="Search or jump to").click()
    palette = page.get_by_role("dialog", name="Search or jump to")
    expect(palette.get_by_role("option", name="Payouts", exact=True)).to_be_visible()
    for name in ("Run Sync", "Add Connection"):
        expect(palette.get_by_role("option", name=name)).to_have_count(0)


def test_on_a_phone_it_is_in_the_menu(demo_page: Page) -> None:
    demo_page.set_viewport_size({"width": 390, "height": 844})
    demo_page.goto("/jobs")
    demo_page.get_by_role("button", name="Menu").click()
    demo_page.get_by_role("button", name="Search or jump to").click()
    palette = demo_page.get_by_role("dialog", name="Search or jump to")
    expect(palette.get_by_role("combobox")).to_be_focused()
    palette.get_by_role("option", name="Fees", exact=True).click()
    expect(demo_page.get_by_role("heading", level=1)).to_have_text("Fees")
    expect(steps.foot(demo_page)).to_have_text(steps.ROWS)
