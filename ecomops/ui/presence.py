"""Whether the browser that sent the event being handled is still connected to this process."""

from __future__ import annotations

from reflex_base.constants import RouteVar
from reflex_base.event.context import EventContext
from reflex_base.registry import RegistrationContext


def browser_is_there() -> bool:
    """False once its websocket has closed, or another one has taken its place."""
    event = EventContext.get()
    namespace = RegistrationContext.get().app.event_namespace
    if namespace is None:
        return False
    socket = event.router_data.get(RouteVar.SESSION_ID)
    return socket is not None and namespace.token_to_sid.get(event.token) == socket
