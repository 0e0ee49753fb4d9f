"""Refunds (``re_``, ``pyr_``). Follows Stripe's "The Refund object"."""

from typing import Final

from ecomops.connectors.fields import Json, known_word, text
from ecomops.connectors.records import RefundRecord
from ecomops.connectors.stripe.fields import currency, identifier, moment, reference, unsigned_money

_STATUSES: Final = {
    "pending": "pending",
    "requires_action": "pending",
    "succeeded": "completed",
    "failed": "failed",
    "canceled": "canceled",
}


def read_refund(refund: Json, raw: str) -> RefundRecord:
    """One refund. Raises UnreadableError."""
    code, exponent = currency(refund)
    return RefundRecord(
        source_id=identifier(refund),
        source_created_at=moment(refund, "created"),
        status=_status(refund),
        source_status=str(refund["status"]),
        currency=code,
        raw=raw,
        amount=unsigned_money(refund, "amount", exponent),
        payment_ref=reference(refund, "charge"),
        settlement_ref=reference(refund, "balance_transaction"),
        reason=text(refund, "reason"),
        failure_reason=text(refund, "failure_reason"),
    )


def _status(refund: Json) -> str:
    """An authorisation that ran out is told as a refund, although no money ever moved."""
    status = known_word(refund, "status", _STATUSES)
    released = refund.get("reason") == "expired_uncaptured_charge"
    return "canceled" if released and status == "completed" else status
