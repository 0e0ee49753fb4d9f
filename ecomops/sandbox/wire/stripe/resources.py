"""The lists that are served: what each holds, how it is filtered, where filters lead."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ecomops.sandbox.wire.stripe.errors import bad_parameter, missing
from ecomops.sandbox.wire.stripe.events import is_wanted, kept_since
from ecomops.sandbox.wire.stripe.ids import Ids
from ecomops.sandbox.wire.stripe.params import Query
from ecomops.sandbox.world import payouts, people
from ecomops.sandbox.world.ledger import Ledger
from ecomops.sandbox.world.model import Charge, Event, Line, Payout, Record, position

PAYOUT_STATUSES = ("pending", "in_transit", "paid", "failed", "canceled")
SOURCES = ("charge", "payment", "refund", "payment_refund", "dispute", "payout")
PARTIAL_HOURS = 12
"""A payout still being reconciled tells its lines of the first hours only."""


class Resource(NamedTuple):
    """One kind of object."""

    path: str
    noun: str
    stream: str
    kinds: frozenset[str]
    filters: frozenset[str]
    ranges: frozenset[str] = frozenset({"created"})
    lists: frozenset[str] = frozenset()


RESOURCES = {
    resource.path: resource
    for resource in (
        Resource(
            *("charges", "charge", "charges", frozenset({"charge", "payment"})),
            filters=frozenset({"customer", "payment_intent"}),
        ),
        Resource(
            *("refunds", "refund", "refunds", frozenset({"refund", "payment_refund"})),
            filters=frozenset({"charge", "payment_intent"}),
        ),
        Resource(
            *("disputes", "dispute", "disputes", frozenset({"dispute"})),
            filters=frozenset({"charge", "payment_intent"}),
        ),
        Resource(
            *("payouts", "payout", "payouts", frozenset({"payout"})),
            filters=frozenset({"status"}),
            ranges=frozenset({"created", "arrival_date"}),
        ),
        Resource(
            *("balance_transactions", "balance_transaction", "lines"),
            kinds=frozenset({"order_line", "account_line", "payout_line"}),
            filters=frozenset({"currency", "payout", "source", "type"}),
        ),
        Resource(
            *("events", "event", "events", frozenset({"event"})),
            filters=frozenset({"type"}),
            lists=frozenset({"types"}),
        ),
    )
}


class Finder:
    """Follows the filters that name one object, so that nothing has to be searched through."""

    def __init__(self, ledger: Ledger, ids: Ids, now: int) -> None:
        self._ledger, self._ids, self._now = ledger, ids, now

    def find(self, id: str, kinds: frozenset[str]) -> Record | None:
        """What an id of these kinds names, if it is there already."""
        ref = self._ids.decode(id)
        if ref is None or ref.kind not in kinds:
            return None
        record = self._ledger.find(ref)
        if record is None or not record.created < self._now:
            return None
        gone = ref.kind == "event" and record.created < kept_since(self._now)
        return None if gone else record

    def candidates(self, resource: Resource, query: Query) -> Sequence[Record] | None:
        """All that a filter by id leads to, oldest first; None where no such filter was given."""
        ways: dict[str, Callable[[Resource, str], Sequence[Record]]] = {
            "payment_intent": self._of_intent,
            "charge": self._of_charge,
            "customer": self._of_customer,
            "source": self._of_source,
            "payout": self._of_payout,
        }
        given = [(ways[name], value) for name, value in query.filters.items() if name in ways]
        found: Sequence[Record] | None = None
        for way, value in given:
            records = way(resource, value)
            if found is not None:
                both = {it.ref for it in found}
                records = [it for it in records if it.ref in both]
            found = records
        return found

    def _of_intent(self, resource: Resource, id: str) -> Sequence[Record]:
        ref = self._ids.decode(id)
        story = self._ledger.story(ref) if ref and ref.kind == "intent" else None
        if story is None or story.charges[0].created >= self._now:
            raise missing("payment_intent", id, "payment_intent", 400)
        return sorted(getattr(story, resource.stream), key=position)

    def _of_charge(self, resource: Resource, id: str) -> Sequence[Record]:
        charge = self.find(id, RESOURCES["charges"].kinds)
        if not isinstance(charge, Charge):
            raise missing("charge", id, "charge", 400)
        found: list[Record] = [*getattr(charge, resource.stream)]
        return sorted(found, key=position)

    def _of_customer(self, resource: Resource, id: str) -> Sequence[Record]:
        ref, found = self._ids.decode(id), list[Record]()
        if ref is None or ref.kind != "customer" or ref.item >= people.CUSTOMERS:
            raise missing("customer", id, "customer", 400)
        ordinal, today = ref.item, self._ledger.calendar.day_of(self._now)
        while (place := self._ledger.calendar.place_of(ordinal)) and place[0] <= today:
            if people.customer_of(ordinal) is not None:
                found += self._ledger.author.write(*place).charges
            ordinal += people.CUSTOMERS
        return sorted(found, key=position)

    def _of_source(self, resource: Resource, id: str) -> Sequence[Record]:
        record = self.find(id, frozenset(SOURCES))
        if record is None:
            raise missing("source", id, "source", 400)
        if isinstance(record, Payout):
            rows = (payouts.own_line, payouts.cancel_line, payouts.failure_line)
            return sorted(line for row in rows if (line := row(record)))
        story = self._ledger.story(record.ref)
        return sorted(line for line in story.lines if line.source == record.ref) if story else []

    def _of_payout(self, resource: Resource, id: str) -> Sequence[Record]:
        """A payout's own row and its lines: all of them only once it is reconciled, none at all
        for a manual or instant payout."""
        payout = self.find(id, RESOURCES["payouts"].kinds)
        if not isinstance(payout, Payout):
            raise missing("payout", id, "payout", 400)
        state = payout.reconciliation(self._now)
        lines: list[Line] = []
        if state != "not_applicable":
            lines = self._ledger.payout_content(payout)
        if state == "in_progress":
            funded = self._ledger.calendar.midnight(payouts.funds_day(payout.ref.day))
            lines = [it for it in lines if it.created < funded + PARTIAL_HOURS * payouts.HOUR]
        return [*lines, payouts.own_line(payout)]


def matches(record: Record, query: Query, now: int) -> bool:
    """Whether a record passes the filters that look at nothing but the record."""
    wanted = query.filters
    if isinstance(record, Payout):
        due = query.ranges.get("arrival_date")
        if due is not None and not due.holds(record.arrival_date):
            return False
        return wanted.get("status") in (None, record.provider_status(now))
    if isinstance(record, Event):
        return is_wanted(record.type, query)
    if isinstance(record, Line):
        same_type = wanted.get("type") in (None, record.type)
        return same_type and wanted.get("currency", record.currency).lower() == record.currency
    return True


def check_filters(query: Query) -> None:
    """Raises StripeError 400 for a filter value that cannot be."""
    status = query.filters.get("status")
    if "type" in query.filters and "types" in query.lists:
        raise bad_parameter("You may only specify one of these parameters: type, types.", "types")
    if status is not None and status not in PAYOUT_STATUSES:
        raise bad_parameter(
            f"Invalid status: must be one of {', '.join(PAYOUT_STATUSES)}", "status"
        )
