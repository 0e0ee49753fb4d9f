"""Payouts of Shopify Payments. Follows the Admin GraphQL object ShopifyPaymentsPayout.

``net`` is what the bank moves; a withdrawal takes it from the merchant's account. The list of what
a payout bundles is final once it has been issued, that is no longer scheduled.
"""

from typing import Final

from ecomops.connectors.fields import Json, known_word, text, word
from ecomops.connectors.records import PayoutRecord
from ecomops.connectors.shopify.fields import identifier, moment, money

KIND: Final = "ShopifyPaymentsPayout"
NOT_ISSUED: Final = "SCHEDULED"

_STATUSES: Final = {
    NOT_ISSUED: "pending",
    "IN_TRANSIT": "in_transit",
    "PAID": "completed",
    "FAILED": "failed",
    "CANCELED": "canceled",
}
_DIRECTIONS: Final = {"DEPOSIT": "to the bank", "WITHDRAWAL": "from it"}


def read_payout(payout: Json, raw: str) -> PayoutRecord:
    """One payout. Raises UnreadableError."""
    net, issued_at = money(payout, "net"), moment(payout, "issuedAt")
    withdrawn = known_word(payout, "transactionType", _DIRECTIONS) == _DIRECTIONS["WITHDRAWAL"]
    said = word(payout, "status")
    return PayoutRecord(
        source_id=identifier(payout, KIND),
        source_created_at=issued_at,
        status=known_word(payout, "status", _STATUSES),
        source_status=said,
        currency=net.currency,
        raw=raw,
        amount=-abs(net.units) if withdrawn else net.units,
        kind="automatic",
        itemizable=True,
        contents_complete=said != NOT_ISSUED,
        initiated_at=issued_at,
        arrival_date=issued_at.date(),
        trace_id=text(payout, "externalTraceId"),
    )
