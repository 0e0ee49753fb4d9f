"""Objects of the Admin GraphQL API as our queries are answered, each with one field to change."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

CREATED = "2026-06-01T10:00:00Z"


def gid(kind: str, number: int) -> str:
    return f"gid://shopify/{kind}/{number}"


def money(amount: str, currency: str = "USD") -> Json:
    return {"amount": amount, "currencyCode": currency}


def bag(amount: str, currency: str = "USD", seen: Json | None = None) -> Json:
    return {
        "shopMoney": money(amount, currency),
        "presentmentMoney": seen or money(amount, currency),
    }


def shop_bag(amount: str, currency: str = "USD") -> Json:
    return {"shopMoney": money(amount, currency)}


def listed(*nodes: Json, after: str | None = None) -> Json:
    return {
        "nodes": list(nodes),
        "pageInfo": {"hasNextPage": after is not None, "endCursor": after},
    }


def transaction(number: int = 501, **changes: Any) -> Json:
    return {
        "id": gid("OrderTransaction", number), "kind": "SALE", "status": "SUCCESS", "test": False,
        "gateway": "shopify_payments", "createdAt": CREATED, "processedAt": CREATED,
        "errorCode": None, "paymentId": f"pay-{number}", "authorizationCode": None,
        "parentTransaction": None, "amountSet": bag("110.00"), **changes,
    }  # fmt: skip


def item(amount: str = "90.00", *, is_gift_card: bool = False) -> Json:
    return {
        "id": gid("LineItem", 1), "isGiftCard": is_gift_card,
        "originalTotalSet": shop_bag(amount),
    }  # fmt: skip


def refund(number: int = 701, *steps: Json, **changes: Any) -> Json:
    told = [{"id": it["id"], "kind": it["kind"], "test": it["test"]} for it in steps]
    return {
        "id": gid("Refund", number), "note": "too small", "createdAt": CREATED,
        "totalRefundedSet": shop_bag("33.00"), "duties": [],
        "transactions": listed(*told),
        "refundLineItems": listed(
            {"subtotalSet": shop_bag("25.00"), "totalTaxSet": shop_bag("2.50")}
        ),
        "refundShippingLines": listed(
            {"subtotalAmountSet": shop_bag("4.00"), "taxAmountSet": shop_bag("0.50")}
        ),
        "orderAdjustments": listed(
            {"reason": "CUSTOMER", "amountSet": shop_bag("-1.00"), "taxAmountSet": shop_bag("0")}
        ),
        **changes,
    }  # fmt: skip


def order(number: int = 101, **changes: Any) -> Json:
    return {
        "id": gid("Order", number), "name": f"#{number}", "test": False,
        "email": "ada@example.com", "createdAt": CREATED, "updatedAt": CREATED,
        "processedAt": CREATED, "cancelledAt": None, "cancelReason": None,
        "displayFinancialStatus": "PAID", "currencyCode": "USD", "taxesIncluded": False,
        "discountCodes": [], "paymentGatewayNames": ["shopify_payments"],
        "totalPriceSet": bag("110.00"), "currentTotalPriceSet": shop_bag("110.00"),
        "subtotalPriceSet": shop_bag("90.00"), "totalDiscountsSet": shop_bag("10.00"),
        "totalTaxSet": shop_bag("9.00"), "totalShippingPriceSet": shop_bag("8.00"),
        "totalTipReceivedSet": shop_bag("3.0"), "originalTotalDutiesSet": None,
        "totalReceivedSet": shop_bag("110.00"), "totalRefundedSet": shop_bag("0.0"),
        "lineItems": listed(item()), "transactions": [transaction(400 + number)], "refunds": [],
        **changes,
    }  # fmt: skip


def payout(number: int = 301, **changes: Any) -> Json:
    return {
        "id": gid("ShopifyPaymentsPayout", number), "status": "PAID",
        "transactionType": "DEPOSIT", "issuedAt": CREATED, "externalTraceId": "TRACE1",
        "net": money("106.51"), "summary": {}, **changes,
    }  # fmt: skip


def line(number: int = 801, **changes: Any) -> Json:
    return {
        "id": gid("ShopifyPaymentsBalanceTransaction", number), "type": "CHARGE", "test": False,
        "transactionDate": CREATED, "sourceType": "CHARGE", "sourceId": "9001",
        "sourceOrderTransactionId": "501", "adjustmentReason": None,
        "amount": money("110.00"), "fee": money("3.49"), "net": money("106.51"),
        "associatedOrder": {"id": gid("Order", 101), "name": "#101"},
        "associatedPayout": {"id": gid("ShopifyPaymentsPayout", 301), "status": "PAID"}, **changes,
    }  # fmt: skip


def dispute(number: int = 601, **changes: Any) -> Json:
    return {
        "id": gid("ShopifyPaymentsDispute", number), "type": "CHARGEBACK",
        "status": "NEEDS_RESPONSE", "initiatedAt": CREATED, "evidenceDueBy": CREATED,
        "finalizedOn": None, "amount": money("110.00"),
        "reasonDetails": {"reason": "FRAUDULENT", "networkReasonCode": "10.4"},
        "order": {"id": gid("Order", 101), "transactions": [
            {"id": gid("OrderTransaction", 501), "kind": "SALE", "status": "SUCCESS",
             "test": False, "gateway": "shopify_payments"}]}, **changes,
    }  # fmt: skip
