"""Every page in both themes, wide and narrow: sound for eyes, ears, keys and small screens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from ecomops.domains.tables.catalog import TABLES
from tests.browser import soundness, steps
from tests.browser.conftest import Window
from tests.browser.people import Person
from tests.browser.stack import Stack
from tests.browser.troubles import Troubles

pytestmark = pytest.mark.browser

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
WIDE, NARROW, NARROWEST = 1440, 390, 360
EVERYWAY = tuple(product(THEMES, (WIDE, NARROW)))
# For pages made of what another page was looked at from all sides with.
CROSSWISE: tuple[tuple[Theme, int], ...] = (("light", WIDE), ("dark", NARROW))
FOR_STRANGERS = {"/login": "Sign in", "/register": "Create a workspace"}
FOR_PEOPLE = {
    "/dashboard": "Dashboard",
    "/connections": "Connections",
    "/jobs": "Jobs",
    "/jobs/rejects": "Rejected records",
    "/exports": "Exports",
    "/audit": "Audit Log",
    "/imports": "Imports",
    "/imports/bank-lines": "Bank Lines",
    **{f"/tables/{table.name}": table.label for table in TABLES.values()},
}
OF_SETTINGS = {
    "/settings": "Settings",
    "/settings/workspace": "Workspace",
    "/settings/plan": "Plan",
    "/settings/people": "People",
    "/settings/audit": "Audit log",
    "/settings/account": "Account",
}
OF_A_LINK = {"/welcome": "Welcome"}
OF_A_FILE = {"/imports/preview": "Import preview"}
OF_A_CONNECTION = {"/connections/details": "Connection"}
FIRST_LOAD_KB = 320


def assert_sound(page: Page, looks: Sequence[tuple[Theme, int]] = EVERYWAY) -> None:
    """Look at what the page shows now in both themes, wide and narrow."""
    for theme, width in looks:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 844})
        expect(page.locator("html")).to_have_class(theme)
        soundness.settle(page)
        assert soundness.axe_violations(page) == [], (theme, width)
    page.set_viewport_size({"width": NARROWEST, "height": 844})
    assert soundness.too_wide(page) == []


def assert_named(page: Page, name: str, title: str = "") -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page).to_have_title(f"{title or name} · ecomops")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("main")).to_have_count(1)


def await_content(page: Page) -> None:
    """Wait until nothing on the page is still loading."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".bone:visible")).to_have_count(0)
    expect(page.locator("main [aria-busy=true]")).to_have_count(0)


@pytest.fixture(scope="module")
def demo_browser(window: Window, demo: StorageState) -> Iterator[Page]:
    """One browser of the demo workspace's controller, for all that is only looked at."""
    with window(storage_state=demo) as page:
        yield page


@pytest.mark.parametrize("address", FOR_PEOPLE)
def test_a_page_with_data_is_sound(demo_browser: Page, address: str) -> None:
    demo_browser.goto(f"{address}?size=25")
    await_content(demo_browser)
    assert_named(demo_browser, FOR_PEOPLE[address])
    another_table = address.startswith("/tables/") and address != "/tables/payouts"
    assert_sound(demo_browser, CROSSWISE if another_table else EVERYWAY)


def test_the_audit_log_is_sound_with_everything_open(demo_browser: Page) -> None:
    demo_browser.set_viewport_size({"width": WIDE, "height": 844})
    demo_browser.goto("/audit?category=job&size=25")
    await_content(demo_browser)
    demo_browser.get_by_role("button", name="Filters").click()
    expect(demo_browser.get_by_role("button", name="Apply Filters")).to_be_visible()
    demo_browser.locator(".row-link").first.click()
    expect(demo_browser.get_by_role("region", name="Payload")).to_be_visible()
    assert_sound(demo_browser)
    demo_browser.goto("/audit?correlation_id=nobody-did-this")
    expect(demo_browser.get_by_text("No events match these filters.")).to_be_visible()
    assert_sound(demo_browser, CROSSWISE)


@pytest.mark.parametrize("address", OF_SETTINGS)
def test_a_page_of_the_settings_is_sound(demo_browser: Page, address: str) -> None:
    demo_browser.goto(address)
    await_content(demo_browser)
    assert_named(demo_browser, OF_SETTINGS[address])
    assert_sound(demo_browser)


