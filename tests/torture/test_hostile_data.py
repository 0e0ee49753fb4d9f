"""T25: whatever a provider sends is stored exactly, rejected with a reason, or stops the run."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from ecomops import runtime
from ecomops.connectors.base import Page
from ecomops.connectors.exact_json import sanitised
from ecomops.connectors.records import Record
from ecomops.domains.jobs.schemas import Lease
from ecomops.domains.sync.mappings import MAPPINGS
from ecomops.domains.sync.schemas import StorePage, Target
from ecomops.domains.sync.store import store_page
from ecomops.kit.errors import ProviderContractError, ProviderTransientError
from tests.conftest import Workspace
from tests.connectors import (
    netsuite_named_answers,
    netsuite_named_records,
    test_netsuite_records,
    test_shopify_bad_input,
)
from tests.connectors.named_answers import named_answers
from tests.connectors.named_records import named_records
from tests.connectors.named_shopify import named_answers as shopify_answers
from tests.connectors.named_shopify import named_objects
from tests.connectors.said import money_kept
from tests.connectors.test_bad_records import batch_of
from tests.integration import conftest as shared
from tests.integration.provider import Sandbox, Stored, begin_sync
from tests.integration.test_jobs import claimed
from tests.torture.hostile_pages import Hostile, Pages
from tests.torture.hostile_readings import READINGS, Reading
from tests.torture.report import SEED, Figures, reported, times

sandbox, sandbox_server = shared.sandbox, shared.sandbox_server

pytestmark = pytest.mark.slow


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


def test_the_named_ones_of_shopify() -> None:
    with reported("T25 shopify named") as figures:
        for case in named_objects():
            batch = test_shopify_bad_input.batch_of(case.stream, case.data)
            money = tuple(test_shopify_bad_input.money_of(it) for it in batch.records.values())
            reasons = tuple(it.reason_code for it in batch.rejects)
            count(
                figures, (reasons, money, batch.ignored) == (case.reasons, case.money, case.ignored)
            )
            assert figures.failed == 0, case.name
        for answers in shopify_answers():
            figures.failed += 1  # unless it comes to what is written beside it
            test_shopify_bad_input.test_a_named_answer(answers)
            figures.failed -= 1
            figures.count += 1
        assert figures.count >= 120


def test_the_named_ones_of_netsuite() -> None:
    with reported("T25 netsuite named") as figures:
        for case in netsuite_named_records.named_records():
            batch = test_netsuite_records.batch_of(case.stream, case.data)
            reasons = [it.reason_code for it in batch.rejects]
            money = [getattr(it, "amount", None) for it in batch.records.values()]
            expected = ([case.reason], []) if case.reason else ([], [case.money])
            count(figures, (reasons, money) == expected)
            assert figures.failed == 0, case.name
        for answers in netsuite_named_answers.named_answers():
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
    stopped: Counter[str] = field(default_factory=Counter)
    reasons: set[str] = field(default_factory=set)

    def add(self, page: Page) -> None:
        self.stored += len(page.records)
        self.rejected += len(page.rejects)
        self.ignored += page.ignored
        self.reasons |= {reject.reason_code for reject in page.rejects}


def read(reading: Reading, hostile: Hostile, tally: Tally) -> Page | None:
    """What the connector makes of it; None if it stops the run. Raises what must never be."""
    try:
        page = reading.read(hostile)
    except (ProviderTransientError, ProviderContractError) as error:
        tally.stopped[type(error).__name__] += 1
        return None
    tally.add(page)
    return page


def wrong_with(reading: Reading, hostile: Hostile, page: Page) -> str | None:
    """What is lost, made up, or other money than the exact JSON says."""
    if len(page.records) + len(page.rejects) + page.ignored != page.received:
        return "in is not out"
    whole = sanitised(hostile.body.decode())
    for record in page.records:
        if reading.kept(record) != reading.said(hostile.stream, record):
            return f"another record, or wrong money: {record.raw}"
        if "\n" not in whole and record.raw not in whole:
            return f"not what was sent: {record.raw}"
    for reject in page.rejects:
        json.loads(reject.payload, parse_constant=pytest.fail)
        if not (reject.reason_code and reject.message.isprintable()):
            return f"a reject without a reason: {reject}"
    return None


def pages_of(reading: Reading, sandbox: Sandbox, seed: int, size: int = 4) -> Pages:
    samples = reading.samples(sandbox)
    return Pages(seed, samples, reading.rename, reading.envelope, size=size)


@pytest.mark.parametrize("reading", READINGS, ids=str)
def test_whatever_is_generated_is_kept_exactly_or_refused(
    reading: Reading, sandbox: Sandbox
) -> None:
    tally = Tally()
    full = reading.source.times(100_000, 40_000)
    with reported(f"{reading.source.label('T25')} generated") as figures:
        for hostile in islice(pages_of(reading, sandbox, SEED), times(full=full, short=3_000)):
            page = read(reading, hostile, tally)
            wrong = None if page is None else wrong_with(reading, hostile, page)
            count(figures, wrong is None)
            assert figures.failed == 0, (wrong, hostile)
    assert tally.stored > figures.count / 2
    assert tally.rejected > figures.count / 4
    assert tally.ignored > 0
    assert set(tally.stopped) == {"ProviderTransientError", "ProviderContractError"}
    assert len(tally.reasons) >= reading.source.times(15, 8), tally.reasons


@dataclass
class Keeper:
    """A job in hand, and the pages that were stored under it."""

    provider: str
    workspace: Workspace
    lease: Lease
    stored: int = 0
    rejected: int = 0

    def keep(self, page: Page) -> None:
        target = Target(self._connection, self.provider, self.lease)
        done = runtime.run(self.workspace.ctx, store_page, StorePage(target, page))
        assert done.written + done.unchanged == len(page.records)
        self.stored += len(page.records)
        self.rejected += len(page.rejects)

    @property
    def _connection(self) -> UUID:
        assert self.lease.connection_id is not None
        return self.lease.connection_id


@pytest.mark.parametrize("reading", READINGS, ids=str)
def test_what_is_stored_holds_the_money_that_was_sent(
    reading: Reading, sandbox: Sandbox, workspace: Workspace, admin_engine: Engine
) -> None:
    connection = reading.source.connect(workspace, sandbox, admin_engine)
    lease = claimed(workspace, begin_sync(workspace.ctx, connection))
    keeper, tally = Keeper(reading.source.name, workspace, lease), Tally()
    kept: dict[tuple[str, str], Any] = {}
    with reported(f"{reading.source.label('T25')} stored") as figures:
        pages = iter(pages_of(reading, sandbox, SEED + 1, size=8))
        while figures.count < times(full=4_000, short=400):
            page = read(reading, next(pages), tally)
            if page is None:
                continue
            keeper.keep(page)
            figures.count += page.received
            kept |= {key: it for it in page.records if (key := place_of(reading, it)) is not None}
        expected = {key: expected_of(reading, key[0], record) for key, record in kept.items()}
        found = everything(reading, admin_engine, workspace)
        figures.failed = sum(row != expected.get(key) for key, row in found.items())
        assert figures.failed == 0
        assert len(found) == len(kept)
        stored = Stored(admin_engine, workspace.ctx.tenant)
        assert rejects_seen(stored) == keeper.rejected == tally.rejected
        assert counted(stored) == (figures.count, keeper.stored, tally.rejected, tally.ignored)


def place_of(reading: Reading, record: object) -> tuple[str, str] | None:
    """Table and id of a record that has money; None of others."""
    table = MAPPINGS[type(record)].table  # type: ignore[index]  # a StoredRecord
    if table not in reading.columns:
        return None
    assert isinstance(record, Record)
    return table, record.source_id


def expected_of(reading: Reading, table: str, record: Record) -> tuple[Any, ...]:
    values = (getattr(record, name) for name in reading.columns[table])
    return (*values, json.loads(record.raw, parse_float=Decimal), record.source_created_at)


def rejects_seen(stored: Stored) -> int:
    return int(stored.one("SELECT sum(times_seen) FROM ingest_rejects WHERE tenant_id = :tenant"))


def counted(stored: Stored) -> tuple[int, ...]:
    """in, stored, rejected, ignored, as the Jobs page tells them."""
    (row,) = stored.rows(
        "SELECT rows_done, inserted + updated + unchanged, rejected, ignored FROM jobs"
        " WHERE tenant_id = :tenant"
    )
    return row


def everything(
    reading: Reading, engine: Engine, workspace: Workspace
) -> Mapping[tuple[str, str], Any]:
    """All that the tables hold of records: currency, amounts in units, raw, time."""
    found: dict[tuple[str, str], Any] = {}
    with engine.connect() as connection:
        for table, columns in reading.columns.items():
            query = text(
                f"SELECT source_id, {', '.join(columns)}, raw_data::text, created_at FROM {table}"
                " WHERE tenant_id = :tenant"
            )
            for source_id, *values, raw, at in connection.execute(
                query, {"tenant": workspace.ctx.tenant}
            ):
                at = at.astimezone(UTC) if isinstance(at, datetime) else at
                found[table, source_id] = (*values, json.loads(raw, parse_float=Decimal), at)
    return found
