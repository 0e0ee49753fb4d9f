"""Fields of Shopify Payments: the account, payouts, balance transactions, disputes."""

from collections.abc import Callable
from typing import Any

from ecomops.sandbox.wire.shopify.errors import NotServedError
from ecomops.sandbox.wire.shopify.ids import id_of, id_of_order
from ecomops.sandbox.wire.shopify.search import Filter
from ecomops.sandbox.wire.shopify.values import gid, instant, money
from ecomops.sandbox.wire.shopify.view import View
from ecomops.sandbox.world.calendar import SECONDS_A_DAY
from ecomops.sandbox.world.shop.model import BalanceLine, ShopDispute, ShopPayout
from ecomops.sandbox.world.shop.numbers import number_of, ref_of
from ecomops.sandbox.world.shop.own_account import funds_day
from ecomops.sandbox.world.shop.processor import CURRENCIES

Json = dict[str, Any]
Resolver = Callable[..., Any]


class Account:
    """The shop's Shopify Payments account: all it holds is found through the view."""


# payouts


def payouts(
    it: Account, view: View, transactionType: str | None = None, sortKey: str = "ISSUED_AT",
    **arguments: Any,
) -> Json:  # fmt: skip
    view.require("payouts")
    if sortKey not in ("ISSUED_AT", "ID"):
        raise NotServedError(f"payouts sorted by {sortKey}")
    source = view.daily(
        "ISSUED_AT", lambda it: it.created, lambda it: number_of(it.ref), view.shop.payouts
    )
    keep = lambda it: transactionType in (None, _direction(it, view))  # noqa: E731
    return view.connect("payouts", arguments, source, _payout_filters(view), "issued_at", keep)


def _payout_filters(view: View) -> dict[str, Filter]:
    return {
        "id": Filter("number", lambda it: number_of(it.ref)),
        "issued_at": Filter("time", lambda it: it.created),
        "status": Filter("text", lambda it: it.provider_status(view.now)),
        "currency": Filter("text", lambda it: it.currency),
        "ledger_type": Filter("text", lambda it: "shopify_payments"),
    }


def _direction(payout: ShopPayout, view: View) -> str:
    return "DEPOSIT" if payout.amount > 0 else "WITHDRAWAL"


_GROUPS = {
    "CHARGE": "charges",
    "REFUND": "refunds",
    "REFUND_FAILURE": "refunds",
    "RESERVED_FUNDS_WITHDRAWAL": "reservedFunds",
    "RESERVED_FUNDS_REVERSAL": "reservedFunds",
    "TRANSFER_FAILURE": "retriedPayouts",
    "TRANSFER_CANCEL": "retriedPayouts",
}
_NAMES = {"refundsGross": "refundsFeeGross", "advanceFee": "advanceFees"}


def _summary(payout: ShopPayout, view: View) -> Json:
    groups = ("charges", "refunds", "adjustments", "reservedFunds", "retriedPayouts", "advance")
    sums = {f"{group}{part}": 0 for group in groups for part in ("Gross", "Fee")}
    for line in view.shop.payout_content(payout):
        group = _GROUPS.get(line.type, "adjustments")
        sums[f"{group}Gross"] += line.amount
        sums[f"{group}Fee"] += line.fee
    told = {_NAMES.get(name, name): money(sum, payout.currency) for name, sum in sums.items()}
    return {**told, "usdcRebateCreditAmount": money(0, payout.currency)}


def _trace(payout: ShopPayout, view: View) -> str | None:
    paid = payout.provider_status(view.now) == "PAID"
    return f"TRC{number_of(payout.ref)}" if paid else None


PAYOUT: dict[str, Resolver] = {
    "id": lambda it, view: id_of(it.ref),
    "legacyResourceId": lambda it, view: str(number_of(it.ref)),
    "issuedAt": lambda it, view: instant(it.created),
    "status": lambda it, view: it.provider_status(view.now),
    "transactionType": _direction,
    "net": lambda it, view: money(it.amount, it.currency),
    "gross": lambda it, view: money(it.amount, it.currency),
    "summary": _summary,
    "externalTraceId": _trace,
    "bankAccount": lambda it, view: None,
}


