"""The SELECTs of the audit log, as text."""

from functools import lru_cache

from sqlalchemy import select

from ecomops.domains.audit.filters import EVENTS, by_time, conditions
from ecomops.domains.audit.schemas import EventRow
from ecomops.kit.keyset import Beside, page_of
from ecomops.kit.statements import KEPT, Filters, count_of

_COLUMNS = [EVENTS.c[name] for name in EventRow._fields]


@lru_cache(KEPT)
def page_statement(filters: tuple[str, ...], descending: bool, beside: Beside | None) -> bytes:
    """A page: the fields of an EventRow."""
    rows = select(*_COLUMNS).where(*conditions(Filters(filters)))
    return page_of(rows, by_time(descending=descending), beside)


@lru_cache(KEPT)
def count_statement(filters: tuple[str, ...]) -> bytes:
    """How many events there are, of the first ``most_rows``."""
    return count_of(EVENTS, conditions(Filters(filters)))
