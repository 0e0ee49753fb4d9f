"""The event being handled: its name in the log, its connection, its page.

All of it comes from Reflex's own ``EventContext``, which belongs to one event, and never from the
State, which whoever presents the browser's token can reach.
"""

from __future__ import annotations

from typing import Any

import structlog
from reflex_base.event.context import EventContext

from ecomops.kit.ids import new_correlation_id
from ecomops.ui.sealed_cookies import cookies_of


def begin(event_name: str) -> None:
    """Give the event a correlation id, bound to every log line until its handler is done."""
    structlog.contextvars.unbind_contextvars("tenant_id", "user_id")
    handler = ".".join(event_name.split(".")[-2:])
    structlog.contextvars.bind_contextvars(correlation_id=new_correlation_id(), handler=handler)


def correlation_id() -> str:
    """The id of the event being handled; a new one outside of any."""
    bound = structlog.contextvars.get_contextvars().get("correlation_id")
    return str(bound) if bound else new_correlation_id()


def connection() -> dict[str, Any]:
    """What the server knows of the event's websocket; empty when no browser sent the event."""
    try:
        return EventContext.get().router_data
    except LookupError:
        return {}


def cookie_header() -> str:
    """The cookies that the browser sent when this event's websocket was opened."""
    return cookies_of(connection())


def address() -> str:
    """The network address of the event's browser."""
    return str(connection().get("ip", ""))


def current_path() -> str:
    """Path and query of the page that sent the event, as its browser tells; may be anything."""
    return str(connection().get("asPath", "/"))


def query(name: str) -> str:
    """One value of that page's query, empty where absent; may be anything."""
    return str(connection().get("query", {}).get(name, ""))
