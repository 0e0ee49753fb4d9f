"""Lines of ledger transactions that the provider does not have any more.

A transaction that is told whole has no other lines than those that were told: what is stored
beyond them was taken out of it, or it was deleted, or it is not one to be followed any more.
"""

from ecomops.connectors.base import Page
from ecomops.domains.sync.merge import Driver, Origin

# The range is what the index finds; the last condition is what is meant, in any collation.
_DROP = (
    "DELETE FROM netsuite_transactions n USING unnest(%s::text[]) AS t (name)"
    " WHERE n.connection_id = %s AND n.dedupe_key >= %s::text || ':' || t.name || ':'"
    " AND n.dedupe_key < %s::text || ':' || t.name || ';'"
    " AND starts_with(n.source_id, t.name || ':') AND NOT n.source_id = ANY(%s)"
)


def drop_missing_lines(connection: Driver, origin: Origin, page: Page) -> int:
    """Delete the lines that are missing from the page's whole transactions; how many there were."""
    if not page.whole:
        return 0
    told = [record.source_id for record in page.records]
    values = [list(page.whole), origin.connection_id, origin.source, origin.source, told]
    return connection.execute(_DROP, values).rowcount
