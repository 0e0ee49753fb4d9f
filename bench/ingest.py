"""ingest_first, ingest_unchanged: records in memory through the sync path, and by hand."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.figures import Figure
from bench.ingest_by_hand import ByHand
from bench.place import Place, Workspace, connect_stripe, make_workspace
from bench.rounds import timed
from bench.stripe_records import account, pages
from ecomops import runtime
from ecomops.connectors.base import Page
from ecomops.connectors.records import Record
from ecomops.domains.sync.schemas import StorePage, Target
from ecomops.domains.sync.store import refresh_statistics, store_page
from ecomops.operations.sync_connection import ANALYZE_FROM

TABLES = ("payments", "payouts", "payout_lines", "fees")
EMPTY = "TRUNCATE " + ", ".join(TABLES) + " CASCADE"
ANALYZE = "ANALYZE " + ", ".join(TABLES)
PAGE_SIZES = {"": 1000, "_pages_of_100": 100}
GOALS = {"first": 0.8, "unchanged": 0.7}

_VERSIONS = "SELECT sum(hashtextextended(xmin::text || ctid::text, 0)) FROM {}"
_NOT_SAID = "id,ingested_at,content_hash,payout_id,payment_id,payout_line_id"
_CONTENTS = (
    "SELECT count(*), count(to_jsonb(t) - '{{" + _NOT_SAID + "}}'::text[]),"
    " sum(hashtextextended((to_jsonb(t) - '{{" + _NOT_SAID + "}}'::text[])::text, 0)),"
    " count(to_jsonb(t) ->> 'payout_id'), count(to_jsonb(t) ->> 'payment_id'),"
    " count(to_jsonb(t) ->> 'payout_line_id') FROM {} t"
)


@dataclass(frozen=True, slots=True)
class Account:
    """A workspace's provider account: what is to be stored, for whom."""

    place: Place
    workspace: Workspace
    target: Target
    records: list[list[Record]]

    def walk(self, store: Callable[[Page], object], size: int, *, grows: bool) -> None:
        """``store`` everything in pages of ``size``; statistics follow as in a sync."""
        for table, some in zip(TABLES, self.records, strict=False):
            stored, known = 0, ANALYZE_FROM
            for page in pages(some, size):
                store(page)
                stored += page.received
                if grows and stored >= known:
                    runtime.run(self.workspace.ctx, refresh_statistics, table)
                    known = 2 * stored

    def store(self, page: Page) -> None:
        runtime.run(self.workspace.ctx, store_page, StorePage(self.target, page))

    def look(self, query: str) -> tuple[object, ...]:
        """What ``query`` finds in each of the tables."""
        return tuple(self.place.ask(query.format(table)) for table in TABLES)


class Meter:
    """Times both ways, and sees to it that they do the same."""

    def __init__(self, account: Account, size: int) -> None:
        self._account, self._size = account, size
        self._spent: dict[tuple[str, str], list[float]] = defaultdict(list)
        self._contents: set[object] = set()
        self.rewritten = False

    def round(self, who: str, first: Callable[[Page], None], again: Callable[[Page], None]) -> None:
        """Store everything into empty tables, and then once more."""
        account = self._account
        account.place.administer(EMPTY, "CHECKPOINT")
        self._time(who, "first", lambda: account.walk(first, self._size, grows=True))
        account.place.administer(ANALYZE)
        before = account.look(_VERSIONS)
        self._time(who, "unchanged", lambda: account.walk(again, self._size, grows=False))
        self.rewritten |= before != account.look(_VERSIONS)
        self._contents.add(account.look(_CONTENTS))
        assert len(self._contents) == 1, "both ways store the same rows"

    def _time(self, who: str, kind: str, work: Callable[[], None]) -> None:
        self._spent[who, kind].append(timed(work))

    def figure(self, suffix: str, kind: str) -> Figure:
        rows = self._rows(kind)
        rewritten = kind == "unchanged" and self.rewritten
        return Figure(
            f"ingest_{kind}{suffix}",
            rows / median(self._spent["ours", kind]),
            rows / median(self._spent["by hand", kind]),
            "rows/s",
            GOALS[kind],
            {"rows": rows, "page_size": self._size},
            ("rows were rewritten",) if rewritten else (),
        )

    def _rows(self, kind: str) -> int:
        """What is written the first time, fees too; what is looked at again has no fees."""
        fees = self._account.place.ask("SELECT count(*) FROM fees")
        return sum(map(len, self._account.records)) + (int(str(fees)) if kind == "first" else 0)


def measure(place: Place, orders: int, rounds: int) -> list[Figure]:
    """Both figures, for pages of a thousand and for pages of a hundred as Stripe sends them."""
    workspace = make_workspace("ingest")
    target = connect_stripe(workspace)
    subject = Account(place, workspace, target, account(orders))
    hand = ByHand(place.app_url, workspace.tenant_id, target.connection_id)
    try:
        return [
            figure
            for suffix, size in PAGE_SIZES.items()
            for figure in _measure(subject, hand, size, suffix, rounds)
        ]
    finally:
        hand.close()


def _measure(
    subject: Account, hand: ByHand, size: int, suffix: str, rounds: int
) -> Sequence[Figure]:
    meter = Meter(subject, size)
    for number in range(rounds):
        turns = [
            lambda: meter.round("ours", subject.store, subject.store),
            lambda: meter.round("by hand", hand.store, hand.store_changed),
        ]
        for turn in turns if number % 2 == 0 else reversed(turns):
            turn()
    return [meter.figure(suffix, kind) for kind in GOALS]
