"""The address of a table's page holds all that it shows."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecomops.domains.tables.catalog import TABLES
from ecomops.ui.pages.tables import address as a

PAYOUTS = TABLES["payouts"]
ONE = UUID("01890000-0000-7000-8000-000000000001")
FULL = a.View(
    "payouts",
    status=("failed", "completed"),
    source=("stripe",),
    currency=("EUR", "JPY"),
    connection=ONE,
    date_from=date(2026, 1, 1),
    date_to=date(2026, 1, 31),
    amount_min=Decimal("-5"),
    amount_max=Decimal("1250.5"),
    search="po_1",
    sort="amount",
    direction="desc",
    size=500,
    cursor="here",
    cols="source_id-p.-source",
    compact=True,
    saved=str(ONE),
    row=ONE,
)


def parse(address: str) -> a.View:
    return a.parse(PAYOUTS, address)


def several(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), unique=True).map(tuple)


amounts = st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=4).filter(
    lambda amount: abs(amount) < 10**14
)
views = st.builds(
    a.View,
    table=st.just("payouts"),
    status=several(PAYOUTS.statuses),
    source=several(PAYOUTS.sources),
    currency=several(("EUR", "JPY", "KWD")),
    connection=st.none() | st.uuids(),
    date_from=st.none() | st.dates(),
    date_to=st.none() | st.dates(),
    amount_min=amounts,
    amount_max=amounts,
    search=st.text().map(str.strip),
    sort=st.just("amount"),
    direction=st.sampled_from(("asc", "desc")),
    size=st.sampled_from(a.SIZES),
    cursor=st.none() | st.text(min_size=1),
    cols=st.sampled_from(("", "source_id-p.-source", "source_id.amount-140-p")),
    compact=st.booleans(),
    saved=st.sampled_from(("", a.NO_VIEW)) | st.uuids().map(str),
    row=st.none() | st.uuids(),
).map(lambda view: parse(a.page_address(view)))


@given(views)
def test_a_link_reproduces_the_screen(view: a.View) -> None:
    assert parse(a.page_address(view)) == view


def test_a_link_has_every_part_of_the_screen() -> None:
    assert a.page_address(FULL) == (
        "/tables/payouts?status=failed&status=completed&source=stripe&currency=EUR&currency=JPY"
        f"&connection={ONE}&from=2026-01-01&to=2026-01-31&min=-5&max=1250.5&q=po_1"
        "&sort=amount&dir=desc&size=500&cursor=here&cols=source_id-p.-source&density=compact"
        f"&view={ONE}&row={ONE}"
    )
    assert parse(a.page_address(FULL)) == FULL


def test_the_plain_screen_has_the_plain_address() -> None:
    assert a.page_address(a.View("payouts")) == "/tables/payouts"


@pytest.mark.parametrize(
    "query",
    [
        "status=unheard&source=paypal&currency=ABC&currency=eur",
        "from=2026-02-31&to=tomorrow",
        "min=1e9&max=NaN&min=1,000",
        "sort=password&dir=sideways",
        "size=1000000&size=-1",
        "cursor=&q=%20",
        "=&&&?",
        "size=%C2%B250",
        "connection=mine&row=1&view=all",
        "cols=password.AMOUNT&density=huge",
    ],
)
def test_what_makes_no_sense_is_left_out(query: str) -> None:
    assert parse(f"/tables/payouts?{query}") == a.View("payouts")


def test_only_payouts_arrive_and_tie_out() -> None:
    query = "arrives_from=2026-10-01&arrives_to=2026-10-31&ties=untied"
    view = parse(f"/tables/payouts?{query}")
    assert (view.arrives_from, view.arrives_to) == (date(2026, 10, 1), date(2026, 10, 31))
    assert view.ties == "untied"
    assert a.page_address(view) == f"/tables/payouts?{query}"
    assert a.view_at(f"/tables/refunds?{query}") == a.View("refunds")
    assert parse("/tables/payouts?ties=perhaps") == a.View("payouts")


def test_only_a_table_s_page_has_a_view() -> None:
    assert a.view_at("/tables/payouts/?size=25") == a.View("payouts", size=25)
    assert a.view_at("/tables/users") is None
    assert a.view_at("/jobs") is None


def test_a_saved_view_keeps_all_but_the_page_and_the_open_row() -> None:
    kept = a.parse(PAYOUTS, f"?{a.query_text(FULL)}")
    assert kept == replace(FULL, cursor=None, row=None, saved="")


def test_clearing_the_filters_keeps_order_size_and_columns() -> None:
    assert a.without_filters(FULL) == replace(
        a.View("payouts", sort="amount", direction="desc", size=500),
        cols=FULL.cols,
        compact=True,
        saved=str(ONE),
        row=ONE,
    )


def test_a_screen_is_filtered_by_anything_but_order_and_looks() -> None:
    assert not replace(a.without_filters(FULL), cursor="here").filtered
    assert a.View("payouts", amount_min=Decimal(0)).filtered
    assert a.View("payouts", search="po_1").filtered


def test_the_service_is_asked_for_what_the_address_says() -> None:
    query = a.query_of(FULL)
    assert (query.connection_id, query.amount_min, query.search) == (ONE, Decimal(-5), "po_1")
    assert (query.source, query.currency, query.cursor) == (("stripe",), ("EUR", "JPY"), "here")
    assert (query.sort_by, query.sort_dir, query.page_size) == ("amount", "desc", 500)
