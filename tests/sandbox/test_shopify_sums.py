"""Every page of the served shop, added up, is what the answer key says."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.conftest import Api
from tests.sandbox.shop import Shop

Json = dict[str, Any]
MONEY = "{ shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }"
ORDER = f"""
id name test cancelledAt createdAt updatedAt displayFinancialStatus taxesIncluded
totalPriceSet {MONEY} subtotalPriceSet {MONEY} totalShippingPriceSet {MONEY} totalTaxSet {MONEY}
totalDiscountsSet {MONEY} totalTipReceivedSet {MONEY} originalTotalDutiesSet {MONEY}
totalReceivedSet {MONEY} totalRefundedSet {MONEY}
transactions {{ id kind status gateway authorizationCode test amountSet {MONEY}
  parentTransaction {{ id }} }}
lineItems(first: 50) {{ nodes {{ id quantity isGiftCard originalUnitPriceSet {MONEY}
  originalTotalSet {MONEY} totalDiscountSet {MONEY} taxLines {{ priceSet {MONEY} }} }} }}
refunds {{ id totalRefundedSet {MONEY}
  transactions(first: 5) {{ nodes {{ id status amountSet {MONEY} }} }}
  refundLineItems(first: 20) {{ nodes {{ id subtotalSet {MONEY} totalTaxSet {MONEY} }} }}
  refundShippingLines(first: 5) {{ nodes {{ id subtotalAmountSet {MONEY} }} }}
  orderAdjustments(first: 5) {{ nodes {{ id amountSet {MONEY} }} }} }}
"""
LINE = """
id type test fee { amount currencyCode } net { amount } amount { amount currencyCode }
associatedPayout { id status } associatedOrder { id name }
sourceId sourceType sourceOrderTransactionId transactionDate
"""
PAYOUT = """
id legacyResourceId status transactionType issuedAt net { amount currencyCode }
summary { chargesGross { amount } chargesFee { amount } refundsFeeGross { amount }
  refundsFee { amount } adjustmentsGross { amount } adjustmentsFee { amount }
  reservedFundsGross { amount } reservedFundsFee { amount } retriedPayoutsGross { amount }
  retriedPayoutsFee { amount } advanceGross { amount } advanceFees { amount } }