# balance transactions


def balance_transactions(
    it: Account, view: View, hideTransfers: bool = False, sortKey: str = "PROCESSED_AT",
    **arguments: Any,
) -> Json:  # fmt: skip
    view.require("balanceTransactions")
    if sortKey not in ("PROCESSED_AT", "ID"):
        raise NotServedError(f"balance transactions sorted by {sortKey}")
    source = view.daily(
        "PROCESSED_AT", lambda it: it.created, lambda it: number_of(it.ref), view.shop.lines
    )
    filters = _line_filters(view)
    keep = lambda it: not (hideTransfers and it.type == "TRANSFER")  # noqa: E731
    bounds = _payout_days(view, arguments.get("query"), filters)
    return view.connect(
        "balanceTransactions", arguments, source, filters, "processed_at", keep, bounds
    )


def _payout_days(
    view: View, query: str | None, filters: dict[str, Filter]
) -> tuple[int | None, int | None]:
    """The days between which the rows of a payout lie, where one is asked for."""
    wanted = view.search(query, filters).exactly("payments_transfer_id")
    ref = ref_of("payout", int(wanted.rpartition("/")[2])) if wanted else None
    if ref is None:
        return None, None
    midnight = view.shop.calendar.midnight
    return midnight(funds_day(ref.day)), midnight(ref.day + 1)


def _assigned(line: BalanceLine, view: View) -> ShopPayout | None:
    """The payout that a row is in by now."""
    payout = view.shop.payout_of(line)
    return payout if payout and payout.created < view.now else None


def _payout_of(line: BalanceLine, view: View) -> Json:
    payout = _assigned(line, view)
    if payout is None:
        return {"id": None, "status": "PENDING"}
    return {"id": id_of(payout.ref), "status": payout.provider_status(view.now)}


def _line_filters(view: View) -> dict[str, Filter]:
    def payout_number(line: BalanceLine) -> int | None:
        payout = _assigned(line, view)
        return number_of(payout.ref) if payout else None

    def payout_date(line: BalanceLine) -> int | None:
        payout = _assigned(line, view)
        return payout.created if payout else None

    return {
        "id": Filter("number", lambda it: number_of(it.ref)),
        "payments_transfer_id": Filter("number", payout_number),
        "payout_date": Filter("time", payout_date),
        "payout_status": Filter("text", lambda it: _payout_of(it, view)["status"]),
        "processed_at": Filter("time", lambda it: it.created),
        "transaction_type": Filter("text", lambda it: it.type),
        "currency": Filter("text", lambda it: it.currency),
        "available_on": Filter("time", lambda it: it.created + 2 * SECONDS_A_DAY),
    }


_SOURCES = {
    "CHARGE": "CHARGE",
    "REFUND": "REFUND",
    "REFUND_FAILURE": "REFUND",
    "DISPUTE_WITHDRAWAL": "DISPUTE",
    "DISPUTE_REVERSAL": "DISPUTE",
    "TRANSFER": "TRANSFER",
    "TRANSFER_FAILURE": "TRANSFER",
    "TRANSFER_CANCEL": "TRANSFER",
}


def _order_of(line: BalanceLine, view: View) -> Json | None:
    order = line.order
    return {"id": id_of_order(order), "name": order.name} if order else None


def _step_of(line: BalanceLine, view: View) -> str | None:
    return str(number_of(line.transaction.ref)) if line.transaction else None


