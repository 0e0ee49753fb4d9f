"""Stripe objects of API version 2026-07-29.dahlia, as their documentation shows them."""

from typing import Any

Json = dict[str, Any]

CREATED = 1_780_000_000  # 2026-05-28T20:26:40Z


def charge(**changes: Any) -> Json:
    return {
        "id": "ch_1",
        "object": "charge",
        "amount": 10000,
        "amount_captured": 10000,
        "amount_refunded": 0,
        "balance_transaction": "txn_1",
        "billing_details": {"email": "ada@example.com", "name": "Ada"},
        "captured": True,
        "created": CREATED,
        "currency": "usd",
        "description": "Order 1001",
        "failure_code": None,
        "metadata": {"order_id": "1001"},
        "paid": True,
        "receipt_email": None,
        "refunded": False,
        "status": "succeeded",
        **changes,
    }


def refund(**changes: Any) -> Json:
    return {
        "id": "re_1",
        "object": "refund",
        "amount": 2500,
        "balance_transaction": "txn_2",
        "charge": "ch_1",
        "created": CREATED,
        "currency": "usd",
        "reason": "requested_by_customer",
        "status": "succeeded",
        **changes,
    }


def dispute(**changes: Any) -> Json:
    return {
        "id": "dp_1",
        "object": "dispute",
        "amount": 5400,
        "balance_transactions": [withdrawal()],
        "charge": "ch_1",
        "created": CREATED,
        "currency": "usd",
        "evidence_details": {"due_by": CREATED + 864_000},
        "reason": "fraudulent",
        "status": "needs_response",
        **changes,
    }


def payout(**changes: Any) -> Json:
    return {
        "id": "po_1",
        "object": "payout",
        "amount": 91915,
        "arrival_date": 1_780_012_800,
        "automatic": True,
        "balance_transaction": "txn_9",
        "created": CREATED,
        "currency": "usd",
        "destination": "ba_1",
        "failure_code": None,
        "method": "standard",
        "reconciliation_status": "completed",
        "statement_descriptor": "SHOP",
        "status": "paid",
        "trace_id": {"status": "supported", "value": "TRACE1"},
        "type": "bank_account",
        **changes,
    }


def fee_detail(amount: int, kind: str = "stripe_fee", currency: str = "usd") -> Json:
    return {
        "amount": amount,
        "application": None,
        "currency": currency,
        "description": None,
        "type": kind,
    }


def line(**changes: Any) -> Json:
    return {
        "id": "txn_1",
        "object": "balance_transaction",
        "amount": 10000,
        "available_on": CREATED + 172_800,
        "balance_type": "payments",
        "created": CREATED,
        "currency": "usd",
        "description": "Order 1001",
        "exchange_rate": None,
        "fee": 320,
        "fee_details": [fee_detail(300), fee_detail(20, "tax")],
        "net": 9680,
        "reporting_category": "charge",
        "source": "ch_1",
        "status": "available",
        "type": "charge",
        **changes,
    }


def withdrawal(**changes: Any) -> Json:
    """The movement by which a dispute takes its amount and fee."""
    return line(
        **{
            "id": "txn_3",
            "amount": -5400,
            "fee": 1500,
            "fee_details": [fee_detail(1500)],
            "net": -6900,
            "reporting_category": "dispute",
            "source": "dp_1",
            "type": "adjustment",
            **changes,
        }
    )
