"""The whole account through the connector, over HTTP, against the sandbox's answer key."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from ecomops.connectors.base import Page, Window
from ecomops.connectors.http import Limits
from ecomops.connectors.netsuite import NetsuiteConnector
from ecomops.connectors.pipeline import prefetch
from ecomops.connectors.records import NetsuiteLineRecord, StoredRecord
from ecomops.core.money import to_decimal
from tests.ports import own_port

pytestmark = pytest.mark.slow  # a whole account, several times over

ROOT = Path(__file__).parents[2]
HASTY = Limits(read=5, first_backoff=0.01, longest_backoff=0.02)
TABLES = {
    "accounts": "account", "subsidiaries": "subsidiary", "departments": "department",
    "classes": "classification", "locations": "location", "currencies": "currency",
    "periods": "accountingperiod",
}  # fmt: skip
SIGNED = ("account_id", "consumer_key", "consumer_secret", "token_id", "token_secret")
CERTIFIED = ("account_id", "client_id", "certificate_id", "private_key")

Json = dict[str, Any]
Open = Callable[..., NetsuiteConnector]


@dataclass
class Copy:
    """What syncs would have stored."""

    records: dict[str, dict[str, StoredRecord]] = field(default_factory=lambda: defaultdict(dict))
    cursors: dict[str, Any] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def take(self, page: Page) -> None:
        assert len(page.records) + len(page.rejects) + page.ignored == page.received
        kept = self.records[page.stream]
        told = {record.source_id: record for record in page.records}
        self.counts["new"] += sum(kept.get(key) != record for key, record in told.items())
        gone = [it for it in kept if it.rpartition(":")[0] in page.whole and it not in told]
        for key in gone:
            del kept[key]
        kept.update(told)
        self.counts.update(received=page.received, rejected=len(page.rejects), gone=len(gone))
        self.cursors[page.stream] = json.loads(json.dumps(page.cursor))

    def sync(self, connector: NetsuiteConnector) -> None:
        for stream in connector.streams():
            for page in prefetch(connector.pages(stream.name, self.cursors.get(stream.name))):
                self.take(page)

    def lines(self) -> list[NetsuiteLineRecord]:
        found = self.records["transactions"].values()
        return [it for it in found if isinstance(it, NetsuiteLineRecord)]


@pytest.fixture(scope="module")
def running() -> Iterator[str]:
    port = own_port()
    command = [sys.executable, "-m", "ecomops.sandbox", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--days", "60", "--orders-per-day", "60", "--until", "2026-11-01"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    base = f"http://127.0.0.1:{port}"
    try:
        _wait_for(base + "/healthz", process)
        yield base
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, "the sandbox ended"
        try:
            httpx.get(url).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the sandbox does not answer")


@pytest.fixture
def sandbox(running: str) -> str:
    """The sandbox with its clock at the end of its history and nothing wrong with it."""
    for path in ("/faults", "/clock"):
        httpx.put(running + path, json=_USUAL[path]).raise_for_status()
    return running


_USUAL: dict[str, Json] = {"/faults": {}, "/clock": {"offset_days": 0, "offset_seconds": 0}}


@pytest.fixture
def account(sandbox: str) -> Iterator[Open]:
    """Opens the sandbox's account, by the followed accounts of its answer key."""
    opened: list[NetsuiteConnector] = []

    def open_with(names: Iterable[str] = SIGNED, **more: Any) -> NetsuiteConnector:
        told = httpx.get(sandbox + "/credentials.json").json()["netsuite"]
        label = told["account_id"].lower().replace("_", "-")
        more.setdefault("accounts", followed(sandbox))
        connector = NetsuiteConnector(
            {name: SecretStr(told[name]) for name in names},
            base=f"{sandbox}/netsuite/{label}", limits=HASTY, **more,
        )  # fmt: skip
        opened.append(connector)
        return connector

    yield open_with
    for connector in opened:
        connector.close()


def answer_key(sandbox: str) -> Any:
    return httpx.get(sandbox + "/oracle.json", timeout=60).json()["netsuite"]


def followed(sandbox: str) -> list[str]:
    kinds = answer_key(sandbox)["tracked_accounts"]
    return [account for accounts in kinds.values() for account in accounts]


def set_clock(sandbox: str, days: int) -> None:
    httpx.put(sandbox + "/clock", json={"offset_days": days}).raise_for_status()


def in_books(line: NetsuiteLineRecord) -> tuple[str, Decimal]:
    """In the currency of the subsidiary, as it is kept."""
    return line.currency, to_decimal(line.amount)


def in_own(line: NetsuiteLineRecord) -> tuple[str, Decimal]:
    """In the currency of the transaction, as its row says."""
    row = json.loads(line.raw)
    return row["foreigncurrency"], Decimal(row["foreignamount"])


def by(
    key: Callable[[NetsuiteLineRecord], str],
    lines: Iterable[NetsuiteLineRecord],
    money: Callable[[NetsuiteLineRecord], tuple[str, Decimal]] = in_own,
) -> Json:
    """As the answer key tells it: {key: {currency: {"count", "debit", "credit", "amount"}}}."""
    told: Json = defaultdict(dict)
    for line in lines:
        currency, amount = money(line)
        none = {"count": 0, "debit": Decimal(0), "credit": Decimal(0), "amount": Decimal(0)}
        row = told[key(line)].setdefault(currency, none)
        row["count"] += 1
        row["debit" if amount > 0 else "credit"] += abs(amount)
        row["amount"] += amount
    return told


def exact(told: Any) -> Any:
    """The answer key with its decimal texts as numbers."""
    if isinstance(told, dict):
        return {name: exact(value) for name, value in told.items() if value != {}}
    return Decimal(told) if isinstance(told, str) else told


