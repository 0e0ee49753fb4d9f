"""An order's transactions: payments, and the money of refunds.

Follows the Admin GraphQL object OrderTransaction. An authorisation moves no money by itself: it is
pending while it can be captured, completed once it was, and voided when it was let go.
"""

import re
from typing import Final

from ecomops.connectors.fields import Json, UnreadableError, known_word, parts, text, valid_id, word
from ecomops.connectors.records import PaymentRecord, RefundRecord
from ecomops.connectors.shopify.fields import bag, identifier, moment, number_of, reference
from ecomops.connectors.shopify.orders import STATUS
from ecomops.connectors.shopify.refunds import Purposes

KIND: Final = "OrderTransaction"
REFUND: Final = "REFUND"
NO_PAYMENTS: Final = ("CHANGE", "SUGGESTED_REFUND")
"""Coins given back over the counter, and refunds that Shopify only proposes."""

_KINDS: Final = {
    "SALE": "sale",
    "AUTHORIZATION": "authorization",
    "EMV_AUTHORIZATION": "authorization",
    "CAPTURE": "capture",
    "VOID": "void",
}
_STATUSES: Final = {
    "SUCCESS": "completed",
    "PENDING": "pending",
    "AWAITING_RESPONSE": "pending",
    "UNKNOWN": "pending",
    "FAILURE": "failed",
    "ERROR": "failed",
}
_LET_GO: Final = ("VOIDED", "EXPIRED")
_STRIPE_OBJECT = re.compile(r"(?:ch|py|pi)_[A-Za-z0-9_]{4,200}")


def read_payment(transaction: Json, raw: str, order: Json) -> PaymentRecord:
    """A sale, authorisation, capture or void of ``order``. Raises UnreadableError."""
    kind = known_word(transaction, "kind", _KINDS)
    money = bag(transaction, "amountSet")
    seen = money.foreign
    return PaymentRecord(
        source_id=identifier(transaction, KIND),
        source_created_at=moment(transaction, "createdAt"),
        status=_status(transaction, kind, order),
        source_status=word(transaction, "status"),
        currency=money.shop.currency,
        raw=raw,
        amount=money.shop.units,
        kind=kind,
        gateway=_gateway(transaction),
        charge_ref=_charge(transaction),
        order_ref=identifier(order, "Order"),
        presentment_amount=seen.units if seen else None,
        presentment_currency=seen.currency if seen else None,
        failure_code=text(transaction, "errorCode"),
    )


def read_refund(transaction: Json, raw: str, order: Json, purposes: Purposes) -> RefundRecord:
    """Money given back on ``order``. ``purposes``: what for. Raises UnreadableError."""
    source_id = identifier(transaction, KIND)
    money = bag(transaction, "amountSet").shop
    purpose = purposes.of(source_id, money.currency)
    return RefundRecord(
        source_id=source_id,
        source_created_at=moment(transaction, "createdAt"),
        status=known_word(transaction, "status", _STATUSES),
        source_status=word(transaction, "status"),
        currency=money.currency,
        raw=raw,
        amount=money.units,
        payment_ref=reference(transaction, "parentTransaction", KIND),
        order_ref=identifier(order, "Order"),
        reason=purpose.note,
        failure_reason=text(transaction, "errorCode"),
        goods_amount=purpose.goods,
        shipping_amount=purpose.shipping,
        tax_amount=purpose.tax,
        adjustment_amount=purpose.adjustment,
    )


def _status(transaction: Json, kind: str, order: Json) -> str:
    status = known_word(transaction, "status", _STATUSES)
    if status != "completed" or kind in ("sale", "capture"):
        return status
    return "voided" if kind == "void" else _fate(transaction, order)


def _fate(authorization: Json, order: Json) -> str:
    """What became of an authorisation, as the order and its other transactions tell."""
    later = {
        step.get("kind")
        for step in parts(order, "transactions")
        if isinstance(step, dict)
        and step.get("status") == "SUCCESS"
        and reference(step, "parentTransaction", KIND) == authorization["id"]
    }
    if "CAPTURE" in later:
        return "completed"
    # One that ran out beside a gift card leaves the order partially paid, and not capturable.
    let_go = order.get(STATUS) in _LET_GO or order.get("capturable") is False
    return "voided" if let_go or "VOID" in later else "pending"


def _gateway(transaction: Json) -> str:
    """The gateway's name; Shopify leaves it out where none was involved."""
    return text(transaction, "gateway") or "none"


def _charge(transaction: Json) -> str:
    """What names the charge at its processor: Stripe's own id where one is told."""
    told = [transaction.get(name) for name in ("authorizationCode", "paymentId")]
    named = [it for it in told if valid_id(it)]
    stripes = [it for it in named if _STRIPE_OBJECT.fullmatch(it)]
    charge = next(iter([*stripes, *reversed(named)]), None)
    number = number_of(identifier(transaction, KIND))
    if charge is None and number is None:
        raise UnreadableError("bad_id", "The transaction has no number.")
    return charge or str(number)
