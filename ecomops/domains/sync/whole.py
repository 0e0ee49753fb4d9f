"""Lines of ledger transactions that the provider does not have any more.

A transaction that is told whole has no other lines than those that were told: what is stored
beyond them was taken out of it, or it was deleted, or it is not one to be followed any more.
"""

from ecomops.connectors.base import Page
from ecomops.domains.sync.merge import Driver, Origin
from ecomops.kit.database import plan_anew

_DROP = (
    "DELETE FROM netsuite_transactions WHERE connection_id = %s AND internal_id = ANY(%s)"
    " AND NOT source_id = ANY(%s)"
)


def drop_missing_lines(connection: Driver, origin: Origin, page: Page) -> int:
    """Delete the lines that are missing from the page's whole transactions; how many there were."""
    if not page.whole:
        return 0
    told = [record.source_id for record in page.records]
    # A connection reads one account, so that the transaction's own id is enough.
    transactions = [name.rpartition(":")[2] for name in page.whole]
    values = [origin.connection_id, transactions, told]
    plan_anew(connection)
    return connection.execute(_DROP, values).rowcount
