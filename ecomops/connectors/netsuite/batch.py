"""How the rows of an answer become records: each is a record, a reject, or an earlier copy."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ecomops.connectors.base import Cursor, Page
from ecomops.connectors.exact_json import Element, as_json_string
from ecomops.connectors.fields import UnreadableError
from ecomops.connectors.netsuite.fields import Row
from ecomops.connectors.records import Reject, StoredRecord

Reader = Callable[[str, Row, str], StoredRecord]
"""(account, row, its own JSON text) to a record. Raises UnreadableError."""

Namer = Callable[[str, Row], str | None]
"""(account, row) to the source_id that its record has, where the row tells it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How a stream's rows are read. ``stream`` is its name."""

    stream: str
    read: Reader
    name: Namer


@dataclass(slots=True)
class Batch:
    """The outcome of some rows."""

    records: dict[str, StoredRecord] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    received: int = 0

    def page(
        self, stream: str, cursor: Cursor | None = None, *, last: bool = False, whole: bool = False
    ) -> Page:
        """``whole``: the lines of each transaction here are all of its lines."""
        return Page(
            stream=stream,
            records=tuple(self.records.values()),
            rejects=tuple(self.rejects),
            cursor=cursor or {},
            received=self.received,
            ignored=self.received - len(self.records) - len(self.rejects),
            last=last,
            whole=self._whole() if whole else (),
        )

    def _whole(self) -> tuple[str, ...]:
        """The transactions all of whose lines could be read."""
        names = [it.source_id for it in self.rejects]
        if None in names:
            return ()
        unread = {_transaction(name) for name in names if name}
        return tuple(
            dict.fromkeys(it for it in map(_transaction, self.records) if it not in unread)
        )


def _transaction(source_id: str) -> str:
    return source_id.rpartition(":")[0]


def read_batch(kind: Kind, account: str, elements: Iterable[Element]) -> Batch:
    """Read each row; of one source_id the last copy counts."""
    batch = Batch()
    for element in elements:
        batch.received += 1
        try:
            record = kind.read(account, _checked(element), element.text)
        except UnreadableError as error:
            batch.rejects.append(_rejected(kind, account, element, error))
            continue
        batch.records[record.source_id] = record
    return batch


def vanished(stream: str, source_id: str) -> Reject:
    """A record that was asked for by its id and is not there any more."""
    message = "NetSuite does not have this any more, or it does not post any more."
    return Reject(
        stream=stream, source_id=source_id, reason_code="vanished", message=message, payload="{}"
    )


def _checked(element: Element) -> Row:
    if element.problem:
        raise UnreadableError("bad_number", element.problem)
    if not isinstance(element.value, dict):
        raise UnreadableError("not_an_object", "The row is no object.")
    return element.value


def _rejected(kind: Kind, account: str, element: Element, error: UnreadableError) -> Reject:
    row = element.value if isinstance(element.value, dict) else {}
    return Reject(
        stream=kind.stream,
        source_id=kind.name(account, row),
        reason_code=error.code,
        message=error.message,
        payload=as_json_string(element.text) if element.problem else element.text,
    )
