"""Events, filters and counts as the audit log's page writes them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ecomops.domains.audit.schemas import EventRow
from ecomops.ui import format as fmt
from ecomops.ui.components.chips import Chip
from ecomops.ui.pages.audit.address import View, changed, page_address

SHORT = 16
"""Letters of an id that fit into a row."""
NAMES = {
    "category": "Category",
    "status": "Status",
    "action": "Action",
    "actor": "Actor",
    "resource_type": "Resource type",
    "resource_id": "Resource ID",
    "correlation_id": "Correlation ID",
    "search": "Search IDs",
}
"""Name on screen of each filter."""


@dataclass
class EventLine:
    """One event, as text."""

    id: str
    when: str
    category: str
    action: str
    actor: str
    resource_type: str
    resource_id: str
    resource_short: str
    status: str
    correlation_id: str
    correlation_short: str


def event_line(event: EventRow, zone: str) -> EventLine:
    """An event as a row of the table, or of what belongs to the same operation."""
    return EventLine(
        id=str(event.id),
        when=fmt.moment_to_the_second(event.occurred_at, zone),
        category=fmt.words(event.category),
        action=event.action,
        actor=event.actor,
        resource_type=event.resource_type,
        resource_id=event.resource_id,
        resource_short=shortened(event.resource_id),
        status=fmt.words(event.status),
        correlation_id=event.correlation_id,
        correlation_short=shortened(event.correlation_id),
    )


def shortened(text: str) -> str:
    """Both ends of an id: ours begin with the time, so near ones begin alike."""
    return text if len(text) <= SHORT else f"{text[:6]}…{text[-6:]}"


def chips(view: View) -> list[Chip]:
    """The active filters, each with the address that lacks only it."""
    found = [
        Chip(f"{name}: {_words(field, getattr(view, field))}", _without(view, **{field: ""}))
        for field, name in NAMES.items()
        if getattr(view, field)
    ]
    if view.date_from or view.date_to:
        span = fmt.days(view.date_from, view.date_to)
        found.append(Chip(span, _without(view, date_from=None, date_to=None)))
    return found


def _words(field: str, value: str) -> str:
    if field in ("category", "status"):
        return fmt.words(value)
    return shortened(value) if field.endswith("_id") else value


def _without(view: View, **changes: Any) -> str:
    return page_address(changed(view, **changes))


def total(value: int, is_capped: bool) -> str:
    """``1,284 events``; ``10,000+ events`` where counting stopped."""
    return f"{fmt.capped(value, True)} events" if is_capped else fmt.counted(value, "event")
