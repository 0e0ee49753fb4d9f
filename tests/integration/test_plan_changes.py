"""Moving to another plan: what stops, what rests, and what comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from ecomops import runtime
from ecomops.domains.connections.schemas import CreateConnection, ListConnections
from ecomops.domains.connections.service import create_connection, list_connections
from ecomops.domains.freshness.due import take_due
from ecomops.domains.freshness.schedules import list_freshness, set_schedule
from ecomops.domains.freshness.schemas import SetSchedule
from ecomops.domains.identity.members import deactivate_person
from ecomops.domains.identity.schemas import Resolve
from ecomops.domains.identity.service import resolve
from ecomops.domains.plans.rules import TRIAL
from ecomops.domains.sync.schemas import StartSync
from ecomops.domains.sync.service import start_sync
from ecomops.domains.workspace.plan import ChangePlan, change_plan
from ecomops.domains.workspace.usage import get_usage
from ecomops.kit.errors import EntitlementDeniedError, InvalidInputError
from ecomops.runtime.revocations import heard
from tests.conftest import Workspace, anonymous
from tests.integration.people import id_of, invited, joined
from tests.integration.provider import Stored, connect
from tests.integration.rows import KEY
from tests.integration.test_schedules import due_of, make_due, worker

StoredOf = Callable[[Workspace], Stored]
Audit = Callable[[Workspace], list[tuple[str, str]]]


def moved(workspace: Workspace, plan: str) -> Workspace:
    """The workspace on another plan, as its admin's next event finds it."""
    runtime.run(workspace.ctx, change_plan, ChangePlan(plan))
    return replace(workspace, ctx=runtime.run(anonymous(), resolve, Resolve(workspace.token)))


def age(engine: Engine, workspace: Workspace, days: int) -> None:
    with engine.begin() as admin:
        admin.execute(
            text("UPDATE tenants SET created_at = created_at - make_interval(days => :days)"
                 " WHERE id = :t"),
            {"t": workspace.ctx.tenant, "days": days},
        )  # fmt: skip


def test_an_admin_changes_the_plan(workspace: Workspace, stored: StoredOf) -> None:
    pro = moved(workspace, "pro")
    assert (pro.ctx.plan.name, pro.ctx.plan.expires_at) == ("pro", None)
    assert stored(workspace).rows(
        "SELECT category, payload FROM audit_events WHERE tenant_id = :tenant"
        " AND action = 'plan_changed'"
    ) == [("billing", {"from": "trial", "to": "pro"})]


def test_the_same_plan_again_changes_nothing(workspace: Workspace, audit: Audit) -> None:
    before = audit(workspace)
    assert moved(workspace, "trial").ctx.plan == workspace.ctx.plan
    assert audit(workspace) == before


def test_there_is_no_other_plan(workspace: Workspace) -> None:
    with pytest.raises(InvalidInputError, match="no plan 'free'"):
        moved(workspace, "free")


def test_a_trial_is_had_once(workspace: Workspace, admin_engine: Engine) -> None:
    """Up and down again, its days go on from where they were, or are over."""
    age(admin_engine, workspace, 20)
    back = moved(moved(workspace, "pro"), "trial")
    ends = back.ctx.plan.expires_at
    assert ends is not None
    left = ends - datetime.now(UTC)
    assert left == pytest.approx(TRIAL - timedelta(days=20), abs=timedelta(minutes=1))
    age(admin_engine, workspace, 60)
    over = moved(moved(back, "enterprise"), "trial")
    assert over.ctx.plan.expired(datetime.now(UTC))
    with pytest.raises(EntitlementDeniedError):
        connect(over.ctx, KEY)
    assert connect(moved(over, "pro").ctx, KEY), "and an upgrade ends that"


def test_too_many_connections_keep_working_and_none_can_be_added(workspace: Workspace) -> None:
    pro = moved(workspace, "pro")
    ids = {connect(pro.ctx, KEY) for _ in range(3)}
    small = moved(pro, "trial")
    shown = runtime.run(small.ctx, list_connections, ListConnections())
    assert {(one.id, one.status) for one in shown} == {(it, "active") for it in ids}
    assert runtime.run(small.ctx, start_sync, StartSync()).started == 3
    command = CreateConnection("stripe", "One more", "sandbox", {"api_key": KEY})
    with pytest.raises(EntitlementDeniedError, match="Upgrade to Pro"):
        runtime.run(small.ctx, create_connection, command)


def test_schedules_rest_and_are_resumed(
    workspace: Workspace, admin_engine: Engine, stored: StoredOf
) -> None:
    def syncs() -> object:
        return stored(workspace).one(
            "SELECT count(*) FROM jobs WHERE tenant_id = :tenant AND kind = 'sync'"
        )

    def slot(connection: object) -> bool:
        make_due(admin_engine, connection, "sync")  # type: ignore[arg-type]  # an id
        (due,) = due_of(connection, "sync")  # type: ignore[arg-type]
        return runtime.run(worker(workspace.ctx.tenant), take_due, due)

    pro = moved(workspace, "pro")
    connection = connect(pro.ctx, KEY)
    runtime.run(pro.ctx, set_schedule, SetSchedule(connection, "0 * * * *"))
    small = moved(pro, "trial")
    (fresh,) = runtime.run(small.ctx, list_freshness)
    assert (fresh.paused, fresh.next_run_at, fresh.cron) == (True, None, "0 * * * *")
    assert not slot(connection)
    assert syncs() == 0
    again = moved(small, "pro")
    (fresh,) = runtime.run(again.ctx, list_freshness)
    assert not fresh.paused
    assert fresh.next_run_at is not None
    assert slot(connection)
    assert syncs() == 1


def test_another_plan_counts_from_the_next_event_of_everybody(workspace: Workspace) -> None:
    bo, left = joined(workspace), joined(workspace)
    runtime.run(workspace.ctx, deactivate_person, id_of(left))
    told = list[UUID]()
    with heard(told.append):
        moved(workspace, "pro")
    assert sorted(told) == sorted([id_of(workspace.ctx), id_of(bo)])


def test_what_is_used_is_counted_for_everybody(
    workspace: Workspace, other_workspace: Workspace
) -> None:
    pro = moved(workspace, "pro")
    connection = connect(pro.ctx, KEY)
    connect(pro.ctx, KEY)
    runtime.run(pro.ctx, set_schedule, SetSchedule(connection, "0 * * * *"))
    guest = joined(workspace, "readonly", f"{other_workspace.slug}@example.com")
    invited(workspace)
    usage = runtime.run(guest, get_usage)
    assert (usage.netsuite, usage.sources, usage.connections) == (0, 2, 2)
    assert (usage.people, usage.schedules) == (2, 1)
    assert usage.trial_ends_at == pytest.approx(datetime.now(UTC) + TRIAL, abs=timedelta(minutes=5))
