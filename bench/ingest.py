"""ingest_first, ingest_unchanged: records in memory through the sync path, and by hand.

Both fill the same tables, each for a workspace of its own, taking turns page by page.
"""

import gc
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from uuid import UUID

from bench.cores import one_core
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
ANALYZE = "ANALYZE " + ", ".join(TABLES)
GOALS = {"first": 0.8, "unchanged": 0.7}
# As the design measures it, and as Stripe sends it.
PAGE_SIZES = {1000: "", 100: "_pages_of_100"}

_VERSIONS = "SELECT sum(hashtextextended(xmin::text || ctid::text, 0)) FROM {}"
# Ids, times and hashes are each side's own. Of a link it matters that it was found.
_OWN = "{tenant_id,connection_id,id,ingested_at,content_hash,payout_id,payment_id,payout_line_id}"
_CONTENTS = f"""
SELECT count(*), sum(hashtextextended((row - '{_OWN}'::text[])::text, 0)),
    count(row ->> 'payout_id'), count(row ->> 'payment_id'), count(row ->> 'payout_line_id')
FROM %s t, to_jsonb(t) row WHERE tenant_id = '%s'
"""

Store = Callable[[Page], object]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two ways, by kind of figure."""

    tenant_id: UUID
    stores: Mapping[str, Store]


class Meter:
    """Walks an account's records in pages of one size."""

    def __init__(
        self, place: Place, sides: Sequence[Side], records: Sequence[Sequence[Record]], size: int
    ) -> None:
        self._place, self._sides, self._records, self._size = place, sides, records, size
        self._spent: dict[tuple[UUID, str], dict[str, list[float]]]
        self._spent = defaultdict(lambda: defaultdict(list))
        self._rows = {"first": 0, "unchanged": 0}
        self._rewritten = False

    def round(self) -> None:
        """Store everything into empty tables, and then once more."""
        self._place.administer(EMPTY, "CHECKPOINT")
        self._walk("first")
        self._place.administer(ANALYZE)
        before = self._versions()
        self._walk("unchanged")
        self._rewritten |= before != self._versions()
        self._count()

    def _walk(self, kind: str) -> None:
        for table, records in zip(TABLES, self._records, strict=False):
            stored, known = 0, ANALYZE_FROM
            for number, page in enumerate(pages(records, self._size)):
                for side in self._sides if number % 2 else reversed(self._sides):
                    began = time.perf_counter()
                    side.stores[kind](page)
                    self._spent[side.tenant_id, kind][table].append(time.perf_counter() - began)
                stored += page.received
                if kind == "first" and stored >= known:  # as a sync does
                    self._place.administer(f"ANALYZE {table}")
                    known = 2 * stored

    def _versions(self) -> list[object]:
        return [self._place.ask(_VERSIONS.format(table)) for table in TABLES]

    def _count(self) -> None:
        ours, other = (
            [self._place.ask(_CONTENTS % (table, side.tenant_id)) for table in TABLES]
            for side in self._sides
        )
        assert ours == other, "both ways store the same rows"
        received = sum(map(len, self._records))
        self._rows["unchanged"] += received
        self._rows["first"] += received + self._fees()

    def _fees(self) -> int:
        ours = self._sides[0].tenant_id
        return int(str(self._place.ask(f"SELECT count(*) FROM fees WHERE tenant_id = '{ours}'")))

    def figure(self, kind: str) -> Figure:
        ours, other = (self._rows[kind] / self._seconds(side, kind) for side in self._sides)
        rewritten = kind == "unchanged" and self._rewritten
        return Figure(
            f"ingest_{kind}{PAGE_SIZES[self._size]}",
            ours,
            other,
            "rows/s",
            GOALS[kind],
            {"rows": self._rows[kind], "page_size": self._size},
            ("rows were rewritten",) if rewritten else (),
        )

    def _seconds(self, side: Side, kind: str) -> float:
        """What all its pages take if each is as quick as the median page of its table."""
        spent = self._spent[side.tenant_id, kind].values()
        return sum(len(times) * median(times) for times in spent)


def measure(place: Place, orders: int, rounds: int) -> list[Figure]:
    """Both figures, for pages of a thousand and for pages of a hundred."""
    records = account(orders)
    gc.freeze()
    figures = []
    with _sides(place) as sides:
        for size in PAGE_SIZES:
            meter = Meter(place, sides, records, size)
            with one_core(place):
                for _ in range(rounds):
                    meter.round()
            figures += [meter.figure(kind) for kind in GOALS]
    return figures


@contextmanager
def _sides(place: Place) -> Iterator[tuple[Side, Side]]:
    ours, other = make_workspace("ingest-ours"), make_workspace("ingest-by-hand")
    target = connect_stripe(ours)

    def store(page: Page) -> object:
        return runtime.run(ours.ctx, store_page, StorePage(target, page))

    with ByHand(place.app_url, other.tenant_id, connect_stripe(other).connection_id) as hand:
        yield (
            Side(ours.tenant_id, {"first": store, "unchanged": store}),
            Side(other.tenant_id, {"first": hand.store, "unchanged": hand.store_changed}),
        )
