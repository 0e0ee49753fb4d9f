"""From an AuditQuery to the events it means: conditions, order, pages by key."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, tuple_
from sqlalchemy import select as select_columns
from sqlmodel import Session, select

from ecomops.core.days import span
from ecomops.domains.audit.schemas import AuditQuery, Direction
from ecomops.kit.errors import InvalidInputError
from ecomops.models import metadata
from ecomops.models.audit import CATEGORIES, STATUSES
from ecomops.models.identity import TenantConfig

EVENTS = metadata.tables["audit_events"]
LARGEST_PAGE = 500
LONGEST_TEXT = 200
EXACT = (
    "category", "action", "actor", "status", "resource_type", "resource_id", "correlation_id",
)  # fmt: skip
"""Filters that name a column and its value."""


def check(query: AuditQuery) -> None:
    """Raises InvalidInputError by field."""
    wrong = {}
    if query.category and query.category not in CATEGORIES:
        wrong["category"] = f"There is no category '{query.category[:40]}'."
    if query.status and query.status not in STATUSES:
        wrong["status"] = f"There is no status '{query.status[:40]}'."
    for name in (*EXACT, "search"):
        if len(getattr(query, name)) > LONGEST_TEXT or "\x00" in getattr(query, name):
            wrong.setdefault(name, f"At most {LONGEST_TEXT} characters of text.")
    if query.date_from and query.date_to and query.date_from > query.date_to:
        wrong["date_from"] = "The first day must not be after the last."
    if query.sort_dir not in get_args(Direction):
        wrong["sort_dir"] = "Sort ascending (asc) or descending (desc)."
    if not 1 <= query.page_size <= LARGEST_PAGE:
        wrong["page_size"] = f"A page has 1 to {LARGEST_PAGE} rows."
    if wrong:
        raise InvalidInputError(wrong)


def conditions(session: Session, query: AuditQuery) -> list[ColumnElement[bool]]:
    """What the query lets through. Row-level security names the tenant."""
    given = [(name, getattr(query, name)) for name in EXACT]
    found = [EVENTS.c[name] == value for name, value in given if value]
    if query.search.strip():
        found.append(_found_by(query.search.strip()))
    return found + _days(session, query)


def _found_by(search: str) -> ColumnElement[bool]:
    """An id, or how one begins.

    Ids first, each by its own index, in a list that is done before any order is thought of.
    """
    ways = [_begins(EVENTS.c.correlation_id, search), _begins(EVENTS.c.resource_id, search)]
    if event_id := _uuid(search):
        ways.append(EVENTS.c.id == event_id)
    found = [select_columns(EVENTS.c.id).where(way) for way in ways]
    listed = (
        found[0].union(*found[1:]).cte("found").prefix_with("MATERIALIZED", dialect="postgresql")
    )
    return EVENTS.c.id.in_(select_columns(listed.c.id))


def _begins(column: Any, text: str) -> ColumnElement[bool]:
    """As a range: LIKE is not leakproof, so no index would serve it."""
    return and_(column >= text, column < f"{text}\U0010ffff")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _days(session: Session, query: AuditQuery) -> list[ColumnElement[bool]]:
    if not (query.date_from or query.date_to):
        return []
    zone = ZoneInfo(session.exec(select(TenantConfig.timezone)).one())
    begins, ends = span(query.date_from, query.date_to, zone)
    column = EVENTS.c.occurred_at
    return [*([column >= begins] if begins else []), *([column < ends] if ends else [])]


@dataclass(frozen=True, slots=True)
class Place:
    """Beside which event a page lies; ``backwards``: before it."""

    occurred_at: datetime
    event_id: UUID
    backwards: bool

    def encoded(self) -> str:
        """Opaque text for a URL."""
        parts = [self.occurred_at.isoformat(), self.event_id.hex, int(self.backwards)]
        return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")

    @classmethod
    def decoded(cls, text: str) -> "Place":
        """Raises InvalidInputError when it is none."""
        try:
            padded = text + "=" * (-len(text) % 4)
            moment, event_id, backwards = json.loads(base64.urlsafe_b64decode(padded))
            return cls(datetime.fromisoformat(moment), UUID(event_id), bool(backwards))
        except (ValueError, TypeError, AttributeError, RecursionError):
            message = "This page link is not valid any more. Go back to the first page."
            raise InvalidInputError({"cursor": message}) from None


def descends(query: AuditQuery) -> bool:
    """Newest first, but a trace is read from its beginning."""
    return (query.sort_dir or ("asc" if query.correlation_id else "desc")) == "desc"


def beyond(place: Place, *, descending: bool) -> ColumnElement[bool]:
    """The events on the page's side of ``place``."""
    here = tuple_(EVENTS.c.occurred_at, EVENTS.c.id)
    there = tuple_(place.occurred_at, place.event_id)
    return here < there if descending != place.backwards else here > there


def in_order(*, descending: bool) -> list[Any]:
    """ORDER BY: by time, ties by id."""
    columns = EVENTS.c.occurred_at, EVENTS.c.id
    return [column.desc() for column in columns] if descending else list(columns)
