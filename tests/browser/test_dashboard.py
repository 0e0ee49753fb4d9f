"""The dashboard: its figures are those of the rows, and lead to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import steps
from tests.browser.people import Person
from tests.browser.stack import Stack, database

pytestmark = pytest.mark.browser

MONTH = "created_at >= date_trunc('day', now(), 'UTC') - interval '29 days'"


def amount(text: str) -> Decimal:
    return Decimal(re.sub(r"[^\d.]", "", text.replace("\N{MINUS SIGN}", "-")))


def opened(page: Page, address: str = "/dashboard") -> Locator:
    page.goto(address)
    figures = page.get_by_role("list", name="Key figures")
    expect(figures.get_by_text("Volume, 30 days")).to_be_visible()
    return figures


def figure(figures: Locator, label: str) -> str:
    tile = figures.get_by_role("listitem").filter(has_text=label)
    return tile.locator(".figure").inner_text()


@pytest.fixture
def untied(stack: Stack) -> Iterator[str]:
    """A payout of the demo workspace that is a cent more than its lines, for as long as a test."""
    newest = (
        "SELECT id, source_id FROM payouts WHERE contents_read_at IS NOT NULL"
        " AND arrival_date < current_date ORDER BY arrival_date DESC, id DESC LIMIT 1"
    )
    with database(stack, "demo") as connection:
        row = connection.execute(newest).fetchone()
        assert row is not None
        more = "UPDATE payouts SET amount = amount + %s WHERE id = %s"
        connection.execute(more, [100, row[0]])
        yield row[1]
        connection.execute(more, [-100, row[0]])


def test_volume_and_fees_are_those_of_the_rows(demo_page: Page, stack: Stack) -> None:
    figures = opened(demo_page, "/dashboard?currency=USD")
    with database(stack, "demo") as connection:
        (volume,) = connection.execute(
            "SELECT sum(amount) FROM payments WHERE currency = 'USD' AND status = 'completed'"
            f" AND kind IN ('sale', 'capture') AND {MONTH} AND (source = 'stripe' OR NOT EXISTS ("
            "SELECT FROM payments c WHERE c.tenant_id = payments.tenant_id"
            " AND c.source = 'stripe' AND c.source_id = payments.charge_ref))"
        ).fetchone() or (0,)
        (fees,) = connection.execute(
            f"SELECT sum(amount) FROM fees WHERE currency = 'USD' AND {MONTH}"
        ).fetchone() or (0,)
    assert amount(figure(figures, "Volume, 30 days")) == Decimal(volume).scaleb(-4)
    assert amount(figure(figures, "Fees, 30 days")) == Decimal(fees).scaleb(-4)


def test_the_chart_is_a_table_too_whose_days_add_up(demo_page: Page) -> None:
    figures = opened(demo_page, "/dashboard?currency=EUR")
    chart = demo_page.get_by_role("group", name="Volume and fees by day in EUR")
    chart.get_by_text("Show as a table").press("Enter")
    rows = chart.get_by_role("row")
    expect(rows).to_have_count(31)
    days = [amount(text) for text in chart.locator("tbody td:nth-of-type(2)").all_inner_texts()]
    assert sum(days) == amount(figure(figures, "Volume, 30 days"))
    rows.last.get_by_role("link").first.click()
    expect(demo_page).to_have_url(
        re.compile(r"/tables/payments\?status=completed&currency=EUR&from=([\d-]+)&to=\1$")
    )


def test_a_currency_is_chosen_and_stays_in_the_address(demo_page: Page) -> None:
    opened(demo_page)
    choice = demo_page.get_by_role("navigation", name="Currency")
    choice.get_by_role("link", name="JPY").click()
    expect(demo_page.get_by_role("heading", name="Volume and fees by day · JPY")).to_be_visible()
    expect(choice.get_by_role("link", name="JPY")).to_have_attribute("aria-current", "true")
    demo_page.reload()
    expect(demo_page.get_by_role("heading", name="Payouts by arrival · JPY")).to_be_visible()
    opened(demo_page, "/dashboard?currency=XXX")  # not one of ours: the busiest


def test_a_bar_leads_to_its_day(demo_page: Page) -> None:
    opened(demo_page, "/dashboard?currency=USD")
    bar = demo_page.locator(".plot .day:has(.bar)").nth(20)
    bar.hover()
    expect(bar.locator(".tip")).to_contain_text("payments")
    bar.click()
    demo_page.wait_for_url("**/tables/payments?status=completed&currency=USD&from=**")


def test_a_payout_that_does_not_tie_is_named_with_the_difference(
    demo_page: Page, untied: str
) -> None:
    figures = opened(demo_page)
    assert figure(figures, "Ties out") != "100 %"
    short = untied.rpartition("/")[2]
    needed = demo_page.get_by_role("link", name="1 payout does not tie out")
    expect(needed).to_be_visible()
    line = demo_page.get_by_role("listitem").filter(has=demo_page.get_by_role("link", name=short))
    expect(line).to_contain_text("0.01")
    needed.click()
    expect(demo_page).to_have_url(re.compile(r"ties=untied"))
    expect(steps.foot(demo_page)).to_have_text("1 row")
    expect(demo_page.get_by_role("link", name="Does not tie out")).to_be_visible()


def test_when_it_ties_out_it_says_so(demo_page: Page) -> None:
    figures = opened(demo_page)
    assert figure(figures, "Ties out") == "100 %"
    expect(demo_page.get_by_role("link", name="Do not tie out")).to_be_visible()
    many = figures.get_by_role("listitem").filter(has_text="Ties out").get_by_text(" payouts")
    told = many.inner_text().split(" of ")[0]
    figures.get_by_role("link", name="Ties out").click()
    expect(steps.foot(demo_page)).to_have_text(f"{told} rows")


def test_an_empty_workspace_begins_with_the_checklist(page: Page, casey: Person) -> None:
    page.goto("/dashboard")
    expect(page.get_by_role("heading", name="Get started")).to_be_visible()
    expect(page.get_by_role("heading", name="No syncs yet")).to_be_visible()
    expect(page.get_by_role("list", name="Key figures")).to_have_count(0)
    expect(page.get_by_role("group", name="Volume and fees")).to_have_count(0)


def test_a_broken_connection_is_among_what_needs_somebody(
    page: Page, casey: Person, stack: Stack
) -> None:
    with database(stack, casey.slug) as connection:
        (tenant,) = connection.execute("SELECT tenant_id FROM tenant_configs").fetchone() or ("",)
        (row,) = connection.execute(
            "INSERT INTO connections (tenant_id, provider, label, environment, status, key_version)"
            " VALUES (%s, 'stripe', 'Main', 'sandbox', 'error', '') RETURNING id",
            [tenant],
        ).fetchone() or ("",)
        connection.execute(
            "INSERT INTO payments (tenant_id, connection_id, source, source_id, dedupe_key,"
            " source_status, currency, created_at, content_hash, status, amount, kind, gateway,"
            " charge_ref) VALUES (%s, %s, 'stripe', 'ch_1', 'stripe:ch_1', 'x', 'SEK', now(), 'x',"
            " 'completed', 990000, 'sale', 'stripe', 'ch_1')",
            [tenant, row],
        )
    # One day of data, one currency, no fees.
    figures = opened(page)
    assert amount(figure(figures, "Volume, 30 days")) == Decimal("99.00")
    expect(figures).to_contain_text("Nothing settled")
    expect(page.get_by_role("navigation", name="Currency")).to_have_count(0)
    page.get_by_role("link", name="1 connection needs attention").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Connections")
