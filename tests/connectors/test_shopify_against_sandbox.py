"""The whole shop through the connector, over HTTP, against the sandbox's answer key."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from ecomops.connectors.base import Page, Window
from ecomops.connectors.http import Limits
from ecomops.connectors.pipeline import prefetch
from ecomops.connectors.records import (
    DisputeRecord,
    OrderRecord,
    PaymentRecord,
    PayoutLineRecord,
    PayoutRecord,
    Record,
    RefundRecord,
)
from ecomops.connectors.shopify import ShopifyConnector
from ecomops.core.money import to_decimal
from tests.connectors.test_against_sandbox import Json, by, exact
from tests.sandbox.conftest import start, stop

pytestmark = pytest.mark.slow  # a whole account, several times over

HASTY = Limits(read=10, retries=8, first_backoff=0.01, longest_backoff=0.02, longest_retry_after=0)


@dataclass
class Copy:
    """What a sync would have stored, by kind and id."""

    records: dict[type[Record], dict[str, Record]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    received: int = 0
    ignored: int = 0

    def take(self, page: Page) -> None:
        assert len(page.records) + len(page.rejects) + page.ignored == page.received
        assert not page.rejects
        self.received += page.received
        self.ignored += page.ignored
        for record in page.records:
            assert isinstance(record, Record)
            self.records[type(record)][record.source_id] = record

    def of(self, kind: type[Record]) -> list[Any]:
        return list(self.records[kind].values())


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    process = start("--days", "40", "--orders-per-day", "12")
    plenty = {"shopify": {"maximum": 2000, "restored": 20_000}}
    try:
        httpx.put(process.base + "/limits", json=plenty).raise_for_status()
        yield process.base
    finally:
        ended = stop(process)
    assert ended == 0


@pytest.fixture
def connector(sandbox: str) -> Iterator[ShopifyConnector]:
    opened = open_shop(sandbox)
    yield opened
    opened.close()


def open_shop(sandbox: str, **options: Any) -> ShopifyConnector:
    told = httpx.get(sandbox + "/credentials.json").json()["shopify"]
    own = {name: SecretStr(value) for name, value in told.items()}
    base = f"{sandbox}/shopify/{told['shop_domain']}"
    return ShopifyConnector(own, base=base, limits=HASTY, **options)


@pytest.fixture
def faults(sandbox: str) -> Iterator[Callable[[Json], None]]:
    def put(plan: Json) -> None:
        httpx.put(sandbox + "/faults", json=plan).raise_for_status()

    yield put
    put({})


def answer_key(sandbox: str) -> Any:
    return httpx.get(sandbox + "/oracle.json", timeout=60).json()["shopify"]


def copy_of(connector: ShopifyConnector) -> Copy:
    copy = Copy()
    for stream in connector.streams():
        for page in prefetch(connector.pages(stream.name, None)):
            copy.take(page)
    return copy


def settle(connector: ShopifyConnector, copy: Copy) -> dict[str, list[PayoutLineRecord]]:
    """The lines of each payout whose list is complete, taken into the copy as well."""
    complete = [it.source_id for it in copy.of(PayoutRecord) if it.contents_complete]
    lines: dict[str, list[PayoutLineRecord]] = {payout_id: [] for payout_id in complete}
    for payout_id, page in connector.contents(complete):
        copy.take(page)
        lines[payout_id] += [it for it in page.records if isinstance(it, PayoutLineRecord)]
    return lines


def sums(records: Iterable[Any], *names: str) -> Json:
    """{name: {currency: sum}}, without what was not told."""
    told: Json = {name: defaultdict(Decimal) for name in names}
    for record in records:
        for name in names:
            if getattr(record, name) is not None:
                told[name][record.currency] += to_decimal(getattr(record, name))
    return told


def assert_equal_to_the_key(copy: Copy, key: Any) -> None:
    for table, kind in (
        ("orders", OrderRecord),
        ("payments", PaymentRecord),
        ("refunds", RefundRecord),
        ("disputes", DisputeRecord),
        ("payouts", PayoutRecord),
    ):
        assert by("status", copy.of(kind), "amount") == exact(key[table]["by_status"]), table
    assert_parts_equal(copy, key)
    lines, totals = copy.of(PayoutLineRecord), ("gross", "fee", "net")
    wanted = key["payout_lines"]
    assert by("status", lines, *totals) == exact(wanted["by_status"])
    assert by("reporting_category", lines, *totals) == exact(wanted["by_reporting_category"])
    assert {name.lower() for name in wanted["by_type"]} == {line.line_type for line in lines}
    fees = [fee for line in lines for fee in line.fees]
    assert by("kind", fees, "amount") == exact(key["fees"]["by_kind"])


def assert_parts_equal(copy: Copy, key: Any) -> None:
    """What orders, payments and refunds are made of."""
    parts = exact(key["orders"]["components"])
    assert parts["duties"]
    assert sums(copy.of(OrderRecord), *parts) == parts
    kinds: dict[str, list[PaymentRecord]] = defaultdict(list)
    gateways: dict[str, list[PaymentRecord]] = defaultdict(list)
    for payment in copy.of(PaymentRecord):
        kinds[payment.kind].append(payment)
        gateways[payment.gateway].append(payment)
    for told, found in (("by_kind", kinds), ("by_gateway", gateways)):
        grouped = {name: by("status", rows, "amount") for name, rows in found.items()}
        assert grouped == exact(key["payments"][told])
    split = exact(key["refunds"]["split"])
    columns = {f"{name}_amount": amounts for name, amounts in split.items()}
    # Shopify signs an adjustment from the shop's side, the model as money given back.
    columns["adjustment_amount"] = {it: -sum for it, sum in split["adjustment"].items()}
    assert sums(copy.of(RefundRecord), *columns) == columns


def test_a_first_sync_equals_the_answer_key(sandbox: str, connector: ShopifyConnector) -> None:
    key, copy = answer_key(sandbox), copy_of(connector)
    tables = ("orders", "payments", "refunds", "disputes", "payouts", "payout_lines")
    assert copy.received == copy.ignored + sum(key[table]["count"] for table in tables)
    ignored = key["payout_rows"]["count"] + key["ignored"]["test_lines"]["count"]
    assert copy.ignored > ignored + key["ignored"]["test_orders"]
    settle(connector, copy)
    assert_equal_to_the_key(copy, key)


def test_a_first_sync_by_a_bulk_operation_equals_the_answer_key(sandbox: str) -> None:
    connector = open_shop(sandbox, bulk_from=1)
    copy, cursors = Copy(), []
    for stream in connector.streams():
        for page in connector.pages(stream.name, None):
            copy.take(page)
            cursors.append(page.cursor)
    settle(connector, copy)
    connector.close()
    assert any("bulk" in cursor for cursor in cursors)
    assert_equal_to_the_key(copy, answer_key(sandbox))


def test_amounts_in_other_currencies_are_what_customers_saw(
    sandbox: str, connector: ShopifyConnector
) -> None:
    wanted: dict[str, Decimal] = defaultdict(Decimal)
    for totals in exact(answer_key(sandbox)["orders"]["by_gateway"]).values():
        for currency, told in totals.items():
            wanted[currency] += told["amount"]
    found: dict[str, Decimal] = defaultdict(Decimal)
    for order in copy_of(connector).of(OrderRecord):
        seen = order.amount if order.presentment_amount is None else order.presentment_amount
        found[order.presentment_currency or order.currency] += to_decimal(seen)
    assert found == wanted


def test_the_lines_of_each_payout_add_up_to_it(sandbox: str, connector: ShopifyConnector) -> None:
    copy = copy_of(connector)
    lines = settle(connector, copy)
    told = {row["id"]: row for row in answer_key(sandbox)["payouts"]["list"]}
    payouts = {payout.source_id: payout for payout in copy.of(PayoutRecord)}
    assert told.keys() == payouts.keys()
    assert lines
    for payout_id, found in lines.items():
        assert sum(line.net for line in found) == payouts[payout_id].amount
        assert len(found) == told[payout_id]["line_count"]
        assert to_decimal(sum(line.fee for line in found)) == Decimal(told[payout_id]["fee"])


def test_every_reference_leads_to_a_record(connector: ShopifyConnector) -> None:
    copy = copy_of(connector)
    known = {name for records in copy.records.values() for name in records}
    lines = [line for line in copy.of(PayoutLineRecord) if line.order_ref]
    assert lines
    for line in lines:
        assert {line.object_ref, line.order_ref} <= known, line
    assert any(line.object_ref in copy.records[DisputeRecord] for line in lines)
    for record in (*copy.of(PaymentRecord), *copy.of(RefundRecord)):
        assert record.order_ref in known
    disputes = copy.of(DisputeRecord)
    assert {it.payment_ref for it in disputes} <= known | {None}
    assert any(it.payment_ref for it in disputes)


def test_a_sync_on_a_bad_day_equals_the_answer_key(
    sandbox: str, connector: ShopifyConnector, faults: Callable[[Json], None]
) -> None:
    kinds = ("rate_limited", "server_error", "truncated", "html", "disconnected")
    faults({"seed": 5, "rates": dict.fromkeys(kinds, 0.04)})
    copy = copy_of(connector)
    settle(connector, copy)
    injected = httpx.get(sandbox + "/faults").json()["injected"]
    assert sum(injected.values()) > 5
    assert_equal_to_the_key(copy, answer_key(sandbox))


def test_a_walk_broken_off_at_every_page_still_reads_everything(
    sandbox: str, connector: ShopifyConnector
) -> None:
    copy = Copy()
    for stream in connector.streams():
        cursor, last = None, False
        while not last:
            page = next(connector.pages(stream.name, cursor))
            copy.take(page)
            cursor, last = json.loads(json.dumps(page.cursor)), page.last
    settle(connector, copy)
    assert_equal_to_the_key(copy, answer_key(sandbox))


def test_a_second_walk_brings_nothing_that_is_not_known(connector: ShopifyConnector) -> None:
    for stream in connector.streams():
        first = list(connector.pages(stream.name, None))
        known = {record.source_id: record for page in first for record in page.records}
        again = list(connector.pages(stream.name, first[-1].cursor))
        assert again[-1].cursor == first[-1].cursor
        assert all(known[it.source_id] == it for page in again for it in page.records)
        assert sum(page.received for page in again) <= sum(page.received for page in first) / 5


def test_windows_side_by_side_are_the_whole(connector: ShopifyConnector) -> None:
    for stream in ("orders", "payouts", "payout_lines", "disputes"):
        whole = {it.source_id for page in connector.pages(stream, None) for it in page.records}
        dates = sorted(
            it.source_created_at
            for page in connector.pages(stream, None)
            for it in page.records
            if isinstance(it, Record)
        )
        middle = dates[len(dates) // 2]
        halves = (
            Window(dates[0].replace(year=2000), middle),
            Window(middle, dates[0].replace(year=2099)),
        )
        parts = [
            {it.source_id for page in connector.pages(stream, None, half) for it in page.records}
            for half in halves
        ]
        assert parts[0] | parts[1] == whole
        assert not parts[0] & parts[1]
        assert all(parts)
        if stream == "orders":
            for half, part in zip(halves, parts, strict=True):
                orders = sum("/Order/" in name for name in part)
                ignored = sum(page.ignored for page in connector.pages(stream, None, half))
                assert orders <= connector.size(half)["Orders"] <= orders + ignored


def test_refresh_and_list_tell_the_same(connector: ShopifyConnector) -> None:
    for stream in connector.streams():
        page = next(connector.pages(stream.name, None))
        (refreshed, *_) = connector.refresh(stream.name, [page.records[0].source_id])
        assert refreshed.records == page.records[: len(refreshed.records)]


def test_what_is_gone_is_told(connector: ShopifyConnector) -> None:
    gone = "gid://shopify/Order/999999999999"
    (page,) = connector.refresh("orders", [gone])
    assert [(it.source_id, it.reason_code) for it in page.rejects] == [(gone, "vanished")]
    payout = "gid://shopify/ShopifyPaymentsPayout/999999999999"
    ((_, page),) = connector.contents([payout])
    assert [(it.source_id, it.reason_code) for it in page.rejects] == [(payout, "vanished")]
    assert not page.last