def test_what_opens_over_the_settings_is_sound(demo_browser: Page) -> None:
    demo_browser.set_viewport_size({"width": WIDE, "height": 844})
    demo_browser.goto("/settings/people")
    demo_browser.get_by_role("button", name="Add Person").click()
    demo_browser.get_by_role("button", name="Make Link").click()
    expect(demo_browser.get_by_label("Email")).to_have_attribute("aria-invalid", "true")
    assert_sound(demo_browser, CROSSWISE)
    demo_browser.goto("/settings/plan")
    demo_browser.get_by_role("button", name="Change to Trial").click()
    expect(demo_browser.get_by_role("button", name="Change Plan")).to_be_visible()
    assert_sound(demo_browser, CROSSWISE)


def test_the_page_of_a_link_is_sound_used_up_and_refused(
    page: Page, casey: Person, window: Window
) -> None:
    link = steps.add_person(page, f"{casey.slug}-bo@example.com", "Finance")
    assert_sound(page, CROSSWISE)
    with window() as other:
        other.goto("/welcome")
        expect(other.get_by_text("Ask an admin of the workspace")).to_be_visible()
        assert_named(other, "Welcome")
        assert_sound(other)
        other.goto(link)
        other.get_by_role("button", name="Join Workspace").click()
        expect(other.get_by_text("Use at least 12 characters.")).to_be_visible()
        assert_sound(other)


@pytest.mark.parametrize("provider", ["NetSuite", "Shopify", "Stripe"])
def test_the_page_of_a_connection_is_sound(demo_browser: Page, provider: str) -> None:
    label = f"Nordwind {provider}"
    demo_browser.goto("/connections")
    steps.connection_card(demo_browser, label).get_by_role("link", name=label).click()
    expect(demo_browser.get_by_role("heading", name=label)).to_be_visible()
    await_content(demo_browser)
    assert_named(demo_browser, "Connection")
    assert_sound(demo_browser)


@pytest.mark.parametrize("address", [
    "/dashboard", "/connections", "/jobs", "/exports", "/tables/payouts", "/imports",
    "/imports/preview",
])  # fmt: skip
def test_an_empty_page_is_sound(page: Page, casey: Person, address: str) -> None:
    page.goto(address)
    await_content(page)
    assert_sound(page, CROSSWISE)


@pytest.mark.parametrize("address", FOR_STRANGERS)
def test_a_form_for_strangers_is_sound_empty_and_refused(page: Page, address: str) -> None:
    page.goto(address)
    await_content(page)
    assert_named(page, FOR_STRANGERS[address])
    assert_sound(page)
    page.locator("form [type=submit]").click()
    expect(page.get_by_role("alert").filter(has_text="e").first).to_be_visible()
    assert_sound(page)


def test_an_address_without_a_page_says_so(window: Window) -> None:
    with window(expected=["status of 404"]) as page:
        answer = page.goto("/nowhere")
        assert answer is not None
        assert answer.status == 404
        assert_named(page, "There is no such page", "Not found")
        assert_sound(page)
        expect(page.get_by_role("link", name="Go to the dashboard")).to_be_visible()


def test_what_opens_over_a_page_is_sound(page: Page, casey: Person) -> None:
    page.set_viewport_size({"width": WIDE, "height": 844})
    dialog = steps.open_connection_form(page)
    dialog.get_by_role("button", name="Save Connection").click()
    expect(dialog.locator("[aria-invalid=true]").first).to_be_visible()
    assert_sound(page)


def test_the_palette_is_sound(demo_browser: Page) -> None:
    demo_browser.set_viewport_size({"width": WIDE, "height": 844})
    demo_browser.goto("/jobs")
    await_content(demo_browser)
    demo_browser.keyboard.press("Control+k")
    expect(demo_browser.get_by_role("dialog", name="Search or jump to")).to_be_visible()
    assert_sound(demo_browser)
    demo_browser.keyboard.type("po_123")
    assert_sound(demo_browser, CROSSWISE)


def test_charts_as_tables_are_sound(demo_browser: Page) -> None:
    demo_browser.goto("/dashboard")
    await_content(demo_browser)
    for summary in demo_browser.get_by_text("Show as a table").all():
        summary.click()
    assert_sound(demo_browser)


def test_filters_and_the_export_menu_are_sound(demo_browser: Page) -> None:
    demo_browser.set_viewport_size({"width": WIDE, "height": 844})
    steps.open_table(demo_browser, "payouts?status=failed&from=2026-01-01&size=25")
    demo_browser.get_by_role("button", name="Filters", exact=True).click()
    form = demo_browser.locator("form").filter(has_text="Apply Filters")
    form.get_by_label("Min amount").fill("a lot")
    form.get_by_role("button", name="Apply Filters").click()
    expect(form.get_by_label("Min amount")).to_have_attribute("aria-invalid", "true")
    assert_sound(demo_browser)
    demo_browser.get_by_role("button", name="Export").click()
    expect(demo_browser.get_by_role("menuitem", name="CSV")).to_be_visible()
    assert_sound(demo_browser, CROSSWISE)


