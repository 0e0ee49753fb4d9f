"""The cookies of a websocket, kept out of what Reflex stores.

Reflex keeps the headers of a tab's connection in its state, which lies in Redis: there a session's
token would be as good as a password. So they are sealed with a key that this process alone has
and never writes down; a state is told its connection anew with every event, so no other needs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from reflex.app import EventNamespace

_key = Fernet(Fernet.generate_key())


class _Connections(dict[str, dict[str, Any]]):
    """What is known of each socket: whatever is put in, its cookies are sealed."""

    def __setitem__(self, sid: str, connection: dict[str, Any]) -> None:
        headers = connection["headers"]
        if headers.get("cookie"):
            headers["cookie"] = _key.encrypt(str(headers["cookie"]).encode()).decode()
        super().__setitem__(sid, connection)


def seal_cookies(namespace: EventNamespace) -> None:
    """Have this websocket endpoint keep its connections' cookies in sealed form only."""
    namespace._static_router_data = _Connections()


def cookies_of(connection: Mapping[str, Any]) -> str:
    """The ``Cookie`` header of a connection that was sealed here, else nothing."""
    return _opened(str(connection.get("headers", {}).get("cookie", "")))


@lru_cache(1_000)
def _opened(sealed: str) -> str:
    """Kept, as each event asks several times."""
    try:
        return _key.decrypt(sealed).decode()
    except InvalidToken:
        return ""
