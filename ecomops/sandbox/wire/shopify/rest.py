"""Payloads of webhooks: records in the shape of the REST Admin API, version 2026-07."""

from typing import Any

from ecomops.sandbox.wire.shopify.fields.orders import PERSON_BASE, email
from ecomops.sandbox.wire.shopify.ids import id_of, id_of_order, number_of_order
from ecomops.sandbox.wire.shopify.values import instant
from ecomops.sandbox.world import people
from ecomops.sandbox.world.currencies import major
from ecomops.sandbox.world.shop.model import ShopDispute, ShopOrder, ShopRefund, Transaction
from ecomops.sandbox.world.shop.money import SHOP_CURRENCY, Bag
from ecomops.sandbox.world.shop.numbers import number_of
from ecomops.sandbox.world.shop.returns import explain

Json = dict[str, Any]


def stamp(seconds: int | None) -> str | None:
    """ISO 8601 with the shop's offset, as REST writes instants."""
    told = instant(seconds)
    return told.replace("Z", "+00:00") if told else None


def order_json(order: ShopOrder, now: int) -> Json:
    """An order as it stands at ``now``."""
    held, back = order.contents, order.given_back(now)
    left = Bag(order.total.presentment - back, order.total.shop - order.worth(back))
    canceled = order.canceled_at if order.canceled_at and order.canceled_at < now else None
    return {
        "id": number_of_order(order),
        "admin_graphql_api_id": id_of_order(order),
        "name": order.name,
        "number": order.ordinal + 1,
        "order_number": order.ordinal + people.FIRST_ORDER_NUMBER,
        "email": email(order),
        "contact_email": email(order),
        "created_at": stamp(order.created),
        "processed_at": stamp(order.created),
        "updated_at": stamp(order.updated_at(now)),
        "cancelled_at": stamp(canceled),
        "cancel_reason": (order.cancel_reason or "").lower() or None if canceled else None,
        "closed_at": stamp(canceled),
        "confirmed": True,
        "test": order.test,
        "currency": SHOP_CURRENCY.upper(),
        "presentment_currency": order.currency.upper(),
        "financial_status": order.provider_status(now).lower(),
        "fulfillment_status": None,
        "taxes_included": held.taxes_included,
        "payment_gateway_names": list(dict.fromkeys(it.gateway for it in order.transactions)),
        "customer": _customer(order),
        "line_items": [_item_json(order, number) for number in range(len(held.items))],
        "refunds": [refund_json(it, now) for it in order.refunds if it.created < now],
        **_money("total_price", order.total, order),
        **_money("current_total_price", left, order),
        **_money("subtotal_price", held.subtotal, order),
        **_money("total_tax", held.tax, order),
        **_money("total_discounts", held.discount, order),
        "total_shipping_price_set": _set(held.shipping, order),
        "total_tip_received": major(held.tip.shop, SHOP_CURRENCY),
    }


def _money(name: str, bag: Bag, order: ShopOrder) -> Json:
    return {name: major(bag.shop, SHOP_CURRENCY), f"{name}_set": _set(bag, order)}


def _set(bag: Bag, order: ShopOrder) -> Json:
    sides = (("shop_money", bag.shop, SHOP_CURRENCY),
             ("presentment_money", bag.presentment, order.currency))  # fmt: skip
    return {
        side: {"amount": major(amount, currency), "currency_code": currency.upper()}
        for side, amount, currency in sides
    }


def _item_json(order: ShopOrder, number: int) -> Json:
    item = order.contents.items[number]
    return {
        "id": number,
        "title": item.title,
        "sku": item.sku,
        "quantity": item.quantity,
        "gift_card": item.is_gift_card,
        **_money("price", item.unit, order),
        **_money("total_discount", item.discount, order),
    }


def _customer(order: ShopOrder) -> Json | None:
    if people.customer_of(order.ordinal) is None:
        return None
    return customer_json(order)


def customer_json(order: ShopOrder) -> Json:
    """The person who placed an order."""
    person, number = people.person_of(order.ordinal), order.ordinal % people.CUSTOMERS
    return {"id": PERSON_BASE + 23 * number, "email": person.email, "phone": None}


def transaction_json(step: Transaction, now: int) -> Json:
    order = step.order
    return {
        "id": number_of(step.ref),
        "admin_graphql_api_id": id_of(step.ref),
        "order_id": number_of_order(order),
        "kind": step.kind,
        "status": step.provider_status(now).lower(),
        "gateway": step.gateway,
        "amount": major(step.amount, order.currency),
        "currency": order.currency.upper(),
        "created_at": stamp(step.created),
        "processed_at": stamp(step.created),
        "parent_id": number_of(step.parent.ref) if step.parent else None,
        "test": order.test,
    }


def refund_json(refund: ShopRefund, now: int) -> Json:
    found = explain(refund)
    return {
        "id": number_of(refund.ref),
        "admin_graphql_api_id": id_of(refund.ref),
        "order_id": number_of_order(refund.order),
        "created_at": stamp(refund.created),
        "processed_at": stamp(refund.created),
        "note": None,
        "transactions": [transaction_json(refund.transaction, now)],
        "refund_line_items": [
            {
                "line_item": _item_json(refund.order, it.item),
                "quantity": it.quantity,
                **_money("subtotal", it.subtotal, refund.order),
                **_money("total_tax", it.tax, refund.order),
            }
            for it in found.items
        ],
    }


def dispute_json(dispute: ShopDispute, now: int) -> Json:
    order = dispute.order
    return {
        "id": number_of(dispute.ref),
        "admin_graphql_api_id": id_of(dispute.ref),
        "order_id": number_of_order(order),
        "type": "inquiry" if dispute.inquiry else "chargeback",
        "amount": major(dispute.amount, order.currency),
        "currency": order.currency.upper(),
        "reason": dispute.reason.lower(),
        "status": dispute.provider_status(now).lower(),
        "initiated_at": stamp(dispute.created),
    }
