"""The address of the audit log's page holds all that it shows."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecomops.domains.audit.schemas import CATEGORIES, STATUSES, AuditQuery
from ecomops.ui.pages.audit import address as a

EVENT = "019c6b1e-89ee-7217-b289-43939a2ec35a"
typed = st.text(max_size=a.LONGEST).map(a.typed)
views = st.builds(
    a.View,
    category=st.sampled_from(("", *CATEGORIES)),
    status=st.sampled_from(("", *STATUSES)),
    **dict.fromkeys(a.TEXTS, typed),
    date_from=st.none() | st.dates(),
    date_to=st.none() | st.dates(),
    cursor=st.none() | st.text(min_size=1),
    size=st.sampled_from(a.SIZES),
    event=st.just("") | st.uuids().map(str),
).flatmap(lambda view: st.sampled_from(("asc", "desc")).map(lambda way: a.ordered(view, way)))


@given(views)
def test_a_link_reproduces_the_screen(view: a.View) -> None:
    assert a.parse(a.page_address(view)) == view


def test_the_plain_screen_has_the_plain_address() -> None:
    assert a.page_address(a.View()) == "/audit"


@pytest.mark.parametrize(
    "query",
    [
        "category=unheard&status=odd",
        "from=2026-02-31&to=tomorrow",
        "dir=sideways",
        "dir=desc",
        "size=1000000&size=-1",
        "cursor=&actor=%20%00%0a",
        "event=1&event=../../etc",
        "=&&&?",
    ],
)
def test_what_makes_no_sense_is_left_out(query: str) -> None:
    assert a.parse(f"/audit?{query}") == a.View()


def test_what_was_pasted_loses_its_blanks_and_its_length() -> None:
    assert a.parse("/audit?actor=%20ada%40example.com%0a").actor == "ada@example.com"
    assert len(a.parse(f"/audit?action={'x' * 5_000}").action) == a.LONGEST


def test_a_trace_goes_on_in_time_and_everything_else_back() -> None:
    trace, log = a.parse("/audit?correlation_id=abc-123-def"), a.parse("/audit?category=job")
    assert (trace.ascending, log.ascending) == (True, False)
    assert a.page_address(a.ordered(trace, "desc")) == "/audit?correlation_id=abc-123-def&dir=desc"
    assert a.page_address(a.ordered(log, "asc")) == "/audit?category=job&dir=asc"


def test_a_trace_is_whole_while_nothing_else_is_filtered_by() -> None:
    trace = a.parse("/audit?correlation_id=abc-123-def&size=25&dir=desc")
    assert a.is_whole_trace(trace)
    assert not a.is_whole_trace(a.changed(trace, status="error"))
    assert not a.is_whole_trace(a.View())


def test_leaving_a_trace_leads_to_the_newest_first() -> None:
    trace = a.parse("/audit?correlation_id=abc-123-def&status=error&cursor=here")
    left = a.changed(trace, correlation_id="")
    assert a.page_address(left) == "/audit?status=error"
    assert not left.ascending


def test_other_filters_begin_at_the_first_page_with_no_event_open() -> None:
    view = a.View(status="denied", cursor="here", size=100, event=EVENT)
    assert a.changed(view, status="error") == a.View(status="error", size=100)
    assert a.without_filters(view) == a.View(size=100)
    assert a.list_of(view) == replace(view, event="")


def test_the_download_has_the_filters_and_neither_order_nor_page() -> None:
    view = a.View("job", "error", date_from=date(2026, 2, 9), cursor="x", size=25, event=EVENT)
    query = "category=job&status=error&from=2026-02-09"
    assert a.export_address(a.ordered(view, "asc"), "ndjson") == f"/audit/export.ndjson?{query}"


def test_a_preset_holds_as_many_times_24_hours_in_whole_days() -> None:
    today = date(2026, 2, 16)
    assert a.days_back(1, today) == (date(2026, 2, 15), today)
    assert a.days_back(7, today) == (date(2026, 2, 9), today)


@given(views)
def test_the_service_is_asked_for_what_the_address_says(view: a.View) -> None:
    asked = a.query_of(view)
    assert isinstance(asked, AuditQuery)
    assert (asked.sort_dir == "asc" or (not asked.sort_dir and bool(asked.correlation_id))) == (
        view.ascending
    )
    assert (asked.category, asked.actor, asked.page_size) == (view.category, view.actor, view.size)
    assert (asked.date_from, asked.date_to, asked.cursor) == (
        view.date_from,
        view.date_to,
        view.cursor,
    )


def test_an_event_is_known_however_its_id_is_written() -> None:
    assert a.parse(f"/audit?event={UUID(EVENT).hex.upper()}").event == EVENT
