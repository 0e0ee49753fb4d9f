"""The first reading of a large shop: a bulk operation's file, in any order, whole or not at all."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from ecomops.connectors.names import shopify_file
from ecomops.connectors.records import OrderRecord, Record
from ecomops.connectors.shopify import ShopifyConnector
from ecomops.connectors.shopify.pagination import Place
from ecomops.kit.errors import ProviderContractError, ProviderError, ProviderTransientError
from tests.connectors import shopify_objects as objects
from tests.connectors.shop import HASTY, NOW, TOKEN, Shop, told
from tests.connectors.wire import Reply, Request, Wire, reply, serve

Json = dict[str, Any]
OPERATION = objects.gid("BulkOperation", 5)
CREATED = "2026-06-09T00:00:00Z"


@dataclass
class LargeShop(Shop):
    """A shop that runs bulk operations; ``states`` are their status at each look, the last kept."""

    states: list[str] = field(default_factory=lambda: ["RUNNING", "COMPLETED"])
    lines: list[str] | None = None
    count: int | None = None
    address: str | None = None
    size: int | None = None
    base: str = ""
    started: int = 0
    files: int = 0
    broken: int = 0

    def respond(self, request: Request) -> Reply:
        if request.path == "/file.jsonl":
            self.files += 1
            if self.files <= self.broken:
                return reply(b"", 503)
            return reply("\n".join(self.file()) + "\n", Content_Type="application/jsonl")
        document = json.loads(request.body)["query"]
        if "ordersCount" in document:
            return told({"ordersCount": {"count": len(self.objects["orders"])}})
        if "bulkOperationRunQuery" in document:
            self.started += 1
            made = {"bulkOperation": {"id": OPERATION}, "userErrors": []}
            return told({"bulkOperationRunQuery": made})
        if "bulkOperation(id" in document:
            return told({"bulkOperation": self.state()})
        return super().respond(request)

    def state(self) -> Json:
        status = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        count = len(self.objects["orders"]) if self.count is None else self.count
        url = self.address or self.base + "/file.jsonl"
        return {
            "id": OPERATION, "status": status, "errorCode": None, "createdAt": CREATED,
            "rootObjectCount": str(count), "url": url if status == "COMPLETED" else None,
            "fileSize": str(self.size or len("\n".join(self.file())) + 1),
        }  # fmt: skip

    def file(self) -> list[str]:
        return lines_of(self.objects["orders"]) if self.lines is None else self.lines


def lines_of(orders: list[Json]) -> list[str]:
    """As Shopify writes them: items apart from their orders, in any order."""
    found = []
    for order in orders:
        flat = {name: value for name, value in order.items() if name != "lineItems"}
        flat["refunds"] = [{"id": refund["id"]} for refund in order["refunds"]]
        items = order["lineItems"]["nodes"]
        found += [flat, *({**item, "__parentId": order["id"]} for item in items)]
    random.Random(7).shuffle(found)
    return [json.dumps(line) for line in found]


def large(count: int) -> LargeShop:
    orders = [
        objects.order(n, lineItems=objects.listed(
            objects.item(), objects.item(f"{n}.00", is_gift_card=True)))
        for n in range(101, 101 + count)
    ]  # fmt: skip
    step = objects.transaction(9000, kind="REFUND", amountSet=objects.bag("33.00"))
    orders[3]["transactions"].append(step)
    orders[3]["refunds"] = [objects.refund(701, step)]
    return LargeShop({"orders": orders})


@contextmanager
def opened(shop: LargeShop, least: int | None = 2) -> Iterator[tuple[ShopifyConnector, Wire]]:
    own = {"shop_domain": "nord.myshopify.com", "api_key": "k" * 32, "api_secret": TOKEN}
    secrets = {name: SecretStr(value) for name, value in own.items()}
    with serve(shop.respond) as wire:
        shop.base = wire.base
        connector = ShopifyConnector(
            secrets, base=wire.base, now=lambda: NOW, limits=HASTY, bulk_from=least
        )
        try:
            yield connector, wire
        finally:
            connector.close()


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecomops.connectors.http.ProviderHttp.pause", lambda *_: None)


def kept(record: Record) -> Any:
    """All but the payload: a file's does not say how its lists went on."""
    return {name: getattr(record, name) for name in record.__dataclass_fields__ if name != "raw"}


