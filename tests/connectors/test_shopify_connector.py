"""How a shop is walked: pages, cursors, lists inside, cost, and what Shopify may say instead."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from ecomops.connectors.base import Page, Window
from ecomops.connectors.records import OrderRecord, PayoutLineRecord, Record
from ecomops.connectors.shopify import ShopifyConnector
from ecomops.kit.errors import (
    ProviderAuthError,
    ProviderContractError,
    ProviderRateLimitedError,
)
from tests.connectors import shopify_objects as objects
from tests.connectors.shop import Shop, refused, shop_at, told, variables
from tests.connectors.wire import Reply, Request, reply, script

Json = dict[str, Any]


def ids(pages: Iterable[Page], kind: type[Record] = Record) -> list[str]:
    found = []
    for page in pages:
        assert len(page.records) + len(page.rejects) + page.ignored == page.received
        found += [it.source_id for it in page.records if isinstance(it, kind)]
    return found


def at(minute: int) -> str:
    return f"2026-06-01T10:{minute:02}:00Z"


def orders(count: int, first: int = 101) -> list[Json]:
    numbers = range(first, first + count)
    return [objects.order(n, updatedAt=at(n - 101), createdAt=at(n - 101)) for n in numbers]


def walked(connector: ShopifyConnector, stream: str, cursor: Any = None) -> list[Page]:
    return list(connector.pages(stream, cursor))


def test_orders_come_oldest_first_with_their_payments() -> None:
    shop = Shop({"orders": orders(5)}, page=2)
    with shop_at(shop.respond) as (connector, _):
        pages = walked(connector, "orders")
    assert ids(pages, OrderRecord) == [objects.gid("Order", n) for n in range(101, 106)]
    assert [page.received for page in pages] == [4, 4, 2]
    assert [page.last for page in pages] == [False, False, True]


def test_a_second_walk_asks_for_what_is_new_and_five_minutes_more() -> None:
    shop = Shop({"orders": orders(12)})
    with shop_at(shop.respond) as (connector, wire):
        first = walked(connector, "orders")
        cursor = first[-1].cursor
        second = walked(connector, "orders", cursor)
        search = variables(wire.seen[-1])["query"]
    assert search == "updated_at:>='2026-06-01T10:06:00Z'"
    assert ids(second, OrderRecord) == [objects.gid("Order", n) for n in range(107, 113)]
    assert second[-1].cursor == cursor


def test_a_walk_goes_on_where_it_was_left() -> None:
    shop = Shop({"orders": orders(6)}, page=2)
    with shop_at(shop.respond) as (connector, _):
        left = next(iter(connector.pages("orders", None))).cursor
        assert left["after"] == objects.gid("Order", 102)
        rest = walked(connector, "orders", json.loads(json.dumps(left)))
        whole = walked(connector, "orders")
    assert ids(rest, OrderRecord) == [objects.gid("Order", n) for n in range(103, 107)]
    assert rest[-1].cursor == whole[-1].cursor


def test_a_place_that_is_lost_means_the_walk_once_more() -> None:
    shop = Shop({"orders": orders(3)})
    with shop_at(shop.respond) as (connector, _):
        pages = walked(connector, "orders", {"since": None, "next_since": None, "after": "gone"})
    assert len(ids(pages, OrderRecord)) == 3


@pytest.mark.parametrize("cursor", [{}, {"since": 7}, {"since": "never"}, {"after": 5}, {"x": 1}])
def test_a_cursor_that_is_not_ours_means_a_full_walk(cursor: Json) -> None:
    with shop_at(Shop({"orders": orders(3)}).respond) as (connector, _):
        assert len(ids(walked(connector, "orders", cursor), OrderRecord)) == 3


def test_a_time_in_the_future_does_not_become_the_mark() -> None:
    far = objects.order(101, updatedAt="2090-01-01T00:00:00Z")
    with shop_at(Shop({"orders": [far]}).respond) as (connector, _):
        assert walked(connector, "orders")[-1].cursor["since"] == "2026-06-10T00:00:00.000000Z"


def test_a_window_is_about_when_orders_were_made() -> None:
    shop = Shop({"orders": orders(6)})
    start, end = (datetime(2026, 6, 1, 10, minute, tzinfo=UTC) for minute in (1, 4))
    with shop_at(shop.respond) as (connector, _):
        pages = list(connector.pages("orders", None, Window(start, end)))
    assert ids(pages, OrderRecord) == [objects.gid("Order", n) for n in (102, 103, 104)]


def test_lists_inside_an_order_are_read_to_their_end() -> None:
    gifts = [objects.item("5.00", is_gift_card=True) for _ in range(5)]
    step = objects.transaction(502, kind="REFUND", amountSet=objects.bag("33.00"))
    given = objects.refund(701, step)
    given["refundLineItems"] = objects.listed(*given["refundLineItems"]["nodes"], after="0")
    whole = objects.order(
        101, lineItems=objects.listed(objects.item(), after="0"), refunds=[given],
        transactions=[objects.transaction(501), step],
    )  # fmt: skip
    more = [{"subtotalSet": objects.shop_bag("1"), "totalTaxSet": objects.shop_bag("0.1")}] * 3
    rest = {(whole["id"], "lineItems"): gifts, (given["id"], "refundLineItems"): more}
    with shop_at(Shop({"orders": [whole]}, rest).respond) as (connector, _):
        (page,) = walked(connector, "orders")
    order, _, refund = page.records
    assert isinstance(order, OrderRecord)
    assert order.gift_card_sold == 250_000
    assert (refund.goods_amount, refund.tax_amount) == (280_000, 33_000)  # type: ignore[union-attr]  # a refund


def test_an_order_that_is_gone_before_its_lists_are_whole_is_rejected() -> None:
    cut = objects.order(101, lineItems=objects.listed(objects.item(), after="0"))
    with shop_at(Shop({"orders": [cut]}).respond) as (connector, _):
        (page,) = walked(connector, "orders")
    assert [it.reason_code for it in page.rejects] == ["vanished"]
    assert len(page.records) == 1


def test_pages_grow_and_shrink_with_what_they_cost() -> None:
    shop = Shop({"orders": orders(55)}, cost=70)
    with shop_at(shop.respond) as (connector, wire):
        assert len(ids(walked(connector, "orders"), OrderRecord)) == 55
    asked = [variables(request)["first"] for request in wire.seen]
    assert asked[0] == 10
    assert set(asked[1:]) == {7}


def test_a_query_that_is_too_costly_is_asked_smaller() -> None:
    shop = Shop({"orders": orders(12)}, cost=300)
    with shop_at(shop.respond) as (connector, wire):
        assert len(ids(walked(connector, "orders"), OrderRecord)) == 12
    assert [variables(request)["first"] for request in wire.seen][:4] == [10, 5, 2, 1]


def test_one_object_that_costs_too_much_is_an_error() -> None:
    with (
        shop_at(Shop({"orders": orders(1)}, cost=1001).respond) as (connector, _),
        pytest.raises(ProviderContractError, match="1001"),
    ):
        walked(connector, "orders")


def bucket(held: int, requested: int = 100, restored: float = 1000.0) -> Json:
    throttle = {"maximumAvailable": 2000, "currentlyAvailable": held, "restoreRate": restored}
    return {"requestedQueryCost": requested, "throttleStatus": throttle}


def test_a_query_waits_until_the_bucket_holds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(
        "ecomops.connectors.http.ProviderHttp.pause", lambda _, it: waits.append(it)
    )
    page = {"orders": objects.listed()}
    with shop_at(script(told(page, cost=bucket(0, 100, 50.0)))) as (connector, _):
        for _ in range(2):
            walked(connector, "orders")
    assert waits[0] == 0
    assert 1.5 < waits[1] <= 2.0


def test_a_throttled_query_is_asked_again_after_the_refill() -> None:
    throttled = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
    busy = reply(
        {"errors": [throttled], "extensions": {"cost": bucket(99, 100, 1000.0)}},
        X_Shopify_API_Version="2026-07",
    )
    page = told({"orders": objects.listed(objects.order())})
    with shop_at(script(busy, page)) as (connector, wire):
        assert len(ids(walked(connector, "orders"), OrderRecord)) == 1
    assert len(wire.seen) == 2


def test_a_bucket_that_never_fills_is_a_rate_limit() -> None:
    with (
        shop_at(script(refused("THROTTLED"))) as (connector, _),
        pytest.raises(ProviderRateLimitedError),
    ):
        walked(connector, "orders")


def test_data_beside_errors_is_not_taken_for_the_whole() -> None:
    part = {"orders": objects.listed(objects.order())}
    answer = refused("SOMETHING", "A field failed.", data=part)
    with (
        shop_at(script(answer)) as (connector, _),
        pytest.raises(ProviderContractError, match="A field failed"),
    ):
        walked(connector, "orders")


def test_a_missing_scope_is_said_by_name() -> None:
    needed = "`read_shopify_payments_payouts` access scope."
    answer = refused("ACCESS_DENIED", "Access denied for payouts field.", requiredAccess=needed)
    with (
        shop_at(script(answer)) as (connector, _),
        pytest.raises(ProviderAuthError, match="read_shopify_payments_payouts"),
    ):
        walked(connector, "payouts")


def test_orders_are_read_without_addresses_where_these_are_denied() -> None:
    shop = Shop({"orders": orders(2)})

    def respond(request: Request) -> Reply:
        if variables(request).get("personal") is False:
            return shop.respond(request)
        error = {"message": "Not approved to use the email field.",
                 "path": ["orders", "nodes", 0, "email"],
                 "extensions": {"code": "ACCESS_DENIED"}}  # fmt: skip
        return reply({"errors": [error], "data": {}}, X_Shopify_API_Version="2026-07")

    with shop_at(respond) as (connector, wire):
        for _ in range(2):
            assert len(ids(walked(connector, "orders"), OrderRecord)) == 2
    assert len(wire.seen) == 3


def test_a_filter_that_was_passed_over_is_an_error() -> None:
    warning = {"path": ["orders"], "query": "updatd_at:1", "warnings": [{"field": "updatd_at"}]}
    with (
        shop_at(script(told({"orders": objects.listed()}, search=[warning]))) as (connector, _),
        pytest.raises(ProviderContractError, match="filter"),
    ):
        walked(connector, "orders")


@pytest.mark.parametrize("stream", ["payouts", "payout_lines", "disputes"])
def test_a_shop_without_shopify_payments_has_none_of_them(stream: str) -> None:
    with shop_at(Shop(payments=False).respond) as (connector, _):
        (page,) = walked(connector, stream)
        assert (page.received, page.last) == (0, True)
        assert walked(connector, stream, page.cursor)[0].received == 0


def endless(request: Request) -> Reply:
    after = variables(request)["after"]
    return told({"orders": objects.listed(objects.order(), after=f"{len(after or '')}-more")})


@pytest.mark.parametrize(
    "page_info",
    [{}, None, {"hasNextPage": True}, {"hasNextPage": True, "endCursor": ""}, {"hasNextPage": 1}],
    ids=repr,
)
def test_a_list_that_does_not_say_how_it_goes_on_is_refused(page_info: Any) -> None:
    page = {"nodes": [objects.order()], "pageInfo": page_info}
    with (
        shop_at(script(told({"orders": page}))) as (connector, _),
        pytest.raises(ProviderContractError),
    ):
        walked(connector, "orders")


def test_a_list_without_end_is_refused() -> None:
    same = told({"orders": objects.listed(objects.order(), after="x")})
    with shop_at(script(same)) as (connector, wire), pytest.raises(ProviderContractError):
        walked(connector, "orders")
    assert len(wire.seen) == 2
    with shop_at(endless) as (connector, wire), pytest.raises(ProviderContractError):
        walked(connector, "orders")
    assert len(wire.seen) < 5


@pytest.mark.parametrize("data", [{}, {"orders": None}, {"orders": []}, {"orders": {"nodes": {}}}])
def test_an_answer_without_the_list_is_refused(data: Any) -> None:
    with (
        shop_at(script(told(data))) as (connector, _),
        pytest.raises(ProviderContractError),
    ):
        walked(connector, "orders")


def test_the_lines_of_payouts_come_by_payout() -> None:
    lines = [objects.line(801), objects.line(802, type="TRANSFER"), objects.line(803)]
    lines[2]["associatedPayout"] = {"id": objects.gid("ShopifyPaymentsPayout", 302)}
    paid = [objects.payout(301), objects.payout(302), objects.payout(303)]
    shop = Shop({"balanceTransactions": lines, "payouts": paid})
    named = [objects.gid("ShopifyPaymentsPayout", n) for n in (301, 303, 999)]
    with shop_at(shop.respond) as (connector, _):
        found = list(connector.contents(named))
    assert [payout for payout, _ in found] == named
    first, empty, gone = (page for _, page in found)
    assert (first.received, first.ignored, first.last) == (2, 1, True)
    assert [it.payout_ref for it in first.records if isinstance(it, PayoutLineRecord)] == named[:1]
    assert (empty.received, empty.last) == (0, True)
    assert [it.reason_code for it in gone.rejects] == ["vanished"]
    assert not gone.last


def test_lines_of_another_payout_are_not_believed() -> None:
    page = {"shopifyPaymentsAccount": {"balanceTransactions": objects.listed(objects.line())}}
    with (
        shop_at(script(told(page))) as (connector, _),
        pytest.raises(ProviderContractError, match="another payout"),
    ):
        list(connector.contents([objects.gid("ShopifyPaymentsPayout", 302)]))


def test_records_are_read_again_by_their_ids() -> None:
    shop = Shop({"orders": orders(25), "payouts": [objects.payout(301)]})
    wanted = [objects.gid("Order", n) for n in (125, 101, 999)]
    with shop_at(shop.respond) as (connector, _):
        found = list(connector.refresh("orders", [*wanted, objects.gid("OrderTransaction", 502)]))
        paid = list(connector.refresh("payouts", [objects.gid("ShopifyPaymentsPayout", 301), "x"]))
    order_ids = [objects.gid("Order", n) for n in (125, 101, 102)]
    assert ids(found, OrderRecord) == order_ids
    assert [it.source_id for page in found for it in page.rejects] == [wanted[2]]
    assert [it.reason_code for page in found for it in page.rejects] == ["vanished"]
    assert len(ids(paid)) == 1
    assert [it.source_id for it in paid[0].rejects] == ["x"]
    assert [found[-1].last, paid[-1].last] == [True, True]


def test_many_ids_are_read_in_pieces() -> None:
    shop = Shop({"orders": orders(25)})
    with shop_at(shop.respond) as (connector, wire):
        found = list(connector.refresh("orders", [it["id"] for it in shop.objects["orders"]]))
    assert len(ids(found, OrderRecord)) == 25
    assert [len(variables(request)["ids"]) for request in wire.seen] == [10, 10, 5]


def test_another_object_than_asked_for_is_not_believed() -> None:
    with (
        shop_at(script(told({"nodes": [objects.payout(302)]}))) as (connector, _),
        pytest.raises(ProviderContractError, match="another object"),
    ):
        list(connector.refresh("payouts", [objects.gid("ShopifyPaymentsPayout", 301)]))


def test_one_token_no_secret_in_logs() -> None:
    with (
        capture_logs() as lines,
        shop_at(Shop({"orders": orders(1)}).respond) as (connector, wire),
    ):
        walked(connector, "orders")
    assert {request.headers["x-shopify-access-token"] for request in wire.seen} == {
        "shpat_" + "c" * 32
    }
    assert "c" * 32 not in repr(lines)
