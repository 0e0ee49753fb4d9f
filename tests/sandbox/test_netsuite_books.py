"""The books of the merchant: what SuiteQL serves is what the answer key says."""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from itertools import combinations
from typing import Any

import pytest

from ecomops.sandbox.world.calendar import Plan
from ecomops.sandbox.world.netsuite import chart
from ecomops.sandbox.world.netsuite.bookkeeper import Bookkeeper, DayBook
from ecomops.sandbox.world.netsuite.recipes import DECK
from ecomops.sandbox.world.netsuite.sources import payout_sources
from ecomops.sandbox.world.world import World
from tests.sandbox.conftest import UNTIL, Api
from tests.sandbox.netsuite import Account

Json = dict[str, Any]
LINES = (
    "SELECT l.uniquekey, t.id, t.type, t.trandate, t.posting, t.voided, t.externalid, t.memo head, "
    "l.memo, c.symbol currency, a.account, a.debit, a.credit, l.foreignamount, "
    "TO_CHAR(t.trandate, 'YYYY-MM-DD') booked, l.subsidiary "
    "FROM transaction t JOIN transactionline l ON l.transaction = t.id "
    "JOIN transactionaccountingline a ON a.transaction = t.id AND a.transactionline = l.id "
    "JOIN currency c ON c.id = t.currency WHERE l.uniquekey > ? ORDER BY l.uniquekey"
)


class Served:
    """All that an account serves, beside the answer key of the same instant."""

    def __init__(self, api: Api) -> None:
        self.account = Account(api)
        self.whole: Json = api.ask("GET", "/oracle.json").json()
        self.key: Json = self.whole["netsuite"]
        for id, payout in self.key["payouts"].items():
            payout["id"] = id
        self.lines = self.account.all_rows(LINES, "uniquekey")
        self.by_id: dict[str, list[Json]] = defaultdict(list)
        for line in self.lines:
            self.by_id[line["id"]].append(line)

    @property
    def tracked(self) -> list[Json]:
        """Lines of the transactions that touch a tracked account."""
        accounts = {id for ids in self.key["tracked_accounts"].values() for id in ids}
        return [
            line
            for lines in self.by_id.values()
            if any(it["account"] in accounts for it in lines)
            for line in lines
        ]

    def names_a_payout(self, id: str) -> bool:
        head = self.by_id[id][0]
        words = re.findall(r"\w+", head.get("head") or "")
        return "externalid" in head or not self.tokens.isdisjoint(words)

    @cached_property
    def tokens(self) -> set[str]:
        return {id.rsplit("/", 1)[-1] for id in self.key["payouts"]}

    def sets_adding_up_to(self, payout: Json) -> list[list[str]]:
        """Sets of deposits near a payout's bookings that name none and make its amount."""
        bank, wanted = str(chart.bank(payout["currency"])), Decimal(payout["amount"])
        arrival = self.arrivals[payout["id"]]
        near = [
            (id, Decimal(line["foreignamount"]))
            for id, lines in self.by_id.items()
            for line in lines
            if line["account"] == bank
            and line["posting"] == "T"
            and Decimal(line["foreignamount"]) > 0
            and -2 <= _date(line) - arrival <= 5
            and not self.names_a_payout(id)
        ]
        assert len(near) <= 20
        return [
            sorted(id for id, _ in some)
            for size in range(1, 7)
            for some in combinations(near, size)
            if sum(amount for _, amount in some) == wanted
        ]

    @cached_property
    def arrivals(self) -> dict[str, int]:
        """Payout id → the ordinal of the day on which its money arrives: two days later."""
        listed = [
            it for name in ("stripe", "shopify") for it in self.whole[name]["payouts"]["list"]
        ]
        days = {it["id"]: datetime.fromtimestamp(it["created"], UTC) for it in listed}
        return {
            it["id"]: days[it["id"]].toordinal() + 2 * (it.get("kind") != "instant")
            for it in listed
        }

    def in_bank(self, ids: list[str], currency: str) -> Decimal:
        """What transactions brought to the bank accounts of a currency, posted."""
        banks = {str(chart.bank(currency))}
        return sum(
            (
                Decimal(line["foreignamount"])
                for id in ids
                for line in self.by_id[id]
                if line["account"] in banks and line["posting"] == "T"
            ),
            Decimal(0),
        )


