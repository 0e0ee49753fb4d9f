"""Fields of an order's transactions, of its refunds, and of its items."""

from collections.abc import Callable
from typing import Any

from ecomops.sandbox.wire.shopify.fields.parts import (
    LineItem,
    RefundLineItem,
    Resolver,
    line_item,
    part,
    shipping_line,
    short_list,
    tax_lines,
)
from ecomops.sandbox.wire.shopify.ids import id_of
from ecomops.sandbox.wire.shopify.values import instant, money, money_bag, shop_money
from ecomops.sandbox.wire.shopify.view import View
from ecomops.sandbox.world.shop.baskets import Item
from ecomops.sandbox.world.shop.model import Return, ShopRefund, Transaction
from ecomops.sandbox.world.shop.money import NOTHING, SHOP_CURRENCY, Bag
from ecomops.sandbox.world.shop.numbers import number_of
from ecomops.sandbox.world.shop.returns import explain

Json = dict[str, Any]

# transactions


def _method(step: Transaction) -> str:
    named = {"shopify_payments": "Shopify Payments", "gift_card": "Gift Card", "bogus": "Bogus"}
    return named.get(step.gateway, step.gateway.title())


def _expires(step: Transaction, view: View) -> str | None:
    return instant(step.order.expires_at) if step.kind == "authorization" else None


def _payment_id(step: Transaction, view: View) -> str:
    return f"{step.order.name}.{step.ref.part + 1}"


def _charge_at_stripe(step: Transaction, view: View) -> str | None:
    """What took the money of an order whose gateway is the other processor."""
    took = step.gateway == "stripe" and step.kind != "refund" and step.succeeded_at is not None
    charge = step.order.charge
    return view.charge_name(charge) if took and charge is not None else None


TRANSACTION: dict[str, Resolver] = {
    "id": lambda it, view: id_of(it.ref),
    "kind": lambda it, view: it.kind.upper(),
    "status": lambda it, view: it.provider_status(view.now),
    "gateway": lambda it, view: it.gateway,
    "formattedGateway": lambda it, view: _method(it),
    "createdAt": lambda it, view: instant(it.created),
    "processedAt": lambda it, view: instant(it.created),
    "amountSet": lambda it, view: money_bag(it.money, it.order),
    "amount": lambda it, view: shop_money(it.money),
    "amountV2": lambda it, view: money(it.amount, it.order.currency),
    "amountRoundingSet": lambda it, view: None,
    "authorizationExpiresAt": _expires,
    "errorCode": lambda it, view: (
        "CARD_DECLINED" if it.provider_status(view.now) == "FAILURE" else None
    ),
    "parentTransaction": lambda it, view: it.parent,
    "order": lambda it, view: it.order,
    "test": lambda it, view: it.order.test,
    "paymentId": _payment_id,
    "authorizationCode": _charge_at_stripe,
    "fees": lambda it, view: [],
    "receiptJson": lambda it, view: None,
    "accountNumber": lambda it, view: None,
    "manualPaymentGateway": lambda it, view: False,
    "multiCapturable": lambda it, view: False,
    "manuallyCapturable": lambda it, view: it is it.order.open_authorisation(view.now),
    "currencyExchangeAdjustment": lambda it, view: None,
    "settlementCurrency": lambda it, view: None,
    "settlementCurrencyRate": lambda it, view: None,
    "totalUnsettledSet": lambda it, view: None,
    "maximumRefundableV2": lambda it, view: None,
}


# refunds


def _came_back(refund: ShopRefund, view: View) -> list[RefundLineItem]:
    return [RefundLineItem(refund, it) for it in explain(refund).items]


def _adjustments(refund: ShopRefund, view: View) -> list[Json]:
    bag = explain(refund).discrepancy
    if bag == NOTHING:
        return []
    return [
        {
            "id": id_of(part(refund.order, "adjustment", refund.ref.part)),
            "amountSet": money_bag(bag, refund.order),
            "taxAmountSet": money_bag(NOTHING, refund.order),
            "reason": "REFUND_DISCREPANCY",
        }
    ]


def _returned_shipping(refund: ShopRefund, view: View) -> list[Json]:
    bag, order = explain(refund).shipping, refund.order
    if not bag.presentment:
        return []
    return [
        {
            "id": id_of(part(order, "returned_shipping", refund.ref.part)),
            "shippingLine": shipping_line(order),
            "subtotalAmountSet": money_bag(bag, order),
            "taxAmountSet": money_bag(NOTHING, order),
        }
    ]


def _refund_total(refund: ShopRefund, view: View) -> Bag:
    done = refund.transaction.provider_status(view.now) == "SUCCESS"
    return refund.transaction.money if done else NOTHING


