"""The stream of audit events to a webhook, as the settings show it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Literal

import reflex as rx

from ecomops.domains.audit_settings.schemas import Cursor, StreamSaved, StreamView
from ecomops.domains.audit_settings.streams import (
    delete_stream,
    get_stream,
    pause_stream,
    replay_stream,
    resume_stream,
    rotate_stream_secret,
    save_stream,
)
from ecomops.kit.errors import InvalidInputError
from ecomops.operations.audit_stream import send_test
from ecomops.ui import format as fmt
from ecomops.ui.components.toasts import toast
from ecomops.ui.handlers import handler
from ecomops.ui.problems import shown_on_page
from ecomops.ui.session import call, perform
from ecomops.ui.state import AppState

SECRET = "stream_secret"
"""Id of the field that shows a new secret. It is set there and never enters the State."""

Asked = Literal["", "replay", "rotate", "delete"]
"""A dialog; empty: none."""


class StreamState(AppState):
    """The workspace's stream as text; ``stream_url`` is empty while there is none."""

    stream_url: str = ""
    stream_status: str = ""
    sent: str = ""
    waiting: str = ""
    next_event: str = ""
    last_delivery: str = ""
    last_error: str = ""
    next_try: str = ""
    stream_loaded: bool = False
    stream_problem: str = ""
    stream_reference: str = ""
    url_error: str = ""
    batch_error: str = ""
    busy: str = ""
    asking: str = ""
    secret_shown: bool = False
    form_number: int = 0

    @handler("tenant.manage")
    async def load_stream(self) -> None:
        """Show the stream; a form that is being filled in stays as it is."""
        self.busy = ""
        with shown_on_page(self, "stream"):
            self._show(await perform(get_stream))
            self.stream_loaded = True

    @handler("tenant.manage")
    async def save_url(self, form: dict[str, Any]) -> AsyncIterator[Any]:
        """Send events to this address from now on."""
        if self.busy:
            return
        self.busy, self.url_error = "url", ""
        yield
        try:
            saved = await perform(save_stream, str(form.get("url") or ""))
        except InvalidInputError as error:
            self.url_error = error.message
            return
        finally:
            self.busy = ""
        self.form_number += 1
        for event in self._saved(saved, "Stream saved"):
            yield event

    @handler("tenant.manage")
    async def rotate_secret(self) -> Any:
        """Sign with a new secret, and show it once."""
        self.asking = ""
        return self._saved(await perform(rotate_stream_secret), "Secret replaced")

    @handler("tenant.manage")
    async def pause(self) -> Any:
        """Send nothing for a while."""
        self._show(await perform(pause_stream))
        return toast("Stream paused")

    @handler("tenant.manage")
    async def resume(self) -> Any:
        """Send what has gathered."""
        self._show(await perform(resume_stream))
        return toast("Stream resumed", tone="success")

    @handler("tenant.manage")
    async def replay(self, form: dict[str, Any]) -> Any:
        """Send everything from a batch on, again."""
        self.batch_error = ""
        try:
            self._show(await perform(replay_stream, Cursor(_batch(str(form.get("batch") or "")))))
        except InvalidInputError as error:
            self.batch_error = error.message
            return None
        self.asking = ""
        return toast("Replaying", description=f"From {self.next_event} on.", tone="success")

    @handler("tenant.manage")
    async def delete(self) -> Any:
        """Send nothing any more."""
        self.asking = ""
        await perform(delete_stream)
        self._show(None)
        return toast("Stream deleted", tone="success")

    @handler("tenant.manage", background=True)
    async def test(self) -> AsyncIterator[Any]:
        """Post a file without events, and say how it was received."""
        async with self:
            if self.busy:
                return
            self.busy = "test"
        try:
            wrong = await call(send_test)
        finally:
            async with self:
                self.busy = ""
        if wrong is None:
            yield toast("Test received", tone="success")
        else:
            yield toast("Test not received", description=wrong, tone="error")

    @handler("tenant.manage")
    async def ask(self, what: Asked) -> None:
        """Open a dialog, or close the one that is open."""
        self.asking, self.batch_error = what, ""

    @handler("tenant.manage")
    async def forget_secret(self) -> Any:
        """It has been kept elsewhere."""
        self.secret_shown = False
        return rx.set_value(SECRET, "")

    def _saved(self, saved: StreamSaved, told: str) -> list[Any]:
        self._show(saved.stream)
        if saved.secret is None:
            return [toast(told, tone="success")]
        self.secret_shown = True
        return [rx.set_value(SECRET, saved.secret.get_secret_value()), toast(told, tone="success")]

    def _show(self, stream: StreamView | None) -> None:
        self.stream_url = stream.url if stream else ""
        if stream is None:
            return
        zone = self.timezone
        tried, last, again = stream.last_tried_at, stream.last_delivered_at, stream.next_try_at
        self.stream_status = _status(stream)
        self.sent, self.waiting = fmt.counted(stream.delivered, "event"), _waiting(stream)
        batch, position = fmt.number(stream.cursor.batch), fmt.number(stream.cursor.position)
        self.next_event = f"batch {batch}, position {position}"
        self.last_delivery = fmt.moment_to_the_second(last, zone) if last else "None yet"
        failed = f" (tried {fmt.moment(tried, zone)})" if tried else ""
        self.last_error = f"{stream.last_error}{failed}" if stream.last_error else ""
        self.next_try = fmt.moment_to_the_second(again, zone) if again else ""


def _status(stream: StreamView) -> str:
    if stream.status == "paused":
        return "Paused"
    return "Failing" if stream.failures else "Active"


def _waiting(stream: StreamView) -> str:
    return fmt.counted(stream.waiting, "event") if stream.waiting else "Nothing"


def _batch(text: str) -> int:
    """The batch that a form names. Raises InvalidInputError."""
    typed = text.strip()
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= 18):
        raise InvalidInputError({"batch": "Enter the number of a batch, 1 for the first."})
    return int(typed)