"""


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop(Api(days=45, orders_per_day=12))


@pytest.fixture(scope="module")
def key(shop: Shop) -> Json:
    told: Json = shop.api.ask("GET", "/oracle.json").json()["shopify"]
    return told


@pytest.fixture(scope="module")
def orders(shop: Shop) -> list[Json]:
    found = [*shop.walk("orders", ORDER, ", sortKey: UPDATED_AT", size=40)]
    return [it for it in found if not it["test"]]


@pytest.fixture(scope="module")
def lines(shop: Shop) -> list[Json]:
    return [*shop.walk("shopifyPaymentsAccount.balanceTransactions", LINE)]


def amount(bag: Json, side: str = "shopMoney") -> Decimal:
    return Decimal(bag[side]["amount"]) if bag else Decimal(0)


def sums(rows: list[tuple[str, Decimal]]) -> Json:
    """As the answer key writes sums of one currency, US dollars."""
    found: dict[str, list[Decimal]] = defaultdict(list)
    for name, value in rows:
        found[name].append(value)
    return {
        name: {"USD": {"count": len(it), "amount": f"{sum(it):.2f}"}} for name, it in found.items()
    }


def canonical(order: Json) -> str:
    if order["cancelledAt"]:
        return "canceled"
    status = order["displayFinancialStatus"].lower()
    return "voided" if status == "expired" else str(status)


def test_orders(orders: list[Json], key: Json) -> None:
    rows = [(canonical(it), amount(it["totalPriceSet"])) for it in orders]
    assert len(orders) == len({it["id"] for it in orders}) == key["orders"]["count"]
    assert sums(rows) == key["orders"]["by_status"]


PARTS = {
    "subtotal": "subtotalPriceSet",
    "discount": "totalDiscountsSet",
    "shipping": "totalShippingPriceSet",
    "tax": "totalTaxSet",
    "tip": "totalTipReceivedSet",
    "duties": "originalTotalDutiesSet",
    "refunded": "totalRefundedSet",
}


@pytest.mark.parametrize("part", PARTS)
def test_components(part: str, orders: list[Json], key: Json) -> None:
    found = sum(amount(it[PARTS[part]]) for it in orders)
    assert f"{found:.2f}" == key["orders"]["components"][part]["USD"]


@pytest.mark.parametrize("side", ["shopMoney", "presentmentMoney"])
def test_every_order_adds_up(side: str, orders: list[Json]) -> None:
    for it in orders:
        parts = ["subtotal", "shipping", "tip", "duties"] + ["tax"] * (not it["taxesIncluded"])
        whole = sum(amount(it[PARTS[part]], side) for part in parts)
        assert whole == amount(it["totalPriceSet"], side), it["name"]
        items = it["lineItems"]["nodes"]
        priced = sum(amount(item["originalTotalSet"], side) for item in items)
        off = sum(amount(item["totalDiscountSet"], side) for item in items)
        assert priced - off == amount(it["subtotalPriceSet"], side)
        taxed = sum(amount(t["priceSet"], side) for item in items for t in item["taxLines"])
        assert taxed == amount(it["totalTaxSet"], side)


def step_status(order: Json, step: Json) -> str:
    """The rule that ``docs/sandbox.md`` gives for a payment's status."""
    plain = {"PENDING": "pending", "FAILURE": "failed"}.get(step["status"])
    if plain or step["kind"] not in ("AUTHORIZATION", "VOID"):
        return plain or "completed"
    if step["kind"] == "VOID":
        return "voided"
    done = [it["kind"] for it in order["transactions"] if it["status"] == "SUCCESS"]
    if "CAPTURE" in done:
        return "completed"
    gone = "VOID" in done or order["displayFinancialStatus"] == "EXPIRED"
    return "voided" if gone else "pending"


def test_payments(orders: list[Json], key: Json) -> None:
    steps = [
        (order, step) for order in orders for step in order["transactions"]
        if step["kind"] != "REFUND"
    ]  # fmt: skip
    assert len(steps) == key["payments"]["count"]
    rows = [(step_status(*it), amount(it[1]["amountSet"])) for it in steps]
    assert sums(rows) == key["payments"]["by_status"]
    for kind, told in key["payments"]["by_kind"].items():
        of_kind = [
            row for row, it in zip(rows, steps, strict=True) if it[1]["kind"].lower() == kind
        ]
        assert sums(of_kind) == told
    money = sum(it["amount"] for it in _completed(orders))
    assert f"{money:.2f}" == key["payments"]["money"]["USD"]["amount"]


def _completed(orders: list[Json]) -> list[Json]:
    return [
        {"amount": amount(step["amountSet"])}
        for order in orders
        for step in order["transactions"]
        if step["kind"] in ("SALE", "CAPTURE") and step["status"] == "SUCCESS"
    ]


def test_what_was_received_and_given_back_is_what_its_transactions_say(orders: list[Json]) -> None:
    for order in orders:
        got = sum(it["amount"] for it in _completed([order]))
        assert got == amount(order["totalReceivedSet"])
        back = sum(amount(it["totalRefundedSet"]) for it in order["refunds"])
        assert back == amount(order["totalRefundedSet"])


def test_refunds(orders: list[Json], key: Json) -> None:
    words = {"SUCCESS": "completed", "FAILURE": "failed", "PENDING": "pending"}
    steps = [
        step for order in orders for refund in order["refunds"]
        for step in refund["transactions"]["nodes"]
    ]  # fmt: skip
    assert len(steps) == key["refunds"]["count"]
    rows = [(words[it["status"]], amount(it["amountSet"])) for it in steps]
    assert sums(rows) == key["refunds"]["by_status"]


