"""The GraphQL documents that are sent, of the Admin API's version 2026-07.

Lists inside an order are asked for with a small ``first``; where one is longer, ``rest_of`` asks
for what is left. ``transactions`` and ``refunds`` are no connections: without ``first`` Shopify
sends all of them.
"""

from dataclasses import dataclass
from typing import Final

_PAGE_INFO: Final = "pageInfo { hasNextPage endCursor }"
_LONG: Final = 100


@dataclass(frozen=True, slots=True)
class Nested:
    """A list inside an object of type ``owner``: what is read of a node, and how many at once."""

    owner: str
    name: str
    fields: str
    first: int

    @property
    def selection(self) -> str:
        return f"{self.name}(first: {self.first}) {{ nodes {{ {self.fields} }} {_PAGE_INFO} }}"

    @property
    def rest(self) -> str:
        """The query for more of the list, behind ``$after``, of the object ``$id``."""
        more = f"{self.name}(first: {_LONG}, after: $after)"
        return f"""\
query Rest($id: ID!, $after: String!) {{
  node(id: $id) {{ ... on {self.owner} {{ {more} {{ nodes {{ {self.fields} }} {_PAGE_INFO} }} }} }}
}}
"""


def _shop(*names: str) -> str:
    """Bags of money, in the shop's currency alone."""
    return " ".join(f"{name} {{ shopMoney {{ amount currencyCode }} }}" for name in names)


def _both(name: str) -> str:
    """A bag of money, in both currencies."""
    each = "{ amount currencyCode }"
    return f"{name} {{ shopMoney {each} presentmentMoney {each} }}"


LINE_ITEMS: Final = Nested(
    "Order", "lineItems", f"id isGiftCard {_shop('originalTotalSet')}", first=10
)
REFUND_LISTS: Final = (
    Nested("Refund", "transactions", "id kind test", first=5),
    Nested("Refund", "refundLineItems", _shop("subtotalSet", "totalTaxSet"), first=5),
    Nested("Refund", "refundShippingLines", _shop("subtotalAmountSet", "taxAmountSet"), first=5),
    Nested("Refund", "orderAdjustments", f"reason {_shop('amountSet', 'taxAmountSet')}", first=5),
)

_TRANSACTION: Final = f"""\
    id kind status test gateway createdAt processedAt errorCode paymentId authorizationCode
    parentTransaction {{ id }}
    {_both("amountSet")}
"""
_REFUND: Final = f"""\
    id note createdAt
    {_shop("totalRefundedSet")}
    duties {{ {_shop("amountSet")} }}
    {" ".join(it.selection for it in REFUND_LISTS)}
"""
_ORDER_ITSELF: Final = f"""\
  id name test createdAt updatedAt processedAt cancelledAt cancelReason
  displayFinancialStatus capturable currencyCode taxesIncluded discountCodes paymentGatewayNames
  {_both("totalPriceSet")}
  {_shop("currentTotalPriceSet", "subtotalPriceSet", "totalDiscountsSet", "totalTaxSet")}
  {_shop("totalShippingPriceSet", "totalTipReceivedSet", "originalTotalDutiesSet")}
  {_shop("totalReceivedSet", "totalRefundedSet")}
  transactions {{
{_TRANSACTION}  }}
"""
_ORDER: Final = f"""\
{_ORDER_ITSELF}  email @include(if: $personal)
  {LINE_ITEMS.selection}
  refunds {{
{_REFUND}  }}
"""
_MONEY: Final = "{ amount currencyCode }"
_PAYOUT: Final = f"""\
  id status transactionType issuedAt externalTraceId
  net {_MONEY}
  summary {{
    chargesGross {_MONEY} chargesFee {_MONEY} refundsFeeGross {_MONEY} refundsFee {_MONEY}
    adjustmentsGross {_MONEY} adjustmentsFee {_MONEY}
    reservedFundsGross {_MONEY} reservedFundsFee {_MONEY}
    retriedPayoutsGross {_MONEY} retriedPayoutsFee {_MONEY}
  }}
"""
_BALANCE_TRANSACTION: Final = f"""\
  id type test transactionDate sourceType sourceId sourceOrderTransactionId adjustmentReason
  amount {_MONEY} fee {_MONEY} net {_MONEY}
  associatedOrder {{ id name }}
  associatedPayout {{ id status }}
"""
_DISPUTE: Final = f"""\
  id type status initiatedAt evidenceDueBy finalizedOn
  amount {_MONEY}
  reasonDetails {{ reason networkReasonCode }}
  order {{ id transactions {{ id kind status test gateway }} }}
"""


