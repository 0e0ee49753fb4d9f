"""Stripe's own Python SDK reads the sandbox over HTTP, and the answer key is what it finds."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
import stripe

from tests.sandbox.conftest import Running

Sums = dict[str, dict[str, list[Any]]]
WIRE_PLACES = {"JPY": 0, "KWD": 3}


@pytest.fixture(scope="module")
def client(served: Running) -> stripe.StripeClient:
    return stripe.StripeClient(served.api_key, base_addresses={"api": served.base + "/stripe"})


@pytest.fixture(scope="module")
def oracle(served: Running) -> dict[str, Any]:
    told: dict[str, Any] = served.json("/oracle.json")["stripe"]
    return told


def everything(service: Any) -> list[Any]:
    found = list(service.list({"limit": 100}).auto_paging_iter())
    assert len({it.id for it in found}) == len(found)
    return found


@pytest.fixture(scope="module")
def lines(client: stripe.StripeClient) -> list[Any]:
    return everything(client.v1.balance_transactions)


def sums(rows: Iterable[tuple[str, str, tuple[int, ...]]]) -> Sums:
    """{key: {CURRENCY: [count, major amounts…]}} of (key, currency, minor amounts)."""
    told: Sums = defaultdict(dict)
    for key, code, amounts in rows:
        currency = code.upper()
        kept = told[key].setdefault(currency, [0, *(Decimal(0) for _ in amounts)])
        kept[0] += 1
        for number, amount in enumerate(amounts, 1):
            kept[number] += Decimal(amount).scaleb(-WIRE_PLACES.get(currency, 2))
    return told


def as_sums(told: dict[str, Any], *measures: str) -> Sums:
    return {
        key: {
            currency: [row["count"], *(Decimal(row[name]) for name in measures)]
            for currency, row in currencies.items()
        }
        for key, currencies in told.items()
    }


def payment_status(charge: Any) -> str:
    status: str = charge.status
    if status != "succeeded":
        return status
    if charge.captured:
        return "completed"
    return "voided" if charge.refunded else "pending"


def test_the_account_and_its_balance_are_read(client: stripe.StripeClient) -> None:
    assert client.v1.accounts.retrieve_current().default_currency == "usd"
    assert {it.currency for it in client.v1.balance.retrieve().available} == {
        *("usd", "eur", "jpy", "kwd")
    }


def test_payments(client: stripe.StripeClient, oracle: dict[str, Any]) -> None:
    charges = everything(client.v1.charges)
    rows = (
        (payment_status(it), it.currency, (it.amount_captured if it.captured else it.amount,))
        for it in charges
    )
    assert sums(rows) == as_sums(oracle["payments"]["by_status"], "amount")
    assert len(charges) == oracle["payments"]["count"]


def test_refunds(client: stripe.StripeClient, oracle: dict[str, Any]) -> None:
    words = {"succeeded": "completed", "requires_action": "pending"}

    def status(refund: Any) -> str:
        if refund.reason == "expired_uncaptured_charge":
            return "canceled"
        status: str = refund.status
        return words.get(status, status)

    rows = ((status(it), it.currency, (it.amount,)) for it in everything(client.v1.refunds))
    assert sums(rows) == as_sums(oracle["refunds"]["by_status"], "amount")


def test_disputes(client: stripe.StripeClient, oracle: dict[str, Any]) -> None:
    words = {"prevented": "closed"}
    rows = (
        (
            words.get(it.status, it.status).removeprefix("warning_"),
            it.currency,
            (it.amount,),
        )
        for it in everything(client.v1.disputes)
    )
    assert sums(rows) == as_sums(oracle["disputes"]["by_status"], "amount")


def test_payouts(client: stripe.StripeClient, oracle: dict[str, Any]) -> None:
    payouts = everything(client.v1.payouts)
    words = {"paid": "completed"}
    rows = ((words.get(it.status, it.status), it.currency, (it.amount,)) for it in payouts)
    assert sums(rows) == as_sums(oracle["payouts"]["by_status"], "amount")
    told = {it["id"]: it for it in oracle["payouts"]["list"]}
    assert told.keys() == {it.id for it in payouts}
    assert all(told[it.id]["itemizable"] is it.automatic for it in payouts)


def test_lines(lines: list[Any], oracle: dict[str, Any]) -> None:
    kept = [it for it in lines if it.type != "payout" and it.balance_type == "payments"]
    rows = ((it.reporting_category, it.currency, (it.amount, it.fee, it.net)) for it in kept)
    told = oracle["payout_lines"]
    assert sums(rows) == as_sums(told["by_reporting_category"], "gross", "fee", "net")
    assert len(kept) == told["count"]
    assert len(lines) == oracle["balance_transactions"]
    ignored = [it for it in lines if it.balance_type != "payments"]
    assert len(ignored) == oracle["ignored"]["count"] > 0


def test_settled_lines_are_those_of_reconciled_payouts(
    client: stripe.StripeClient, oracle: dict[str, Any]
) -> None:
    settled: list[tuple[str, str, tuple[int, ...]]] = []
    told = {it["id"]: it for it in oracle["payouts"]["list"]}
    for payout in everything(client.v1.payouts):
        if payout.reconciliation_status != "completed":
            assert "line_count" not in told[payout.id]
            continue
        listed = client.v1.balance_transactions.list({"payout": payout.id, "limit": 100})
        found = [it for it in listed.auto_paging_iter() if it.type != "payout"]
        assert len(found) == told[payout.id]["line_count"]
        assert sum(it.net for it in found) == payout.amount
        settled += [("settled", it.currency, (it.amount, it.fee, it.net)) for it in found]
    statuses = oracle["payout_lines"]["by_status"]
    expected = as_sums({"settled": statuses["settled"]}, "gross", "fee", "net")
    assert sums(settled) == expected


def fee_kind(line: Any, component: Any) -> str:
    named = {
        "tax": "tax",
        "withheld_tax": "tax",
        "application_fee": "app",
        "payment_method_passthrough_fee": "interchange",
    }
    if component.type in named:
        return named[component.type]
    if line.type == "adjustment":
        return "dispute"
    return "refund" if line.reporting_category == "refund" else "processing"


def billed_apart(line: Any) -> str | None:
    if line.reporting_category == "network_cost":
        return "interchange"
    return {"stripe_fee": "platform", "stripe_fx_fee": "fx", "tax_fee": "tax"}.get(line.type)


def test_fees(lines: list[Any], oracle: dict[str, Any]) -> None:
    kept = [it for it in lines if it.type != "payout" and it.balance_type == "payments"]
    rows = [
        (fee_kind(line, part), part.currency, (part.amount,))
        for line in kept
        for part in line.fee_details
    ]
    rows += [
        (kind, line.currency, (-line.amount,)) for line in kept if (kind := billed_apart(line))
    ]
    assert sums(rows) == as_sums(oracle["fees"]["by_kind"], "amount")
    assert len(rows) == oracle["fees"]["count"]


def test_errors_arrive_as_the_sdks_own(client: stripe.StripeClient, served: Running) -> None:
    with pytest.raises(stripe.InvalidRequestError) as missing:
        client.v1.charges.retrieve("ch_none")
    assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")
    stranger = stripe.StripeClient(
        "sk_test_0123456789abcdef", base_addresses={"api": served.base + "/stripe"}
    )
    with pytest.raises(stripe.AuthenticationError):
        stranger.v1.charges.list()
    key = served.json("/credentials.json")["stripe"]["restricted_api_key"]
    limited = stripe.StripeClient(key, base_addresses={"api": served.base + "/stripe"})
    with pytest.raises(stripe.PermissionError):
        limited.v1.disputes.list()


def test_the_sdk_reads_the_feed_of_events(client: stripe.StripeClient) -> None:
    asked: Any = {"limit": 100, "types": ["payout.paid", "payout.failed"]}
    found = list(client.v1.events.list(asked).auto_paging_iter())
    assert {it.type for it in found} == {"payout.paid", "payout.failed"}
    event = client.v1.events.retrieve(found[-1].id)
    assert event.data.object["object"] == "payout"
    after: Any = {**asked, "ending_before": found[5].id}
    newer = client.v1.events.list(after)
    assert [it.id for it in newer.data] == [it.id for it in found[:5]]
