"""Rows of every table, made up: many ties, many NULLs, odd text and amounts."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from pydantic import SecretStr
from sqlalchemy import Engine, insert

from ecomops.domains.tables.catalog import TABLES
from ecomops.models import metadata
from tests.conftest import Workspace, make_workspace
from tests.integration.provider import connect

ROWS = 40
START = datetime(2026, 10, 1, tzinfo=UTC)
SOLD_IN = ("USD", "JPY", "KWD", "CLF", "EUR")
NASTY = ("plain", "a,b", 'say "hi"', "two\nlines", "", "é", "=1+1", "zwölf € 🙂", "\\.")
TODAY = date(2026, 10, 30)
NOON = datetime(2026, 10, 30, 12, tzinfo=UTC)
KEY = SecretStr("sk_test_0123456789abcdef")


def fill_every_table(engine: Engine) -> Workspace:
    """A workspace with forty rows in every table."""
    workspace = make_workspace()
    connection = connect(workspace.ctx, KEY)
    chance = random.Random(4)
    with engine.begin() as database:
        for name in TABLES:
            rows = [_row(name, workspace, connection, number, chance) for number in range(ROWS)]
            database.execute(insert(metadata.tables[name]), rows)
    return workspace


def _row(
    name: str, workspace: Workspace, connection: UUID, number: int, chance: random.Random
) -> dict[str, Any]:
    table, source = metadata.tables[name], TABLES[name].sources[0]
    row = {
        column.name: _value(column, number, chance)
        for column in table.columns
        if column.computed is None and column.name != "raw_data" and not column.foreign_keys
    }
    row |= {"tenant_id": workspace.ctx.tenant, "id": uuid4(), "connection_id": connection,
            "source": source, "dedupe_key": f"{source}:{name}_{number:03}",
            "source_id": f"{name}_{number:03}"}  # fmt: skip
    currency = SOLD_IN[number % len(SOLD_IN)]
    row |= dict.fromkeys(row.keys() & {"currency", "fee_currency", "settlement_currency"}, currency)
    if "status" in row:
        row["status"] = TABLES[name].statuses[number % len(TABLES[name].statuses)]
    row |= _WORDS.get(name, {})
    if name == "payout_lines":
        row["net"] = row["gross"] - row["fee"]
    return row


_WORDS = {
    "payments": {"kind": "sale"},
    "payouts": {"kind": "automatic"},
    "fees": {"kind": "processing"},
}


def _value(column: Any, number: int, chance: random.Random) -> Any:
    """Few different values, so that there are ties; a third of what may be NULL is."""
    if column.nullable and chance.randrange(3) == 0:
        return None
    few = chance.randrange(7)
    match type(column.type).__name__:
        case "Money":
            return Decimal(chance.randrange(-999, 999)) * (Decimal("0.01"), Decimal(1))[few % 2]
        case "DateTime":
            return START + timedelta(hours=7 * few, microseconds=few)
        case "Date":
            return START.date() + timedelta(days=few)
        case "Boolean":
            return bool(few % 2)
        case "Numeric":
            return Decimal(few) / 8
        case "Integer":
            return few
        case "Uuid":
            return None if column.nullable else uuid4()
        case "LargeBinary":
            return b"x"
        case _:
            return NASTY[(few + number) % len(NASTY)]


def add_payments(
    engine: Engine, workspace: Workspace, connection: UUID, moments: list[datetime], **more: Any
) -> None:
    """Payments of a workspace, one at each moment, 12.34 USD unless ``more`` says otherwise."""
    rows = []
    for moment in moments:
        source_id = f"ch_{uuid4().hex}"
        rows.append(
            {
                "tenant_id": workspace.ctx.tenant, "id": uuid4(), "connection_id": connection,
                "source": "stripe", "source_id": source_id, "dedupe_key": f"stripe:{source_id}",
                "source_status": "succeeded", "currency": "USD", "created_at": moment,
                "content_hash": b"x", "status": "completed", "amount": Decimal("12.34"),
                "kind": "sale", "gateway": "stripe", "charge_ref": source_id, **more,
            }
        )  # fmt: skip
    with engine.begin() as database:
        database.execute(insert(metadata.tables["payments"]), rows)


def add(engine: Engine, workspace: Workspace, connection: UUID, table: str, **given: Any) -> UUID:
    """One row of a canonical table."""
    source_id = given.pop("source_id", f"x_{uuid4().hex}")
    row = {
        "tenant_id": workspace.ctx.tenant, "id": uuid4(), "connection_id": connection,
        "source": "stripe", "source_id": source_id, "dedupe_key": f"stripe:{source_id}",
        "source_status": "as told", "currency": "USD", "created_at": NOON,
        "content_hash": b"x", **given,
    }  # fmt: skip
    with engine.begin() as database:
        database.execute(insert(metadata.tables[table]), row)
    return UUID(str(row["id"]))


def add_payout(engine: Engine, workspace: Workspace, connection: UUID, **given: Any) -> UUID:
    row = {"status": "completed", "amount": Decimal(100), "kind": "automatic", "itemizable": True,
           "contents_complete": True, "contents_read_at": NOON, "initiated_at": NOON,
           "arrival_date": TODAY, **given}  # fmt: skip
    return add(engine, workspace, connection, "payouts", **row)


def add_line(
    engine: Engine, workspace: Workspace, connection: UUID, payout: UUID, net: str, **given: Any
) -> None:
    amount = Decimal(net)
    row = {"gross": amount + 1, "fee": Decimal(1), "net": amount, "line_type": "charge",
           "reporting_category": "charge", "payout_ref": "po", "payout_id": payout,
           **given}  # fmt: skip
    add(engine, workspace, connection, "payout_lines", **row)