def _refund_updated(refund: ShopRefund, view: View) -> int:
    step = refund.transaction
    instants = (refund.created, step.succeeded_at, step.failed_at)
    return max(it for it in instants if it is not None and it < view.now)


REFUND: dict[str, Resolver] = {
    "id": lambda it, view: id_of(it.ref),
    "legacyResourceId": lambda it, view: str(number_of(it.ref)),
    "createdAt": lambda it, view: instant(it.created),
    "processedAt": lambda it, view: instant(it.created),
    "updatedAt": lambda it, view: instant(_refund_updated(it, view)),
    "note": lambda it, view: None,
    "order": lambda it, view: it.order,
    "return": lambda it, view: None,
    "duties": lambda it, view: [],
    "totalRefundedSet": lambda it, view: money_bag(_refund_total(it, view), it.order),
    "totalRefunded": lambda it, view: money(_refund_total(it, view).shop, SHOP_CURRENCY),
    "transactions": short_list("transactions", lambda it, view: [it.transaction]),
    "refundLineItems": short_list("refundLineItems", _came_back),
    "refundShippingLines": short_list("refundShippingLines", _returned_shipping),
    "orderAdjustments": short_list("orderAdjustments", _adjustments),
}


def _refunded(get: Callable[[Return], Bag]) -> Resolver:
    return lambda it, view: money_bag(get(it.came_back), it.refund.order)


def _unit_price(it: RefundLineItem, view: View) -> Json:
    order = it.refund.order
    return money_bag(order.contents.items[it.came_back.item].unit, order)


def _refund_line_id(it: RefundLineItem, view: View) -> str:
    number = 8 * it.refund.ref.part + it.came_back.item
    return id_of(part(it.refund.order, "returned_item", number))


REFUND_LINE_ITEM: dict[str, Resolver] = {
    "id": _refund_line_id,
    "lineItem": lambda it, view: line_item(it.refund.order, it.came_back.item),
    "quantity": lambda it, view: it.came_back.quantity,
    "restockType": lambda it, view: "RETURN",
    "restocked": lambda it, view: True,
    "location": lambda it, view: None,
    "priceSet": _unit_price,
    "subtotalSet": _refunded(lambda it: it.subtotal),
    "totalTaxSet": _refunded(lambda it: it.tax),
}


# line items


def _of_item(get: Callable[[Item], Bag]) -> Resolver:
    return lambda it, view, **_: money_bag(get(it.item), it.order)


def _left(it: LineItem, view: View) -> int:
    """How many pieces did not come back."""
    refunds = [refund for refund in it.order.refunds if refund.created < view.now]
    back = (piece for refund in refunds for piece in explain(refund).items)
    returned = sum(piece.quantity for piece in back if piece.item == it.number)
    return max(0, it.item.quantity - returned)


def _allocations(it: LineItem, view: View) -> list[Json]:
    if not it.item.discount.presentment:
        return []
    return [{"allocatedAmountSet": money_bag(it.item.discount, it.order)}]


LINE_ITEM: dict[str, Resolver] = {
    "id": lambda it, view: id_of(part(it.order, "item", it.number)),
    "title": lambda it, view: it.item.title,
    "name": lambda it, view: it.item.title,
    "sku": lambda it, view: it.item.sku,
    "vendor": lambda it, view: "Ecomops Demo Shop",
    "variantTitle": lambda it, view: None,
    "variant": lambda it, view: None,
    "product": lambda it, view: None,
    "quantity": lambda it, view: it.item.quantity,
    "currentQuantity": _left,
    "refundableQuantity": _left,
    "isGiftCard": lambda it, view: it.item.is_gift_card,
    "requiresShipping": lambda it, view: not it.item.is_gift_card,
    "taxable": lambda it, view: it.item.tax.presentment > 0,
    "customAttributes": lambda it, view: [],
    "duties": lambda it, view: [],
    "originalUnitPriceSet": _of_item(lambda it: it.unit),
    "originalTotalSet": _of_item(lambda it: it.original),
    "discountedTotalSet": _of_item(lambda it: it.original),
    "totalDiscountSet": _of_item(lambda it: it.discount),
    "priceAfterAllDiscountsBeforeTaxesSet": _of_item(lambda it: it.subtotal),
    "discountAllocations": _allocations,
    "taxLines": lambda it, view, first=None: tax_lines(it.item.tax, it.order),
}

TABLES = {
    "OrderTransaction": TRANSACTION,
    "Refund": REFUND,
    "RefundLineItem": REFUND_LINE_ITEM,
    "LineItem": LINE_ITEM,
}
CLASSES: dict[type, str] = {
    Transaction: "OrderTransaction",
    ShopRefund: "Refund",
    LineItem: "LineItem",
}