def test_every_refund_is_explained(orders: list[Json], key: Json) -> None:
    found: Counter[str] = Counter()
    for order in orders:
        for it in order["refunds"]:
            items, tax = it["refundLineItems"]["nodes"], Decimal(0)
            goods = sum(amount(item["subtotalSet"]) for item in items)
            tax = sum((amount(item["totalTaxSet"]) for item in items), tax)
            shipping = sum(
                amount(x["subtotalAmountSet"]) for x in it["refundShippingLines"]["nodes"]
            )
            off = sum(amount(x["amountSet"]) for x in it["orderAdjustments"]["nodes"])
            (step,) = it["transactions"]["nodes"]
            taxed = 0 if order["taxesIncluded"] else tax
            assert goods + taxed + shipping - off == amount(step["amountSet"])
            for name, value in (("goods", goods), ("tax", tax), ("shipping", shipping)):
                found[name] += int(value * 100)
            found["adjustment"] += int(off * 100)
    told = {name: int(Decimal(it["USD"]) * 100) for name, it in key["refunds"]["split"].items()}
    assert dict(found) == told


# Shopify Payments


def line_sums(rows: list[Json]) -> Json:
    """{currency: count, gross, fee, net}"""
    found: dict[str, list[Json]] = defaultdict(list)
    for it in rows:
        found[it["amount"]["currencyCode"]].append(it)
    return {
        code: {
            "count": len(it),
            "gross": f"{sum(Decimal(x['amount']['amount']) for x in it):.2f}",
            "fee": f"{sum(Decimal(x['fee']['amount']) for x in it):.2f}",
            "net": f"{sum(Decimal(x['net']['amount']) for x in it):.2f}",
        }
        for code, it in found.items()
    }


def test_payout_lines(lines: list[Json], key: Json) -> None:
    own = [it for it in lines if not it["test"] and it["type"] != "TRANSFER"]
    told = key["payout_lines"]
    assert line_sums(own) == told["totals"]
    for status, wanted in (("settled", True), ("unsettled", False)):
        some = [it for it in own if bool(it["associatedPayout"]["id"]) is wanted]
        assert line_sums(some) == told["by_status"][status]
    for kind, expected in told["by_type"].items():
        assert line_sums([it for it in own if it["type"] == kind]) == expected
    assert (
        line_sums([it for it in lines if it["type"] == "TRANSFER"]) == key["payout_rows"]["totals"]
    )


def test_fees(lines: list[Json], key: Json) -> None:
    own = [it for it in lines if not it["test"] and Decimal(it["fee"]["amount"])]
    assert len(own) == key["fees"]["count"]
    names = {"DISPUTE_WITHDRAWAL": "dispute", "DISPUTE_REVERSAL": "dispute", "REFUND": "refund",
             "REFUND_FAILURE": "refund"}  # fmt: skip
    usd = [
        (names.get(it["type"], "processing"), Decimal(it["fee"]["amount"]))
        for it in own
        if it["fee"]["currencyCode"] == "USD"
    ]
    expected = {kind: {"USD": it["USD"]} for kind, it in key["fees"]["by_kind"].items()}
    assert sums(usd) == expected


def test_every_payout_is_the_sum_of_its_lines(shop: Shop, lines: list[Json], key: Json) -> None:
    found = {it["id"]: it for it in shop.walk("shopifyPaymentsAccount.payouts", PAYOUT)}
    assert len(found) == key["payouts"]["count"] == len(key["payouts"]["list"])
    words = {"PAID": "completed", "SCHEDULED": "pending"}
    for told in key["payouts"]["list"]:
        it = found[told["id"]]
        assert Decimal(it["net"]["amount"]) == Decimal(told["amount"]) == Decimal(told["net"])
        assert words.get(it["status"], it["status"].lower()) == told["status"]
        assert it["transactionType"].lower() == told["kind"]
        own = [x for x in lines if x["associatedPayout"]["id"] == told["id"]]
        paid = [x for x in own if x["type"] != "TRANSFER"]
        assert len(paid) == told["line_count"]
        assert sum(Decimal(x["net"]["amount"]) for x in paid) == Decimal(told["amount"])
        parts = {name: Decimal(part["amount"]) for name, part in it["summary"].items()}
        fees = sum(part for name, part in parts.items() if name.endswith(("Fee", "Fees")))
        assert sum(parts.values()) - 2 * fees == Decimal(told["amount"])


