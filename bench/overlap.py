"""pipeline_overlap: fetching while storing, beside the longer of the two alone.

Charges of a provider that answers over HTTP, read by the Stripe connector and stored by
``store_page``. The provider is the sandbox, a process of its own, told to wait before it answers:
as long as makes fetching a page last as long as storing one, and then three times as long.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from statistics import median

from bench.figures import Figure
from bench.place import Place, Workspace, connect_stripe, make_workspace
from bench.provider import Provider, serving
from bench.rounds import timed
from ecomops import runtime
from ecomops.connectors.base import Page
from ecomops.connectors.pipeline import prefetch
from ecomops.connectors.stripe.connector import StripeConnector
from ecomops.domains.sync.schemas import StorePage, Target
from ecomops.domains.sync.store import store_page

GOAL = 0.83  # 1.2 times as long as the longer half
# How long fetching a page is to take, in times of storing it.
PACES = {1: "", 3: "_slow_provider"}
STREAM = "charges"
EMPTY = "TRUNCATE payments CASCADE"


@dataclass(frozen=True, slots=True)
class Halves:
    """The two halves of a sync of ``count`` pages, and both of them at once."""

    place: Place
    workspace: Workspace
    target: Target
    connector: StripeConnector
    count: int

    def fetch(self) -> list[Page]:
        return list(self._pages())

    def store(self, pages: Sequence[Page]) -> None:
        for page in pages:
            runtime.run(self.workspace.ctx, store_page, StorePage(self.target, page))

    def both(self) -> None:
        with closing(prefetch(self._pages(), interrupt=self.connector.close)) as pages:
            for page in pages:
                runtime.run(self.workspace.ctx, store_page, StorePage(self.target, page))

    def into_empty(self, work: Callable[[], object]) -> float:
        """Seconds that ``work`` takes when nothing is stored yet."""
        self.place.administer(EMPTY, "ANALYZE payments", "CHECKPOINT")
        return timed(work)

    def _pages(self) -> Iterator[Page]:
        return islice(self.connector.pages(STREAM, None), self.count)


def measure(place: Place, count: int, rounds: int) -> list[Figure]:
    """One figure for each of ``PACES``."""
    workspace = make_workspace("overlap")
    target = connect_stripe(workspace)
    with serving(300 * count) as provider, closing(provider.open()) as connector:
        halves = Halves(place, workspace, target, connector, count)
        halves.into_empty(halves.both)  # the sandbox makes its days, statements get prepared
        return [_at_pace(provider, halves, pace, rounds) for pace in PACES]


def _at_pace(provider: Provider, halves: Halves, pace: int, rounds: int) -> Figure:
    wait = _wait_for(provider, halves, pace)
    provider.wait(wait)
    pages = halves.fetch()
    spent: dict[str, list[float]] = {"fetch": [], "store": [], "both": []}
    for _ in range(rounds):
        spent["fetch"].append(timed(halves.fetch))
        spent["store"].append(halves.into_empty(lambda: halves.store(pages)))
        spent["both"].append(halves.into_empty(halves.both))
    # Of each round by itself: what slows the machine down is then in both.
    longer = median(map(_over_longer, *spent.values()))
    fetch, store, both = (median(times) for times in spent.values())
    also = {
        "pages": len(pages), "provider_waits_ms": round(1000 * wait),
        "fetch_ms_a_page": round(1000 * fetch / len(pages), 1),
        "store_ms_a_page": round(1000 * store / len(pages), 1),
        "both_ms_a_page": round(1000 * both / len(pages), 1),
        "times_as_long_as_the_longer": round(longer, 2),
    }  # fmt: skip
    ours = len(pages) / both
    return Figure(f"pipeline_overlap{PACES[pace]}", ours, ours * longer, "pages/s", GOAL, also)


def _over_longer(fetch: float, store: float, both: float) -> float:
    return both / max(fetch, store)


def _wait_for(provider: Provider, halves: Halves, pace: int) -> float:
    """Seconds to wait so that fetching takes ``pace`` times as long as storing."""
    provider.wait(0)
    pages = halves.fetch()
    store = halves.into_empty(lambda: halves.store(pages))
    return max(pace * store - timed(halves.fetch), 0.0) / halves.count
