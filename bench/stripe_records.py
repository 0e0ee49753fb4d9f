"""Records as the Stripe connector hands them over: Stripe's objects, read by its own readers."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from ecomops.connectors.base import Page
from ecomops.connectors.records import Record
from ecomops.connectors.stripe.balance_transactions import read_line
from ecomops.connectors.stripe.charges import read_charge
from ecomops.connectors.stripe.payouts import read_payout

Json = dict[str, Any]

BEGAN = 1_767_225_600  # 2026-01-01
LINES_PER_PAYOUT = 500


def account(orders: int) -> list[list[Record]]:
    """Payments, payouts and payout lines of so many orders, each list in the order of a sync."""
    charges = [_charge(number) for number in range(orders)]
    payouts = [_payout(number) for number in range(-(-orders // LINES_PER_PAYOUT))]
    lines = [_line(number) for number in range(orders)]
    return [
        [read_charge(charge, json.dumps(charge)) for charge in charges],
        [read_payout(payout, json.dumps(payout)) for payout in payouts],
        [_read_line(number, line) for number, line in enumerate(lines)],
    ]


def pages(records: Sequence[Record], size: int) -> Iterator[Page]:
    """``records`` in pages of ``size``, as answers of a provider."""
    for start in range(0, len(records), size):
        some = tuple(records[start : start + size])
        yield Page("charges", some, (), {"after": some[-1].source_id}, len(some))


def _read_line(number: int, line: Json) -> Record:
    record = read_line(line, json.dumps(line), _payout_id(number // LINES_PER_PAYOUT))
    assert record is not None, "it is a movement of the payments balance"
    return record


def _payout_id(number: int) -> str:
    return f"po_1Q{number:022d}"


def _amount(number: int) -> int:
    return 1_000 + number * 7_919 % 40_000


def _charge(number: int) -> Json:
    return {
        "id": f"ch_3Q{number:022d}",
        "object": "charge",
        "amount": _amount(number),
        "amount_captured": _amount(number),
        "amount_refunded": 0,
        "balance_transaction": f"txn_3Q{number:022d}",
        "billing_details": {"email": f"buyer.{number}@example.com", "name": "Maria Oliveira"},
        "captured": True,
        "created": BEGAN + 60 * number,
        "currency": "usd",
        "description": f"Order #{10_000 + number}",
        "disputed": False,
        "failure_code": None,
        "livemode": False,
        "metadata": {"order_id": str(450_789_469 + number), "order_number": f"#{10_000 + number}"},
        "outcome": {"network_status": "approved_by_network", "risk_level": "normal"},
        "payment_intent": f"pi_3Q{number:022d}",
        "payment_method_details": {"card": {"brand": "visa", "last4": "4242"}, "type": "card"},
        "receipt_url": f"https://pay.stripe.com/receipts/payment/ch_3Q{number:022d}",
        "status": "succeeded",
    }


def _payout(number: int) -> Json:
    numbers = range(number * LINES_PER_PAYOUT, (number + 1) * LINES_PER_PAYOUT)
    return {
        "id": _payout_id(number),
        "object": "payout",
        "amount": sum(_amount(line) - _fee(line) - _tax(line) for line in numbers),
        "arrival_date": BEGAN + 86_400 * number,
        "automatic": True,
        "created": BEGAN + 86_400 * number,
        "currency": "usd",
        "destination": "ba_1Q0000000000000000000000",
        "method": "standard",
        "reconciliation_status": "completed",
        "statement_descriptor": "STRIPE PAYOUT",
        "status": "paid",
    }


def _fee(number: int) -> int:
    return 30 + _amount(number) * 29 // 1_000


def _tax(number: int) -> int:
    return _fee(number) // 10 if number % 5 == 0 else 0


def _line(number: int) -> Json:
    gross, fee, tax = _amount(number), _fee(number), _tax(number)
    details = [_detail(fee, "stripe_fee", "Stripe processing fees")]
    if tax:
        details.append(_detail(tax, "tax", "VAT"))
    return {
        "id": f"txn_3Q{number:022d}",
        "object": "balance_transaction",
        "amount": gross,
        "available_on": BEGAN + 60 * number + 172_800,
        "balance_type": "payments",
        "created": BEGAN + 60 * number,
        "currency": "usd",
        "description": f"Order #{10_000 + number}",
        "exchange_rate": None,
        "fee": fee + tax,
        "fee_details": details,
        "net": gross - fee - tax,
        "reporting_category": "charge",
        "source": f"ch_3Q{number:022d}",
        "status": "available",
        "type": "charge",
    }


def _detail(amount: int, kind: str, description: str) -> Json:
    return {
        "amount": amount, "application": None, "currency": "usd",
        "description": description, "type": kind,
    }  # fmt: skip
