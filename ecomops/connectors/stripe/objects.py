"""What is read from Stripe, in order, and how a page of it becomes records."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from ecomops.connectors.base import Stream
from ecomops.connectors.exact_json import Element, as_json_string
from ecomops.connectors.fields import Json, UnreadableError, valid_id
from ecomops.connectors.records import Record, Reject
from ecomops.connectors.stripe.balance_transactions import read_line
from ecomops.connectors.stripe.charges import read_charge
from ecomops.connectors.stripe.disputes import read_dispute
from ecomops.connectors.stripe.fields import plausible_second
from ecomops.connectors.stripe.payouts import read_payout
from ecomops.connectors.stripe.refunds import read_refund

Reader = Callable[[Json, str], Record | None]


@dataclass(frozen=True, slots=True)
class ObjectKind:
    """One kind of Stripe object. ``word`` is its ``object`` field, ``permission`` for people."""

    stream: Stream
    word: str
    permission: str
    read: Reader

    @property
    def path(self) -> str:
        return f"/v1/{self.stream.name}"


KINDS: Final = {
    kind.stream.name: kind
    for kind in (
        ObjectKind(
            Stream("charges", "payments", "Charges"), "charge", "Charges and Refunds", read_charge
        ),
        ObjectKind(
            Stream("refunds", "refunds", "Refunds"), "refund", "Charges and Refunds", read_refund
        ),
        ObjectKind(Stream("disputes", "disputes", "Disputes"), "dispute", "Disputes", read_dispute),
        ObjectKind(Stream("payouts", "payouts", "Payouts"), "payout", "Payouts", read_payout),
        ObjectKind(
            Stream("balance_transactions", "payout_lines", "Balance transactions"),
            "balance_transaction",
            "Balance",
            read_line,
        ),
    )
}


@dataclass(slots=True)
class Batch:
    """The outcome of some elements: each is a record, a reject, or ignored."""

    records: dict[str, Record] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    received: int = 0
    ids: list[str] = field(default_factory=list)
    newest: int | None = None  # Unix seconds

    @property
    def ignored(self) -> int:
        """Elements that are no records by their nature, and earlier copies of the same id."""
        return self.received - len(self.records) - len(self.rejects)

    def add(self, other: "Batch") -> None:
        """Take the outcome of more elements in."""
        self.records.update(other.records)
        self.rejects += other.rejects
        self.received += other.received


def read_batch(kind: ObjectKind, elements: Iterable[Element], read: Reader | None = None) -> Batch:
    """Read each element with ``read`` (the kind's own if None); of one id the last copy counts."""
    batch = Batch()
    reader = read or kind.read
    for element in elements:
        batch.received += 1
        try:
            value = _checked(kind, element)
            _note_place(batch, value)
            record = reader(value, element.text)
        except UnreadableError as error:
            batch.rejects.append(rejected(kind, element, error))
            continue
        if record is not None:
            batch.records[record.source_id] = record
    return batch


def rejected(
    kind: ObjectKind, element: Element, error: UnreadableError, source_id: str | None = None
) -> Reject:
    """The element kept whole, with the reason."""
    found = element.value.get("id") if isinstance(element.value, dict) else None
    return Reject(
        stream=kind.stream.name,
        source_id=source_id or (found if valid_id(found) else None),
        reason_code=error.code,
        message=error.message,
        payload=as_json_string(element.text) if element.problem else element.text,
    )


def _checked(kind: ObjectKind, element: Element) -> Json:
    if element.problem:
        raise UnreadableError("bad_number", element.problem)
    if not isinstance(element.value, dict):
        raise UnreadableError("not_an_object", "The element is no object.")
    if element.value.get("object") != kind.word:
        raise UnreadableError("wrong_object", f"The element is no {kind.word}.")
    return element.value


def _note_place(batch: Batch, value: Json) -> None:
    """Remember what the cursor is made of, also of an object that turns out to be unreadable."""
    if valid_id(value.get("id")):
        batch.ids.append(value["id"])
    created = value.get("created")
    if plausible_second(created):
        batch.newest = max(created, batch.newest or created)
