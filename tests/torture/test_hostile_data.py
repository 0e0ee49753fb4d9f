"""T25: whatever a provider sends is stored exactly, rejected with a reason, or stops the run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import Engine, text

from ecomops import runtime
from ecomops.connectors.base import Page
from ecomops.connectors.exact_json import sanitised
from ecomops.connectors.http import Answer
from ecomops.connectors.stripe import client
from ecomops.connectors.stripe.objects import KINDS, Batch, read_batch
from ecomops.domains.jobs.schemas import Lease
from ecomops.domains.sync.schemas import StorePage, Target
from ecomops.domains.sync.store import store_page
from ecomops.kit.errors import ProviderContractError, ProviderTransientError
from tests.conftest import Workspace
from tests.connectors.named_answers import named_answers
from tests.connectors.named_records import SAMPLES, named_records
from tests.connectors.said import money_kept, money_said
from tests.connectors.test_bad_records import batch_of
from tests.integration import conftest as shared
from tests.integration.provider import Sandbox, Stored
from tests.integration.test_jobs import claimed, waiting
from tests.torture.hostile_pages import Hostile, Json, Pages
from tests.torture.report import SEED, Figures, reported, times

sandbox, sandbox_server = shared.sandbox, shared.sandbox_server

pytestmark = pytest.mark.slow

TYPE = httpx.Headers({"content-type": "application/json", "stripe-version": client.API_VERSION})
MONEY_COLUMNS = {
    "payments": "amount", "refunds": "amount", "disputes": "amount, fee, fee_currency",
    "payouts": "amount", "payout_lines": "gross, fee, net",
}  # fmt: skip


def test_the_named_ones_come_to_what_is_written_beside_them() -> None:
    with reported("T25 named") as figures:
        for case in named_records():
            batch = batch_of(case.stream, case.data)
            money = tuple(money_kept(record)[:2] for record in batch.records.values())
            reasons = tuple(one.reason_code for one in batch.rejects)
            count(
                figures, (reasons, money, batch.ignored) == (case.reasons, case.money, case.ignored)
            )
            assert figures.failed == 0, case.name
        for answers in named_answers():
            count(figures, answers.outcome() == answers.expected)
            assert figures.failed == 0, answers.name
        assert figures.count >= 120


def count(figures: Figures, right: bool) -> None:
    figures.count += 1
    figures.failed += not right


@dataclass
class Tally:
    """What became of the elements; the suite would prove little if any of it were nothing."""

    stored: int = 0
    rejected: int = 0
    ignored: int = 0
    stopped: dict[str, int] = field(default_factory=dict)
    reasons: set[str] = field(default_factory=set)

    def add(self, batch: Batch) -> None:
        self.stored += len(batch.records)
        self.rejected += len(batch.rejects)
        self.ignored += batch.ignored
        self.reasons |= {reject.reason_code for reject in batch.rejects}

    def stop(self, error: Exception) -> None:
        name = type(error).__name__
        self.stopped[name] = self.stopped.get(name, 0) + 1


def read(page: Hostile, tally: Tally) -> Batch | None:
    """What the connector makes of it; None if it stops the run. Raises what must never be."""
    try:
        found = client._decoded(Answer(200, TYPE, page.body), client._read_page)
    except (ProviderTransientError, ProviderContractError) as error:
        tally.stop(error)
        return None
    batch = read_batch(KINDS[page.stream], found.elements)
    assert batch.received == len(found.elements)
    tally.add(batch)
    return batch


def wrong_with(page: Hostile, batch: Batch) -> str | None:
    """What is lost, made up, or other money than the exact JSON says."""
    if len(batch.records) + len(batch.rejects) + batch.ignored != batch.received:
        return "in is not out"
    whole = sanitised(page.body.decode())
    for source_id, record in batch.records.items():
        told = json.loads(record.raw)
        if (told["id"], told["created"]) != (source_id, record.source_created_at.timestamp()):
            return f"another record: {record.raw}"
        if money_kept(record) != money_said(page.stream, record.raw):
            return f"wrong money: {record.raw}"
        if "\n" not in whole and record.raw not in whole:
            return f"not what was sent: {record.raw}"
    for reject in batch.rejects:
        json.loads(reject.payload, parse_constant=pytest.fail)
        if not (reject.reason_code and reject.message.isprintable()):
            return f"a reject without a reason: {reject}"
    return None


def real_samples(sandbox: Sandbox) -> dict[str, list[Json]]:
    """What the sandbox sends, beside the documented samples."""
    key = sandbox.api_key.get_secret_value()
    headers = {"Authorization": f"Bearer {key}", "Stripe-Version": client.API_VERSION}
    samples = {stream: [dict(sample)] for stream, sample in SAMPLES.items()}
    for stream, found in samples.items():
        address = f"{sandbox.base}/stripe/v1/{stream}"
        answer = httpx.get(address, params={"limit": 100}, headers=headers, timeout=30)
        found += answer.raise_for_status().json()["data"]
    return samples


def test_whatever_is_generated_is_kept_exactly_or_refused(sandbox: Sandbox) -> None:
    tally = Tally()
    with reported("T25 generated") as figures:
        pages = Pages(SEED, real_samples(sandbox))
        for page in islice(pages, times(full=100_000, short=3_000)):
            batch = read(page, tally)
            wrong = None if batch is None else wrong_with(page, batch)
            count(figures, wrong is None)
            assert figures.failed == 0, (wrong, page)
    assert tally.stored > figures.count / 2
    assert tally.rejected > figures.count / 4
    assert tally.ignored > 0
    assert set(tally.stopped) == {"ProviderTransientError", "ProviderContractError"}
    assert len(tally.reasons) >= 15, tally.reasons


@dataclass
class Keeper:
    """A job in hand, and the pages that were stored under it."""

    workspace: Workspace
    lease: Lease
    stored: int = 0
    rejected: int = 0

    def keep(self, page: Hostile, batch: Batch) -> None:
        records, rejects = tuple(batch.records.values()), tuple(batch.rejects)
        whole = Page(page.stream, records, rejects, {}, batch.received, batch.ignored)
        target = Target(self._connection, "stripe", self.lease)
        done = runtime.run(self.workspace.ctx, store_page, StorePage(target, whole))
        assert done.written + done.unchanged == len(records)
        self.stored += len(records)
        self.rejected += len(rejects)

    @property
    def _connection(self) -> UUID:
        assert self.lease.connection_id is not None
        return self.lease.connection_id


def test_what_is_stored_holds_the_money_that_was_sent(
    sandbox: Sandbox, workspace: Workspace, admin_engine: Engine
) -> None:
    keeper, kept, tally = Keeper(workspace, claimed(workspace, waiting(workspace))), {}, Tally()
    with reported("T25 stored") as figures:
        pages = iter(Pages(SEED + 1, real_samples(sandbox), size=8))
        while figures.count < times(full=4_000, short=400):
            page = next(pages)
            batch = read(page, tally)
            if batch is None:
                continue
            keeper.keep(page, batch)
            figures.count += batch.received
            for source_id, record in batch.records.items():
                kept[KINDS[page.stream].stream.table, source_id] = record
        expected = {key: (*money_kept(record)[:4], json.loads(record.raw, parse_float=Decimal),
                          record.source_created_at) for key, record in kept.items()}  # fmt: skip
        figures.failed = sum(
            found != expected.get(key) for key, found in everything(admin_engine, workspace).items()
        )
        assert figures.failed == 0
        stored = Stored(admin_engine, workspace.ctx.tenant)
        assert len(everything(admin_engine, workspace)) == len(kept)
        assert rejects_seen(stored) == keeper.rejected == tally.rejected
        assert counted(stored) == (figures.count, keeper.stored, tally.rejected, tally.ignored)


def rejects_seen(stored: Stored) -> int:
    return int(stored.one("SELECT sum(times_seen) FROM ingest_rejects WHERE tenant_id = :tenant"))


def counted(stored: Stored) -> tuple[int, ...]:
    """in, stored, rejected, ignored, as the Jobs page tells them."""
    (row,) = stored.rows(
        "SELECT rows_done, inserted + updated + unchanged, rejected, ignored FROM jobs"
        " WHERE tenant_id = :tenant"
    )
    return row


def everything(engine: Engine, workspace: Workspace) -> Mapping[tuple[str, str], Any]:
    """All that the tables hold of records: currency, amounts in units, raw, time."""
    found: dict[tuple[str, str], Any] = {}
    with engine.connect() as connection:
        for table, columns in MONEY_COLUMNS.items():
            query = text(
                f"SELECT source_id, currency, {columns}, raw_data::text, created_at FROM {table}"
                " WHERE tenant_id = :tenant"
            )
            for source_id, *values, raw, at in connection.execute(
                query, {"tenant": workspace.ctx.tenant}
            ):
                at = at.astimezone(UTC) if isinstance(at, datetime) else at
                found[table, source_id] = (*values, json.loads(raw, parse_float=Decimal), at)
    return found
