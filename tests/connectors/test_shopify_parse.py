"""What Shopify's objects mean in the canonical model."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ecomops.connectors.exact_json import Element, read_element
from ecomops.connectors.records import (
    DisputeRecord,
    OrderRecord,
    PaymentRecord,
    PayoutLineRecord,
    PayoutRecord,
    RefundRecord,
)
from ecomops.connectors.shopify.kinds import KINDS
from ecomops.connectors.shopify.line_types import LINE_TYPES, PAYOUT
from ecomops.connectors.shopify.objects import Batch, read_batch
from ecomops.models import canonical
from tests.connectors import shopify_objects as objects

ENUMS = Path(__file__).parents[3] / "shared/providers/shopify/enums.2026-07.json"
AT = datetime(2026, 6, 1, 10, tzinfo=UTC)


def read(stream: str, value: Any) -> list[Any]:
    element: Element = read_element(json.dumps(value))
    batch: Batch = read_batch(KINDS[stream], [element], lambda order: None)
    assert not batch.rejects
    return list(batch.records.values())


def only(stream: str, value: Any) -> Any:
    (record,) = read(stream, value)
    return record


def order_of(**changes: Any) -> OrderRecord:
    found = read("orders", objects.order(**changes))[0]
    assert isinstance(found, OrderRecord)
    return found


def payments_of(*steps: Any, **changes: Any) -> list[PaymentRecord]:
    return read("orders", objects.order(transactions=list(steps), **changes))[1:]


def test_duties_are_a_part_of_the_total_where_a_shop_takes_them() -> None:
    assert order_of(originalTotalDutiesSet=objects.bag("7.25")).duties == 72_500
    assert order_of(originalTotalDutiesSet=None).duties == 0


def test_an_order() -> None:
    order, payment = read("orders", objects.order(101))
    assert order == OrderRecord(
        source_id="gid://shopify/Order/101", source_created_at=AT, source_updated_at=AT,
        status="paid", source_status="PAID", currency="USD", raw=order.raw, order_number="#101",
        amount=1_100_000, subtotal=900_000, discount=100_000, shipping=80_000, tax=90_000,
        tip=30_000, duties=0, gift_card_sold=0, refunded=0, customer_email="ada@example.com",
        processed_at=AT,
    )  # fmt: skip
    assert json.loads(order.raw) == objects.order(101)
    assert payment == PaymentRecord(
        source_id="gid://shopify/OrderTransaction/501", source_created_at=AT, status="completed",
        source_status="SUCCESS", currency="USD", raw=payment.raw, amount=1_100_000, kind="sale",
        gateway="shopify_payments", charge_ref="pay-501", order_ref=order.source_id,
    )  # fmt: skip
    assert json.loads(payment.raw) == objects.transaction(501)


@pytest.mark.parametrize(
    ("said", "cancelled_at", "status"),
    [
        (None, None, "pending"), ("PENDING", None, "pending"), ("AUTHORIZED", None, "authorized"),
        ("PARTIALLY_PAID", None, "partially_paid"), ("PAID", None, "paid"),
        ("PARTIALLY_REFUNDED", None, "partially_refunded"), ("REFUNDED", None, "refunded"),
        ("VOIDED", None, "voided"), ("EXPIRED", None, "voided"),
        ("PAID", objects.CREATED, "canceled"), ("REFUNDED", objects.CREATED, "canceled"),
        ("VOIDED", objects.CREATED, "canceled"),
    ],
)  # fmt: skip
def test_the_status_of_an_order(said: str | None, cancelled_at: str | None, status: str) -> None:
    order = order_of(displayFinancialStatus=said, cancelledAt=cancelled_at)
    assert (order.status, order.source_status) == (status, said or "UNPAID")
    assert order.status in canonical.ORDER_STATUSES


def test_what_the_customer_saw_is_told_where_it_is_another_currency() -> None:
    total = objects.bag("110.00", seen=objects.money("101.5", "EUR"))
    step = objects.transaction(501, amountSet=total)
    order, payment = read("orders", objects.order(totalPriceSet=total, transactions=[step]))
    for record in (order, payment):
        assert (record.amount, record.currency) == (1_100_000, "USD")
        assert (record.presentment_amount, record.presentment_currency) == (1_015_000, "EUR")


def test_the_total_is_that_before_returns_gift_cards_included() -> None:
    cards = objects.listed(objects.item("50.00", is_gift_card=True), objects.item("40.00"))
    paid = [
        objects.transaction(501, gateway="gift_card", amountSet=objects.bag("30.00")),
        objects.transaction(502, amountSet=objects.bag("80.00")),
    ]
    order, *payments = read(
        "orders",
        objects.order(
            lineItems=cards, transactions=paid, currentTotalPriceSet=objects.shop_bag("60.00"),
            totalRefundedSet=objects.shop_bag("50.00"),
        ),
    )  # fmt: skip
    assert (order.amount, order.gift_card_sold, order.refunded) == (1_100_000, 500_000, 500_000)
    assert [it.gateway for it in payments] == ["gift_card", "shopify_payments"]
    assert sum(it.amount for it in payments) == order.amount


def step(number: int, kind: str, status: str = "SUCCESS", parent: int | None = None) -> Any:
    above = {"id": objects.gid("OrderTransaction", parent)} if parent else None
    return objects.transaction(number, kind=kind, status=status, parentTransaction=above)


@pytest.mark.parametrize(
    ("steps", "said", "statuses"),
    [
        ([step(1, "AUTHORIZATION")], "AUTHORIZED", ["pending"]),
        ([step(1, "EMV_AUTHORIZATION")], "AUTHORIZED", ["pending"]),
        ([step(1, "AUTHORIZATION")], "EXPIRED", ["voided"]),
        ([step(1, "AUTHORIZATION"), step(2, "CAPTURE", parent=1)], "PAID",
         ["completed", "completed"]),
        ([step(1, "AUTHORIZATION"), step(2, "CAPTURE", "FAILURE", 1)], "AUTHORIZED",
         ["pending", "failed"]),
        ([step(1, "AUTHORIZATION"), step(2, "VOID", parent=1)], "VOIDED", ["voided", "voided"]),
        ([step(1, "AUTHORIZATION", "FAILURE"), step(2, "AUTHORIZATION"),
          step(3, "CAPTURE", parent=2)], "PAID", ["failed", "completed", "completed"]),
        ([step(1, "SALE", "ERROR"), step(2, "SALE", "PENDING")], "PENDING", ["failed", "pending"]),
        ([step(1, "SALE", "AWAITING_RESPONSE"), step(2, "SALE", "UNKNOWN")], "PENDING",
         ["pending", "pending"]),
    ],
)  # fmt: skip
def test_the_status_of_payments(steps: list[Any], said: str, statuses: list[str]) -> None:
    payments = payments_of(*steps, displayFinancialStatus=said)
    assert [it.status for it in payments] == statuses
    assert set(statuses) <= set(canonical.PAYMENT_STATUSES)


@pytest.mark.parametrize(("capturable", "status"), [(True, "pending"), (False, "voided")])
def test_an_authorisation_that_ran_out_beside_a_gift_card_is_voided(
    capturable: bool, status: str
) -> None:
    steps = [step(1, "SALE"), step(2, "AUTHORIZATION")]
    told = {"displayFinancialStatus": "PARTIALLY_PAID", "capturable": capturable}
    assert [it.status for it in payments_of(*steps, **told)] == ["completed", status]


@pytest.mark.parametrize(
    ("told", "charge"),
    [
        ({"authorizationCode": "ch_3PabcDEF", "paymentId": "x"}, "ch_3PabcDEF"),
        ({"authorizationCode": "A1", "paymentId": "pi_3PabcDEF"}, "pi_3PabcDEF"),
        ({"authorizationCode": "A1", "paymentId": "c1.1"}, "c1.1"),
        ({"authorizationCode": "A1", "paymentId": None}, "A1"),
        ({"authorizationCode": "", "paymentId": None}, "501"),
    ],
)
def test_what_names_the_charge_at_its_processor(told: Any, charge: str) -> None:
    (payment,) = payments_of(objects.transaction(501, **told))
    assert payment.charge_ref == charge


def refunded(*given: Any, **changes: Any) -> list[RefundRecord]:
    paid = objects.transaction(501)
    whole = objects.order(
        refunds=[objects.refund(701, *given, **changes)], transactions=[paid, *given]
    )
    return read("orders", whole)[2:]


def given_back(number: int, amount: str, status: str = "SUCCESS") -> Any:
    above = {"id": objects.gid("OrderTransaction", 501)}
    return objects.transaction(
        number, kind="REFUND", status=status, parentTransaction=above,
        amountSet=objects.bag(amount),
    )  # fmt: skip


def test_a_refund_is_split_where_one_transaction_carried_it_out() -> None:
    (refund,) = refunded(given_back(502, "33.00"))
    assert (refund.status, refund.amount, refund.reason) == ("completed", 330_000, "too small")
    assert refund.payment_ref == objects.gid("OrderTransaction", 501)
    assert refund.order_ref == objects.gid("Order", 101)
    split = (refund.goods_amount, refund.shipping_amount, refund.tax_amount)
    assert (*split, refund.adjustment_amount) == (250_000, 40_000, 30_000, 10_000)
    assert sum(split) + refund.adjustment_amount == refund.amount  # type: ignore[arg-type,operator]  # all are told


def test_a_refund_of_two_transactions_is_not_split() -> None:
    found = refunded(given_back(502, "20.00"), given_back(503, "13.00", "FAILURE"))
    assert [it.status for it in found] == ["completed", "failed"]
    assert {it.reason for it in found} == {"too small"}
    assert {it.goods_amount for it in found} == {it.tax_amount for it in found} == {None}


def test_duties_given_back_are_an_adjustment() -> None:
    duties = [{"amountSet": objects.shop_bag("2.00")}]
    (refund,) = refunded(given_back(502, "35.00"), duties=duties)
    assert refund.adjustment_amount == 30_000


def test_a_payout() -> None:
    payout = only("payouts", objects.payout())
    assert payout == PayoutRecord(
        source_id="gid://shopify/ShopifyPaymentsPayout/301", source_created_at=AT,
        status="completed", source_status="PAID", currency="USD", raw=payout.raw, amount=1_065_100,
        kind="automatic", itemizable=True, contents_complete=True, initiated_at=AT,
        arrival_date=date(2026, 6, 1), trace_id="TRACE1",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "status", "complete"),
    [
        ("SCHEDULED", "pending", False), ("IN_TRANSIT", "in_transit", True),
        ("PAID", "completed", True), ("FAILED", "failed", True), ("CANCELED", "canceled", True),
    ],
)  # fmt: skip
def test_the_status_of_a_payout(said: str, status: str, complete: bool) -> None:
    payout = only("payouts", objects.payout(status=said))
    assert (payout.status, payout.contents_complete) == (status, complete)


def test_a_line() -> None:
    line = only("payout_lines", objects.line())
    assert isinstance(line, PayoutLineRecord)
    assert (line.gross, line.fee, line.net) == (1_100_000, 34_900, 1_065_100)
    assert (line.line_type, line.reporting_category) == ("charge", "charge")
    assert (line.status, line.source_status) == ("settled", "PAID")
    assert line.object_ref == objects.gid("OrderTransaction", 501)
    assert line.order_ref == objects.gid("Order", 101)
    assert line.payout_ref == objects.gid("ShopifyPaymentsPayout", 301)
    assert [(it.kind, it.amount, it.currency) for it in line.fees] == [
        ("processing", 34_900, "USD")
    ]


def movement(name: str, amount: str, fee: str, net: str, **changes: Any) -> PayoutLineRecord:
    money = {"amount": amount, "fee": fee, "net": net}
    sums: Any = {which: objects.money(value) for which, value in money.items()}
    found = only("payout_lines", objects.line(type=name, **sums, **changes))
    assert isinstance(found, PayoutLineRecord)
    return found


@pytest.mark.parametrize(
    ("name", "money", "category", "fees"),
    [
        ("REFUND", ("-10", "-0.3", "-9.7"), "refund", [("refund", -3000)]),
        ("REFUND_FAILURE", ("10", "0", "10"), "refund_failure", []),
        ("DISPUTE_WITHDRAWAL", ("-10", "15", "-25"), "dispute", [("dispute", 150_000)]),
        ("DISPUTE_REVERSAL", ("10", "-15", "25"), "dispute_reversal", [("dispute", -150_000)]),
        ("CHARGEBACK_FEE", ("-15", "0", "-15"), "fee", [("dispute", 150_000)]),
        ("RESERVED_FUNDS", ("-5", "0", "-5"), "risk_reserved_funds", []),
        ("TRANSFER_FAILURE", ("5", "0", "5"), "payout_reversal", []),
        ("ADJUSTMENT", ("5", "0", "5"), "other_adjustment", []),
        ("MOON_FEE", ("-5", "0", "-5"), "unmapped", []),
    ],
)  # fmt: skip
def test_the_types_of_lines(
    name: str, money: tuple[str, str, str], category: str, fees: list[tuple[str, int]]
) -> None:
    line = movement(name, *money)
    assert (line.line_type, line.reporting_category) == (name.lower(), category)
    assert [(it.kind, it.amount) for it in line.fees] == fees
    assert {it.kind for it in line.fees} <= set(canonical.FEE_KINDS)


def test_a_disputes_movement_leads_to_the_dispute() -> None:
    line = movement("DISPUTE_WITHDRAWAL", "-10", "0", "-10", sourceType="DISPUTE", sourceId="601")
    assert line.object_ref == objects.gid("ShopifyPaymentsDispute", 601)


def test_every_type_that_shopify_publishes_is_known() -> None:
    if not ENUMS.exists():
        pytest.skip("the published enumerations are not here")
    named = json.loads(ENUMS.read_text())["enums"]["ShopifyPaymentsTransactionType"]
    assert set(named) - {PAYOUT} == set(LINE_TYPES)


def test_a_dispute() -> None:
    dispute = only("disputes", objects.dispute())
    assert dispute == DisputeRecord(
        source_id="gid://shopify/ShopifyPaymentsDispute/601", source_created_at=AT,
        status="needs_response", source_status="NEEDS_RESPONSE", currency="USD", raw=dispute.raw,
        amount=1_100_000, fee=0, fee_currency="USD",
        payment_ref=objects.gid("OrderTransaction", 501), reason="FRAUDULENT", opened_at=AT,
        evidence_due_at=AT,
    )  # fmt: skip


def test_a_dispute_names_no_payment_where_it_can_be_one_of_two() -> None:
    two = [objects.transaction(number) for number in (501, 502)]
    dispute = only("disputes", objects.dispute(order={"transactions": two}))
    assert dispute.payment_ref is None


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("UNDER_REVIEW", "under_review"), ("WON", "won"), ("LOST", "lost"), ("ACCEPTED", "lost"),
        ("PREVENTED", "closed"), ("CHARGE_REFUNDED", "closed"),
    ],
)  # fmt: skip
def test_the_status_of_a_dispute(said: str, status: str) -> None:
    assert only("disputes", objects.dispute(status=said)).status == status