@pytest.fixture(scope="module", params=[0, -13, 6], ids=["now", "earlier", "later"])
def served(request: pytest.FixtureRequest) -> Served:
    api = Api(days=60, orders_per_day=12)
    api.set_clock(request.param)
    return Served(api)


def status(line: Json) -> str:
    if line["voided"] == "T":
        return "voided"
    return "posted" if line["posting"] == "T" else "open"


def sums(lines: list[Json], by: Any) -> dict[str, dict[str, tuple[int, Decimal]]]:
    found: dict[str, dict[str, tuple[int, Decimal]]] = defaultdict(dict)
    for line in lines:
        count, total = found[by(line)].get(line["currency"], (0, Decimal(0)))
        found[by(line)][line["currency"]] = (count + 1, total + Decimal(line["foreignamount"]))
    return dict(found)


def told(section: Json) -> dict[str, dict[str, tuple[int, Decimal]]]:
    return {
        key: {it: (sums["count"], Decimal(sums["amount"])) for it, sums in currencies.items()}
        for key, currencies in section.items()
    }


def test_served_lines_are_those_of_the_answer_key(served: Served) -> None:
    section, tracked = served.key["netsuite_transactions"], served.tracked
    assert section["count"] == len(tracked) > 500
    assert told(section["by_account"]) == sums(tracked, lambda it: it["account"])
    assert told(section["by_status"]) == sums(tracked, status)
    assert told(section["by_type"]) == sums(tracked, lambda it: it["type"])
    assert told({"": section["totals"]}) == sums(tracked, lambda it: "")
    assert served.key["transactions"]["lines"] == len(served.lines)


def test_amounts_of_the_books_are_those_of_the_answer_key(served: Served) -> None:
    bases = {str(it.id): it.currency for it in chart.SUBSIDIARIES}
    found: dict[str, Decimal] = defaultdict(Decimal)
    for line in served.tracked:
        found[bases[line["subsidiary"]]] += Decimal(line.get("debit", 0))
    section = served.key["netsuite_transactions"]["base_totals"]
    assert {it: Decimal(sums["debit"]) for it, sums in section.items()} == dict(found)


def test_transactions_are_counted(served: Served) -> None:
    section = served.key["transactions"]
    rows = served.account.rows("SELECT type, COUNT(*) n FROM transaction GROUP BY type")
    assert {row["type"]: int(row["n"]) for row in rows} == section["by_type"]
    heads = [lines[0] for lines in served.by_id.values()]
    assert Counter(map(status, heads)) == section["by_status"]
    [gone] = served.account.rows("SELECT COUNT(*) n FROM deletedrecord")
    assert int(gone["n"]) == section["deleted"] > 0


def test_lists_are_counted(served: Served) -> None:
    for table, section in served.key["lists"].items():
        if table != "accountingperiod":
            rows = served.account.rows(f"SELECT isinactive FROM {table}")
            inactive = sum(row["isinactive"] == "T" for row in rows)
            assert {"count": len(rows), "inactive": inactive} == section, table
    section = served.key["lists"]["accountingperiod"]
    rows = served.account.rows("SELECT closed, alllocked FROM accountingperiod")
    assert section["count"] == len(rows)
    assert section["closed"] == sum(row["closed"] == "T" for row in rows)
    assert section["locked"] == sum(row["alllocked"] == "T" for row in rows)


def test_one_month_is_locked_earlier_ones_closed_later_ones_open(served: Served) -> None:
    rows = served.account.rows(
        "SELECT closed, alllocked FROM accountingperiod WHERE isquarter = 'F' AND isyear = 'F' "
        "AND isadjust = 'F' ORDER BY startdate"
    )
    states = re.sub(r"(.)\1+", r"\1", "".join("c" if it["closed"] == "T" else
                    "l" if it["alllocked"] == "T" else "o" for it in rows))  # fmt: skip
    assert states == "clo"
    assert sum(it["closed"] == "F" and it["alllocked"] == "T" for it in rows) == 1


