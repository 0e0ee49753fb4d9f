"""ingest_first, ingest_unchanged: records in memory through the sync path, and by hand.

Both fill the same tables, each for a workspace of its own, taking turns page by page.
"""

import gc
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import median
from uuid import UUID

from bench.figures import Figure
from bench.ingest_by_hand import ByHand
from bench.place import Place, connect_stripe, make_workspace
from bench.stripe_records import account, pages
from ecomops import runtime
from ecomops.connectors.base import Page
from ecomops.connectors.records import Record
from ecomops.domains.sync.schemas import StorePage
from ecomops.domains.sync.store import store_page
from ecomops.operations.sync_connection import ANALYZE_FROM

TABLES = ("payments", "payouts", "payout_lines", "fees")
EMPTY = "TRUNCATE " + ", ".join(TABLES) + " CASCADE"
PAGE_SIZES = {"": 1000, "_pages_of_100": 100}
GOALS = {"first": 0.8, "unchanged": 0.7}

_VERSIONS = "SELECT sum(hashtextextended(xmin::text || ctid::text, 0)) FROM {table}"
# Ids, times and hashes are each side's own; whether a link was found is compared, not to what.
_SAID = (
    "to_jsonb(t) - '{{tenant_id,connection_id,id,ingested_at,content_hash,payout_id,payment_id,"
    "payout_line_id}}'::text[] || jsonb_build_array(to_jsonb(t) ->> 'payout_id' IS NULL,"
    " to_jsonb(t) ->> 'payment_id' IS NULL, to_jsonb(t) ->> 'payout_line_id' IS NULL)"
)
_CONTENTS = (
    f"SELECT count(*), sum(hashtextextended(({_SAID})::text, 0)) FROM {{table}} t"
    " WHERE tenant_id = '{tenant}'"
)

Store = Callable[[Page], object]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two ways, and the seconds that it took for each page of each table."""

    tenant_id: UUID
    store: dict[str, Store]
    spent: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))

    def take(self, kind: str, table: str, page: Page) -> None:
        began = time.perf_counter()
        self.store[kind](page)
        self.spent[kind, table].append(time.perf_counter() - began)

    def seconds(self, kind: str) -> float:
        """For all pages of one walk, were each as quick as its table's median page."""
        return sum(
            len(taken) * median(taken) for (which, _), taken in self.spent.items() if which == kind
        )


def measure(place: Place, orders: int, rounds: int) -> list[Figure]:
    """Both figures, for pages of a thousand and for pages of a hundred as Stripe sends them."""
    records = account(orders)
    gc.freeze()
    with _by_hand(place) as by_hand:
        sides = (_ours(), by_hand)
        ...
