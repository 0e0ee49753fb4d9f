"""What a refused form left behind, for the two forms of strangers."""

from __future__ import annotations

from ecomops.ui import operation
from ecomops.ui.handlers import PUBLIC, handler
from ecomops.ui.notes import current_page, unread_note
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
        page = current_page()
        if page != self._page:
            self._page, self.typed = page, _EMPTY
        self.next_path = operation.query("next")
        self.session_ended = operation.query("ended") == "1"
        note, self._read = unread_note(self._read)
        if note is None:
            self.message, self.errors = "", _EMPTY
            return
        self.message = note.message
        self.errors = _EMPTY | dict(note.errors)
        self.typed = _EMPTY | dict(note.fields)