def test_every_transaction_balances(served: Served) -> None:
    for id, lines in served.by_id.items():
        assert sum(Decimal(it["foreignamount"]) for it in lines) == 0, id
        worth = sum(Decimal(it.get("debit", 0)) - Decimal(it.get("credit", 0)) for it in lines)
        assert worth == 0, id


# the truth of payouts


def test_every_payout_of_both_processors_has_its_truth(served: Served) -> None:
    listed = [
        payout["id"]
        for source in ("stripe", "shopify")
        for payout in served.whole[source]["payouts"]["list"]
    ]
    assert sorted(listed) == sorted(served.key["payouts"])
    assert len(listed) > 200
    reasons = Counter(it["reason"] for it in served.key["payouts"].values())
    assert reasons == served.key["payouts_by_reason"]


def test_what_is_booked_differs_from_what_was_paid_as_it_is_said(served: Served) -> None:
    """Recomputed from served rows; what several payouts share is taken together."""
    shared: dict[tuple[str, ...], list[Json]] = defaultdict(list)
    for payout in served.key["payouts"].values():
        if payout["match"]:
            shared[tuple(payout["match"])].append(payout)
    for ids, payouts in shared.items():
        currency, reasons = payouts[0]["currency"], {it["reason"] for it in payouts}
        due = sum(Decimal(it["amount"]) for it in payouts if not is_undone(it["reason"]))
        difference = sum(Decimal(it["difference"]) for it in payouts)
        assert served.in_bank(list(ids), currency) - due == difference, (ids, reasons)


def is_undone(reason: str) -> bool:
    """Whether no money came in the end."""
    return reason.startswith(("failed_", "canceled"))


def test_what_is_not_matched_is_missing_in_full(served: Served) -> None:
    for payout in served.key["payouts"].values():
        if payout["reason"] in ("missing", "not_yet_booked", "voided"):
            assert payout["match"] == []
            assert Decimal(payout["difference"]) == -Decimal(payout["amount"])


def test_reasons_show_in_the_books(served: Served) -> None:
    """Each by what distinguishes it, read from served rows."""
    for id, payout in served.key["payouts"].items():
        token, heads = id.rsplit("/", 1)[-1], [served.by_id[it][0] for it in payout["match"]]
        keyed = [it.get("externalid") == f"PAYOUT_{token}" for it in heads]
        named = [bool(re.search(rf"\b{token}\b", it.get("head") or "")) for it in heads]
        match payout["reason"]:
            case "matched" | "late" | "wrong_period" | "unapproved" | "wrong_currency":
                assert keyed == [True]
            case "matched_by_memo":
                assert (keyed, named) == ([False], [True])
            case "matched_by_amount":
                assert (keyed, named) == ([False], [False])
            case "duplicate":
                assert (keyed, named) == ([True, False], [False, True])
            case "split":
                assert len(heads) in (2, 3)
            case "wrong_amount" | "gross_booked":
                assert any(keyed + named)
                assert Decimal(payout["difference"]) != 0


def test_ambiguous_payouts_have_several_true_looking_sets(served: Served) -> None:
    found = [it for it in served.key["payouts"].values() if it["reason"] == "ambiguous"]
    for payout in found:
        first, *others = (served.in_bank(ids, payout["currency"]) for ids in payout["candidates"])
        assert payout["match"] == []
        assert others
        assert {first, *others} == {Decimal(payout["amount"])}


def test_combined_deposits_hold_several_payouts(served: Served) -> None:
    combined = Counter(
        payout["match"][0]
        for payout in served.key["payouts"].values()
        if payout["reason"] == "combined"
    )
    assert combined
    assert set(combined.values()) <= {2, 3}


