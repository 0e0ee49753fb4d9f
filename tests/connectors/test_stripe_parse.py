"""Stripe's words and numbers become the canonical model's."""

import json
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from ecomops.connectors.records import FeePart
from ecomops.connectors.stripe.balance_transactions import read_line
from ecomops.connectors.stripe.charges import read_charge
from ecomops.connectors.stripe.disputes import read_dispute
from ecomops.connectors.stripe.payouts import read_payout
from ecomops.connectors.stripe.refunds import read_refund
from tests.connectors import stripe_objects as stripe


def _line(**changes: Any) -> Any:
    return read_line(stripe.line(**changes), "{}")


def test_a_charge_becomes_a_payment() -> None:
    payment = read_charge(stripe.charge(), '{"id":"ch_1"}')
    assert (payment.source_id, payment.charge_ref, payment.gateway) == ("ch_1", "ch_1", "stripe")
    assert (payment.status, payment.kind, payment.source_status) == (
        "completed",
        "sale",
        "succeeded",
    )
    assert (payment.amount, payment.currency) == (1_000_000, "USD")
    assert payment.source_created_at == datetime.fromtimestamp(stripe.CREATED, UTC)
    assert (payment.order_ref, payment.settlement_ref) == ("1001", "txn_1")
    assert (payment.customer_email, payment.description) == ("ada@example.com", "Order 1001")
    assert payment.raw == '{"id":"ch_1"}'
    with pytest.raises(FrozenInstanceError):
        payment.amount = 0  # type: ignore[misc]  # that it is refused is the point


@pytest.mark.parametrize(
    ("changes", "status", "kind", "amount"),
    [
        ({}, "completed", "sale", 10000),
        ({"amount_captured": 7000, "amount_refunded": 3000}, "completed", "sale", 7000),
        ({"status": "pending"}, "pending", "sale", 10000),
        ({"status": "failed", "captured": False, "amount_captured": 0}, "failed", "sale", 10000),
        ({"captured": False, "amount_captured": 0}, "pending", "authorization", 10000),
        (
            {"captured": False, "amount_captured": 0, "refunded": True},
            "voided",
            "void",
            10000,
        ),
        (
            {"captured": False, "amount_captured": 0, "amount_refunded": 10000},
            "voided",
            "void",
            10000,
        ),
        ({"refunded": True, "amount_refunded": 10000}, "completed", "sale", 10000),
    ],
)
def test_the_standing_of_a_charge(
    changes: dict[str, Any], status: str, kind: str, amount: int
) -> None:
    payment = read_charge(stripe.charge(**changes), "{}")
    assert (payment.status, payment.kind, payment.amount) == (status, kind, amount * 100)


def test_the_receipt_address_stands_in_for_the_billing_address() -> None:
    changes = {"billing_details": {"email": None}, "receipt_email": "bob@example.com"}
    assert read_charge(stripe.charge(**changes), "{}").customer_email == "bob@example.com"


@pytest.mark.parametrize(
    ("metadata", "order"),
    [
        ({"order_number": "#77"}, "#77"),
        ({"order_id": "", "order_number": "78"}, "78"),
        ({"order_id": "x" * 256}, None),
        ({}, None),
        ("", None),
        (None, None),
    ],
)
def test_the_order_is_taken_from_the_metadata(metadata: Any, order: str | None) -> None:
    assert read_charge(stripe.charge(metadata=metadata), "{}").order_ref == order


def test_references_may_be_expanded() -> None:
    payment = read_charge(stripe.charge(balance_transaction=stripe.line()), "{}")
    refund = read_refund(stripe.refund(charge=stripe.charge()), "{}")
    line = _line(source=stripe.charge())
    assert (payment.settlement_ref, refund.payment_ref) == ("txn_1", "ch_1")
    assert line.object_ref == "ch_1"


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("pending", "pending"),
        ("requires_action", "pending"),
        ("succeeded", "completed"),
        ("failed", "failed"),
        ("canceled", "canceled"),
    ],
)
def test_the_status_of_a_refund(word: str, status: str) -> None:
    refund = read_refund(stripe.refund(status=word, failure_reason="lost_or_stolen_card"), "{}")
    assert (refund.status, refund.source_status, refund.amount) == (status, word, 250_000)
    assert (refund.payment_ref, refund.settlement_ref) == ("ch_1", "txn_2")
    assert refund.failure_reason == "lost_or_stolen_card"


def test_an_authorisation_that_ran_out_gave_no_money_back() -> None:
    released = stripe.refund(reason="expired_uncaptured_charge", balance_transaction=None)
    refund = read_refund(released, "{}")
    assert (refund.status, refund.source_status) == ("canceled", "succeeded")


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("warning_needs_response", "needs_response"),
        ("warning_under_review", "under_review"),
        ("warning_closed", "closed"),
        ("prevented", "closed"),
        ("needs_response", "needs_response"),
        ("under_review", "under_review"),
        ("won", "won"),
        ("lost", "lost"),
    ],
)
def test_the_status_of_a_dispute(word: str, status: str) -> None:
    dispute = read_dispute(stripe.dispute(status=word), "{}")
    assert (dispute.status, dispute.source_status) == (status, word)
    assert dispute.evidence_due_at == datetime.fromtimestamp(stripe.CREATED + 864_000, UTC)


def test_the_fee_of_a_dispute_is_what_its_movements_have_cost_so_far() -> None:
    won = stripe.withdrawal(id="txn_4", amount=5400, fee=-1500, net=6900)
    kept = stripe.withdrawal(id="txn_4", amount=5400, fee=0, net=5400)
    euro = stripe.withdrawal(currency="eur", fee=2000)
    fees = [
        (read.fee, read.fee_currency)
        for movements in (
            [],
            [stripe.withdrawal()],
            [stripe.withdrawal(), won],
            [stripe.withdrawal(), kept],
            [euro],
        )
        for read in [read_dispute(stripe.dispute(balance_transactions=movements), "{}")]
    ]
    assert fees == [(0, "USD"), (150_000, "USD"), (0, "USD"), (150_000, "USD"), (200_000, "EUR")]


