"""What is read from Shopify, in order: how each list is asked for, walked and read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ecomops.connectors.base import Stream
from ecomops.connectors.fields import Json
from ecomops.connectors.records import Record
from ecomops.connectors.shopify import balance_transactions, disputes, documents, payouts
from ecomops.connectors.shopify.orders import read_order
from ecomops.connectors.shopify.pagination import Clock

Reader = Callable[[Json, str], Record | None]


@dataclass(frozen=True, slots=True)
class ObjectKind:
    """One kind of GraphQL object: how its list is asked for and walked, and how it is read.

    ``path`` leads to the list in the answer's data, ``time`` is the member that ``clock.mark`` is
    about; it does not move beyond an object that is ``unsettled``. An order is read with its
    transactions instead of by ``read`` alone. A first page has ``first`` objects, none has more
    than ``most``.
    """

    stream: Stream
    type: str
    path: tuple[str, ...]
    listed: str
    nodes: str
    clock: Clock
    time: str
    read: Reader
    first: int
    most: int
    unsettled: Callable[[Json], bool] = lambda _: False


_ACCOUNT: Final = "shopifyPaymentsAccount"
_DAY: Final = timedelta(days=1)


def _of_account(
    stream: Stream,
    type: str,
    listed: str,
    nodes: str,
    read: Reader,
    path: str,
    searched: str,
    time: str,
    unsettled: Callable[[Json], bool] = lambda _: False,
) -> ObjectKind:
    """A list of the Shopify Payments account; what it tells may be dated back by hours."""
    clock = Clock(searched, searched, _DAY)
    return ObjectKind(
        stream, type, (_ACCOUNT, path), listed, nodes, clock, time, read, 100, 250, unsettled
    )


ORDERS: Final = ObjectKind(
    Stream("orders", "orders", "Orders"),
    "Order",
    ("orders",),
    documents.ORDERS,
    documents.ORDER_NODES,
    Clock("updated_at", "created_at", timedelta(minutes=5)),
    "updatedAt",
    read_order,
    first=10,
    most=100,  # each with all that happened to it
)
PAYOUTS: Final = _of_account(
    Stream("payouts", "payouts", "Payouts"), payouts.KIND, documents.PAYOUTS,
    documents.PAYOUT_NODES, payouts.read_payout, "payouts", "issued_at", "issuedAt",
)  # fmt: skip
LINES: Final = _of_account(
    Stream("payout_lines", "payout_lines", "Balance transactions"), balance_transactions.KIND,
    documents.BALANCE_TRANSACTIONS, documents.BALANCE_TRANSACTION_NODES,
    balance_transactions.read_line, "balanceTransactions", "processed_at", "transactionDate",
    balance_transactions.is_unsettled,
)  # fmt: skip
DISPUTES: Final = _of_account(
    Stream("disputes", "disputes", "Disputes"), disputes.KIND, documents.DISPUTES,
    documents.DISPUTE_NODES, disputes.read_dispute, "disputes", "initiated_at", "initiatedAt",
)  # fmt: skip
KINDS: Final = {kind.stream.name: kind for kind in (ORDERS, PAYOUTS, LINES, DISPUTES)}
