"""What follows from rows that are already stored: links, and totals of a payout.

Row-level security names the tenant; a second condition would only mislead the planner.
"""

from sqlmodel import Session

from ecomops.domains.sync.merge import Driver, Origin
from ecomops.kit.context import Context
from ecomops.kit.database import driver_of

_CLOSE_PAYOUT = (
    "UPDATE payouts p SET contents_read_at = now(), fee_total = ("
    " SELECT coalesce(sum(l.fee), 0)::bigint FROM payout_lines l WHERE l.payout_id = p.id)"
    " WHERE p.dedupe_key = %s"
)
# Of the currencies in which lines have come late: what its lines do not add up to is not whole.
_REOPEN_PAYOUTS = (
    "UPDATE payouts p SET contents_read_at = NULL WHERE p.connection_id = %s"
    " AND p.currency = ANY(%s) AND p.itemizable AND p.contents_read_at IS NOT NULL"
    " AND p.amount <> (SELECT coalesce(sum(l.net), 0) FROM payout_lines l"
    " WHERE l.payout_id = p.id)"
)
_EXCHANGE = (
    "UPDATE payments p SET settlement_amount = l.gross, settlement_currency = l.currency,"
    " fx_rate = l.fx_rate FROM payout_lines l"
    " WHERE l.dedupe_key = ANY(%s) AND l.fx_rate IS NOT NULL"
    " AND p.id = l.payment_id AND p.settlement_ref = l.source_id"
    " AND (p.settlement_amount, p.settlement_currency, p.fx_rate)"
    " IS DISTINCT FROM (l.gross, l.currency, l.fx_rate)"
)
_LATE_PARENTS = (
    "UPDATE {child} c SET {column} = p.id FROM {parent} p"
    " WHERE c.{column} IS NULL AND c.{ref} IS NOT NULL"
    " AND p.dedupe_key = c.source || ':' || c.{ref}{more}"
)
_UNLINKED = " AND c.payment_id IS NULL AND c.refund_id IS NULL AND c.dispute_id IS NULL"
_LATE = [
    _LATE_PARENTS.format(child=child, column=column, parent=parent, ref=ref, more=more)
    for child, column, parent, ref, more in (
        ("refunds", "payment_id", "payments", "payment_ref", ""),
        ("disputes", "payment_id", "payments", "payment_ref", ""),
        ("payments", "order_id", "orders", "order_ref", ""),
        ("payout_lines", "refund_id", "refunds", "object_ref", _UNLINKED),
        ("payout_lines", "dispute_id", "disputes", "object_ref", _UNLINKED),
    )
]
_PAYMENTS_OF_LINES = _LATE_PARENTS.format(
    child="payout_lines", column="payment_id", parent="payments", ref="object_ref",
    more=f"{_UNLINKED} RETURNING c.dedupe_key",
)  # fmt: skip

# Shopify tells the fee of a dispute on the movements of the balance alone.
_DISPUTE_FEES = (
    "UPDATE disputes d SET fee = l.fee, fee_currency = l.currency FROM ("
    " SELECT d.id, min(l.currency) AS currency, sum(l.fee)::bigint AS fee"
    " FROM disputes d JOIN payout_lines l ON l.object_ref = d.source_id AND l.source = d.source"
    " WHERE d.source = 'shopify' GROUP BY d.id HAVING count(DISTINCT l.currency) = 1) l"
    " WHERE d.id = l.id AND (d.fee, d.fee_currency) IS DISTINCT FROM (l.fee, l.currency)"
)


def close_payout(connection: Driver, origin: Origin, payout_ref: str) -> None:
    """The payout's lines have been read to the end: keep when, and their fees."""
    key = f"{origin.source}:{payout_ref}"
    connection.execute(_CLOSE_PAYOUT, [key])


def reopen_payouts(connection: Driver, origin: Origin, currencies: list[str]) -> int:
    """Have the next sync read again the payouts whose lines do not add up; how many they are.

    A line that is fetched by itself does not tell its payout; the list of the payout does.
    """
    values = [origin.connection_id, currencies]
    return connection.execute(_REOPEN_PAYOUTS, values).rowcount


def note_exchange(connection: Driver, origin: Origin, line_ids: list[str]) -> None:
    """Tell payments that settled in another currency what they settled for."""
    if line_ids:
        keys = [f"{origin.source}:{line_id}" for line_id in line_ids]
        connection.execute(_EXCHANGE, [keys])


def link_late_parents(session: Session, ctx: Context, command: None) -> int:
    """Link rows whose parent came after them, how many there were; and what follows from it."""
    connection = driver_of(session)
    lines = [key for (key,) in connection.execute(_PAYMENTS_OF_LINES)]
    if lines:
        connection.execute(_EXCHANGE, [lines])
    linked = sum(connection.execute(statement).rowcount for statement in _LATE)
    connection.execute(_DISPUTE_FEES)
    return len(lines) + linked
