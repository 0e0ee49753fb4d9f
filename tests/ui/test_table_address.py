"""The address of a table's page holds all that it shows."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecomops.domains.tables.catalog import TABLES
from ecomops.ui.pages.tables import address as a

PAYOUTS = TABLES["payouts"]
COLUMNS = [column.name for column in PAYOUTS.columns]


def parse(address: str) -> a.View:
    return a.parse("payouts", address, COLUMNS, PAYOUTS.statuses)


views = st.builds(
    a.View,
    table=st.just("payouts"),
    status=st.lists(st.sampled_from(PAYOUTS.statuses), unique=True).map(tuple),
    date_from=st.none() | st.dates(),
    date_to=st.none() | st.dates(),
    sort=st.just("amount"),
    direction=st.sampled_from(("asc", "desc")),
    cursor=st.none() | st.text(min_size=1),
    size=st.sampled_from(a.SIZES),
)


@given(views)
def test_a_link_reproduces_the_screen(view: a.View) -> None:
    assert parse(a.page_address(view)) == view


def test_the_plain_screen_has_the_plain_address() -> None:
    assert a.page_address(a.View("payouts")) == "/tables/payouts"


@pytest.mark.parametrize(
    "query",
    [
        "status=unheard",
        "from=2026-02-31&to=tomorrow",
        "sort=password&dir=sideways",
        "size=1000000&size=-1",
        "cursor=",
        "=&&&?",
        "size=%C2%B250",
    ],
)
def test_what_makes_no_sense_is_left_out(query: str) -> None:
    assert parse(f"/tables/payouts?{query}") == a.View("payouts")


def test_a_header_sorts_up_then_down_then_not() -> None:
    plain = a.View("payouts", cursor="somewhere")
    up = a.next_sort(plain, "amount")
    down = a.next_sort(up, "amount")
    assert (up.sort, up.direction, up.cursor) == ("amount", "asc", None)
    assert (down.sort, down.direction) == ("amount", "desc")
    assert a.next_sort(down, "amount") == replace(plain, cursor=None)
    assert a.next_sort(down, "status").direction == "asc"


def test_the_download_has_the_filters_and_the_order_and_no_page() -> None:
    view = a.View(
        "payouts", ("failed", "completed"), date(2026, 1, 1), None, "amount", "desc", "here", 500
    )
    assert a.csv_address(view) == (
        "/tables/payouts/export.csv?status=failed&status=completed&from=2026-01-01"
        "&sort=amount&dir=desc"
    )


def test_clearing_the_filters_keeps_order_and_size() -> None:
    view = a.View("payouts", ("failed",), date(2026, 1, 1), None, "amount", "desc", "here", 500)
    assert a.without_filters(view) == a.View("payouts", sort="amount", direction="desc", size=500)
