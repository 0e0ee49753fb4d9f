"""Transactions of the general ledger, and what happens to them.

Amounts are whole hundredths of the currency, also of currencies without decimals; debits are
positive and credits negative.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from ecomops.sandbox.world.currencies import rounded
from ecomops.sandbox.world.netsuite.chart import FINANCE, RATE_SCALE
from ecomops.sandbox.world.netsuite.periods import month_id

RECORD_TYPES = {
    "Journal": "journalentry",
    "Deposit": "deposit",
    "CustPymt": "customerpayment",
    "VendBill": "vendorbill",
    "VendPymt": "vendorpayment",
    "Check": "check",
}
PREFIXES = {
    "Journal": "JE", "Deposit": "DEP", "CustPymt": "PYMT",
    "VendBill": "BILL", "VendPymt": "BPAY", "Check": "CHK",
}  # fmt: skip


class Posting(NamedTuple):
    """One line, in the transaction's currency and in that of the subsidiary's books."""

    account: int
    cents: int
    base_cents: int
    memo: str | None = None
    department: int | None = None
    klass: int | None = None
    location: int | None = None
    entity: int | None = None


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction as it stands after some change. ``rate`` is in parts of RATE_SCALE."""

    id: int
    type: str
    date: date
    currency: str
    subsidiary: int
    postings: tuple[Posting, ...]
    created: int
    modified: int
    period: int
    rate: int = RATE_SCALE
    external_id: str | None = None
    memo: str | None = None
    entity: int | None = None
    approved: bool = True
    voided: bool = False
    reverses: int | None = None
    number: str | None = None

    @property
    def tran_id(self) -> str:
        return self.number or f"{PREFIXES[self.type]}{self.id}"

    @property
    def status(self) -> str:
        """The letter that NetSuite keeps."""
        if self.voided:
            return "V"
        return "B" if self.approved else "A"

    @property
    def canonical_status(self) -> str:
        """In the product's words."""
        if self.voided:
            return "voided"
        return "posted" if self.approved else "open"

    def voided_at(self, instant: int) -> "Transaction":
        """Voided on the spot: its lines stay and are zero."""
        zero = tuple(line._replace(cents=0, base_cents=0) for line in self.postings)
        return replace(self, voided=True, modified=instant, postings=zero, memo="VOID")


class Event(NamedTuple):
    """From an instant on a transaction stands like this; None: it was deleted."""

    at: int
    id: int
    transaction: Transaction | None


class Keyed(NamedTuple):
    """A line as somebody keys it in; debits are positive hundredths."""

    account: int
    cents: int
    memo: str | None = None


class Draft(NamedTuple):
    """What somebody keys in, before it is given a number. Lines of nothing are left out."""

    type: str
    date: date
    currency: str
    subsidiary: int
    lines: tuple[Keyed, ...]
    external_id: str | None = None
    memo: str | None = None
    entity: int | None = None
    period: int | None = None
    approved: bool = True
    reverses: int | None = None

    def entered(self, id: int, at: int, rate: int) -> Transaction:
        """The transaction that it makes, balanced in both currencies."""
        return Transaction(
            id=id,
            type=self.type,
            date=self.date,
            currency=self.currency,
            subsidiary=self.subsidiary,
            postings=self._postings(rate),
            created=at,
            modified=at,
            period=self.period or month_id(self.date),
            rate=rate,
            external_id=self.external_id,
            memo=self.memo,
            entity=self.entity,
            approved=self.approved,
            reverses=self.reverses,
        )

    def _postings(self, rate: int) -> tuple[Posting, ...]:
        kept = [line for line in self.lines if line.cents]
        base = in_base([line.cents for line in kept], rate)
        department = FINANCE if self.type == "Journal" else None
        return tuple(
            Posting(line.account, line.cents, worth, line.memo or self.memo, department)
            for line, worth in zip(kept, base, strict=True)
        )


def in_base(cents: list[int], rate: int) -> list[int]:
    """Balanced amounts in the currency of the books; the last one takes the rounding."""
    converted = [rounded(amount * rate, RATE_SCALE) for amount in cents[:-1]]
    return [*converted, -sum(converted)]
