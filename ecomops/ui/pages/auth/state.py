"""What a refused form left behind, for the two forms of strangers."""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import urlsplit

from ecomops.kit import flash
from ecomops.kit.settings import get_settings
from ecomops.runtime.sessions import cookie_in
from ecomops.ui import operation
from ecomops.ui.handlers import PUBLIC, handler
from ecomops.ui.state import AppState

FIELDS = ("organization_name", "slug", "name", "email", "password")
_EMPTY = dict.fromkeys(FIELDS, "")


class AuthState(AppState):
    """The fields as they were typed, what was wrong with each, and where to go afterwards."""

    message: str = ""
    errors: dict[str, str] = _EMPTY
    typed: dict[str, str] = _EMPTY
    next_path: str = ""
    session_ended: bool = False

    _page: str = ""
    _read: str = ""

    @handler(PUBLIC)
    def open_form(self) -> None:
        """Take what the form's last post left; once, for it stays with the websocket."""
        page = urlsplit(operation.current_path()).path.rstrip("/")
        if page != self._page:
            self._page, self.typed = page, _EMPTY
        self.next_path = operation.query("next")
        self.session_ended = operation.query("ended") == "1"
        sealed = cookie_in(operation.cookie_header(), flash.COOKIE) or ""
        note = flash.unseal(sealed, get_settings().secret_key)
        mark = sha256(sealed.encode()).hexdigest()
        if note is None or note.page != page or mark == self._read:
            self.message, self.errors = "", _EMPTY
            return
        self._read = mark
        self.message = note.message
        self.errors = _EMPTY | dict(note.errors)
        self.typed = _EMPTY | dict(note.fields)