def test_bookings_without_an_id_are_not_ambiguous_by_accident(served: Served) -> None:
    """A payout that only its amount tells is told by it: no other deposit in the window fits."""
    mute = {
        id: lines
        for id, lines in served.by_id.items()
        if lines[0]["type"] == "Deposit" and "externalid" not in lines[0]
    }
    for payout in served.key["payouts"].values():
        if payout["reason"] == "matched_by_amount":
            [right] = payout["match"]
            booked = served.by_id[right][0]
            fits = [
                id
                for id, lines in mute.items()
                if lines[0]["account"] == booked["account"]
                and lines[0]["foreignamount"] == booked["foreignamount"]
                and abs(_date(lines[0]) - _date(booked)) <= 5
            ]
            assert fits == [right]


UNTOLD = {"split", "matched_by_amount", "ambiguous", "missing", "not_yet_booked", "voided"}


def test_no_other_deposits_add_up_to_a_payout_by_accident(served: Served) -> None:
    """Sums of up to six deposits without an id, in the window in which one would look."""
    checked: Counter[str] = Counter()
    for payout in served.key["payouts"].values():
        if payout["reason"] in UNTOLD and Decimal(payout["amount"]) > 0:
            expected = payout.get("candidates") or [payout["match"]] * bool(payout["match"])
            if not any(served.names_a_payout(id) for ids in expected for id in ids):
                found = served.sets_adding_up_to(payout)
                assert sorted(found) == sorted(map(sorted, expected)), payout
                checked[payout["reason"]] += 1
    assert checked["matched_by_amount"] > 3
    assert checked["missing"] > 3


def _date(line: Json) -> int:
    return datetime.strptime(line["booked"], "%Y-%m-%d").replace(tzinfo=UTC).toordinal()


# the world itself


def books_of(**plan: Any) -> list[DayBook]:
    world = World(Plan(until=UNTIL, **plan))
    sources = payout_sources(world.ledger, world.shop, lambda ref: f"po_{ref.day}_{ref.item}")
    bookkeeper = Bookkeeper(world.ledger.calendar, sources)
    return [bookkeeper.book(day) for day in range(world.plan.days)]


def test_the_same_plan_makes_the_same_books_in_any_order() -> None:
    plan = {"days": 20, "orders_per_day": 8}
    assert [book.events for book in books_of(**plan)] == [book.events for book in books_of(**plan)]
    world = World(Plan(until=UNTIL, days=20, orders_per_day=8))
    sources = payout_sources(world.ledger, world.shop, lambda ref: f"po_{ref.day}_{ref.item}")
    late = Bookkeeper(world.ledger.calendar, sources).book(15)
    assert late.events == books_of(**plan)[15].events


def test_another_seed_makes_other_books() -> None:
    one, other = (books_of(days=20, orders_per_day=8, seed=seed) for seed in (1, 2))
    assert one[10].events != other[10].events


def test_no_two_transactions_share_an_id() -> None:
    made = Counter(
        event.id
        for book in books_of(days=60, orders_per_day=40)
        for event in book.events
        if event.transaction and event.transaction.created == event.transaction.modified
    )
    assert max(made.values()) == 1


def test_a_deck_is_a_hundred_and_the_default_world_has_every_case() -> None:
    assert len(DECK) == 100
    books = books_of()
    reasons = {stage.reason for book in books for case in book.cases for stage in case.stages}
    assert reasons == {
        "matched", "matched_by_memo", "matched_by_amount", "duplicate", "gross_booked",
        "wrong_amount", "missing", "split", "combined", "ambiguous", "late", "wrong_period",
        "wrong_currency", "wrong_subsidiary", "unapproved", "voided", "reversed", "not_due",
        "not_yet_booked", "failed_reversed", "failed_not_reversed", "failed_not_booked",
        "canceled", "canceled_booked",
    }  # fmt: skip


@pytest.mark.slow
def test_a_hundred_thousand_lines_are_quick() -> None:
    api = Api(scale=100_000)
    account = Account(api)
    start = time.monotonic()
    first = account.rows("SELECT COUNT(*) n FROM transaction")
    filled = time.monotonic()
    rows = account.all_rows("SELECT id, memo FROM transaction WHERE id > ? ORDER BY id", "id")
    assert len(rows) == int(first[0]["n"]) > 4_000
    assert filled - start < 60
    assert time.monotonic() - filled < 10