def records(connector: ShopifyConnector, cursor: Any = None) -> dict[str, Any]:
    found = {}
    for page in connector.pages("orders", cursor):
        assert not page.rejects
        assert len(page.records) + page.ignored == page.received
        found.update({it.source_id: kept(it) for it in page.records})  # type: ignore[arg-type]  # no mirrors
    return found


def test_a_file_tells_the_same_as_pages() -> None:
    shop = large(230)
    with opened(shop) as (connector, _):
        by_file = records(connector)
    assert (shop.started, shop.files) == (1, 1)
    with opened(shop, None) as (connector, _):
        assert records(connector) == by_file
    assert shop.started == 1
    refund = by_file[objects.gid("OrderTransaction", 9000)]
    assert refund["goods_amount"] == 250_000


def test_after_the_file_pages_go_on_from_when_it_was_begun() -> None:
    shop = large(5)
    shop.objects["orders"][0]["updatedAt"] = "2026-06-09T12:00:00Z"
    with opened(shop) as (connector, wire):
        pages = list(connector.pages("orders", None))
        search = json.loads(wire.seen[-1].body)["variables"]["query"]
    assert search == "updated_at:>='2026-06-08T23:55:00Z'"
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
    assert pages[-1].cursor == {"since": "2026-06-09T12:00:00.000000Z"}


def test_a_reading_goes_on_where_it_was_left_and_starts_no_other_operation() -> None:
    shop = large(230)
    with opened(shop) as (connector, _):
        whole = records(connector)
        pages = connector.pages("orders", None)
        cursor: Any = next(pages).cursor
        assert (cursor, shop.started) == ({"bulk": OPERATION, "done": 0}, 2)
        found = {}
        while "bulk" in cursor:  # broken off at every page
            pages = connector.pages("orders", json.loads(json.dumps(cursor)))
            again, page = next(pages), next(pages)
            assert again.received == 0
            found.update({it.source_id: kept(it) for it in page.records})  # type: ignore[arg-type]  # no mirrors
            assert page.cursor != cursor or page.records
            if page.cursor == cursor:  # what it took of the file is told by the next page
                page = next(pages)
                found.update({it.source_id: kept(it) for it in page.records})  # type: ignore[arg-type]  # no mirrors
            cursor = page.cursor
    assert found == whole
    assert shop.started == 2


def test_a_small_shop_is_read_by_pages() -> None:
    shop = large(5)
    with opened(shop, 6) as (connector, _):
        assert len(records(connector)) == 11
    assert shop.started == 0


@pytest.mark.parametrize("status", ["FAILED", "EXPIRED", "CANCELED", "SOMETHING"])
def test_an_operation_that_fails_leaves_it_to_pages(status: str) -> None:
    shop = large(5)
    shop.states = ["CREATED", status]
    with opened(shop) as (connector, _):
        assert len(records(connector)) == 11
        assert len(records(connector, {"bulk": OPERATION, "done": 3})) == 11
    assert shop.files == 0


def test_a_file_that_is_too_old_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "CREATED", "2026-06-01T00:00:00Z")
    shop = large(5)
    with opened(shop) as (connector, _):
        assert len(records(connector, {"bulk": OPERATION, "done": 3})) == 11
    assert shop.files == 0


