"""Payouts (``po_``). Follows Stripe's "The Payout object"."""

from typing import Final

from ecomops.connectors.fields import Json, flag, known_word, part, text
from ecomops.connectors.records import PayoutRecord
from ecomops.connectors.stripe.fields import currency, day, identifier, moment, money, reference

_STATUSES: Final = {
    "pending": "pending",
    "in_transit": "in_transit",
    "paid": "completed",
    "failed": "failed",
    "canceled": "canceled",
}


def read_payout(payout: Json, raw: str) -> PayoutRecord:
    """One payout. Raises UnreadableError."""
    code, exponent = currency(payout)
    automatic = flag(payout, "automatic")
    reconciliation = text(payout, "reconciliation_status")
    created_at = moment(payout, "created")
    return PayoutRecord(
        source_id=identifier(payout),
        source_created_at=created_at,
        status=known_word(payout, "status", _STATUSES),
        source_status=str(payout["status"]),
        currency=code,
        raw=raw,
        amount=money(payout, "amount", exponent),
        kind=_kind(payout, automatic),
        itemizable=automatic and reconciliation != "not_applicable",
        # Where the word is missing (API versions before 2022-11-15) nothing vouches for the list.
        contents_complete=reconciliation == "completed",
        initiated_at=created_at,
        arrival_date=day(payout, "arrival_date"),
        trace_id=text(part(payout, "trace_id"), "value"),
        failure_code=text(payout, "failure_code"),
        bank_ref=reference(payout, "destination"),
        statement_descriptor=text(payout, "statement_descriptor"),
    )


def _kind(payout: Json, automatic: bool) -> str:
    if payout.get("method") == "instant":
        return "instant"
    return "automatic" if automatic else "manual"
