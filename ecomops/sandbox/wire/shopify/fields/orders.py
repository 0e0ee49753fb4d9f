"""Fields of orders."""

from collections.abc import Callable
from typing import Any

from ecomops.sandbox.wire.shopify.fields.parts import (
    LineItem,
    Resolver,
    line_item,
    shipping_line,
    short_list,
    tax_lines,
)
from ecomops.sandbox.wire.shopify.ids import id_of, id_of_order, number_of_order
from ecomops.sandbox.wire.shopify.values import gid, instant, money, money_bag, shop_money
from ecomops.sandbox.wire.shopify.view import View
from ecomops.sandbox.world import people
from ecomops.sandbox.world.shop.model import ShopOrder, ShopRefund, Transaction
from ecomops.sandbox.world.shop.money import NOTHING, SHOP_CURRENCY, Bag
from ecomops.sandbox.world.shop.returns import explain

Json = dict[str, Any]

PERSON_BASE = 7_700_000_000_000


# money of an order


def _bag(get: Callable[[ShopOrder], Bag]) -> Resolver:
    return lambda order, view: money_bag(get(order), order)


def _worth(get: Callable[[ShopOrder, int], int]) -> Resolver:
    """Of an amount in the order's currency."""

    def told(order: ShopOrder, view: View) -> Json:
        amount = get(order, view.now)
        return money_bag(Bag(amount, order.worth(amount)), order)

    return told


def _in_shop(get: Callable[[ShopOrder, int], int]) -> Resolver:
    def told(order: ShopOrder, view: View) -> str:
        amount = get(order, view.now)
        return shop_money(Bag(amount, order.worth(amount)))

    return told


def _outstanding(order: ShopOrder, now: int) -> int:
    gone = order.status(now) in ("canceled", "voided")
    return 0 if gone else max(0, order.total.presentment - order.taken(now))


def _current(order: ShopOrder, now: int) -> int:
    unpaid = order.status(now) == "canceled" and not order.taken(now)
    return 0 if unpaid else max(0, order.total.presentment - order.given_back(now))


def _capturable(order: ShopOrder, now: int) -> int:
    held = order.open_authorisation(now)
    return held.amount if held else 0


def _refunded_shipping(order: ShopOrder, view: View) -> Json:
    bag = NOTHING
    for refund in order.refunds:
        if refund.created < view.now:
            bag = bag.plus(explain(refund).shipping)
    return money_bag(bag, order)


# lists of an order


def _transactions(
    order: ShopOrder, view: View, first: int | None = None, capturable: bool | None = None,
    manuallyResolvable: bool | None = None,
) -> list[Transaction]:  # fmt: skip
    seen = [it for it in order.transactions if it.created < view.now]
    if capturable:
        seen = [it for it in seen if it is order.open_authorisation(view.now)]
    return seen[:first]


def _refunds(order: ShopOrder, view: View, first: int | None = None) -> list[ShopRefund]:
    return [it for it in order.refunds if it.created < view.now][:first]


def _items(order: ShopOrder, view: View) -> list[LineItem]:
    return [line_item(order, number) for number in range(len(order.contents.items))]


def _shipping_lines(order: ShopOrder, view: View) -> list[Json]:
    return [shipping_line(order)] if order.contents.shipping.presentment else []


def _customer(order: ShopOrder, view: View) -> Json | None:
    if people.customer_of(order.ordinal) is None:
        return None
    view.require("customer")
    person, number = people.person_of(order.ordinal), order.ordinal % people.CUSTOMERS
    first, _, last = person.name.partition(" ")
    return {
        "id": gid("Customer", PERSON_BASE + 23 * number),
        "legacyResourceId": str(PERSON_BASE + 23 * number),
        "displayName": person.name,
        "firstName": first,
        "lastName": last,
        "email": person.email,
        "defaultEmailAddress": {"emailAddress": person.email},
        "numberOfOrders": "1",
        "createdAt": instant(order.created),
        "updatedAt": instant(order.created),
    }


def email(order: ShopOrder) -> str:
    return people.person_of(order.ordinal).email


def _gateways(order: ShopOrder, view: View) -> list[str]:
    used = (it.gateway for it in order.transactions if it.created < view.now)
    return list(dict.fromkeys(used))


def _disputes(order: ShopOrder, view: View) -> list[Json]:
    return [
        {
            "id": id_of(it.ref).replace("ShopifyPaymentsDispute", "OrderDisputeSummary"),
            "initiatedAs": "INQUIRY" if it.inquiry else "CHARGEBACK",
            "status": it.provider_status(view.now),
        }
        for it in order.disputes
        if it.created < view.now
    ]


def _seen(at: int | None, view: View) -> str | None:
    return instant(at) if at is not None and at < view.now else None


def _total_duties(order: ShopOrder, view: View) -> Json | None:
    bag = order.contents.duties
    return money_bag(bag, order) if bag.presentment else None