BALANCE_TRANSACTION: dict[str, Resolver] = {
    "id": lambda it, view: id_of(it.ref),
    "type": lambda it, view: it.type,
    "test": lambda it, view: it.test,
    "amount": lambda it, view: money(it.amount, it.currency),
    "fee": lambda it, view: money(it.fee, it.currency),
    "net": lambda it, view: money(it.net, it.currency),
    "transactionDate": lambda it, view: instant(it.created),
    "adjustmentReason": lambda it, view: it.reason,
    "adjustmentsOrders": lambda it, view: [],
    "associatedOrder": _order_of,
    "associatedPayout": _payout_of,
    "sourceType": lambda it, view: _SOURCES.get(it.type, "ADJUSTMENT"),
    "sourceId": lambda it, view: str(number_of(it.source)) if it.source else None,
    "sourceOrderTransactionId": _step_of,
}


# disputes


def disputes(it: Any, view: View, **arguments: Any) -> Json:
    view.require("disputes")
    source = view.daily(
        "ID", lambda it: it.created, lambda it: number_of(it.ref),
        lambda day: view.shop.own_day(day).disputes,
    )  # fmt: skip
    filters = {
        "id": Filter("number", lambda it: number_of(it.ref)),
        "initiated_at": Filter("time", lambda it: it.created),
        "status": Filter("text", lambda it: it.provider_status(view.now)),
    }
    return view.connect("disputes", arguments, source, filters, "initiated_at")


def _finalized(dispute: ShopDispute, view: View) -> str | None:
    at = dispute.closed_at
    if dispute.outcome == "PREVENTED" or (at is not None and at < view.now):
        return instant(at)
    return None


DISPUTE: dict[str, Resolver] = {
    "id": lambda it, view: id_of(it.ref),
    "legacyResourceId": lambda it, view: str(number_of(it.ref)),
    "amount": lambda it, view: money(it.amount, it.order.currency),
    "initiatedAt": lambda it, view: instant(it.created),
    "evidenceDueBy": lambda it, view: instant(it.created + 14 * SECONDS_A_DAY),
    "evidenceSentOn": lambda it, view: instant(
        it.reviewed_at if it.reviewed_at and it.reviewed_at < view.now else None
    ),
    "finalizedOn": _finalized,
    "order": lambda it, view: view.sees(it.order),
    "reasonDetails": lambda it, view: {"reason": it.reason, "networkReasonCode": "4837"},
    "status": lambda it, view: it.provider_status(view.now),
    "type": lambda it, view: "INQUIRY" if it.inquiry else "CHARGEBACK",
}


# the account


def _balance(it: Account, view: View) -> list[Json]:
    """What is not yet in a payout."""
    sums = dict.fromkeys(CURRENCIES, 0)
    today = view.shop.calendar.day_of(view.now - 1)
    for day in range(max(0, funds_day(today)), today + 1):
        for line in view.shop.lines(day):
            if line.created < view.now and line.is_payout_line and not _assigned(line, view):
                sums[line.currency] += line.net
    return [money(amount, currency) for currency, amount in sums.items()]


ACCOUNT: dict[str, Resolver] = {
    "id": lambda it, view: gid("ShopifyPaymentsAccount", 71_000_000_000 + view.shop.plan.seed),
    "activated": lambda it, view: True,
    "accountOpenerName": lambda it, view: "Owner",
    "country": lambda it, view: "US",
    "defaultCurrency": lambda it, view: "USD",
    "onboardable": lambda it, view: False,
    "payoutSchedule": lambda it, view: {
        "interval": "DAILY",
        "monthlyAnchor": None,
        "weeklyAnchor": None,
    },
    "payoutStatementDescriptor": lambda it, view: "ECOMOPS DEMO SHOP",
    "balance": _balance,
    "payouts": payouts,
    "balanceTransactions": balance_transactions,
    "disputes": disputes,
}

TABLES = {
    "ShopifyPaymentsAccount": ACCOUNT,
    "ShopifyPaymentsPayout": PAYOUT,
    "ShopifyPaymentsBalanceTransaction": BALANCE_TRANSACTION,
    "ShopifyPaymentsDispute": DISPUTE,
}
CLASSES = {
    ShopPayout: "ShopifyPaymentsPayout",
    BalanceLine: "ShopifyPaymentsBalanceTransaction",
    ShopDispute: "ShopifyPaymentsDispute",
}
