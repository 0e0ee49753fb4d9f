"""Disputes of Shopify Payments. Follows the Admin GraphQL object ShopifyPaymentsDispute.

It names the order and not the payment, and no fee: the fee is on the balance transactions, from
which a sync takes it. The payment is told only where the order has exactly one that it can be.
"""

from typing import Final

from ecomops.connectors.fields import Json, UnreadableError, known_word, part, parts, text, word
from ecomops.connectors.records import DisputeRecord
from ecomops.connectors.shopify.fields import identifier, moment, optional_moment, unsigned_money

KIND: Final = "ShopifyPaymentsDispute"
GATEWAY: Final = "shopify_payments"

_STATUSES: Final = {
    "NEEDS_RESPONSE": "needs_response",
    "UNDER_REVIEW": "under_review",
    "WON": "won",
    "LOST": "lost",
    "ACCEPTED": "lost",  # the merchant gave the money up
    "PREVENTED": "closed",
    "CHARGE_REFUNDED": "closed",
}
_TYPES: Final = {"CHARGEBACK": "chargeback", "INQUIRY": "inquiry"}


def read_dispute(dispute: Json, raw: str) -> DisputeRecord:
    """One dispute. Raises UnreadableError."""
    known_word(dispute, "type", _TYPES)
    amount, opened_at = unsigned_money(dispute, "amount"), moment(dispute, "initiatedAt")
    return DisputeRecord(
        source_id=identifier(dispute, KIND),
        source_created_at=opened_at,
        status=known_word(dispute, "status", _STATUSES),
        source_status=word(dispute, "status"),
        currency=amount.currency,
        raw=raw,
        amount=amount.units,
        fee=0,
        fee_currency=amount.currency,
        payment_ref=_payment(part(dispute, "order")),
        reason=text(part(dispute, "reasonDetails"), "reason"),
        opened_at=opened_at,
        evidence_due_at=optional_moment(dispute, "evidenceDueBy"),
        closed_at=optional_moment(dispute, "finalizedOn"),
    )


def _payment(order: Json) -> str | None:
    """The order's one payment through Shopify Payments; None where there are more, or none."""
    steps = parts(order, "transactions")
    if not all(isinstance(step, dict) for step in steps):
        raise UnreadableError("bad_list", "transactions holds something else than objects.")
    taken = [
        step
        for step in steps
        if step.get("kind") in ("SALE", "CAPTURE")
        and step.get("status") == "SUCCESS"
        and step.get("gateway") == GATEWAY
        and step.get("test") is False
    ]
    return identifier(taken[0], "OrderTransaction") if len(taken) == 1 else None
