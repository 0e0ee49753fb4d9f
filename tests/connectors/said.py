"""The money that a Stripe object tells, read from its JSON once more and by other means.

Nothing of the connector is used, so that the two readings can be held against each other. Figures
are units, ten-thousandths of the currency.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from ecomops.connectors.records import (
    DisputeRecord,
    PaymentRecord,
    PayoutLineRecord,
    PayoutRecord,
    Record,
    RefundRecord,
)

Figures = tuple[Any, ...]
"""(currency, amount, …)"""

_WHOLE = {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
          "XOF", "XPF"}  # fmt: skip
_THOUSANDTHS = {"BHD", "JOD", "KWD", "OMR", "TND"}


def money_said(stream: str, text: str) -> Figures:
    """(currency, amount, and all other amounts) of the object in ``text``."""
    told = json.loads(text, parse_float=Decimal)
    assert told["currency"].isascii()
    currency = told["currency"].upper()
    name = "amount"
    if stream == "charges" and told.get("captured") is True and "amount_captured" in told:
        name = "amount_captured"
    return (currency, _units(told[name], currency), *_further(stream, told, currency))


def _further(stream: str, told: Any, currency: str) -> Figures:
    if stream == "disputes":
        movements = told.get("balance_transactions") or []
        fees = [_units(each["fee"], each["currency"].upper()) for each in movements]
        settled_in = movements[0]["currency"].upper() if movements else currency
        return (sum(fees), settled_in)
    if stream == "balance_transactions":
        parts = [_units(each["amount"], currency) for each in told.get("fee_details") or []]
        return (_units(told["fee"], currency), _units(told["net"], currency), *parts)
    return ()


def _units(minor: Any, currency: str) -> int:
    assert type(minor) is int, "Only a whole number is an amount."
    places = 0 if currency in _WHOLE else 3 if currency in _THOUSANDTHS else 2
    return minor * int(10 ** (4 - places))


def money_kept(record: Record) -> Figures:
    """The same of the record that was made of it."""
    match record:
        case PaymentRecord() | RefundRecord() | PayoutRecord():
            return (record.currency, record.amount)
        case DisputeRecord():
            return (record.currency, record.amount, record.fee, record.fee_currency)
        case PayoutLineRecord():
            billed_apart = {len(record.fees) - 1} if _is_billed_apart(record) else set()
            parts = [part.amount for n, part in enumerate(record.fees) if n not in billed_apart]
            return (record.currency, record.gross, record.fee, record.net, *parts)
    raise AssertionError(type(record))


def _is_billed_apart(line: PayoutLineRecord) -> bool:
    """Whether the last fee is the movement itself: it has no part of its own in the JSON."""
    details = json.loads(line.raw, parse_float=Decimal).get("fee_details") or []
    apart = len(line.fees) == len(details) + 1
    assert not apart or line.fees[-1].amount == -line.gross
    return apart
