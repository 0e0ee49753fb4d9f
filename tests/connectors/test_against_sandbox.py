"""The whole account through the connector, over HTTP, against the sandbox's answer key."""

import json
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from ecomops.connectors.base import Page
from ecomops.connectors.http import Limits
from ecomops.connectors.pipeline import prefetch
from ecomops.connectors.records import PayoutLineRecord, PayoutRecord, StoredRecord
from ecomops.connectors.stripe import StripeConnector
from ecomops.core.money import to_decimal
from ecomops.kit.errors import ProviderTransientError
from tests.ports import own_port

pytestmark = pytest.mark.slow  # a whole account, several times over

ROOT = Path(__file__).parents[2]
HASTY = Limits(read=5, first_backoff=0.01, longest_backoff=0.02)

Json = dict[str, Any]


@dataclass
class Copy:
    """What a sync would have stored."""

    records: dict[str, dict[str, StoredRecord]] = field(default_factory=lambda: defaultdict(dict))
    counts: Counter[str] = field(default_factory=Counter)

    def take(self, page: Page) -> None:
        assert len(page.records) + len(page.rejects) + page.ignored == page.received
        self.records[page.stream].update({record.source_id: record for record in page.records})
        self.counts.update(received=page.received, rejected=len(page.rejects), ignored=page.ignored)

    def of(self, stream: str) -> Iterable[Any]:
        return self.records[stream].values()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    port = own_port()
    command = [sys.executable, "-m", "ecomops.sandbox", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--days", "45", "--orders-per-day", "30", "--until", "2026-11-01"],
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


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
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
def connector(sandbox: str) -> Iterator[StripeConnector]:
    key = httpx.get(sandbox + "/credentials.json").json()["stripe"]["api_key"]
    opened = StripeConnector(SecretStr(key), base=sandbox + "/stripe", limits=HASTY)
    yield opened
    opened.close()


@pytest.fixture
def faults(sandbox: str) -> Iterator[Callable[[Json], None]]:
    def put(plan: Json) -> None:
        httpx.put(sandbox + "/faults", json=plan).raise_for_status()

    yield put
    put({})


def answer_key(sandbox: str) -> Any:
    return httpx.get(sandbox + "/oracle.json", timeout=60).json()["stripe"]


def copy_of(connector: StripeConnector) -> Copy:
    copy = Copy()
    for stream in connector.streams():
        for page in prefetch(connector.pages(stream.name, None)):
            copy.take(page)
    return copy


def settle(connector: StripeConnector, copy: Copy) -> dict[str, list[PayoutLineRecord]]:
    """The lines of each payout whose list is complete, taken into the copy as well."""
    complete = [payout.source_id for payout in copy.of("payouts") if payout.contents_complete]
    lines: dict[str, list[PayoutLineRecord]] = {payout_id: [] for payout_id in complete}
    for payout_id, page in connector.contents(complete):
        copy.take(page)
        lines[payout_id] += [row for row in page.records if isinstance(row, PayoutLineRecord)]
    return lines


def by(key: str, records: Iterable[Any], *measures: str) -> Json:
    """As the answer key tells it: {key: {currency: {"count", measures}}}."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * (1 + len(measures)))
    for record in records:
        row = sums[getattr(record, key), record.currency]
        for place, amount in enumerate((1, *(getattr(record, name) for name in measures))):
            row[place] += amount
    told: Json = defaultdict(dict)
    for (name, currency), (count, *amounts) in sums.items():
        shown = zip(measures, map(to_decimal, amounts), strict=True)
        told[name][currency] = {"count": count, **dict(shown)}
    return told


def exact(told: Any) -> Any:
    """The answer key with its decimal texts as numbers."""
    if isinstance(told, dict):
        return {name: exact(value) for name, value in told.items()}
    return Decimal(told) if isinstance(told, str) else told


def assert_equal_to_the_key(copy: Copy, key: Any) -> None:
    for stream, table in (
        ("charges", "payments"),
        ("refunds", "refunds"),
        ("disputes", "disputes"),
        ("payouts", "payouts"),
    ):
        assert by("status", copy.of(stream), "amount") == exact(key[table]["by_status"]), table
    lines = list(copy.of("balance_transactions"))
    sums = ("gross", "fee", "net")
    wanted = key["payout_lines"]
    assert by("status", lines, *sums) == exact(wanted["by_status"])
    assert by("reporting_category", lines, *sums) == exact(wanted["by_reporting_category"])
    fees = [fee for line in lines for fee in line.fees]
    assert by("kind", fees, "amount") == exact(key["fees"]["by_kind"])


def test_a_first_sync_equals_the_answer_key(sandbox: str, connector: StripeConnector) -> None:
    key = answer_key(sandbox)
    copy = copy_of(connector)
    assert copy.counts["rejected"] == 0
    assert copy.counts["ignored"] == key["payout_rows"]["count"] + key["ignored"]["count"]
    assert copy.counts["received"] == key["balance_transactions"] + sum(
        key[table]["count"] for table in ("payments", "refunds", "disputes", "payouts")
    )
    settle(connector, copy)
    assert_equal_to_the_key(copy, key)


def test_the_lines_of_each_payout_add_up_to_it(sandbox: str, connector: StripeConnector) -> None:
    copy = copy_of(connector)
    lines = settle(connector, copy)
    told = {row["id"]: row for row in answer_key(sandbox)["payouts"]["list"]}
    payouts = {payout.source_id: payout for payout in copy.of("payouts")}
    assert told.keys() == payouts.keys()
    assert {row["id"] for row in told.values() if "line_count" in row} == lines.keys()
    for payout_id, found in lines.items():
        payout = payouts[payout_id]
        assert isinstance(payout, PayoutRecord)
        assert sum(line.net for line in found) == payout.amount
        assert len(found) == told[payout_id]["line_count"]
        assert to_decimal(sum(line.fee for line in found)) == Decimal(told[payout_id]["fee"])


def test_a_sync_on_a_bad_day_equals_the_answer_key(
    sandbox: str, connector: StripeConnector, faults: Callable[[Json], None]
) -> None:
    kinds = ("rate_limited", "server_error", "truncated", "html", "disconnected")
    faults({"seed": 5, "rates": dict.fromkeys(kinds, 0.04)})
    copy = copy_of(connector)
    settle(connector, copy)
    injected = httpx.get(sandbox + "/faults").json()["injected"]
    assert sum(injected.values()) > 5
    assert_equal_to_the_key(copy, answer_key(sandbox))


def test_a_walk_broken_off_at_every_page_still_reads_everything(
    sandbox: str, connector: StripeConnector
) -> None:
    copy = Copy()
    for stream in connector.streams():
        cursor, last = None, False
        while not last:
            page = next(connector.pages(stream.name, cursor))
            copy.take(page)
            cursor, last = json.loads(json.dumps(page.cursor)), page.last
    settle(connector, copy)
    assert_equal_to_the_key(copy, answer_key(sandbox))


def test_a_second_sync_reads_next_to_nothing(connector: StripeConnector) -> None:
    for stream in connector.streams():
        mark = list(connector.pages(stream.name, None))[-1].cursor
        again = list(connector.pages(stream.name, mark))
        assert again[-1].cursor == mark
        assert sum(page.received for page in again) <= 20


def test_refresh_and_list_tell_the_same(connector: StripeConnector) -> None:
    for stream in connector.streams():
        page = next(connector.pages(stream.name, None))
        wanted = page.records[:5]
        (refreshed,) = connector.refresh(stream.name, [record.source_id for record in wanted])
        assert refreshed.records == wanted


def test_an_outage_that_lasts_is_a_transient_error(
    connector: StripeConnector, faults: Callable[[Json], None]
) -> None:
    faults({"rates": {"server_error": 1.0}})
    with pytest.raises(ProviderTransientError):
        next(connector.pages("charges", None))


def test_check_names_the_account(connector: StripeConnector) -> None:
    account = connector.check()
    assert account.account_id.startswith("acct_")
    assert account.detail["livemode"] is False
