"""What each type of balance transaction means.

The types are those of ``ShopifyPaymentsTransactionType`` in version 2026-07; each new version adds
some. A type that is not known is kept and reported as ``unmapped``: its money moved all the same.
"""

from dataclasses import dataclass
from typing import Final

UNMAPPED: Final = "unmapped"
PAYOUT: Final = "TRANSFER"
"""The payout's own row, which is no line of it."""


@dataclass(frozen=True, slots=True)
class LineType:
    """``category`` in the words of Stripe's reporting categories.

    ``fee_kind`` is that of the fee taken off the movement; ``billed`` is set where the movement
    is itself a fee, its amount the cost.
    """

    category: str
    fee_kind: str = "processing"
    billed: str | None = None


_MEANT: Final = {
    "CHARGE": LineType("charge"),
    "REFUND": LineType("refund", "refund"),
    "REFUND_FAILURE": LineType("refund_failure", "refund"),
    "DISPUTE_WITHDRAWAL": LineType("dispute", "dispute"),
    "DISPUTE_REVERSAL": LineType("dispute_reversal", "dispute"),
    "CHARGEBACK_FEE": LineType("fee", billed="dispute"),
    "CHARGEBACK_FEE_REFUND": LineType("fee", billed="dispute"),
    "STRIPE_FEE": LineType("fee", billed="platform"),
    "REFERRAL_FEE": LineType("fee", billed="platform"),
    "REFERRAL_FEE_TAX": LineType("fee", billed="tax"),
    "TRANSFER_FAILURE": LineType("payout_reversal"),
    "TRANSFER_CANCEL": LineType("payout_reversal"),
    "ADVANCE": LineType("advance"),
    "ADVANCE_FUNDING": LineType("advance_funding"),
}
_HELD: Final = (
    "RESERVED_FUNDS", "RESERVED_FUNDS_WITHDRAWAL", "RESERVED_FUNDS_REVERSAL",
    "RISK_WITHDRAWAL", "RISK_REVERSAL", "CHARGEBACK_HOLD", "CHARGEBACK_HOLD_RELEASE",
)  # fmt: skip
_REVERSIBLE: Final = (
    "ADS_PUBLISHER_CREDIT", "CHARGEBACK_PROTECTION_CREDIT", "CHARGEBACK_PROTECTION_DEBIT",
    "COLLECTIONS_CREDIT", "PROMOTION_CREDIT", "ANOMALY_CREDIT", "ANOMALY_DEBIT",
    "VAT_REFUND_CREDIT", "CHANNEL_CREDIT", "CHANNEL_TRANSFER_CREDIT", "CHANNEL_TRANSFER_DEBIT",
    "CHANNEL_PROMOTION_CREDIT", "MARKETPLACE_FEE_CREDIT", "MERCHANT_GOODWILL_CREDIT",
    "TAX_ADJUSTMENT_DEBIT", "TAX_ADJUSTMENT_CREDIT", "BILLING_DEBIT", "SHOP_CASH_CREDIT",
    "SHOP_CASH_BILLING_DEBIT", "SHOP_CASH_REFUND_DEBIT", "SHOP_CASH_CAMPAIGN_BILLING_DEBIT",
    "SHOP_CASH_CAMPAIGN_BILLING_CREDIT", "SELLER_PROTECTION_CREDIT", "SHOPIFY_COLLECTIVE_DEBIT",
    "SHOPIFY_COLLECTIVE_CREDIT", "LENDING_DEBIT", "LENDING_CREDIT", "LENDING_CAPITAL_REMITTANCE",
    "LENDING_CREDIT_REMITTANCE", "LENDING_CAPITAL_REFUND", "LENDING_CREDIT_REFUND",
    "MERCHANT_TO_MERCHANT_DEBIT", "MERCHANT_TO_MERCHANT_CREDIT", "SHOPIFY_SOURCE_DEBIT",
    "SHOPIFY_SOURCE_CREDIT",
)  # fmt: skip
"""Adjustments that can be taken back by one of the same name and ``_REVERSAL``."""

_OTHERS: Final = (
    "ACH_BANK_FAILURE_DEBIT_FEE", "ACH_BANK_FAILURE_DEBIT_REVERSAL_FEE", "ADJUSTMENT",
    "APPLICATION_FEE_REFUND", "BALANCE_TRANSFER_INBOUND", "BALANCE_TRANSFER_OUTBOUND",
    "CHARGE_ADJUSTMENT", "CUSTOMS_DUTY", "CUSTOMS_DUTY_ADJUSTMENT", "IMPORT_TAX",
    "IMPORT_TAX_ADJUSTMENT", "IMPORT_TAX_REFUND", "MARKETS_PRO_CREDIT", "REFUND_ADJUSTMENT",
    "SHIPPING_LABEL", "SHIPPING_LABEL_ADJUSTMENT", "SHIPPING_LABEL_ADJUSTMENT_BASE",
    "SHIPPING_LABEL_ADJUSTMENT_SURCHARGE", "SHIPPING_OTHER_CARRIER_CHARGE_ADJUSTMENT",
    "SHIPPING_RETURN_TO_ORIGIN_ADJUSTMENT", "TRANSFER_REFUND",
)  # fmt: skip
_ADJUSTMENT: Final = LineType("other_adjustment")
LINE_TYPES: Final = {
    **_MEANT,
    **dict.fromkeys(_HELD, LineType("risk_reserved_funds")),
    **dict.fromkeys(_REVERSIBLE, _ADJUSTMENT),
    **dict.fromkeys((f"{name}_REVERSAL" for name in _REVERSIBLE), _ADJUSTMENT),
    **dict.fromkeys(_OTHERS, _ADJUSTMENT),
}


def line_type(name: str) -> LineType:
    """The meaning of a type; ``unmapped`` for one that came after this version."""
    return LINE_TYPES.get(name, LineType(UNMAPPED))
