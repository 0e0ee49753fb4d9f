"""A page whose connection was lost comes back to its own state, with all that was open in it.

Reflex gives a new, empty state to whoever presents the token of a connected browser: it is a
duplicated tab. So is, to Reflex, a page that comes back before the server knows that its old socket
is gone, or after the server was killed and could not forget it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from reflex.app import EventNamespace
from reflex.istate.manager.token import BaseStateToken
from reflex.utils.token_manager import RedisTokenManager, SocketRecord
from reflex_base.constants import CompileVars

from ecomops.kit.context import Context
from ecomops.kit.ids import new_correlation_id
from ecomops.kit.settings import get_settings
from ecomops.runtime.sessions import sessions, token_in
from ecomops.ui.session import owner_of
from ecomops.ui.state import AppState


def welcome_back(namespace: EventNamespace) -> None:
    """Have this websocket endpoint know a page that comes back from a duplicated tab."""
    connect = namespace.on_connect

    async def on_connect(sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        token = parse_qs(environ.get("QUERY_STRING", "")).get("token", [""])[0]
        if token and _comes_back(auth) and await _owns_state(namespace, sid, environ, token):
            await _take_over(namespace, sid, token)
        await connect(sid, environ, auth)

    namespace.on_connect = on_connect  # type: ignore[method-assign]  # no subclass hook


def just_loaded(payload: Mapping[str, Any]) -> bool:
    """Whether the page that says it is here was just loaded: only then it says how it was built."""
    return CompileVars.PAYLOAD_HASHES in payload


def _comes_back(auth: Any) -> bool:
    """Whether the page was not just loaded, as a duplicated tab is."""
    event = auth.get(CompileVars.CONNECT_AUTH_EVENT) if isinstance(auth, dict) else None
    payload = event.get("payload", {}) if isinstance(event, dict) else None
    return isinstance(payload, dict) and not just_loaded(payload)


async def _owns_state(
    namespace: EventNamespace, sid: str, environ: dict[str, Any], token: str
) -> bool:
    """Whether the session that comes is the one whose state it is."""
    connection = namespace._build_static_router_data(sid, environ)
    cookie = token_in(str(connection["headers"].get("cookie", "")), get_settings())
    request = Context(new_correlation_id(), "web", address=str(connection["ip"]))
    ctx = await sessions.find(cookie, request)
    if ctx is None:
        return False
    named = BaseStateToken(ident=token, cls=AppState)
    root: Any = await namespace.app.state_manager.get_state(named)
    shared = await root.get_state(AppState)
    return bool(shared._owner == owner_of(ctx))


async def _take_over(namespace: EventNamespace, sid: str, token: str) -> None:
    """Record the new socket as the token's; the old one is not heard of again."""
    manager = namespace._token_manager
    old = manager.token_to_socket.get(token)
    if old is not None:
        manager.sid_to_token.pop(old.sid, None)
    record = SocketRecord(instance_id=manager.instance_id, sid=sid)
    manager.token_to_socket[token], manager.sid_to_token[sid] = record, token
    if isinstance(manager, RedisTokenManager):
        manager._ensure_socket_record_task()
        await manager._store_socket_record(token, record)