def test_the_lines_of_a_payout_are_found_by_its_number(shop: Shop, lines: list[Json]) -> None:
    payouts = [*shop.walk("shopifyPaymentsAccount.payouts", PAYOUT)]
    for payout in payouts[3:9]:
        wanted = f', query: "payments_transfer_id:{payout["legacyResourceId"]}"'
        field = "shopifyPaymentsAccount.balanceTransactions"
        asked = [*shop.walk(field, LINE, wanted, size=2)]
        own = [it for it in lines if it["associatedPayout"]["id"] == payout["id"]]
        assert sorted(it["id"] for it in asked) == sorted(it["id"] for it in own)
        hidden = [*shop.walk(field, LINE, wanted + ", hideTransfers: true")]
        assert len(hidden) == len(own) - 1


def test_disputes(shop: Shop, key: Json) -> None:
    node = "id status type amount { amount currencyCode } order { name }"
    found = [*shop.walk("shopifyPaymentsAccount.disputes", node)]
    assert len(found) == key["disputes"]["count"]
    words = {"ACCEPTED": "lost", "PREVENTED": "closed", "CHARGE_REFUNDED": "closed"}
    rows = [
        (words.get(it["status"], it["status"].lower()), Decimal(it["amount"]["amount"]))
        for it in found
        if it["amount"]["currencyCode"] == "USD"
    ]
    expected = {
        status: {"USD": it["USD"]} for status, it in key["disputes"]["by_status"].items()
        if "USD" in it
    }  # fmt: skip
    assert sums(rows) == expected


def test_links(shop: Shop, orders: list[Json], lines: list[Json], key: Json) -> None:
    names = {it["id"]: it["name"] for it in orders}
    assert len(key["links"]["orders"]) == sum(not it["name"].startswith("#P") for it in orders)
    charges = {it["description"]: it["id"] for it in shop.api.all("charges") if it["paid"]}
    for order, charge in key["links"]["orders"].items():
        assert charges.get(f"Order {names[order]}", charge) == charge
    for placed in orders:
        took = [it for it in placed["transactions"] if it["gateway"] == "stripe"
                and it["status"] == "SUCCESS" and it["kind"] != "REFUND"]  # fmt: skip
        told = {it["authorizationCode"] for it in took}
        assert told <= {key["links"]["orders"].get(placed["id"])}
    placed_by = {it["id"]: (it["associatedOrder"] or {}).get("name") for it in lines}
    assert key["links"]["payout_lines"]
    for line, name in key["links"]["payout_lines"].items():
        assert placed_by[line] == name


def test_an_order_takes_what_its_charge_takes(shop: Shop, orders: list[Json], key: Json) -> None:
    by_name = {it["name"]: it for it in orders}
    checked = 0
    for charge in shop.api.all("charges"):
        order = by_name[charge["description"].removeprefix("Order ")]
        card = [it for it in order["transactions"] if it["gateway"] == "stripe"]
        taken = sum(
            amount(it["amountSet"], "presentmentMoney")
            for it in card
            if it["kind"] in ("SALE", "CAPTURE") and it["status"] == "SUCCESS"
        )
        if charge["status"] == "succeeded" and charge["currency"] in ("usd", "eur", "gbp"):
            assert taken == Decimal(charge["amount_captured"]) / 100
            checked += 1
    assert checked > 100


def test_parts_of_the_answer_key_can_be_asked_for(shop: Shop, key: Json) -> None:
    told = shop.api.ask("GET", "/oracle.json?only=shopify").json()
    assert told["shopify"] == key
    assert "stripe" not in told
    assert shop.api.ask("GET", "/oracle.json?only=paypal").status_code == 400