def test_a_shop_without_rows_has_no_file() -> None:
    shop = large(5)
    shop.count, shop.address = 0, None
    shop.states, shop.lines = ["COMPLETED"], []
    with opened(shop) as (connector, _):
        assert len(records(connector)) == 0


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda lines: lines[:-20], ProviderError),
        (lambda lines: [*lines, "{"], ProviderTransientError),
        (lambda lines: [*lines, "7"], ProviderContractError),
        (lambda lines: [*lines, '{"__parentId": "gid://shopify/Order/9"}'], ProviderContractError),
        (lambda lines: [*lines, '"' + "x" * 2**24 + '"'], ProviderContractError),
    ],
)
def test_a_file_that_is_not_whole_is_not_taken(change: Any, kind: type[ProviderError]) -> None:
    shop = large(30)
    shop.lines = change(lines_of(shop.objects["orders"]))
    with opened(shop) as (connector, _), pytest.raises(kind):
        records(connector)


@pytest.mark.parametrize(("broken", "whole"), [(2, True), (3, False)])
def test_a_file_that_does_not_come_is_asked_for_again(broken: int, whole: bool) -> None:
    shop = large(5)
    shop.broken = broken
    with opened(shop) as (connector, _):
        if whole:
            assert len(records(connector)) == 11
        else:
            with pytest.raises(ProviderTransientError, match="503"):
                records(connector)
    assert shop.files == 3


def test_a_file_that_does_not_end_is_not_kept() -> None:
    shop = large(30)
    shop.size = 1000
    with opened(shop) as (connector, _), pytest.raises(ProviderContractError, match="1000 bytes"):
        records(connector)


def test_a_bad_order_in_a_file_is_rejected_alone() -> None:
    shop = large(5)
    shop.lines = [line.replace('"#101"', "null") for line in lines_of(shop.objects["orders"])]
    shop.objects["orders"][0]["name"] = None
    with opened(shop) as (connector, _):
        pages = list(connector.pages("orders", None))
    bad = {(it.source_id, it.reason_code) for page in pages for it in page.rejects}
    assert bad == {(objects.gid("Order", 101), "bad_word")}
    orders = {it.source_id for page in pages for it in page.records if isinstance(it, OrderRecord)}
    assert len(orders) == 4


@pytest.mark.parametrize(
    "address",
    ["http://169.254.169.254/latest", "https://evil.example/x", "file:///etc/passwd", "nonsense"],
)
def test_a_file_elsewhere_is_not_fetched(address: str) -> None:
    shop = large(5)
    shop.address = address
    with opened(shop) as (connector, _), pytest.raises(ProviderContractError):
        records(connector)


@pytest.mark.parametrize(
    ("address", "base", "trusted"),
    [
        ("https://storage.googleapis.com/a/b?Expires=1", "https://nord.myshopify.com", True),
        ("https://files.shopify.com/x", "https://nord.myshopify.com", True),
        ("http://storage.googleapis.com/a", "https://nord.myshopify.com", False),
        ("https://storage.googleapis.com.evil.example/a", "https://nord.myshopify.com", False),
        ("https://evilshopify.com/a", "https://nord.myshopify.com", False),
        ("https://storage.googleapis.com:8443/a", "https://nord.myshopify.com", False),
        ("https://user@storage.googleapis.com/a", "https://nord.myshopify.com", False),
        ("https://storage.googleapis.com@evil.example/a", "https://nord.myshopify.com", False),
        ("https://[::1/a", "https://nord.myshopify.com", False),
        ("http://127.0.0.1:8090/shopify/x/bulk/1.jsonl", "http://127.0.0.1:8090/shopify/x", True),
        ("http://127.0.0.1:9000/x", "http://127.0.0.1:8090/shopify/x", False),
        ("https://storage.googleapis.com/x", "http://127.0.0.1:8090/shopify/x", False),
    ],
)
def test_which_addresses_of_files_are_trusted(address: str, base: str, trusted: bool) -> None:
    assert shopify_file(address, base) is trusted


def test_the_mark_does_not_move_back_to_what_the_file_told_already() -> None:
    started = datetime(2026, 6, 10, tzinfo=UTC)
    newest = started - timedelta(minutes=1)
    assert Place(since=started).beyond(newest, None, None, started) == Place(since=started)
