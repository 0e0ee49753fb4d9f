"""Charges (``ch_``, ``py_``) become payments. Follows Stripe's "The Charge object"."""

from typing import Final

from ecomops.connectors.fields import Json, flag, known_word, part, text, valid_id
from ecomops.connectors.records import PaymentRecord
from ecomops.connectors.stripe.fields import currency, identifier, moment, reference, unsigned_money

_STATUSES: Final = {
    "succeeded": "completed",
    "paid": "completed",  # API versions before 2015
    "pending": "pending",
    "failed": "failed",
}
_ORDER_KEYS = ("order_id", "order_number")


def read_charge(charge: Json, raw: str) -> PaymentRecord:
    """One charge. Raises UnreadableError."""
    code, exponent = currency(charge)
    source_id = identifier(charge)
    status, kind = _standing(charge)
    return PaymentRecord(
        source_id=source_id,
        source_created_at=moment(charge, "created"),
        status=status,
        source_status=str(charge["status"]),
        currency=code,
        raw=raw,
        amount=_amount(charge, exponent),
        kind=kind,
        gateway="stripe",
        charge_ref=source_id,
        order_ref=_order(charge),
        settlement_ref=reference(charge, "balance_transaction"),
        customer_email=text(part(charge, "billing_details"), "email")
        or text(charge, "receipt_email"),
        description=text(charge, "description"),
        failure_code=text(charge, "failure_code"),
    )


def _standing(charge: Json) -> tuple[str, str]:
    """Status and kind: what was authorised and never captured moved no money."""
    status = known_word(charge, "status", _STATUSES)
    if status != "completed" or flag(charge, "captured"):
        return status, "sale"
    return ("voided", "void") if _released(charge) else ("pending", "authorization")


def _released(charge: Json) -> bool:
    """Whether an authorisation was given back: canceled by the merchant, or expired."""
    refunded = charge.get("amount_refunded")
    return charge.get("refunded") is True or (bool(refunded) and refunded == charge.get("amount"))


def _amount(charge: Json, exponent: int) -> int:
    amount = unsigned_money(charge, "amount", exponent)
    # Absent before API version 2020-08-27.
    if charge.get("captured") is True and "amount_captured" in charge:
        return unsigned_money(charge, "amount_captured", exponent)
    return amount


def _order(charge: Json) -> str | None:
    """The shop's order, where the merchant's integration noted it; others' free text otherwise."""
    metadata = charge.get("metadata")
    if not isinstance(metadata, dict):
        return None
    return next((metadata[key] for key in _ORDER_KEYS if valid_id(metadata.get(key))), None)
