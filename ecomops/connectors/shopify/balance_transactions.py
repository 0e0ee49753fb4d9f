"""Balance transactions of Shopify Payments become payout lines with their fee.

Follows the Admin GraphQL object ShopifyPaymentsBalanceTransaction. ``amount``, ``fee`` and ``net``
are signed from the merchant's view, net = amount - fee. The payout's own row is no line; one that
says that a payout failed or was canceled is, of the payout that sends the money again.
"""

from typing import Final

from ecomops.connectors.fields import Json, UnreadableError, flag, part, text, word
from ecomops.connectors.records import FeePart, PayoutLineRecord
from ecomops.connectors.shopify.disputes import KIND as DISPUTE
from ecomops.connectors.shopify.fields import (
    Money,
    identifier,
    moment,
    money,
    numbered_reference,
    reference,
)
from ecomops.connectors.shopify.line_types import PAYOUT, LineType, line_type
from ecomops.connectors.shopify.payouts import KIND as PAYOUT_KIND
from ecomops.connectors.shopify.transactions import KIND as TRANSACTION

KIND: Final = "ShopifyPaymentsBalanceTransaction"
UNASSIGNED: Final = "PENDING"


def read_line(transaction: Json, raw: str) -> PayoutLineRecord | None:
    """One movement; None for a test's, and for the payout's own row. Raises UnreadableError."""
    name = word(transaction, "type")
    if flag(transaction, "test") or name == PAYOUT:
        return None
    gross, fee, net = (money(transaction, which) for which in ("amount", "fee", "net"))
    if not gross.currency == fee.currency == net.currency:
        raise UnreadableError("mixed_currencies", "Its amounts are in several currencies.")
    if gross.units - fee.units != net.units:
        raise UnreadableError("line_arithmetic", "net is not amount less fee.")
    meaning = line_type(name)
    payout = part(transaction, "associatedPayout")
    payout_ref = reference(transaction, "associatedPayout", PAYOUT_KIND)
    return PayoutLineRecord(
        source_id=identifier(transaction, KIND),
        source_created_at=moment(transaction, "transactionDate"),
        status="settled" if payout_ref else "unsettled",
        source_status=text(payout, "status") or UNASSIGNED,
        currency=net.currency,
        raw=raw,
        gross=gross.units,
        fee=fee.units,
        net=net.units,
        line_type=name.lower(),
        reporting_category=meaning.category,
        available_on=None,
        object_ref=_object(transaction),
        order_ref=reference(transaction, "associatedOrder", "Order"),
        payout_ref=payout_ref,
        description=text(transaction, "adjustmentReason"),
        fees=tuple(_fees(meaning, gross, fee)),
    )


def is_unsettled(transaction: Json) -> bool:
    """Whether it will be told otherwise before long: no payout has taken it yet."""
    payout = transaction.get("associatedPayout")
    known = isinstance(payout, dict) and payout.get("id") is not None
    return not known and transaction.get("test") is False and transaction.get("type") != PAYOUT


def _object(transaction: Json) -> str | None:
    """What the movement is about: the dispute, or the transaction of the order."""
    if transaction.get("sourceType") == "DISPUTE":
        return numbered_reference(transaction, "sourceId", DISPUTE)
    return numbered_reference(transaction, "sourceOrderTransactionId", TRANSACTION)


def _fees(meaning: LineType, gross: Money, fee: Money) -> list[FeePart]:
    costs = [(meaning.fee_kind, fee.units), (meaning.billed, -gross.units)]
    told = [(kind, units) for kind, units in costs if kind is not None and units]
    return [
        FeePart(position=position, kind=kind, amount=units, currency=fee.currency)
        for position, (kind, units) in enumerate(told)
    ]
