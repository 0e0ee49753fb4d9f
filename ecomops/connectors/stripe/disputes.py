"""Disputes (``dp_``, ``du_``), several per charge. Follows Stripe's "The Dispute object"."""

from typing import Final

from ecomops.connectors.fields import Json, UnreadableError, known_word, part, parts, text
from ecomops.connectors.records import DisputeRecord
from ecomops.connectors.stripe.fields import (
    currency,
    identifier,
    moment,
    money,
    optional_moment,
    reference,
    unsigned_money,
)

_STATUSES: Final = {
    "warning_needs_response": "needs_response",
    "warning_under_review": "under_review",
    "warning_closed": "closed",
    "prevented": "closed",
    "needs_response": "needs_response",
    "under_review": "under_review",
    "won": "won",
    "lost": "lost",
}


def read_dispute(dispute: Json, raw: str) -> DisputeRecord:
    """One dispute. Raises UnreadableError."""
    code, exponent = currency(dispute)
    fee, fee_currency = _fee(dispute, code)
    opened_at = moment(dispute, "created")
    return DisputeRecord(
        source_id=identifier(dispute),
        source_created_at=opened_at,
        status=known_word(dispute, "status", _STATUSES),
        source_status=str(dispute["status"]),
        currency=code,
        raw=raw,
        amount=unsigned_money(dispute, "amount", exponent),
        fee=fee,
        fee_currency=fee_currency,
        payment_ref=reference(dispute, "charge"),
        reason=text(dispute, "reason"),
        opened_at=opened_at,
        evidence_due_at=optional_moment(part(dispute, "evidence_details"), "due_by"),
    )


def _fee(dispute: Json, otherwise: str) -> tuple[int, str]:
    """Σ fee of the dispute's movements, in the settlement currency; a returned fee lowers it.

    An inquiry has no movement, a withdrawal is one, a win adds another.
    """
    total, fee_currency = 0, ""
    for movement in parts(dispute, "balance_transactions"):
        if not isinstance(movement, dict):
            raise UnreadableError("unknown_dispute_fee", "A movement of the dispute is only named.")
        code, exponent = currency(movement)
        if fee_currency not in ("", code):
            raise UnreadableError("mixed_currencies", "The dispute's fees are in two currencies.")
        fee_currency = code
        total += money(movement, "fee", exponent)
    return total, fee_currency or otherwise