def assert_equal_to_the_key(copy: Copy, key: Any) -> None:
    told, lines = key["netsuite_transactions"], copy.lines()
    assert len(lines) == told["count"]
    assert len({line.internal_id for line in lines}) == told["transactions"]
    assert by(lambda it: it.status, lines) == exact(told["by_status"])
    assert by(lambda it: it.account_id, lines) == exact(told["by_account"])
    assert by(lambda it: it.record_type, lines) == exact(told["by_type"])
    assert by(lambda it: "all", lines, in_books) == {"all": exact(told["base_totals"])}
    for line in lines:
        assert line.amount == (line.debit or 0) - (line.credit or 0)


def test_a_first_sync_equals_the_answer_key(sandbox: str, account: Open) -> None:
    key, copy = answer_key(sandbox), Copy()
    copy.sync(account())
    assert copy.counts["rejected"] == 0
    assert_equal_to_the_key(copy, key)
    statuses = {line.status for line in copy.lines()}
    assert statuses == {"open", "posted", "voided"}, "or the test proves nothing"
    for stream, table in TABLES.items():
        wanted, found = key["lists"][table], copy.records[stream].values()
        assert len(found) == wanted["count"], stream
        if "inactive" in wanted:
            assert sum(getattr(it, "inactive", False) for it in found) == wanted["inactive"], stream


def test_every_transaction_balances(account: Open) -> None:
    copy, totals = Copy(), Counter[str]()
    copy.sync(account())
    for line in copy.lines():
        totals[line.internal_id] += line.amount
    assert set(totals.values()) == {0}


def test_a_second_sync_brings_nothing_that_is_new(account: Open) -> None:
    copy = Copy()
    copy.sync(account())
    cursors, received = dict(copy.cursors), copy.counts["received"]
    copy.counts.clear()
    copy.sync(account())
    assert copy.cursors == cursors
    assert (copy.counts["new"], copy.counts["gone"]) == (0, 0)
    assert copy.counts["received"] < received - len(copy.lines()) / 2


def test_later_syncs_follow_what_was_changed_voided_and_deleted(
    sandbox: str, account: Open
) -> None:
    copy = Copy()
    copy.sync(account())
    for day in (1, 4, 9, 20):
        set_clock(sandbox, day)
        copy.sync(account())
        assert_equal_to_the_key(copy, answer_key(sandbox))
    assert copy.counts["gone"] > 0, "nothing was deleted: the test proves nothing"


def test_a_sync_on_a_bad_day_equals_the_answer_key(sandbox: str, account: Open) -> None:
    kinds = ("rate_limited", "server_error", "truncated", "html", "disconnected")
    plan = {"seed": 5, "rates": dict.fromkeys(kinds, 0.04)}
    httpx.put(sandbox + "/faults", json=plan).raise_for_status()
    copy = Copy()
    for _ in range(3):
        copy.cursors.clear()
        copy.sync(account())
    injected = httpx.get(sandbox + "/faults").json()["injected"]
    assert sum(injected.values()) > 4
    assert_equal_to_the_key(copy, answer_key(sandbox))


def test_a_walk_broken_off_at_every_page_still_reads_everything(
    sandbox: str, account: Open
) -> None:
    copy, connector = Copy(), account()
    for stream in connector.streams():
        last = False
        while not last:
            page = next(iter(connector.pages(stream.name, copy.cursors.get(stream.name))))
            copy.take(page)
            last = page.last
    assert_equal_to_the_key(copy, answer_key(sandbox))


def test_a_window_has_all_that_was_created_in_it(account: Open) -> None:
    copy, connector = Copy(), account()
    copy.sync(connector)
    window = Window(datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 15, 12, tzinfo=UTC))
    found = [it for page in connector.pages("transactions", None, window) for it in page.records]
    told = {it.source_id: it for it in found if isinstance(it, NetsuiteLineRecord)}
    for line in copy.lines():
        created = window.start <= line.source_created_at < window.end
        dated = window.start.date() <= line.tran_date <= window.end.date()
        assert (line.source_id in told) == (created or dated)
        assert told.get(line.source_id, line) == line
    assert 0 < len(told) < len(copy.lines())
    assert connector.size(window) == {"Transactions": len({it.internal_id for it in told.values()})}


def test_both_ways_in_tell_the_same(sandbox: str, account: Open) -> None:
    copies = [Copy(), Copy()]
    for names, copy in zip((SIGNED, CERTIFIED), copies, strict=True):
        copy.sync(account(names))
    assert copies[0].records == copies[1].records


def test_refresh_and_walk_tell_the_same(account: Open) -> None:
    copy, connector = Copy(), account()
    copy.sync(connector)
    for stream, kept in copy.records.items():
        wanted = list(kept)[:250]
        refreshed = [it for page in connector.refresh(stream, wanted) for it in page.records]
        assert refreshed == [kept[name] for name in wanted], stream


def test_without_a_choice_all_that_touches_cash_or_clearing_is_there(account: Open) -> None:
    chosen, usual = Copy(), Copy()
    chosen.sync(account())
    usual.sync(account(accounts=()))
    cash = {it.account_id for it in usual.lines()}
    assert {"10", "200"} <= cash
    assert len(usual.lines()) > 0.9 * len(chosen.lines())


def test_check_says_whose_account_it_is_and_that_all_can_be_seen(account: Open) -> None:
    found = account().check()
    assert found.detail["missing_permissions"] == {}
    assert (found.detail["base_currency"], found.detail["subsidiaries"]) == ("USD", 5)
    assert abs(found.detail["clock_skew_seconds"]) <= 2
