"""Payout reports as people bring them, and what became of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from ecomops import runtime
from ecomops.domains.insights.queries import get_insights
from ecomops.domains.insights.schemas import AskInsights
from tests.conftest import Workspace
from tests.integration.provider import Stored

StoredOf = Callable[[Workspace], Stored]

ITEMISED = (
    "automatic_payout_id,automatic_payout_effective_at_utc,automatic_payout_effective_at,"
    "balance_transaction_id,created_utc,created,available_on_utc,available_on,currency,gross,fee,"
    "net,reporting_category,source_id,description"
)
STRIPE = f"""{ITEMISED}
po_1,2026-10-05 00:00:00,2026-10-04 17:00:00,txn_1,2026-10-01 12:00:00,x,2026-10-03 00:00:00,x,usd,\
100.00,3.20,96.80,charge,ch_1,Order 1
po_1,2026-10-05 00:00:00,2026-10-04 17:00:00,txn_2,2026-10-01 13:00:00,x,2026-10-03 00:00:00,x,usd,\
-20.00,0.00,-20.00,refund,re_1,
po_1,2026-10-05 00:00:00,2026-10-04 17:00:00,txn_3,2026-10-02 13:00:00,x,2026-10-03 00:00:00,x,usd,\
-1.50,0.00,-1.50,fee,,Radar
po_2,2026-10-06 00:00:00,2026-10-05 17:00:00,txn_4,2026-10-02 14:00:00,x,2026-10-04 00:00:00,x,jpy,\
1200,40,1160,charge,ch_2,
""".replace(",x,", ",,").encode()
BALANCE = (
    b"id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),Available On (UTC),Description\n"
    b"txn_1,charge,ch_1,100.00,3.20,96.80,usd,2026-10-01 12:00,2026-10-03 00:00,\n"
    b"txn_9,payout,po_1,-96.80,0.00,-96.80,usd,2026-10-04 00:00,2026-10-05 00:00,STRIPE\n"
)
TRANSACTIONS = (
    "Transaction Date,Type,Order,Card Brand,Card Source,Payout Status,Payout Date,Payout ID,"
    "Available On,Amount,Fee,Net,Checkout,Payment Method Name,Presentment Amount,"
    "Presentment Currency,Currency"
)
SHOPIFY = f"""{TRANSACTIONS}
2026-01-19 12:07:45 +0100,charge,#1001,visa,online,paid,2026-01-21,77,2026-01-21,100.00,3.20,96.80,\
#1,card,100.00,EUR,EUR
2026-01-19 12:07:45 +0100,charge,#1001,visa,online,paid,2026-01-21,77,2026-01-21,100.00,3.20,96.80,\
#1,card,100.00,EUR,EUR
2026-01-20 09:00:00 +0100,refund,#1001,visa,online,paid,2026-01-21,77,2026-01-21,-20.00,0.00,\
-20.00,#1,card,20.00,EUR,EUR
2026-01-22 09:00:00 +0100,charge,#1002,visa,online,pending,,,2026-01-24,50.00,2.00,48.00,#2,card,\
50.00,EUR,EUR
""".encode()
WITHOUT_IDS = (
    SHOPIFY.replace(b"Payout ID,", b"").replace(b",77,", b",").replace(b"pending,,,", b"pending,,")
)
PAYOUTS = (
    b"Payout Date,Status,Charges,Refunds,Adjustments,Marketplace Sales Tax,Advances,"
    b"Reserved Funds,Fees,Retried Amount,Total,Currency,Bank Reference\n"
    b"2026-01-21,paid,200.00,-20.00,0.00,0.00,0.00,0.00,-6.40,0.00,173.60,EUR,SHOP123\n"
    b"2026-01-23,in_transit,10.00,0.00,0.00,0.00,0.00,0.00,-0.40,0.00,9.60,EUR,\n"
    b"2026-01-25,scheduled,10.00,0.00,0.00,0.00,0.00,0.00,-0.40,0.00,9.60,EUR,\n"
)
GID = "gid://shopify/ShopifyPaymentsPayout/77"


def payouts(stored: StoredOf, workspace: Workspace) -> list[tuple[object, ...]]:
    return stored(workspace).rows(
        "SELECT p.source_id, p.amount, p.fee_total, p.currency, p.status, p.arrival_date::text,"
        " count(l.id), coalesce(sum(l.net), 0)::bigint FROM payouts p LEFT JOIN payout_lines l"
        " ON l.tenant_id = p.tenant_id AND l.payout_id = p.id WHERE p.tenant_id = :tenant"
        " GROUP BY p.tenant_id, p.id ORDER BY p.source_id"
    )


def ties(workspace: Workspace, today: date) -> tuple[int, int, int]:
    """How many payouts of the last month tie, do not tie, and are not read."""
    told = runtime.run(workspace.ctx, get_insights, AskInsights(today)).tie_out
    return told.tied, told.untied, told.unread
