"""What goes in and out of an audit stream. Times are UTC."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class Cursor:
    """The next event to be sent: its batch's number, from 1, and its place in it, from 0."""

    batch: int = 1
    position: int = 0


@dataclass(frozen=True, slots=True)
class StreamView:
    """A workspace's stream as people see it; the secret is never shown again.

    ``waiting`` sealed events are still to be sent. ``next_try_at`` only after a failure.
    """

    id: UUID
    url: str
    status: Literal["active", "paused"]
    cursor: Cursor
    waiting: int
    delivered: int
    failures: int
    last_error: str | None
    last_tried_at: datetime | None
    last_delivered_at: datetime | None
    next_try_at: datetime | None


@dataclass(frozen=True, slots=True)
class StreamSaved:
    """``secret`` is shown once, when the stream is new or its secret was rotated; else None."""

    stream: StreamView
    secret: SecretStr | None


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is to be posted: a whole file of the exported form, of events in a row.

    ``begins`` is the cursor before it, ``ends`` the one after it.
    """

    stream_id: UUID
    url: str
    secret: SecretStr
    begins: Cursor
    ends: Cursor
    events: int
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Delivered:
    """How a parcel fared; ``error`` None: it arrived."""

    stream_id: UUID
    begins: Cursor
    ends: Cursor
    events: int
    error: str | None = None