@pytest.mark.parametrize(
    ("changes", "kind", "itemizable", "complete"),
    [
        ({}, "automatic", True, True),
        ({"reconciliation_status": "in_progress"}, "automatic", True, False),
        ({"reconciliation_status": None}, "automatic", True, False),
        ({"reconciliation_status": "not_applicable"}, "automatic", False, False),
        (
            {"automatic": False, "reconciliation_status": "not_applicable"},
            "manual",
            False,
            False,
        ),
        (
            {"automatic": False, "method": "instant", "reconciliation_status": "not_applicable"},
            "instant",
            False,
            False,
        ),
    ],
)
def test_the_kind_of_a_payout(
    changes: dict[str, Any], kind: str, itemizable: bool, complete: bool
) -> None:
    payout = read_payout(stripe.payout(**changes), "{}")
    assert (payout.kind, payout.itemizable, payout.contents_complete) == (
        kind,
        itemizable,
        complete,
    )


@pytest.mark.parametrize(
    ("word", "status"),
    [("paid", "completed")]
    + [(word, word) for word in ("pending", "in_transit", "failed", "canceled")],
)
def test_the_status_of_a_payout(word: str, status: str) -> None:
    payout = read_payout(stripe.payout(status=word), "{}")
    assert (payout.status, payout.source_status) == (status, word)


def test_a_payout_keeps_its_bank_side() -> None:
    payout = read_payout(stripe.payout(amount=-91915, failure_code="account_closed"), "{}")
    assert payout.amount == -9_191_500
    assert payout.arrival_date == date(2026, 5, 29)
    assert (payout.trace_id, payout.bank_ref) == ("TRACE1", "ba_1")
    assert (payout.statement_descriptor, payout.failure_code) == ("SHOP", "account_closed")
    assert read_payout(stripe.payout(trace_id=None), "{}").trace_id is None


def test_a_balance_transaction_becomes_a_line_with_its_fees() -> None:
    line = _line()
    assert (line.gross, line.fee, line.net) == (1_000_000, 32_000, 968_000)
    assert (line.line_type, line.reporting_category) == ("charge", "charge")
    assert (line.status, line.source_status) == ("unsettled", "available")
    assert (line.payout_ref, line.object_ref, line.exchange_rate) == (None, "ch_1", None)
    assert line.fees == (
        FeePart(position=0, kind="processing", amount=30_000, currency="USD"),
        FeePart(position=1, kind="tax", amount=2_000, currency="USD"),
    )


def test_a_line_of_a_known_payout_is_settled() -> None:
    line = read_line(stripe.line(), "{}", "po_1")
    assert line is not None
    assert (line.status, line.payout_ref) == ("settled", "po_1")


@pytest.mark.parametrize(
    ("detail", "category", "kind"),
    [
        ("stripe_fee", "charge", "processing"),
        ("stripe_fee", "dispute", "dispute"),
        ("stripe_fee", "dispute_reversal", "dispute"),
        ("stripe_fee", "refund", "refund"),
        ("stripe_fee", "transfer", "processing"),
        ("tax", "dispute", "tax"),
        ("withheld_tax", "charge", "tax"),
        ("application_fee", "charge", "app"),
        ("payment_method_passthrough_fee", "charge", "interchange"),
        ("a_fee_of_tomorrow", "charge", "processing"),
    ],
)
def test_the_kind_of_a_fee(detail: str, category: str, kind: str) -> None:
    line = _line(
        fee=7, net=9993, fee_details=[stripe.fee_detail(7, detail)], reporting_category=category
    )
    assert [(fee.kind, fee.amount) for fee in line.fees] == [(kind, 700)]


@pytest.mark.parametrize(
    ("line_type", "category", "kind"),
    [
        ("stripe_fee", "fee", "platform"),
        ("stripe_fx_fee", "fee", "fx"),
        ("tax_fee", "tax", "tax"),
        ("stripe_fee", "network_cost", "interchange"),
    ],
)
def test_a_fee_billed_apart_is_a_cost(line_type: str, category: str, kind: str) -> None:
    line = _line(
        amount=-500,
        fee=0,
        net=-500,
        fee_details=[],
        type=line_type,
        reporting_category=category,
        description="Radar (2026-05)",
    )
    assert line.fees == (
        FeePart(
            position=0, kind=kind, amount=50_000, currency="USD", description="Radar (2026-05)"
        ),
    )


def test_the_payouts_own_row_and_other_balances_are_no_lines() -> None:
    assert _line(type="payout") is None
    assert _line(balance_type="issuing") is None
    assert _line(balance_type="risk_reserved") is None
    assert _line(type="payout_failure", reporting_category="payout_reversal") is not None
    assert _line(balance_type=None) is not None


def test_words_of_tomorrow_are_kept() -> None:
    line = _line(type="moon_transfer", reporting_category="moon")
    assert (line.line_type, line.reporting_category) == ("moon_transfer", "moon")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("1.08", "1.08"),
        ("1", "1"),
        ("1.0712345678", "1.0712345678"),
        ("1.07123456785", "1.0712345678"),
        ("1e-3", "0.001"),
        ("1.5e2", "150"),
    ],
)
def test_the_exchange_rate_is_kept_in_its_own_digits(sent: str, kept: str) -> None:
    rate = json.loads(sent, parse_float=Decimal)
    assert _line(exchange_rate=rate).exchange_rate == kept
