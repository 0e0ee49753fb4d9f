"""A person's own account: name, password, signed-in browsers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ecomops.domains.identity.account import rename_myself
from ecomops.domains.identity.sessions import (
    SessionView,
    end_other_sessions,
    end_session,
    list_sessions,
)
from ecomops.kit.errors import InvalidInputError, NotFoundError
from ecomops.ui import format as fmt
from ecomops.ui.components.toasts import toast
from ecomops.ui.handlers import SIGNED_IN, handler
from ecomops.ui.notes import unread_note
from ecomops.ui.pages.settings.browsers import address_words, browser_words
from ecomops.ui.problems import shown_on_page
from ecomops.ui.session import perform
from ecomops.ui.state import AppState

PASSWORD_FIELDS = ("current_password", "password")
_EMPTY = dict.fromkeys(PASSWORD_FIELDS, "")


@dataclass
class Browser:
    """One signed-in browser, as text."""

    id: str
    words: str
    told: str
    current: bool


class AccountState(AppState):
    """The browsers, what came of the last post of the password's form, and the name's error."""

    browsers: list[Browser] = []  # noqa: RUF012 - Reflex copies the default for each State
    has_others: bool = False
    account_loaded: bool = False
    account_problem: str = ""
    account_reference: str = ""
    name_error: str = ""
    saving: bool = False
    password_errors: dict[str, str] = _EMPTY
    password_problem: str = ""
    password_done: str = ""

    _read: str = ""

    @handler(SIGNED_IN)
    async def load_account(self) -> None:
        """Show the browsers, and once what the password's form was told."""
        self.saving = False
        note, self._read = unread_note(self._read)
        self.password_errors = _EMPTY | dict(note.errors if note else {})
        refused = note is not None and bool(note.fields)
        message = note.message if note else ""
        self.password_problem, self.password_done = (message, "") if refused else ("", message)
        await self._show_browsers()

    async def _show_browsers(self) -> None:
        with shown_on_page(self, "account"):
            found = await perform(list_sessions)
            self.browsers = [browser_row(it, self.timezone) for it in found]
            self.has_others = len(found) > 1
            self.account_loaded = True

    @handler(SIGNED_IN)
    async def save_name(self, form: dict[str, Any]) -> AsyncIterator[Any]:
        """Change one's own name."""
        if self.saving:
            return
        self.saving, self.name_error = True, ""
        yield
        try:
            await perform(rename_myself, str(form.get("name", "")))
        except InvalidInputError as error:
            self.name_error = error.message
            return
        finally:
            self.saving = False
        yield toast("Name saved", tone="success")
        yield AppState.load_shell

    @handler(SIGNED_IN)
    async def sign_out_one(self, session_id: str) -> Any:
        """End one of the sessions; one that has ended already is only taken off the list."""
        try:
            await perform(end_session, UUID(session_id))
        except NotFoundError:
            await self._show_browsers()
            return toast("This browser was signed out already")
        await self._show_browsers()
        return toast("Signed out", tone="success")

    @handler(SIGNED_IN)
    async def sign_out_others(self) -> Any:
        """End all sessions but this one."""
        count = await perform(end_other_sessions)
        await self._show_browsers()
        return toast(f"{fmt.counted(count, 'browser')} signed out", tone="success")


def browser_row(view: SessionView, zone: str) -> Browser:
    """One session as the list shows it."""
    since = fmt.moment(view.created_at, zone)
    return Browser(
        id=str(view.id),
        words=browser_words(view.user_agent),
        told=f"From {address_words(view.address)}, since {since}",
        current=view.current,
    )