def _personal(fields: str) -> str:
    """The variable that leaves out what an app needs Shopify's approval to see."""
    return ", $personal: Boolean = true" if "$personal" in fields else ""


def _list(field: str, arguments: str, fields: str, *, inside: str = "") -> str:
    asked = f"{field}(first: $first, after: $after, query: $query{arguments}) {{\n"
    asked += f"nodes {{\n{fields}}}\n{_PAGE_INFO}\n}}"
    whole = f"{inside} {{ {asked} }}" if inside else asked
    variables = f"$first: Int!, $after: String, $query: String{_personal(fields)}"
    return f"query List({variables}) {{\n{whole}\n}}\n"


def _nodes(kind: str, fields: str) -> str:
    asked = f"nodes(ids: $ids) {{ ... on {kind} {{\n{fields}}} }}"
    return f"query Nodes($ids: [ID!]!{_personal(fields)}) {{\n{asked}\n}}\n"


_ACCOUNT: Final = "shopifyPaymentsAccount"
ORDERS: Final = _list("orders", ", sortKey: UPDATED_AT", _ORDER)
PAYOUTS: Final = _list("payouts", ", sortKey: ISSUED_AT", _PAYOUT, inside=_ACCOUNT)
BALANCE_TRANSACTIONS: Final = _list(
    "balanceTransactions", ", sortKey: PROCESSED_AT", _BALANCE_TRANSACTION, inside=_ACCOUNT
)
DISPUTES: Final = _list("disputes", "", _DISPUTE, inside=_ACCOUNT)

ORDER_NODES: Final = _nodes("Order", _ORDER)
PAYOUT_NODES: Final = _nodes("ShopifyPaymentsPayout", _PAYOUT)
BALANCE_TRANSACTION_NODES: Final = _nodes("ShopifyPaymentsBalanceTransaction", _BALANCE_TRANSACTION)
DISPUTE_NODES: Final = _nodes("ShopifyPaymentsDispute", _DISPUTE)
ORDERS_OF_TRANSACTIONS: Final = _nodes("OrderTransaction", "  order { id }\n")

_BULK_PARTS: Final = f"""\
  refunds {{ id }}
  lineItems {{ edges {{ node {{ {LINE_ITEMS.fields} }} }} }}
"""


def bulk_orders(*, personal: bool) -> str:
    """The query of a bulk operation for all orders.

    Such a query takes no variables, no ``nodes``, and no connections inside of lists: of refunds
    it only tells that there are any.
    """
    fields = _ORDER_ITSELF + ("  email\n" if personal else "") + _BULK_PARTS
    return f"{{\norders {{ edges {{ node {{\n{fields}}} }} }}\n}}\n"


ORDERS_COUNT: Final = "query Count { ordersCount { count } }\n"
ORDERS_SIZE: Final = """\
query Size($query: String) {
  ordersCount(query: $query, limit: null) { count }
}
"""
BULK_START: Final = """\
mutation Start($query: String!) {
  bulkOperationRunQuery(query: $query, groupObjects: false) {
    bulkOperation { id }
    userErrors { code message }
  }
}
"""
BULK_STATE: Final = """\
query State($id: ID!) {
  bulkOperation(id: $id) { id status errorCode createdAt rootObjectCount fileSize url }
}
"""

SHOP: Final = """\
query Shop {
  shop {
    id
    name
    myshopifyDomain
    currencyCode
    ianaTimezone
    plan { publicDisplayName partnerDevelopment }
  }
  currentAppInstallation { accessScopes { handle } }
}
"""

ALL: Final = (
    ORDERS, PAYOUTS, BALANCE_TRANSACTIONS, DISPUTES,
    ORDER_NODES, PAYOUT_NODES, BALANCE_TRANSACTION_NODES, DISPUTE_NODES, ORDERS_OF_TRANSACTIONS,
    *(nested.rest for nested in (LINE_ITEMS, *REFUND_LISTS)),
    SHOP, ORDERS_COUNT, ORDERS_SIZE, BULK_START, BULK_STATE,
    bulk_orders(personal=True), bulk_orders(personal=False),
)  # fmt: skip
"""Every document, for the test that holds them against the published schema."""
