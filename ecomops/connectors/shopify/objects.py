"""How objects become records: one by one, each kept, rejected with its reason, or ignored."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from ecomops.connectors.base import Cursor, Page
from ecomops.connectors.exact_json import Element, as_json_string, read_list
from ecomops.connectors.fields import Json, UnreadableError
from ecomops.connectors.records import Record, Reject
from ecomops.connectors.shopify.fields import read_moment, valid_gid
from ecomops.connectors.shopify.kinds import ORDERS, ObjectKind, Reader
from ecomops.connectors.shopify.orders import read_order
from ecomops.connectors.shopify.refunds import Purposes
from ecomops.connectors.shopify.transactions import (
    KIND,
    NO_PAYMENTS,
    REFUND,
    read_payment,
    read_refund,
)

Complete = Callable[[Json], None]
"""Fills the lists of an order; raises UnreadableError where it cannot."""


@dataclass(slots=True)
class Batch:
    """The outcome of some objects: each is a record, a reject, or ignored."""

    stream: str
    records: dict[str, Record] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    received: int = 0
    ids: list[str] = field(default_factory=list)
    newest: datetime | None = None
    held: datetime | None = None

    @property
    def ignored(self) -> int:
        """Objects that are no records by their nature, and earlier copies of the same id."""
        return self.received - len(self.records) - len(self.rejects)

    def page(self, cursor: Cursor | None = None, *, last: bool = False) -> Page:
        return Page(
            stream=self.stream,
            records=tuple(self.records.values()),
            rejects=tuple(self.rejects),
            cursor=cursor or {},
            received=self.received,
            ignored=self.ignored,
            last=last,
        )

    def read(self, kind: str, element: Element, read: Reader) -> None:
        """One object of ``kind``, by ``read``; of one id the last copy counts."""
        self.received += 1
        try:
            record = read(_checked(element), element.text)
        except UnreadableError as error:
            self.reject(kind, element, error)
            return
        if record is not None:
            self.records[record.source_id] = record

    def reject(
        self, kind: str, element: Element, error: UnreadableError, source_id: str | None = None
    ) -> None:
        """Keep the object whole, with the reason."""
        found = element.value.get("id") if isinstance(element.value, dict) else None
        self.rejects.append(
            Reject(
                stream=self.stream,
                source_id=source_id or (found if valid_gid(found, kind) else None),
                reason_code=error.code,
                message=error.message,
                payload=as_json_string(element.text) if element.problem else element.text,
            )
        )

    def vanished(self, source_id: str) -> None:
        """An object that was asked for by its id, and is gone."""
        self.received += 1
        gone = UnreadableError("vanished", "Shopify does not have this any more.")
        self.reject("", Element({}, "{}"), gone, source_id)

    def note_place(self, kind: ObjectKind, element: Element) -> None:
        """Remember what the cursor is made of, also of an object that cannot be read."""
        value = element.value if isinstance(element.value, dict) else {}
        if valid_gid(value.get("id"), kind.type):
            self.ids.append(value["id"])
        at = read_moment(value.get(kind.time))
        if at is None:
            return
        self.newest = max(at, self.newest or at)
        if kind.unsettled(value):
            self.held = min(at, self.held or at)


def read_batch(kind: ObjectKind, elements: Iterable[Element], complete: Complete) -> Batch:
    """Read each element; an order's lists are filled by ``complete``."""
    batch = Batch(kind.stream.name)
    for element in elements:
        batch.note_place(kind, element)
        if kind is ORDERS:
            _read_order(batch, element, complete)
        else:
            batch.read(kind.type, element, kind.read)
    return batch


def _read_order(batch: Batch, element: Element, complete: Complete) -> None:
    """An order, its payments and its refunds. Of a test order all is ignored."""
    order = element.value
    steps = _transactions(element)
    if isinstance(order, dict) and order.get("test") is True:
        batch.received += 1 + len(steps)
        return

    def read(value: Json, raw: str) -> Record:
        complete(value)
        return read_order(value, raw)

    batch.read("Order", element, read)
    if not isinstance(order, dict):
        return
    purposes = Purposes(order)
    for step in steps:
        batch.read(KIND, step, partial(_step, order=order, purposes=purposes))


def _step(step: Json, raw: str, order: Json, purposes: Purposes) -> Record | None:
    kind, test = step.get("kind"), step.get("test")
    if test is True or kind in NO_PAYMENTS:
        return None
    if test is not False:
        raise UnreadableError("bad_flag", "test is neither true nor false.")
    if kind == REFUND:
        return read_refund(step, raw, order, purposes)
    return read_payment(step, raw, order)


def _transactions(order: Element) -> list[Element]:
    if not isinstance(order.value, dict):
        return []
    try:
        return read_list(order.text, "transactions")[1] or []
    except ValueError:
        if order.problem is None:
            raise
        return []  # A number elsewhere in the order cannot be kept: it is rejected whole.


def _checked(element: Element) -> Json:
    if element.problem:
        raise UnreadableError("bad_number", element.problem)
    if not isinstance(element.value, dict):
        raise UnreadableError("not_an_object", "The element is no object.")
    return element.value