def test_the_options_of_an_export_and_its_file_are_sound(demo_browser: Page) -> None:
    demo_browser.set_viewport_size({"width": WIDE, "height": 844})
    steps.open_table(demo_browser, "payouts?status=failed&size=25")
    demo_browser.get_by_role("button", name="Export").click()
    demo_browser.get_by_role("menuitem", name="More options").click()
    dialog = demo_browser.get_by_role("dialog", name="Export")
    expect(dialog).to_be_visible()
    assert_sound(demo_browser)
    demo_browser.set_viewport_size({"width": WIDE, "height": 844})
    dialog.get_by_text("Prepare in the background").click()
    dialog.get_by_role("button", name="Export").click()
    demo_browser.wait_for_url("**/exports")
    expect(demo_browser.get_by_text("Ready").first).to_be_visible()
    assert_sound(demo_browser)
    demo_browser.set_viewport_size({"width": WIDE, "height": 844})
    demo_browser.get_by_role("button", name="Delete").first.click()
    expect(demo_browser.get_by_role("dialog", name="Delete this export?")).to_be_visible()
    assert_sound(demo_browser, CROSSWISE)


def test_an_open_row_is_sound(demo_browser: Page) -> None:
    demo_browser.set_viewport_size({"width": WIDE, "height": 844})
    steps.open_table(demo_browser, "payouts?size=25&status=completed&density=compact")
    demo_browser.get_by_role("row").nth(2).get_by_role("gridcell").nth(2).click()
    panel = steps.panel(demo_browser)
    panel.get_by_role("button", name="Show raw data").click()
    expect(panel.get_by_role("region", name="Raw data")).to_be_visible()
    assert_sound(demo_browser)


@pytest.mark.parametrize("menu", ["Columns", "Views"])
def test_the_menus_of_a_table_are_sound(demo_browser: Page, menu: str) -> None:
    demo_browser.set_viewport_size({"width": WIDE, "height": 844})
    steps.open_table(demo_browser, "payouts?size=25")
    demo_browser.get_by_role("button", name=menu, exact=True).click()
    expect(demo_browser.get_by_role("dialog", name=menu, exact=True)).to_be_visible()
    assert_sound(demo_browser)


def test_saving_a_view_is_sound(demo_browser: Page) -> None:
    demo_browser.set_viewport_size({"width": WIDE, "height": 844})
    steps.open_table(demo_browser, "payouts?size=25")
    demo_browser.get_by_role("button", name="Views", exact=True).click()
    demo_browser.get_by_role("button", name="Save view…").click()
    dialog = demo_browser.get_by_role("dialog", name="Save view")
    dialog.get_by_role("button", name="Save View").click()
    expect(dialog.get_by_role("alert").filter(has_text="Enter a name")).to_be_visible()
    assert_sound(demo_browser, CROSSWISE)


def test_a_running_sync_is_sound(page: Page, casey: Person, stack: Stack) -> None:
    steps.connect_sandbox(page, stack.stripe_key)
    with stack.slow_stripe("/stripe/v1/charges", seconds=1, times=8):
        page.get_by_role("button", name="Run Sync").first.click()
        page.wait_for_url("**/jobs")
        expect(page.get_by_role("progressbar")).to_be_visible()
        assert_sound(page)


def test_the_menu_of_a_phone_leads_everywhere(demo_browser: Page) -> None:
    demo_browser.set_viewport_size({"width": NARROW, "height": 844})
    demo_browser.goto("/dashboard")
    await_content(demo_browser)
    menu = demo_browser.get_by_role("navigation", name="Main")
    expect(menu).to_be_hidden()
    demo_browser.get_by_role("button", name="Menu").click()
    expect(menu).to_be_visible()
    assert soundness.axe_violations(demo_browser) == []
    demo_browser.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    demo_browser.get_by_role("button", name="Menu").click()
    menu.get_by_role("link", name="Connections").click()
    demo_browser.wait_for_url("**/connections")
    expect(menu).to_be_hidden()


