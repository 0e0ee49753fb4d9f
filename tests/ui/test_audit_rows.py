"""Events as the audit log's page and its panel write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from ecomops.domains.audit.schemas import CATEGORIES, EventDetail, EventRow, SealPlace
from ecomops.ui.pages.audit.address import View
from ecomops.ui.pages.audit.facts import Fact, document, facts, sealed
from ecomops.ui.pages.audit.rows import chips, event_line, shortened, total

EVENT_ID = UUID("019c6b1e-89ee-7217-b289-43939a2ec35a")
MOMENT = datetime(2026, 2, 16, 13, 3, 27, tzinfo=UTC)


def event(**changes: Any) -> EventRow:
    values: dict[str, Any] = {
        "id": EVENT_ID,
        "occurred_at": MOMENT,
        "category": "connection",
        "action": "connection_created",
        "actor_id": None,
        "actor": "system",
        "channel": "cli",
        "resource_type": "connection",
        "resource_id": "c-1",
        "status": "success",
        "correlation_id": "abc-123-def",
    }
    return EventRow(**{**values, **changes})


def detail(seal: SealPlace | None = None, **changes: Any) -> EventDetail:
    return EventDetail(event(**changes), "", {"label": "Main"}, (event(),), False, seal)


def test_a_row_has_the_workspaces_time_with_its_name() -> None:
    line = event_line(event(), "Europe/Berlin")
    assert line.when == "16 Feb 2026, 14:03:27 CET"
    assert (line.category, line.status) == ("Connection", "Success")
    assert (line.action, line.actor) == ("connection_created", "system")
    assert (line.correlation_id, line.correlation_short) == ("abc-123-def", "abc-123-def")


def test_a_short_id_is_shown_whole() -> None:
    assert shortened("1234567890123456") == "1234567890123456"
    assert shortened(str(EVENT_ID)) == "019c6b…2ec35a"


def test_each_chip_leads_to_the_screen_without_it() -> None:
    view = View("job", "error", actor="system", date_from=date(2026, 2, 9), cursor="here")
    assert [(chip.text, chip.without) for chip in chips(view)] == [
        ("Category: Job", "/audit?status=error&actor=system&from=2026-02-09"),
        ("Status: Error", "/audit?category=job&actor=system&from=2026-02-09"),
        ("Actor: system", "/audit?category=job&status=error&from=2026-02-09"),
        ("From 9 Feb 2026", "/audit?category=job&status=error&actor=system"),
    ]


def test_totals() -> None:
    assert [total(10_000, True), total(1, False)] == ["10,000+ events", "1 event"]


def test_the_panel_has_every_field_that_is_there() -> None:
    shown = facts(detail(), "Europe/Berlin")
    assert [fact.name for fact in shown if not fact.value] == []
    assert Fact("Channel", "Command line") in shown
    assert Fact("Correlation ID", "abc-123-def", copied=True) in shown
    assert "Address" not in [fact.name for fact in shown]


def test_what_is_copied_is_the_whole_event_in_utc() -> None:
    copied = document(detail())
    assert copied["occurred_at"] == "2026-02-16T13:03:27+00:00"
    assert copied["payload"] == {"label": "Main"}
    assert copied.keys() >= set(EventRow._fields) - {"actor_id"}


def test_where_an_event_is_sealed() -> None:
    place = SealPlace(batch=1_204, position=3, sealed_at=MOMENT, leaf="ab" * 32)
    told = "Batch 1,204, position 3, sealed at 16 Feb 2026, 13:03:27 UTC"
    assert sealed(detail(place), "UTC") == told
    assert sealed(detail(), "UTC") == ""


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_has_a_word(category: str) -> None:
    assert event_line(event(category=category), "UTC").category.lower() == category
