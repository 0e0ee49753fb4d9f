"""ingest_first, ingest_unchanged: records in memory through the sync path, and by hand.

Both fill the same tables, each for a workspace of its own, taking turns page by page. Stripe's
records are made here; those of ``ingest_first_shopify`` and ``…_netsuite`` are the sandbox's, in
pages as the connector has fetched them.
"""

import gc
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from uuid import UUID

from pydantic import SecretStr

from bench.cores import one_core
from bench.figures import Figure
from bench.ingest_by_hand import ByHand
from bench.place import STRIPE_KEY, Place, connect, make_workspace
from bench.stripe_records import account, pages
from ecomops import runtime
from ecomops.connectors.base import Page
from ecomops.domains.sync.schemas import StorePage
from ecomops.domains.sync.store import store_page
from ecomops.operations.sync_connection import ANALYZE_FROM

TABLES = (
    "orders", "payments", "refunds", "disputes", "payouts", "payout_lines", "fees",
    "netsuite_transactions",
)  # fmt: skip
EMPTY = "TRUNCATE " + ", ".join(TABLES) + " CASCADE"
ANALYZE = "ANALYZE " + ", ".join(TABLES)
GOALS = {"first": 0.8, "unchanged": 0.7}
# As the design measures it, and as Stripe sends it.
STRIPE_TABLES = ("payments", "payouts", "payout_lines")
PAGE_SIZES = {1000: "", 100: "_pages_of_100"}

_VERSIONS = "SELECT sum(hashtextextended(xmin::text || ctid::text, 0)) FROM {}"
# Ids, times and hashes are each side's own. Of a link it matters that it was found.
_LINKS = ("order_id", "payment_id", "refund_id", "dispute_id", "payout_id", "payout_line_id")
_OWN = ",".join(("tenant_id", "connection_id", "id", "ingested_at", "content_hash", *_LINKS))
_CONTENTS = f"""
SELECT count(*), sum(hashtextextended((row - '{{{_OWN}}}'::text[])::text, 0)),
    {", ".join(f"count(row ->> '{link}')" for link in _LINKS)}
FROM %s t, to_jsonb(t) row WHERE tenant_id = '%s'
"""

Store = Callable[[Page], object]
Walk = tuple[str, Sequence[Page]]
"""A table, and the pages that bring its rows."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two ways, by kind of figure."""

    tenant_id: UUID
    stores: Mapping[str, Store]


class Meter:
    """Walks an account's pages; ``name`` is what its figures are called behind their kind."""

    def __init__(
        self, place: Place, sides: Sequence[Side], walks: Sequence[Walk], name: str
    ) -> None:
        self._place, self._sides, self._walks, self._name = place, sides, walks, name
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
        for table, walk in self._walks:
            stored, known = 0, ANALYZE_FROM
            for number, page in enumerate(walk):
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
        received = sum(len(page.records) for page in self._pages())
        self._rows["unchanged"] += received
        self._rows["first"] += received + self._fees()

    def _pages(self) -> list[Page]:
        return [page for _, walk in self._walks for page in walk]

    def _fees(self) -> int:
        ours = self._sides[0].tenant_id
        return int(str(self._place.ask(f"SELECT count(*) FROM fees WHERE tenant_id = '{ours}'")))

    def figure(self, kind: str) -> Figure:
        ours, other = (self._rows[kind] / self._seconds(side, kind) for side in self._sides)
        rewritten = kind == "unchanged" and self._rewritten
        return Figure(
            f"ingest_{kind}{self._name}",
            ours,
            other,
            "rows/s",
            GOALS[kind],
            {"rows": self._rows[kind], "records_a_page": self._page_size()},
            ("rows were rewritten",) if rewritten else (),
        )

    def _page_size(self) -> int:
        return round(median(len(page.records) for page in self._pages()))

    def _seconds(self, side: Side, kind: str) -> float:
        """What all its pages take if each is as quick as the median page of its table."""
        spent = self._spent[side.tenant_id, kind].values()
        return sum(len(times) * median(times) for times in spent)


def measure(place: Place, orders: int, rounds: int) -> list[Figure]:
    """Both figures, for pages of a thousand and for pages of a hundred."""
    records, figures = account(orders), []
    with sides_of(place, "stripe", STRIPE_KEY) as sides:
        for size, name in PAGE_SIZES.items():
            walks = [
                (table, list(pages(some, size)))
                for table, some in zip(STRIPE_TABLES, records, strict=True)
            ]
            meter = metered(Meter(place, sides, walks, name), place, rounds)
            figures += [meter.figure(kind) for kind in GOALS]
    return figures


def metered(meter: Meter, place: Place, rounds: int) -> Meter:
    """The same after so many rounds, which it does on one core."""
    gc.freeze()
    with one_core(place):
        for _ in range(rounds):
            meter.round()
    return meter


@contextmanager
def sides_of(
    place: Place, provider: str, credentials: dict[str, SecretStr]
) -> Iterator[tuple[Side, Side]]:
    """Our way and the one by hand, each with a workspace of its own."""
    ours = make_workspace(f"ingest-{provider}")
    other = make_workspace(f"ingest-{provider}-by-hand")
    target = connect(ours, provider, credentials)

    def store(page: Page) -> object:
        return runtime.run(ours.ctx, store_page, StorePage(target, page))

    connection = connect(other, provider, credentials).connection_id
    with ByHand(place.app_url, other.tenant_id, connection, provider) as hand:
        yield (
            Side(ours.tenant_id, {"first": store, "unchanged": store}),
            Side(other.tenant_id, {"first": hand.store, "unchanged": hand.store_changed}),
        )