ORDER: dict[str, Resolver] = {
    "id": lambda it, view: id_of_order(it),
    "legacyResourceId": lambda it, view: str(number_of_order(it)),
    "name": lambda it, view: it.name,
    "number": lambda it, view: it.ordinal + 1,
    "createdAt": lambda it, view: instant(it.created),
    "processedAt": lambda it, view: instant(it.created),
    "updatedAt": lambda it, view: instant(it.updated_at(view.now)),
    "cancelledAt": lambda it, view: _seen(it.canceled_at, view),
    "cancelReason": lambda it, view: it.cancel_reason if _seen(it.canceled_at, view) else None,
    "cancellation": lambda it, view: {"staffNote": None} if _seen(it.canceled_at, view) else None,
    "closed": lambda it, view: bool(_seen(it.canceled_at, view)),
    "closedAt": lambda it, view: _seen(it.canceled_at, view),
    "test": lambda it, view: it.test,
    "confirmed": lambda it, view: True,
    "edited": lambda it, view: False,
    "email": lambda it, view: email(it),
    "phone": lambda it, view: None,
    "note": lambda it, view: None,
    "tags": lambda it, view: ["vip"] if it.ordinal % 50 == 0 else [],
    "customer": _customer,
    "poNumber": lambda it, view: None,
    "sourceName": lambda it, view: "web",
    "sourceIdentifier": lambda it, view: None,
    "currencyCode": lambda it, view: SHOP_CURRENCY.upper(),
    "presentmentCurrencyCode": lambda it, view: it.currency.upper(),
    "displayFinancialStatus": lambda it, view: it.provider_status(view.now),
    "displayFulfillmentStatus": lambda it, view: (
        "FULFILLED" if it.taken(view.now) or not it.total.presentment else "UNFULFILLED"
    ),
    "returnStatus": lambda it, view: "NO_RETURN",
    "fullyPaid": lambda it, view: it.taken(view.now) >= it.total.presentment,
    "unpaid": lambda it, view: not it.taken(view.now) and it.total.presentment > 0,
    "capturable": lambda it, view: it.open_authorisation(view.now) is not None,
    "refundable": lambda it, view: it.taken(view.now) > it.given_back(view.now),
    "paymentGatewayNames": _gateways,
    "taxesIncluded": lambda it, view: it.contents.taxes_included,
    "taxExempt": lambda it, view: False,
    "dutiesIncluded": lambda it, view: False,
    "estimatedTaxes": lambda it, view: False,
    "discountCode": lambda it, view: "SAVE" if it.contents.discount.presentment else None,
    "discountCodes": lambda it, view: ["SAVE"] if it.contents.discount.presentment else [],
    "subtotalPriceSet": _bag(lambda it: it.contents.subtotal),
    "currentSubtotalPriceSet": _bag(lambda it: it.contents.subtotal),
    "totalDiscountsSet": _bag(lambda it: it.contents.discount),
    "currentTotalDiscountsSet": _bag(lambda it: it.contents.discount),
    "cartDiscountAmountSet": _bag(lambda it: it.contents.discount),
    "totalShippingPriceSet": _bag(lambda it: it.contents.shipping),
    "currentShippingPriceSet": _bag(lambda it: it.contents.shipping),
    "totalTaxSet": _bag(lambda it: it.contents.tax),
    "currentTotalTaxSet": _bag(lambda it: it.contents.tax),
    "totalTipReceivedSet": _bag(lambda it: it.contents.tip),
    "totalTipReceived": lambda it, view: money(it.contents.tip.shop, SHOP_CURRENCY),
    "originalTotalDutiesSet": _total_duties,
    "currentTotalDutiesSet": _total_duties,
    "originalTotalAdditionalFeesSet": lambda it, view: None,
    "currentTotalAdditionalFeesSet": lambda it, view: None,
    "totalPriceSet": _bag(lambda it: it.total),
    "originalTotalPriceSet": _bag(lambda it: it.total),
    "totalPrice": lambda it, view: shop_money(it.total),
    "subtotalPrice": lambda it, view: shop_money(it.contents.subtotal),
    "totalTax": lambda it, view: shop_money(it.contents.tax),
    "totalDiscounts": lambda it, view: shop_money(it.contents.discount),
    "totalShippingPrice": lambda it, view: shop_money(it.contents.shipping),
    "currentTotalPriceSet": _worth(_current),
    "totalReceivedSet": _worth(lambda it, now: it.taken(now)),
    "totalRefundedSet": _worth(lambda it, now: it.given_back(now)),
    "netPaymentSet": _worth(lambda it, now: it.taken(now) - it.given_back(now)),
    "totalOutstandingSet": _worth(_outstanding),
    "totalCapturableSet": _worth(_capturable),
    "totalReceived": _in_shop(lambda it, now: it.taken(now)),
    "totalRefunded": _in_shop(lambda it, now: it.given_back(now)),
    "netPayment": _in_shop(lambda it, now: it.taken(now) - it.given_back(now)),
    "totalCapturable": _in_shop(_capturable),
    "totalRefundedShippingSet": _refunded_shipping,
    "refundDiscrepancySet": _bag(lambda it: NOTHING),
    "totalCashRoundingAdjustment": lambda it, view: {
        "paymentSet": money_bag(NOTHING, it),
        "refundSet": money_bag(NOTHING, it),
    },
    "taxLines": lambda it, view: tax_lines(it.contents.tax, it),
    "currentTaxLines": lambda it, view: tax_lines(it.contents.tax, it),
    "subtotalLineItemsQuantity": lambda it, view: sum(i.quantity for i in it.contents.items),
    "lineItems": short_list("lineItems", _items),
    "shippingLine": lambda it, view: next(iter(_shipping_lines(it, view)), None),
    "shippingLines": short_list("shippingLines", _shipping_lines),
    "transactions": _transactions,
    "transactionsCount": lambda it, view: {
        "count": len(_transactions(it, view)),
        "precision": "EXACT",
    },
    "refunds": _refunds,
    "returns": short_list("returns", lambda it, view: []),
    "fulfillments": lambda it, view, first=None, query=None: [],
    "discountApplications": short_list("discountApplications", lambda it, view: []),
    "customAttributes": lambda it, view: [],
    "disputes": _disputes,
    "additionalFees": lambda it, view: [],
    "billingAddress": lambda it, view: None,
    "shippingAddress": lambda it, view: None,
}

TABLES = {"Order": ORDER}
CLASSES: dict[type, str] = {ShopOrder: "Order"}
