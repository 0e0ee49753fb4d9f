"""Balance transactions (``txn_``) become payout lines with their fees.

Follows Stripe's "The Balance Transaction object" and "Balance transaction types". Fees that come
off a movement are in its ``fee_details``; fees billed apart (Radar, Billing, foreign exchange) are
movements of their own whose gross is the cost.
"""

from typing import Final

from ecomops.connectors.fields import Json, UnreadableError, parts, text, word
from ecomops.connectors.records import FeePart, PayoutLineRecord
from ecomops.connectors.stripe.fields import (
    currency,
    currency_code,
    identifier,
    moment,
    money,
    optional_moment,
    rate,
    reference,
)

_DETAIL_KINDS: Final = {
    "application_fee": "app",
    "payment_method_passthrough_fee": "interchange",
    "tax": "tax",
    "withheld_tax": "tax",
}
_CATEGORY_KINDS: Final = {
    "dispute": "dispute",
    "dispute_reversal": "dispute",
    "refund": "refund",
    "refund_failure": "refund",
    "partial_capture_reversal": "refund",
}
_BILLED_APART: Final = {"stripe_fee": "platform", "stripe_fx_fee": "fx", "tax_fee": "tax"}


def read_line(
    transaction: Json, raw: str, payout_ref: str | None = None
) -> PayoutLineRecord | None:
    """One movement of the payments balance, in the payout ``payout_ref`` where that is known.

    None for what is no line: the payout's own row, and movements of other balances.
    Raises UnreadableError.
    """
    line_type = word(transaction, "type")
    if line_type == "payout" or transaction.get("balance_type") not in (None, "payments"):
        return None
    code, exponent = currency(transaction)
    gross = money(transaction, "amount", exponent)
    fee = money(transaction, "fee", exponent)
    net = money(transaction, "net", exponent)
    if gross - fee != net:
        raise UnreadableError("line_arithmetic", "net is not amount less fee.")
    category = word(transaction, "reporting_category")
    return PayoutLineRecord(
        source_id=identifier(transaction),
        source_created_at=moment(transaction, "created"),
        status="settled" if payout_ref else "unsettled",
        source_status=word(transaction, "status"),
        currency=code,
        raw=raw,
        gross=gross,
        fee=fee,
        net=net,
        line_type=line_type,
        reporting_category=category,
        available_on=optional_moment(transaction, "available_on"),
        object_ref=reference(transaction, "source"),
        payout_ref=payout_ref,
        description=text(transaction, "description"),
        exchange_rate=rate(transaction, "exchange_rate"),
        fees=(
            *_details(transaction, code, exponent, fee, category),
            *_billed_apart(transaction, code, gross, line_type, category),
        ),
    )


def _details(transaction: Json, code: str, exponent: int, fee: int, category: str) -> list[FeePart]:
    """The parts of the line's own fee, which they must add up to."""
    found = []
    total = 0
    for position, detail in enumerate(parts(transaction, "fee_details")):
        if not isinstance(detail, dict) or currency_code(detail.get("currency")) != code:
            raise UnreadableError("fee_mismatch", "A part of the fee is in another currency.")
        amount = money(detail, "amount", exponent)
        total += amount
        kind = _detail_kind(word(detail, "type"), category)
        found.append(
            FeePart(
                position=position,
                kind=kind,
                amount=amount,
                currency=code,
                description=text(detail, "description"),
            )
        )
    if total != fee:
        raise UnreadableError("fee_mismatch", "The parts of the fee do not add up to it.")
    return found


def _detail_kind(detail_type: str, category: str) -> str:
    return _DETAIL_KINDS.get(detail_type) or _CATEGORY_KINDS.get(category, "processing")


def _billed_apart(
    transaction: Json, code: str, gross: int, line_type: str, category: str
) -> tuple[FeePart, ...]:
    kind = "interchange" if category == "network_cost" else _BILLED_APART.get(line_type)
    if kind is None:
        return ()
    position = len(parts(transaction, "fee_details"))
    description = text(transaction, "description")
    return (
        FeePart(
            position=position, kind=kind, amount=-gross, currency=code, description=description
        ),
    )
