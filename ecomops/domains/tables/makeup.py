"""What a payout is made of: its lines by category, and whether they come to it."""

from uuid import UUID

from sqlmodel import Session

from ecomops.domains.access.rules import require
from ecomops.domains.tables.filters import JUDGED
from ecomops.domains.tables.schemas import LineGroup, Makeup
from ecomops.kit.context import Context
from ecomops.kit.database import driver_of
from ecomops.kit.errors import NotFoundError

_PAYOUT = (
    "SELECT currency, amount, CASE WHEN NOT itemizable THEN 'none'"
    f" WHEN NOT ({JUDGED}) THEN 'moot'"
    " WHEN contents_read_at IS NULL THEN 'unread' ELSE 'read' END"
    " FROM payouts WHERE id = %(payout)s"
).encode()
_GROUPS = (
    b"SELECT reporting_category, currency, count(*), sum(gross), sum(fee), sum(net)"
    b" FROM payout_lines WHERE payout_id = %(payout)s GROUP BY 1, 2 ORDER BY sum(net) DESC, 1, 2"
)


def get_makeup(session: Session, ctx: Context, payout_id: UUID) -> Makeup:
    """A payout's lines by category; reads all of them. Raises NotFoundError."""
    require(ctx, "tables.view")
    driver, values = driver_of(session), {"payout": payout_id}
    payout = driver.execute(_PAYOUT, values).fetchone()
    if payout is None:
        raise NotFoundError("This row does not exist.")
    currency, amount, lines_are = payout
    groups = tuple(
        LineGroup(category, of, lines, int(gross), int(fee), int(net))
        for category, of, lines, gross, fee, net in driver.execute(_GROUPS, values)
    )
    return Makeup(currency, amount, lines_are, groups)
