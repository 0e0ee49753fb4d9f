"""What was made for one session is never sent to a socket of another.

Reflex sends updates to whoever is connected with the browser's token at that moment, also those of
handlers that were started before the socket changed hands.
"""

from __future__ import annotations

from typing import Any

from reflex.app import EventNamespace
from reflex.state import StateUpdate

from ecomops.kit.logging import get_logger
from ecomops.kit.settings import get_settings
from ecomops.runtime.sessions import token_in
from ecomops.ui import operation
from ecomops.ui.sealed_cookies import cookies_of

log = get_logger(__name__)


def guard_delivery(namespace: EventNamespace) -> None:
    """Have this websocket endpoint drop updates that are not for the session at the other end."""
    emit = namespace.emit_update

    async def emit_to_own_session(update: StateUpdate, token: str) -> None:
        socket = namespace._token_manager.token_to_socket.get(token)
        if socket is None or _is_own(namespace._static_router_data.get(socket.sid)):
            await emit(update, token)
        else:
            log.warning("update_of_another_session_dropped")

    namespace.emit_update = emit_to_own_session  # type: ignore[method-assign]  # no subclass hook


def _is_own(connection: dict[str, Any] | None) -> bool:
    """Whether the socket's browser sent the session cookie of the event being handled."""
    if connection is None:
        return False
    settings = get_settings()
    theirs = token_in(cookies_of(connection), settings)
    return theirs == token_in(operation.cookie_header(), settings)
