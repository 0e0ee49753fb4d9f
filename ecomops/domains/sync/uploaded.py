"""Rows that people uploaded, beside those that an account tells itself.

What an account tells is always the better answer. A payout that both tell is one row: by its id,
or, where the file named it by none, by its amount and its day. Lines that a file named by no id
give way once the account tells their payout, whose lines are then read from the account.
Row-level security names the tenant; a second condition would only mislead the planner.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from ecomops.connectors.records import PayoutLineRecord, PayoutRecord, StoredRecord
from ecomops.connectors.reports import MADE_UP
from ecomops.domains.sync.mappings import MAPPINGS
from ecomops.domains.sync.merge import Driver, Origin
from ecomops.kit.database import plan_anew
from ecomops.models.connections import FILES

DAYS_APART = 1
"""A report dates a payout by the shop's calendar, the API by UTC."""

_FILES_OF = f"SELECT id FROM connections WHERE provider = %s AND environment = '{FILES}'"
# An account's page and a file take turns, so that each sees what the other stored.
_TAKE_TURN = "SELECT pg_advisory_xact_lock(hashtextextended(%s::text, 2))"
_BY_ID = "SELECT id FROM payouts WHERE connection_id = %s AND dedupe_key = ANY(%s)"
_SAME_MONEY = (
    " FROM unnest(%s::varchar[], %s::varchar[], %s::bigint[], %s::date[])"
    " AS n (key, currency, amount, day)"
    " JOIN payouts p ON p.amount = n.amount AND p.currency = n.currency AND p.source = %s"
    f" AND abs(p.arrival_date - n.day) <= {DAYS_APART}"
)
_MADE_UP_TWINS = (
    f"SELECT DISTINCT n.key, p.id, p.trace_id{_SAME_MONEY} WHERE p.connection_id = %s"
    f" AND starts_with(p.source_id, '{MADE_UP}')"
)
_TOLD_BY_ID = f"SELECT DISTINCT n.key{_SAME_MONEY} WHERE NOT starts_with(p.source_id, '{MADE_UP}')"
_TOLD_BY_ACCOUNT = (
    "SELECT t.dedupe_key FROM {table} t JOIN connections c ON c.id = t.connection_id"
    f" WHERE c.environment <> '{FILES}' AND t.dedupe_key = ANY(%s)"
)
_NO_FEES = (
    "DELETE FROM fees f USING payout_lines l WHERE f.payout_line_id = l.id"
    f" AND l.payout_id = ANY(%s) AND starts_with(l.source_id, '{MADE_UP}')"
)
_NO_LINES = (
    f"DELETE FROM payout_lines WHERE payout_id = ANY(%s) AND starts_with(source_id, '{MADE_UP}')"
)
_NO_PAYOUTS = "DELETE FROM payouts WHERE id = ANY(%s)"
_READ_AGAIN = "UPDATE payouts SET contents_read_at = NULL, fee_total = NULL WHERE id = ANY(%s)"


def give_way(
    connection: Driver, origin: Origin, records: Sequence[StoredRecord]
) -> Sequence[StoredRecord]:
    """Before ``records`` of an account are stored: take back what files told of its payouts.

    Returns them with the bank references of their made-up twins.
    """
    payouts = [record for record in records if isinstance(record, PayoutRecord)]
    files = connection.execute(_FILES_OF, [origin.source]).fetchone() if payouts else None
    if files is None:
        return records
    plan_anew(connection)
    connection.execute(_TAKE_TURN, files)
    keys = [origin.key(it.source_id) for it in payouts]
    named = [found for (found,) in connection.execute(_BY_ID, [*files, keys])]
    _take_lines_back(connection, named)
    connection.execute(_READ_AGAIN, [named])
    twins = _take_twins_back(connection, origin, payouts, files[0])
    return _with_references(origin, records, twins)


def renew(
    connection: Driver, origin: Origin, payouts: Sequence[PayoutRecord]
) -> Sequence[StoredRecord]:
    """Before ``payouts`` of a file are stored: those with an id replace their made-up twins.

    Returns them with the bank references of their twins.
    """
    named = [it for it in payouts if not is_made_up(it.source_id)]
    if not named:
        return payouts
    twins = _take_twins_back(connection, origin, named, origin.connection_id)
    return _with_references(origin, payouts, twins)


def better_told(
    connection: Driver, origin: Origin, records: Sequence[StoredRecord]
) -> frozenset[str]:
    """Ids of those ``records`` of a file that need not be stored.

    An account told them, or their payout, or a file named a payout that this one does not.
    """
    connection.execute(_TAKE_TURN, [origin.connection_id])
    found = set[str]()
    for kind in {type(record) for record in records}:
        keys = [origin.key(it.source_id) for it in records if type(it) is kind]
        query = _TOLD_BY_ACCOUNT.format(table=MAPPINGS[kind].table)
        found.update(key for (key,) in connection.execute(query, [keys]))
    payouts = [it for it in records if isinstance(it, PayoutRecord) and is_made_up(it.source_id)]
    if payouts:
        twins = connection.execute(_TOLD_BY_ID, _money_of(origin, payouts))
        found.update(key for (key,) in twins)
    told = {key.removeprefix(f"{origin.source}:") for key in found}
    lines = [it for it in records if isinstance(it, PayoutLineRecord) and it.payout_ref in told]
    return frozenset(told | {it.source_id for it in lines if is_made_up(it.source_id)})


def is_made_up(source_id: str) -> bool:
    """Whether no provider gave this id."""
    return source_id.startswith(MADE_UP)


def _take_twins_back(
    connection: Driver, origin: Origin, payouts: Sequence[PayoutRecord], files: UUID
) -> list[Any]:
    """What was taken back: the key of the payout, the id of its twin, the twin's reference."""
    values = [*_money_of(origin, payouts), files]
    twins = connection.execute(_MADE_UP_TWINS, values).fetchall()
    ids = list({twin for _, twin, _ in twins})
    _take_lines_back(connection, ids)
    connection.execute(_NO_PAYOUTS, [ids])
    return twins


def _with_references(
    origin: Origin, records: Sequence[StoredRecord], twins: Sequence[Any]
) -> list[StoredRecord]:
    """``records`` with the references of their twins, unless they tell their own."""
    payouts, made_up = Counter(key for key, _, _ in twins), Counter(twin for _, twin, _ in twins)
    # Where several may be meant, none is better than the wrong one.
    sole = {key: said for key, twin, said in twins if payouts[key] == made_up[twin] == 1}
    return [
        replace(it, trace_id=it.trace_id or sole.get(origin.key(it.source_id)))
        if isinstance(it, PayoutRecord)
        else it
        for it in records
    ]


def _take_lines_back(connection: Driver, payout_ids: list[UUID]) -> None:
    if payout_ids:
        connection.execute(_NO_FEES, [payout_ids])
        connection.execute(_NO_LINES, [payout_ids])


def _money_of(origin: Origin, payouts: Sequence[PayoutRecord]) -> list[object]:
    return [
        [origin.key(it.source_id) for it in payouts],
        [it.currency for it in payouts],
        [it.amount for it in payouts],
        [it.arrival_date for it in payouts],
        origin.source,
    ]
