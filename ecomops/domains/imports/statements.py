"""Lines of bank statements: stored through a staging table, each once, and taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg.errors import ForeignKeyViolation

from ecomops.core.files.bank import StatementLine
from ecomops.domains.sync.merge import Driver
from ecomops.kit.database import plan_anew
from ecomops.kit.errors import ConflictError

ANALYZE_FROM = 1000
_STAGED = (
    "line_number, booked_on, value_on, amount, currency, description, reference, balance,"
    " dedupe_key"
)
# COPY into a table under row-level security is refused.
_STAGE = (
    f"CREATE TEMP TABLE IF NOT EXISTS stage_bank_lines ON COMMIT DELETE ROWS"
    f" AS SELECT {_STAGED} FROM bank_lines WITH NO DATA"
)
_COPY = f"COPY stage_bank_lines ({_STAGED}) FROM STDIN"
_MERGE = (
    f"INSERT INTO bank_lines AS b (tenant_id, account_id, import_id, listed_in, {_STAGED})"
    " SELECT %(tenant)s, %(account)s, %(import)s, ARRAY[%(import)s::uuid],"
    f" {_STAGED} FROM stage_bank_lines ORDER BY line_number"
    " ON CONFLICT (tenant_id, account_id, dedupe_key)"
    " DO UPDATE SET listed_in = b.listed_in || %(import)s::uuid"
    " RETURNING old.id IS NULL"
)
_KNOWN = "SELECT count(*) FROM bank_lines WHERE account_id = %s AND dedupe_key = ANY(%s)"
# What a later import tells as well stays, and is that one's from now on.
_HAND_OVER = (
    "UPDATE bank_lines SET listed_in = array_remove(listed_in, %(import)s),"
    " import_id = (array_remove(listed_in, %(import)s))[1]"
    " WHERE account_id = %(account)s AND booked_on BETWEEN %(first)s AND %(last)s"
    " AND %(import)s = ANY(listed_in) AND cardinality(listed_in) > 1"
)
_REMOVE = "DELETE FROM bank_lines WHERE import_id = %(import)s AND cardinality(listed_in) = 1"


@dataclass(frozen=True, slots=True)
class Place:
    """Whose lines they are."""

    tenant_id: UUID
    account_id: UUID
    import_id: UUID


def store_lines(connection: Driver, place: Place, lines: Sequence[StatementLine]) -> int:
    """Store ``lines``; those that are there are noted as told again. How many are new."""
    plan_anew(connection)
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy(_COPY) as copy:
            for line in lines:
                copy.write_row((
                    line.number, line.booked_on, line.value_on, line.amount, line.currency,
                    line.description, line.reference, line.balance, line.key,
                ))  # fmt: skip
        cursor.execute(_MERGE, {"tenant": place.tenant_id, "account": place.account_id,
                                "import": place.import_id})  # fmt: skip
        new: int = sum(is_new for (is_new,) in cursor.fetchall())
    if new >= ANALYZE_FROM:
        connection.execute("ANALYZE bank_lines")
    return new


def count_known(connection: Driver, account_id: UUID, keys: Sequence[bytes]) -> int:
    """How many lines of these keys the account has already."""
    found = connection.execute(_KNOWN, [account_id, list(keys)]).fetchone()
    return int(found[0]) if found else 0


def remove_lines(connection: Driver, values: dict[str, object]) -> int:
    """Take back what one import alone told; how many lines. ``values`` as in the statements.

    Raises ConflictError when something uses one of them.
    """
    plan_anew(connection)
    try:
        connection.execute(_HAND_OVER, values)
        return connection.execute(_REMOVE, values).rowcount
    except ForeignKeyViolation:
        message = "A reconciliation uses lines of this import. Undo that first."
        raise ConflictError(message) from None
