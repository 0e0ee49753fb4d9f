"""The dashboard's figures: each day's money, payouts as they arrive, and what needs somebody."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from ecomops import runtime
from ecomops.domains.insights.attention import get_attention
from ecomops.domains.insights.queries import get_insights
from ecomops.domains.insights.schemas import (
    Arrivals,
    AskInsights,
    Attention,
    DayMoney,
    DisputeDue,
    Insights,
    TieOut,
    Untied,
)
from ecomops.domains.tables.queries import count_exactly, sum_by_currency
from ecomops.domains.tables.schemas import Count, TableQuery
from ecomops.kit.errors import PermissionDeniedError
from tests.conftest import Workspace, make_workspace
from tests.integration.provider import connect
from tests.integration.rows import (
    KEY,
    NOON,
    TODAY,
    add,
    add_line,
    add_payments,
    add_payout,
)

NOBODY = Count(0, False)
Audit = Callable[[Workspace], list[tuple[str, str]]]


@pytest.fixture
def connection(workspace: Workspace) -> UUID:
    return connect(workspace.ctx, KEY)


def insights(workspace: Workspace) -> Insights:
    return runtime.run(workspace.ctx, get_insights, AskInsights(TODAY))


def attention(workspace: Workspace) -> Attention:
    return runtime.run(workspace.ctx, get_attention, AskInsights(TODAY))


def add_fee(engine: Engine, workspace: Workspace, connection: UUID, amount: str,
            **given: Any) -> None:  # fmt: skip
    add(engine, workspace, connection, "fees", amount=Decimal(amount), kind="processing",
        position=0, line_ref="txn", **given)  # fmt: skip


def in_zone(engine: Engine, workspace: Workspace, zone: str) -> None:
    with engine.begin() as database:
        database.execute(
            text("UPDATE tenant_configs SET timezone = :zone WHERE tenant_id = :tenant"),
            {"zone": zone, "tenant": workspace.ctx.tenant},
        )


def test_a_young_workspace_is_told_so(workspace: Workspace) -> None:
    told = insights(workspace)
    assert (told.today, told.money, told.arrivals) == (TODAY, (), ())
    assert told.tie_out == TieOut(0, 0, 0, (), False)
    assert attention(workspace) == Attention(
        TODAY, 0, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, disputes_first=()
    )


def test_each_day_has_its_payments_and_fees(
    workspace: Workspace, connection: UUID, admin_engine: Engine
) -> None:
    add_payments(admin_engine, workspace, connection, [NOON, NOON, NOON - timedelta(days=2)])
    add_fee(admin_engine, workspace, connection, "0.59")
    add_fee(admin_engine, workspace, connection, "-0.10")
    (dollars,) = insights(workspace).money
    assert (len(dollars.days), dollars.days[0].day) == (30, date(2026, 10, 1))
    assert dollars.days[-1] == DayMoney(TODAY, 2, 246_800, 4_900)
    assert dollars.days[-2] == DayMoney(date(2026, 10, 29))
    assert dollars.days[-3] == DayMoney(date(2026, 10, 28), 1, 123_400)
    assert (dollars.payments, dollars.volume, dollars.fees) == (3, 370_200, 4_900)


def test_only_money_that_was_taken_is_volume(
    workspace: Workspace, connection: UUID, admin_engine: Engine
) -> None:
    add_payments(admin_engine, workspace, connection, [NOON], kind="authorization")
    add_payments(admin_engine, workspace, connection, [NOON], kind="capture")
    add_payments(admin_engine, workspace, connection, [NOON], status="failed")
    add_payments(admin_engine, workspace, connection, [NOON], status="pending")
    (dollars,) = insights(workspace).money
    assert (dollars.payments, dollars.volume) == (1, 123_400)


def test_fees_stand_beside_what_was_settled_in_their_currency(
    workspace: Workspace, connection: UUID, admin_engine: Engine
) -> None:
    add_payments(admin_engine, workspace, connection, [NOON], currency="EUR")
    payout = add_payout(admin_engine, workspace, connection)
    add_line(admin_engine, workspace, connection, payout, "14")
    add_line(admin_engine, workspace, connection, payout, "-3", reporting_category="refund")
    add_line(admin_engine, workspace, connection, payout, "8", created_at=NOON - timedelta(days=40))
    add_fee(admin_engine, workspace, connection, "1.00")
    euros, dollars = sorted(insights(workspace).money, key=lambda it: it.currency)
    assert (euros.volume, euros.settled, euros.fees) == (123_400, 0, 0)
    assert (dollars.volume, dollars.settled, dollars.fees) == (0, 150_000, 10_000)


def test_a_charge_that_did_not_come_through_is_no_reason_to_leave_its_sale_out(
    workspace: Workspace, connection: UUID, admin_engine: Engine
) -> None:
    charged = {"source_id": "ch_1", "dedupe_key": "stripe:ch_1", "charge_ref": "ch_1"}
    add_payments(admin_engine, workspace, connection, [NOON], status="failed", **charged)
    shop = {"source": "shopify", "gateway": "stripe"}
    add_payments(admin_engine, workspace, connection, [NOON], charge_ref="ch_1", **shop)
    (dollars,) = insights(workspace).money
    assert (dollars.payments, dollars.volume) == (1, 123_400)


def test_a_sale_and_the_charge_behind_it_are_one_payment(
    workspace: Workspace, connection: UUID, admin_engine: Engine
) -> None:
    charged = {"source_id": "ch_1", "dedupe_key": "stripe:ch_1", "charge_ref": "ch_1"}
    add_payments(admin_engine, workspace, connection, [NOON], **charged)
    shop = {"source": "shopify", "gateway": "stripe"}
    add_payments(admin_engine, workspace, connection, [NOON], charge_ref="ch_1", **shop)
    add_payments(admin_engine, workspace, connection, [NOON], charge_ref="ch_not_synced", **shop)
    (dollars,) = insights(workspace).money
    assert (dollars.payments, dollars.volume) == (2, 246_800)
    first, last = dollars.days[0].day, dollars.days[-1].day
    behind = TableQuery("payments", status=("completed",), date_from=first, date_to=last)
    (listed,) = runtime.run(workspace.ctx, sum_by_currency, behind)
    assert (listed.rows, listed.amount) == (3, dollars.volume)


def test_the_filters_of_payouts_let_through_what_the_dashboard_counts(
    workspace: Workspace, connection: UUID, admin_engine: Engine
) -> None:
    tied = add_payout(admin_engine, workspace, connection)
    add_line(admin_engine, workspace, connection, tied, "60")
    add_line(admin_engine, workspace, connection, tied, "40")
    short = add_payout(admin_engine, workspace, connection, arrival_date=TODAY - timedelta(days=2))
    add_line(admin_engine, workspace, connection, short, "99")
    add_line(admin_engine, workspace, connection, short, "1", currency="EUR")
    add_payout(admin_engine, workspace, connection, contents_read_at=None, status="pending")
    add_payout(admin_engine, workspace, connection, contents_read_at=None, status="failed")
    add_payout(admin_engine, workspace, connection, itemizable=False)
    add_payout(admin_engine, workspace, connection, arrival_date=TODAY - timedelta(days=40))
    told = insights(workspace).tie_out

    def found(**filters: Any) -> int:
        return runtime.run(workspace.ctx, count_exactly, TableQuery("payouts", **filters))

    window = {"arrives_from": TODAY - timedelta(days=29)}
    assert found(ties="tied", **window) == told.tied == 1
    assert found(ties="untied", **window) == told.untied == 1
    assert found(ties="unread", **window) == told.unread == 1
    assert found(ties="untied") == 2, "one more is older"
    assert found(arrives_from=TODAY, arrives_to=TODAY) == 4
    assert found(arrives_to=TODAY - timedelta(days=1)) == 2


def test_currencies_are_never_added_and_the_busiest_comes_first(
    workspace: Workspace, connection: UUID, admin_engine: Engine
) -> None:
    add_payments(admin_engine, workspace, connection, [NOON], currency="EUR")
    add_payments(admin_engine, workspace, connection, [NOON, NOON])
    add_fee(admin_engine, workspace, connection, "3", currency="JPY")
    told = [(it.currency, it.payments, it.volume, it.fees) for it in insights(workspace).money]
    assert told == [("USD", 2, 246_800, 0), ("EUR", 1, 123_400, 0), ("JPY", 0, 0, 30_000)]


@pytest.mark.parametrize(
    ("zone", "hour", "day"),
    [
        ("UTC", "2026-10-29T23:30Z", 29),
        ("Europe/Berlin", "2026-10-29T23:30Z", 30),
        ("America/Los_Angeles", "2026-10-30T06:59Z", 29),
        # The day on which Berlin's clocks go back has 25 hours.
        ("Europe/Berlin", "2026-10-25T22:59Z", 25),
        ("Europe/Berlin", "2026-10-24T22:00Z", 25),
    ],
)
def test_a_day_is_the_workspaces(
    workspace: Workspace, connection: UUID, admin_engine: Engine, zone: str, hour: str, day: int
) -> None:
    in_zone(admin_engine, workspace, zone)
    add_payments(admin_engine, workspace, connection, [datetime.fromisoformat(hour)])
    (dollars,) = insights(workspace).money
    assert [it.day.day for it in dollars.days if it.payments] == [day]


def test_days_outside_of_the_thirty_are_not_told(
    workspace: Workspace, connection: UUID, admin_engine: Engine
) -> None:
    outside = [datetime(2026, 9, 30, 23, 59, tzinfo=UTC), datetime(2026, 10, 31, tzinfo=UTC)]
    add_payments(admin_engine, workspace, connection, outside)
    assert insights(workspace).money == ()


def test_payouts_are_told_by_the_day_they_arrive(
    workspace: Workspace, connection: UUID, admin_engine: Engine
) -> None:
    for days, status, amount in ((0, "completed", 100), (0, "completed", 50),
                                 (0, "completed", -30), (2, "in_transit", 70), (0, "failed", 9),
                                 (10, "pending", 1), (-21, "completed", 1)):  # fmt: skip
        add_payout(admin_engine, workspace, connection, status=status, amount=Decimal(amount),
                   arrival_date=TODAY + timedelta(days=days))  # fmt: skip
    assert insights(workspace).arrivals == (
        Arrivals(TODAY, "USD", "completed", 2, 1_500_000),
        Arrivals(TODAY, "USD", "completed", 1, -300_000),
        Arrivals(TODAY, "USD", "failed", 1, 90_000),
        Arrivals(TODAY + timedelta(days=2), "USD", "in_transit", 1, 700_000),
    )


def test_a_payout_ties_out_when_it_is_the_sum_of_its_lines(
    workspace: Workspace, connection: UUID, admin_engine: Engine
) -> None:
    tied = add_payout(admin_engine, workspace, connection)
    add_line(admin_engine, workspace, connection, tied, "120.55")
    add_line(admin_engine, workspace, connection, tied, "-20.55")
    wrong = add_payout(admin_engine, workspace, connection, source_id="po_wrong")
    add_line(admin_engine, workspace, connection, wrong, "99.9999")
    add_payout(admin_engine, workspace, connection, source_id="po_empty")
    told = insights(workspace).tie_out
    assert (told.tied, told.untied, told.unread) == (1, 2, 0)
    assert set(told.untied_first) == {
        Untied("po_wrong", "USD", 1_000_000, 999_999),
        Untied("po_empty", "USD", 1_000_000, 0),
    }


def test_a_line_in_another_currency_ties_nothing(
    workspace: Workspace, connection: UUID, admin_engine: Engine
) -> None:
    payout = add_payout(admin_engine, workspace, connection)
    add_line(admin_engine, workspace, connection, payout, "100", currency="EUR")
    told = insights(workspace).tie_out
    assert (told.tied, told.untied, told.untied_first[0].lines) == (0, 1, 0)


def test_what_is_not_read_is_neither_right_nor_wrong(
    workspace: Workspace, connection: UUID, admin_engine: Engine
) -> None:
    for given in ({"status": "in_transit"}, {"status": "failed"}, {"status": "canceled"},
                  {"itemizable": False}, {"arrival_date": date(2026, 9, 30)}):  # fmt: skip
        add_payout(admin_engine, workspace, connection, contents_read_at=None, **given)
    told = insights(workspace).tie_out
    assert (told.tied, told.untied, told.unread) == (0, 0, 1)


def test_what_needs_somebody_is_counted(
    workspace: Workspace, connection: UUID, admin_engine: Engine
) -> None:
    add_payout(admin_engine, workspace, connection, status="failed")
    add_payout(admin_engine, workspace, connection, status="in_transit",
               arrival_date=TODAY - timedelta(days=1))  # fmt: skip
    add_payout(admin_engine, workspace, connection, status="in_transit")
    due = NOON + timedelta(days=3)
    for source_id, when, status in (("dp_later", due + timedelta(days=1), "needs_response"),
                                    ("dp_first", due, "needs_response"),
                                    ("dp_never", None, "needs_response"),
                                    ("dp_won", due, "won")):  # fmt: skip
        add(admin_engine, workspace, connection, "disputes", source_id=source_id, status=status,
            amount=Decimal(20), fee=Decimal(15), fee_currency="USD", opened_at=NOON,
            evidence_due_at=when)  # fmt: skip
    told = attention(workspace)
    assert (told.failed_payouts, told.overdue_payouts) == (Count(1, False), Count(1, False))
    assert told.disputes == Count(3, False)
    assert told.disputes_first == (
        DisputeDue("dp_first", "USD", 200_000, due),
        DisputeDue("dp_later", "USD", 200_000, due + timedelta(days=1)),
        DisputeDue("dp_never", "USD", 200_000, None),
    )


def add_job(engine: Engine, workspace: Workspace, connection: UUID | None, status: str,
            minutes_ago: int, kind: str = "sync", person: UUID | None = None) -> None:  # fmt: skip
    with engine.begin() as database:
        database.execute(
            text("INSERT INTO jobs (tenant_id, id, kind, queue, status, connection_id, arguments,"
                 " correlation_id, requested_by, requested_by_label, max_attempts,"
                 " cancel_requested, phase, created_at) VALUES (:tenant, :id, :kind, 'sync',"
                 " :status, :connection, '{}', 'c', :person, 'system', 5, false, '',"
                 " now() - make_interval(mins => :ago))"),
            {"tenant": workspace.ctx.tenant, "id": uuid4(), "kind": kind, "status": status,
             "connection": connection, "ago": minutes_ago, "person": person},
        )  # fmt: skip


def test_a_failed_job_counts_until_a_later_one_has_done_better(
    workspace: Workspace, connection: UUID, admin_engine: Engine
) -> None:
    add_job(admin_engine, workspace, connection, "failed", 30)
    add_job(admin_engine, workspace, connection, "dead", 20)
    add_job(admin_engine, workspace, connection, "failed", 60 * 24 * 8)
    add_job(admin_engine, workspace, connection, "completed", 10, kind="backfill")
    assert attention(workspace).failed_jobs == Count(2, False)
    add_job(admin_engine, workspace, connection, "completed", 25)
    assert attention(workspace).failed_jobs == Count(1, False)
    add_job(admin_engine, workspace, connection, "completed", 5)
    assert attention(workspace).failed_jobs == NOBODY


@pytest.mark.parametrize("kind", ["export", "import"])
def test_a_failed_job_without_a_connection_counts_until_its_person_has_done_better(
    workspace: Workspace, admin_engine: Engine, kind: str
) -> None:
    ada, bo = uuid4(), uuid4()
    add_job(admin_engine, workspace, None, "failed", 30, kind, ada)
    add_job(admin_engine, workspace, None, "completed", 40, kind, ada)
    add_job(admin_engine, workspace, None, "completed", 20, "other", ada)
    add_job(admin_engine, workspace, None, "completed", 20, kind, bo)
    assert attention(workspace).failed_jobs == Count(1, False)
    add_job(admin_engine, workspace, None, "completed", 10, kind, ada)
    assert attention(workspace).failed_jobs == NOBODY


def test_another_workspaces_rows_are_in_no_figure(
    workspace: Workspace, other_workspace: Workspace, admin_engine: Engine
) -> None:
    theirs = connect(other_workspace.ctx, KEY)
    before = insights(workspace), attention(workspace)
    add_payments(admin_engine, other_workspace, theirs, [NOON])
    add_fee(admin_engine, other_workspace, theirs, "1")
    add_payout(admin_engine, other_workspace, theirs, status="failed")
    add_job(admin_engine, other_workspace, theirs, "failed", 1)
    assert (insights(workspace), attention(workspace)) == before
    assert insights(other_workspace).money[0].volume == 123_400
    assert attention(other_workspace).failed_jobs == Count(1, False)


@pytest.mark.parametrize(
    ("use_case", "lacking"),
    [
        (get_insights, "tables.view"),
        (get_attention, "tables.view"),
        (get_attention, "jobs.view"),
    ],
)
def test_who_may_not_look_is_told_nothing(
    workspace: Workspace, audit: Audit, use_case: Any, lacking: str
) -> None:
    less = workspace.ctx.permissions - {lacking}
    with pytest.raises(PermissionDeniedError):
        runtime.run(replace(workspace.ctx, permissions=less), use_case, AskInsights(TODAY))
    assert audit(workspace)[-1] == ("permission_denied", "denied")


@pytest.fixture(scope="module")
def large(runtime_started: None, admin_engine: Engine) -> Workspace:
    """A workspace with a year of payments, payouts and their lines."""
    workspace = make_workspace()
    values = {"t": workspace.ctx.tenant, "c": connect(workspace.ctx, KEY)}
    common = "tenant_id, connection_id, source, source_id, dedupe_key, source_status, currency,"
    with admin_engine.begin() as database:
        for statement in (
            f"INSERT INTO payments ({common} created_at, content_hash, status, amount, kind,"
            " gateway, charge_ref) SELECT :t, :c, 'stripe', 'ch_' || n, 'stripe:ch_' || n, 'x',"
            " 'USD', timestamptz '2025-10-31' + n * interval '13 min', 'x', 'completed', n,"
            " 'sale', 'stripe', 'ch_' || n FROM generate_series(1, 40000) n",
            f"INSERT INTO payouts ({common} created_at, content_hash, status, amount, kind,"
            " itemizable, contents_complete, contents_read_at, initiated_at, arrival_date)"
            " SELECT :t, :c, 'stripe', 'po_' || n, 'stripe:po_' || n, 'x', 'USD',"
            " timestamptz '2025-10-31' + n * interval '1 h', 'x', 'completed', 100, 'automatic',"
            " true, true, now(), now(), date '2025-10-31' + n / 24"
            " FROM generate_series(1, 8700) n",
            f"INSERT INTO payout_lines ({common} created_at, content_hash, gross, fee, net,"
            " line_type, reporting_category, payout_ref, payout_id) SELECT :t, :c, 'stripe',"
            " 'txn_' || p.source_id || n, 'stripe:txn_' || p.source_id || n, 'x', 'USD',"
            " p.created_at, 'x', 21, 1, 20, 'charge', 'charge', p.source_id, p.id"
            " FROM payouts p, generate_series(1, 5) n WHERE p.tenant_id = :t",
        ):
            database.execute(text(statement), values)
        database.execute(text("ANALYZE payments, payouts, payout_lines"))
    return workspace


def test_figures_are_read_from_their_indexes_as_the_app_role(
    large: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans: list[str] = []
    real = Session.execute

    def explained(self: Session, statement: Any, *given: Any, **named: Any) -> Any:
        if "FROM pay" in str(statement):
            told = real(self, text(f"EXPLAIN {statement}"), *given, **named)
            plans.append("\n".join(told.scalars()))
        return real(self, statement, *given, **named)

    monkeypatch.setattr(Session, "execute", explained)
    found = insights(large)
    assert found.tie_out.tied > 600
    volume, settled, arrivals, tie_out = plans
    assert re.search(r"ix_payout_lines_created_at", settled), settled
    # All are completed here, so the index by status is as good.
    assert re.search(r"ix_payments_(created_at|status) .*\n +Index Cond: .*created_at <", volume), (
        volume
    )
    assert "ix_payouts_arrival" in arrivals, arrivals
    assert "ix_payouts_arrival" in tie_out, tie_out
    assert "ix_payout_lines_payout" in tie_out, tie_out
    assert not [plan for plan in plans if "Seq Scan" in plan]
