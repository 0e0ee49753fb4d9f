"""What the last post of a native form left for its page, in a cookie: read once."""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import urlsplit

from ecomops.kit import flash
from ecomops.kit.settings import get_settings
from ecomops.runtime.sessions import cookie_in
from ecomops.ui import operation


def current_page() -> str:
    """The path of the page that sent the event, without its query."""
    return urlsplit(operation.current_path()).path.rstrip("/")


def unread_note(read: str) -> tuple[flash.Flash | None, str]:
    """The note to the page that asks, and its mark; None when it is none or has the mark ``read``.

    The cookie stays with the websocket for as long as that is open.
    """
    sealed = cookie_in(operation.cookie_header(), flash.COOKIE) or ""
    note = flash.unseal(sealed, get_settings().secret_key)
    mark = sha256(sealed.encode()).hexdigest()
    if note is None or note.page != current_page() or mark == read:
        return None, read
    return note, mark
