"""How rows are shown: columns, density, keys; all of it in the address, none of it read anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, Page, WebSocket, expect

from tests.browser import steps

pytestmark = pytest.mark.browser


@contextmanager
def columns_menu(page: Page) -> Iterator[Locator]:
    """The Columns menu, open."""
    page.get_by_role("button", name="Columns", exact=True).click()
    menu = page.get_by_role("dialog", name="Columns")
    expect(menu).to_be_visible()
    yield menu
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()


def sent_to(page: Page) -> list[str]:
    """The events that the page sends from now on, once it is opened."""
    sent: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: sent.append(str(frame)))

    page.on("websocket", listen)
    return sent


def events(sent: list[str]) -> list[str]:
    """The names of their handlers."""
    return [name for frame in sent for name in re.findall(r'"name":"[\w.]*\.(\w+)"', frame)]


def test_columns_are_hidden_pinned_moved_and_reset_in_the_menu(demo_page: Page) -> None:
    steps.open_table(demo_page, "payouts?size=25")
    before = steps.headers(demo_page)
    with columns_menu(demo_page) as menu:
        menu.get_by_role("checkbox", name="Source", exact=True).uncheck()
        menu.get_by_role("button", name="Pin: Status").click()
        menu.get_by_role("button", name="Move to the left: Created").click()
    expect(demo_page).to_have_url(
        re.compile(r"&cols=source_id-p\.status-p\.-source\.amount\.created_at")
    )
    arranged = steps.headers(demo_page)
    assert arranged[:5] == ["ID", "Status", "Amount", "Created", "Currency"]
    demo_page.reload()
    expect(steps.foot(demo_page)).to_have_text(steps.ROWS)
    assert steps.headers(demo_page) == arranged
    assert list(steps.rows(demo_page)[0]) == arranged
    with columns_menu(demo_page) as menu:
        menu.get_by_role("button", name="Reset").click()
    expect(demo_page).to_have_url(re.compile(r"/tables/payouts\?size=25$"))
    assert steps.headers(demo_page) == before


def test_a_column_is_dragged_to_another_place_and_to_another_width(demo_page: Page) -> None:
    steps.open_table(demo_page, "payouts?size=25")
    status, amount = (steps.column(demo_page, name) for name in ("Status", "Amount"))
    status.drag_to(amount, target_position={"x": 6, "y": 12})
    expect(demo_page).to_have_url(re.compile(r"cols=source_id-p\.source\.status$"))
    assert steps.headers(demo_page)[2:4] == ["Status", "Amount"]
    box = status.bounding_box()
    assert box is not None
    edge, middle = box["x"] + box["width"] - 3, box["y"] + box["height"] / 2
    demo_page.mouse.move(edge, middle)
    demo_page.mouse.down()
    demo_page.mouse.move(edge + 50, middle, steps=3)
    demo_page.mouse.up()
    expect(demo_page).to_have_url(re.compile(r"cols=source_id-p\.source\.status-\d+$"))
    wider = status.bounding_box()
    assert wider is not None
    assert abs(wider["width"] - box["width"] - 50) <= 3
    expect(status).to_have_attribute("aria-sort", "none")


def test_arranging_reads_nothing_and_what_leads_on_keeps_it(demo_page: Page) -> None:
    sent = sent_to(demo_page)
    steps.open_table(demo_page, "payouts?size=25")
    sent.clear()
    with columns_menu(demo_page) as menu:
        menu.get_by_role("radio", name="Compact").check()
        menu.get_by_role("checkbox", name="Currency", exact=True).uncheck()
    following = demo_page.get_by_role("link", name="Next")
    expect(following).to_have_attribute("href", re.compile(r"cols=.*density=compact"))
    assert set(events(sent)) == {"follow_layout"}
    first = steps.rows(demo_page)[0]
    assert "Currency" not in first
    following.click()
    expect(demo_page.locator("tbody")).not_to_contain_text(first["ID"])
    steps.column(demo_page, "Amount").get_by_role("link").click()
    expect(demo_page).to_have_url(
        re.compile(r"size=25&cols=[^&]*-currency&density=compact&sort=amount")
    )
    assert "Currency" not in steps.headers(demo_page)


def test_pinned_columns_stay_while_the_others_scroll(demo_page: Page) -> None:
    steps.open_table(demo_page, "payouts?size=25&cols=source_id-p.amount-p")
    last = steps.column(demo_page, "Synced")
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
    boxes = [steps.column(demo_page, name).bounding_box() for name in ("ID", "Amount")]
    [one, other] = [box for box in boxes if box]
    assert abs(one["x"] + one["width"] - other["x"]) <= 1
    expect(steps.column(demo_page, "Amount")).to_be_in_viewport(ratio=1)


def test_the_table_works_by_keys_alone(demo_page: Page) -> None:
    steps.open_table(demo_page, "payouts?size=25")
    shown = steps.rows(demo_page)
    demo_page.get_by_role("button", name="Columns", exact=True).focus()
    demo_page.keyboard.press("Tab")
    focused = demo_page.locator(":focus")
    expect(focused).to_have_text(shown[0]["ID"])
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowUp"):
        demo_page.keyboard.press(key)
    expect(focused).to_have_text(re.compile(f"{shown[1]['Source']}$"))
    demo_page.keyboard.press("End")
    expect(focused).to_have_text(shown[1]["Synced"])
    demo_page.keyboard.press("Control+Home")
    expect(focused).to_have_text("ID")
    demo_page.keyboard.press("ArrowRight")
    demo_page.keyboard.press("ArrowRight")
    demo_page.keyboard.press("Enter")
    expect(steps.column(demo_page, "Amount")).to_have_attribute("aria-sort", "ascending")
    demo_page.keyboard.press("Alt+ArrowLeft")
    expect(demo_page).to_have_url(re.compile(r"cols=source_id-p\.amount&?"))
    demo_page.keyboard.press("Shift+ArrowRight")
    expect(demo_page).to_have_url(re.compile(r"cols=source_id-p\.amount-\d+"))


def test_a_cell_of_text_can_be_selected_without_opening_its_row(demo_page: Page) -> None:
    steps.open_table(demo_page, "payouts?size=25")
    cell = demo_page.get_by_role("gridcell").first
    box = cell.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    demo_page.mouse.move(box["x"] + 30, middle)
    demo_page.mouse.down()
    demo_page.mouse.move(box["x"] + 100, middle, steps=4)
    demo_page.mouse.up()
    assert demo_page.evaluate("() => getSelection().toString()")
    expect(steps.panel(demo_page)).to_have_count(0)
    expect(demo_page).to_have_url(re.compile(r"/payouts\?size=25$"))
