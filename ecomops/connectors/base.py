"""The port that every provider's connector fills."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from ecomops.connectors.records import Reject, StoredRecord
from ecomops.kit.errors import ProviderError, ProviderPermissionError

Cursor = Mapping[str, Any]
"""Where a stream stands: JSON made by the connector, kept for it beside the rows."""


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of the provider, and the cursor that is true once its rows are stored.

    ``len(records) + len(rejects) + ignored == received``. Records of several kinds may come
    together, as an order with its payments does; parents first. ``whole`` names ledger
    transactions (account:id) all of whose lines are here: what else is stored of them is gone.
    """

    stream: str
    records: tuple[StoredRecord, ...]
    rejects: tuple[Reject, ...]
    cursor: Cursor
    received: int
    ignored: int = 0
    last: bool = False
    whole: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """Whose data the credentials reach."""

    account_id: str
    name: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of the provider's time, from ``start`` up to and without ``end``."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of record. ``table`` is the table that it feeds first, ``label`` is for people."""

    name: str
    table: str
    label: str


class Connector(Protocol):
    """A provider account that can be read, page by page, with nothing kept between calls.

    All methods raise ``kit.errors.ProviderError`` subclasses and nothing else.
    """

    provider: str

    def check(self) -> Account:
        """One cheap authenticated call."""

    def streams(self) -> Sequence[Stream]:
        """In the order in which they are to be read."""

    def pages(
        self, stream: str, cursor: Cursor | None, window: Window | None = None
    ) -> Iterator[Page]:
        """Everything new since ``cursor`` (None: everything), oldest work first where it can.

        With a ``window`` only what was created in it; a cursor belongs to its window.
        """

    def refresh(self, stream: str, source_ids: Sequence[str]) -> Iterator[Page]:
        """The named records as they are now; their cursor is empty.

        One that is gone at the provider is a reject with the reason ``vanished``.
        """

    def contents(self, payout_ids: Sequence[str]) -> Iterator[tuple[str, Page]]:
        """(payout id, page) of the lines that each payout bundles; ``last`` ends a payout.

        A payout that is gone is one page with a ``vanished`` reject, which is not the last.
        """

    def close(self) -> None:
        """Give back sockets."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed since a mark, and the mark that is true once these records are stored.

    ``source_ids`` None: the provider cannot tell, so that anything may have.
    """

    source_ids: tuple[str, ...] | None
    cursor: Cursor


@runtime_checkable
class TellsChanges(Protocol):
    """What a connector may do beside ``Connector``: its provider tells which records changed."""

    def changed(self, stream: str, cursor: Cursor | None, walked: Cursor | None) -> Changes | None:
        """The records of ``stream`` that changed since ``cursor``, a mark of an earlier answer.

        Those are left out that the next walk from ``walked``, the stream's own cursor, brings.
        None for a stream whose records do not change.
        """


def changes_of(
    connector: Connector, stream: str, cursor: Cursor | None, walked: Cursor | None
) -> Changes | None:
    """See ``TellsChanges``. None where the provider does not tell, or not us."""
    if not isinstance(connector, TellsChanges):
        return None
    try:
        return connector.changed(stream, cursor, walked)
    except ProviderPermissionError:
        return None


@runtime_checkable
class TellsSize(Protocol):
    """What a connector may do beside ``Connector``: its provider counts without being read."""

    def size(self, window: Window) -> Mapping[str, int]:
        """A stream's label → how many of its records were created in ``window``.

        Only of streams that the provider counts.
        """


def size_of(connector: Connector, window: Window) -> Mapping[str, int]:
    """See ``TellsSize``. Empty where the provider does not tell, or not now, or not us."""
    if not isinstance(connector, TellsSize):
        return {}
    try:
        return connector.size(window)
    except ProviderError:
        return {}
