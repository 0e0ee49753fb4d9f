"""Fields of the query root: the shop, orders as lists and by id, and any object by its id."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ecomops.sandbox.wire.shopify.errors import NotServedError
from ecomops.sandbox.wire.shopify.fields import orders, payments
from ecomops.sandbox.wire.shopify.ids import find, number_of_order
from ecomops.sandbox.wire.shopify.paging import Asked, Row, Source, page
from ecomops.sandbox.wire.shopify.search import Filter
from ecomops.sandbox.wire.shopify.values import gid
from ecomops.sandbox.wire.shopify.view import View
from ecomops.sandbox.world.shop.model import (
    BalanceLine,
    ShopDispute,
    ShopOrder,
    ShopPayout,
    ShopRefund,
    Transaction,
)

Json = dict[str, Any]
Resolver = Callable[..., Any]
COUNT_LIMIT = 10_000


# orders as a list


def _order_filters(view: View) -> dict[str, Filter]:
    return {
        "id": Filter("number", number_of_order),
        "name": Filter("text", lambda it: (it.name, it.name[1:])),
        "email": Filter("text", orders.email),
        "test": Filter("text", lambda it: str(it.test).lower()),
        "financial_status": Filter("text", lambda it: it.provider_status(view.now)),
        "gateway": Filter("text", lambda it: orders.ORDER["paymentGatewayNames"](it, view)),
        "status": Filter("text", lambda it: _open(it, view)),
        "tag": Filter("text", lambda it: tuple(orders.ORDER["tags"](it, view))),
        "created_at": Filter("time", lambda it: it.created),
        "processed_at": Filter("time", lambda it: it.created),
        "updated_at": Filter("time", lambda it: it.updated_at(view.now)),
    }


def _open(order: ShopOrder, view: View) -> tuple[str, ...]:
    gone = order.canceled_at is not None and order.canceled_at < view.now
    return ("cancelled", "closed", "any") if gone else ("open", "not_closed", "any")


def _changed_on(view: View, day: int) -> list[ShopOrder]:
    """Orders whose last change before now fell on a day."""
    shop, now = view.shop, view.now
    start, end = view.shop.calendar.midnight(day), view.shop.calendar.midnight(day + 1)
    seen = (it for it in (*shop.orders(day), *shop.stirring(day)) if it.created < now)
    return [it for it in seen if start <= it.updated_at(now) < end]


def _order_source(view: View, sort: str) -> tuple[Source, str | None]:
    """(the sorted list, the filter that narrows it)"""
    if sort == "UPDATED_AT":
        changed = lambda day: _changed_on(view, day)  # noqa: E731
        source = view.daily(sort, lambda it: it.updated_at(view.now), number_of_order, changed)
        return source, "updated_at"
    if sort in ("CREATED_AT", "PROCESSED_AT"):
        source = view.daily(sort, lambda it: it.created, number_of_order, view.shop.orders)
        return source, sort.lower()
    if sort == "ID":
        return Source(sort, lambda *bounds: _by_id(view, *bounds)), None
    raise NotServedError(f"orders sorted by {sort}")


def _by_id(view: View, low: int | None, high: int | None, reverse: bool) -> Iterator[Sequence[Row]]:
    """The two populations, one after the other, a day at a time."""
    last = view.shop.calendar.day_of(view.now - 1)
    places = [(own, day) for own in (False, True) for day in range(last + 1)]
    for own, day in reversed(places) if reverse else places:
        found = (view.shop.own_day if own else view.shop.story_day)(day).orders
        rows = [Row(number_of_order(it), number_of_order(it), it) for it in found]
        yield sorted(row for row in rows if row.record.created < view.now)


def _orders(it: None, view: View, sortKey: str = "PROCESSED_AT", **arguments: Any) -> Json:
    view.require("orders")
    source, narrowed = _order_source(view, sortKey)
    oldest = view.oldest_order
    keep = lambda it: it.created >= oldest  # noqa: E731
    return view.connect("orders", arguments, source, _order_filters(view), narrowed, keep)


def _orders_count(
    it: None, view: View, query: str | None = None, limit: int | None = COUNT_LIMIT, **_: Any
) -> Json:
    """``limit`` null counts all."""
    view.require("ordersCount")
    search = view.search(query, _order_filters(view), "ordersCount")
    sort = "UPDATED_AT" if any(search.bounds("updated_at")) else "CREATED_AT"
    source, narrowed = _order_source(view, sort)
    keep = lambda it: it.created >= view.oldest_order and search.matches(it)  # noqa: E731
    asked = Asked(first=limit)
    found = page(source, asked, keep, search.bounds(narrowed or ""))
    more = found["pageInfo"]["hasNextPage"]
    return {"count": len(found["nodes"]), "precision": "AT_LEAST" if more else "EXACT"}


# one by one

_HAPPENED: dict[type, str] = {
    Transaction: "orders",
    ShopRefund: "orders",
    ShopDispute: "disputes",
    ShopPayout: "payouts",
    BalanceLine: "balanceTransactions",
}


def node(it: Any, view: View, id: str) -> Any:
    """Any object by its id; None where there is none yet, or of another world."""
    if found := view.bulk_operation(id):
        return found
    record = find(view.shop, id)
    if isinstance(record, ShopOrder):
        view.require("order")
        return view.sees(record)
    if record is None or record.created >= view.now:
        return None
    view.require(_HAPPENED[type(record)])
    order = None if isinstance(record, ShopPayout | BalanceLine) else record.order
    return record if order is None or view.sees(order) else None


def _one(type: type) -> Resolver:
    def told(it: None, view: View, id: str) -> Any:
        found = node(it, view, id)
        return found if isinstance(found, type) else None

    return told


def _order(it: None, view: View, id: str) -> ShopOrder | None:
    view.require("order")
    found: ShopOrder | None = _one(ShopOrder)(it, view, id)
    return found


def _dispute(it: None, view: View, id: str) -> ShopDispute | None:
    view.require("dispute")
    found: ShopDispute | None = _one(ShopDispute)(it, view, id)
    return found


def _account(it: None, view: View) -> payments.Account:
    view.require("shopifyPaymentsAccount")
    return payments.Account()


def _installation(it: None, view: View) -> Json:
    scopes = [{"handle": it, "description": it.replace("_", " ")} for it in sorted(view.scopes)]
    return {"id": gid("AppInstallation", 81_000_000_000), "accessScopes": scopes}


QUERY: dict[str, Resolver] = {
    "shop": lambda it, view: view.facts,
    "currentAppInstallation": _installation,
    "orders": _orders,
    "ordersCount": _orders_count,
    "order": _order,
    "refund": _one(ShopRefund),
    "dispute": _dispute,
    "disputes": payments.disputes,
    "shopifyPaymentsAccount": _account,
    "node": node,
    "nodes": lambda it, view, ids: [node(it, view, id) for id in ids],
}