def test_the_theme_can_be_chosen_and_stays(demo_page: Page) -> None:
    demo_page.goto("/dashboard")
    await_content(demo_page)
    demo_page.get_by_role("button", name="Dark theme").click()
    expect(demo_page.locator("html")).to_have_class("dark")
    demo_page.reload()
    expect(demo_page.locator("html")).to_have_class("dark")
    demo_page.get_by_role("button", name="Light theme").click()
    expect(demo_page.locator("html")).to_have_class("light")


def test_tab_reaches_the_skip_link_first_and_it_leads_to_the_content(demo_page: Page) -> None:
    demo_page.goto("/dashboard")
    await_content(demo_page)
    demo_page.keyboard.press("Tab")
    skip = demo_page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    demo_page.keyboard.press("Enter")
    expect(demo_page.get_by_role("main")).to_be_focused()


def test_the_export_menu_works_by_keys(demo_page: Page) -> None:
    steps.open_table(demo_page, "payouts?status=failed")
    opener = demo_page.get_by_role("button", name="Export")
    opener.press("Enter")
    csv = demo_page.get_by_role("menuitem", name="CSV")
    expect(csv).to_be_visible()
    demo_page.keyboard.press("Escape")
    expect(csv).to_be_hidden()
    expect(opener).to_be_focused()
    opener.press("Enter")
    demo_page.keyboard.press("Tab")
    expect(csv).to_be_focused()
    with demo_page.expect_download():
        demo_page.keyboard.press("Enter")


def test_back_leads_to_the_page_before_with_its_content(demo_page: Page) -> None:
    demo_page.goto("/dashboard")
    await_content(demo_page)
    menu = demo_page.get_by_role("navigation", name="Main")
    menu.get_by_role("link", name="Connections").click()
    expect(demo_page.get_by_role("heading", level=1)).to_have_text("Connections")
    menu.get_by_role("link", name="Jobs").click()
    expect(demo_page.get_by_role("main")).to_contain_text("Completed")
    demo_page.go_back()
    expect(steps.connection_card(demo_page, "Nordwind Stripe")).to_be_visible()
    demo_page.go_back()
    expect(demo_page.get_by_role("heading", level=1)).to_have_text("Dashboard")


def test_somebody_who_goes_on_at_once_does_not_wait_for_what_she_left(demo_page: Page) -> None:
    for address in ("/dashboard", "/connections", "/jobs", "/tables/payments") * 3:
        demo_page.goto(address)
    # The lock of a state that nobody gave back would last for ten seconds.
    expect(steps.foot(demo_page)).to_have_text(steps.ROWS, timeout=8_000)


@pytest.mark.parametrize("address", ["/login", "/dashboard", "/connections", "/tables/payouts"])
def test_the_first_load_is_small(
    window: Window, demo: StorageState, address: str, record_property: Callable[[str, object], None]
) -> None:
    with window(storage_state=demo if address != "/login" else None) as page:
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        received: list[int] = []
        network.on("Network.loadingFinished", lambda e: received.append(e["encodedDataLength"]))
        page.goto(address)
        await_content(page)
        kilobytes = sum(received) // 1000
    record_property("first_load_kB", kilobytes)
    print(f"first load of {address}: {kilobytes} kB in {len(received)} answers")
    assert 0 < kilobytes <= FIRST_LOAD_KB


def test_what_a_page_complains_about_is_heard(chromium: Browser, stack: Stack) -> None:
    context = chromium.new_context(base_url=stack.url)
    troubles = Troubles()
    troubles.watch(context)
    page = context.new_page()
    page.goto("/login")
    page.evaluate("""() => {
      const script = document.createElement("script");
      script.textContent = "window.ran = true";
      document.head.append(script);
      console.error("heard");
    }""")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("() => window.ran") is None
    context.close()
    assert any("CSP script-src-elem refused inline" in text for text in troubles.unexpected)
    assert any(text.endswith("heard") for text in troubles.unexpected)


def test_what_axe_is_asked_to_find_is_found(page: Page) -> None:
    page.goto("/login")
    await_content(page)
    page.evaluate("() => document.querySelector('label').remove()")
    assert any(found.startswith("label:") for found in soundness.axe_violations(page))


def test_every_page_of_the_app_is_looked_at() -> None:
    from ecomops.ui.registry import load_pages

    assert {page.route: page.title for page in load_pages().values()} == {
        **FOR_STRANGERS,
        **FOR_PEOPLE,
        **OF_SETTINGS,
        **OF_A_LINK,
        **OF_A_FILE,
        **OF_A_CONNECTION,
    }
