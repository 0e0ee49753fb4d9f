"""Shopify's mandatory privacy webhooks: personal data leaves, amounts stay.

Follows "Privacy law compliance": ``customers/redact`` names the orders of one customer,
``shop/redact`` means all of the shop, ``customers/data_request`` asks the merchant to tell what is
stored, which is written to the audit log for an admin to answer.
"""

import json
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlmodel import Session

from ecomops.core.privacy import without_person
from ecomops.domains.audit.service import Event, record
from ecomops.domains.freshness.deliveries import receive
from ecomops.domains.freshness.schemas import Received
from ecomops.kit.context import Context
from ecomops.kit.database import driver_of

PRIVACY_TOPICS: Final = frozenset({"customers/data_request", "customers/redact", "shop/redact"})
_ORDER: Final = "gid://shopify/Order/{}"
_ROWS: Final = {
    "orders": "source_id = ANY(%(orders)s)",
    "payments": "order_ref = ANY(%(orders)s)",
    "refunds": "order_ref = ANY(%(orders)s)",
    "payout_lines": "order_ref = ANY(%(orders)s)",
    "disputes": "payment_ref IN (SELECT p.source_id FROM payments p"
    " WHERE p.order_ref = ANY(%(orders)s))",
}
"""Table → which of its rows are about orders."""
_NAMED: Final = ("orders", "payments")
"""Tables with the customer's e-mail in a column of its own."""
_BATCH: Final = 500


def honour(session: Session, ctx: Context, command: Received) -> bool:
    """Do what a privacy webhook asks, once; False if it was done before."""
    told = json.loads(command.delivery.payload)
    if not receive(session, ctx, command):
        return False
    topic = command.delivery.topic
    orders = _orders_of(topic, told)
    changed = 0
    if topic != "customers/data_request":
        for table, condition in _ROWS.items():
            which = condition if orders is not None else "TRUE"
            changed += _redact(session, command.connection_id, table, which, orders or [])
        changed += _redact_payloads(session, command.connection_id)
    _record(session, ctx, command, orders, changed)
    return True


def _orders_of(topic: str, told: dict[str, Any]) -> list[str] | None:
    """The orders that are meant; None for all of the shop."""
    if topic == "shop/redact":
        return None
    name = "orders_to_redact" if topic == "customers/redact" else "orders_requested"
    numbers = told.get(name)
    listed = numbers if isinstance(numbers, list) else []
    return [_ORDER.format(number) for number in listed if isinstance(number, int)]


def _redact(
    session: Session, connection_id: UUID, table: str, which: str, orders: Sequence[str]
) -> int:
    """Take the person out of rows of one table, some at a time; how many there were."""
    email = ", customer_email = NULL" if table in _NAMED else ""
    mine = f"connection_id = %(connection)s AND ({which})"
    values = {"connection": connection_id, "orders": list(orders)}
    connection, after, done = driver_of(session), UUID(int=0), 0
    while True:
        rows = connection.execute(
            f"SELECT id, raw_data FROM {table} WHERE {mine} AND id > %(after)s"
            f" ORDER BY id LIMIT {_BATCH}",
            values | {"after": after},
        ).fetchall()
        if not rows:
            return done
        connection.cursor().executemany(
            f"UPDATE {table} SET raw_data = %s{email} WHERE id = %s",
            [(Jsonb(without_person(raw)), row_id) for row_id, raw in rows],
        )
        after, done = rows[-1][0], done + len(rows)


def _redact_payloads(session: Session, connection_id: UUID) -> int:
    """Deliveries and rejects are kept for their ids and reasons; what they quoted may name people.

    Which of them are about this customer cannot be told for sure, so all of the connection are.
    """
    connection = driver_of(session)
    deliveries = connection.execute(
        "SELECT id, payload FROM webhook_deliveries WHERE connection_id = %s", [connection_id]
    ).fetchall()
    connection.cursor().executemany(
        "UPDATE webhook_deliveries SET payload = %s WHERE id = %s",
        [(Jsonb(without_person(payload)), row_id) for row_id, payload in deliveries],
    )
    rejects = connection.execute(
        "SELECT id, payload FROM ingest_rejects WHERE connection_id = %s", [connection_id]
    ).fetchall()
    connection.cursor().executemany(
        "UPDATE ingest_rejects SET payload = %s WHERE id = %s",
        [(_without_person(payload), row_id) for row_id, payload in rejects],
    )
    return len(deliveries) + len(rejects)


def _without_person(payload: str) -> str:
    try:
        return json.dumps(without_person(json.loads(payload)))
    except ValueError:
        return json.dumps("(removed on request of the customer)")


def _record(
    session: Session, ctx: Context, command: Received, orders: list[str] | None, changed: int
) -> None:
    action = {
        "customers/data_request": "privacy_data_requested",
        "customers/redact": "privacy_customer_redacted",
        "shop/redact": "privacy_shop_redacted",
    }[command.delivery.topic]
    payload = {"orders": orders if orders is not None else "all", "rows_changed": changed}
    record(session, ctx, Event("security", action, "connection", str(command.connection_id),
                               payload=payload))  # fmt: skip
