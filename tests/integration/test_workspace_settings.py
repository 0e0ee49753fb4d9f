"""What a workspace chooses for itself, and what follows from it at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ecomops import runtime
from ecomops.domains.freshness.schedules import list_freshness, set_schedule
from ecomops.domains.freshness.schemas import SetSchedule
from ecomops.domains.identity.queries import get_shell
from ecomops.domains.plans.service import set_plan
from ecomops.domains.workspace.service import WorkspaceSettings, get_workspace, update_workspace
from ecomops.domains.workspace.zones import zones
from ecomops.kit.context import Plan
from ecomops.kit.errors import EntitlementDeniedError, InvalidInputError
from tests.conftest import Workspace
from tests.integration.provider import Stored, connect
from tests.integration.rows import KEY

StoredOf = Callable[[Workspace], Stored]
Audit = Callable[[Workspace], list[tuple[str, str]]]
UPDATED = "tenant_config_updated"


def changed(workspace: Workspace, **changes: object) -> WorkspaceSettings:
    """The settings after a change."""
    before = runtime.run(workspace.ctx, get_workspace)
    command = replace(before, **changes)  # type: ignore[arg-type]  # of the right kinds
    runtime.run(workspace.ctx, update_workspace, command)
    return runtime.run(workspace.ctx, get_workspace)


def test_settings_are_changed_and_audited_with_what_they_were(
    workspace: Workspace, stored: StoredOf
) -> None:
    slug = f"{workspace.slug}-new"
    after = changed(
        workspace, name=" Südwind ", slug=slug, currency="EUR", fiscal_year_start=4,
        timezone="Europe/Berlin",
    )  # fmt: skip
    assert after == WorkspaceSettings("Südwind", slug, "Europe/Berlin", "EUR", 4)
    payload = stored(workspace).one(
        f"SELECT payload FROM audit_events WHERE tenant_id = :tenant AND action = '{UPDATED}'"
    )
    assert payload == {
        "before": {"name": "Nordwind Trading", "slug": workspace.slug, "timezone": "UTC",
                   "currency": "USD", "fiscal_year_start": 1},
        "after": {"name": "Südwind", "slug": slug, "timezone": "Europe/Berlin",
                  "currency": "EUR", "fiscal_year_start": 4},
    }  # fmt: skip
    shell = runtime.run(workspace.ctx, get_shell)
    assert (shell.workspace_name, shell.timezone) == ("Südwind", "Europe/Berlin")


def test_what_stays_the_same_is_no_event(workspace: Workspace, audit: Audit) -> None:
    before = audit(workspace)
    changed(workspace)
    assert audit(workspace) == before


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("organization_name", {"name": " "}),
        ("slug", {"slug": "Nord wind"}),
        ("slug", {"slug": "admin"}),
        ("timezone", {"timezone": "Mars/Olympus"}),
        ("timezone", {"timezone": "../../etc/passwd"}),
        ("timezone", {"timezone": ""}),
        ("currency", {"currency": "usd"}),
        ("fiscal_year_start", {"fiscal_year_start": 0}),
        ("fiscal_year_start", {"fiscal_year_start": 13}),
    ],
)
def test_a_wrong_field_is_told_beside_the_field(
    workspace: Workspace, field: str, change: dict[str, object]
) -> None:
    before = runtime.run(workspace.ctx, get_workspace)
    with pytest.raises(InvalidInputError) as refused:
        changed(workspace, **change)
    assert set(refused.value.fields) == {field}
    assert runtime.run(workspace.ctx, get_workspace) == before


def test_a_taken_slug_is_a_field_error_and_changes_nothing(
    workspace: Workspace, other_workspace: Workspace, audit: Audit
) -> None:
    before = runtime.run(workspace.ctx, get_workspace)
    with pytest.raises(InvalidInputError) as refused:
        changed(workspace, slug=other_workspace.slug, name="Other")
    assert refused.value.fields == {"slug": "This slug is taken. Choose another one."}
    assert runtime.run(workspace.ctx, get_workspace) == before
    assert (UPDATED, "success") not in audit(workspace)
    assert runtime.run(other_workspace.ctx, get_workspace).slug == other_workspace.slug


def test_schedules_follow_the_time_zone_at_once(
    workspace: Workspace, other_workspace: Workspace, stored: StoredOf
) -> None:
    def scheduled(one: Workspace) -> Workspace:
        runtime.run(one.ctx, set_plan, "pro")
        pro = replace(one, ctx=replace(one.ctx, plan=Plan("pro")))
        connection = connect(pro.ctx, KEY)
        runtime.run(pro.ctx, set_schedule, SetSchedule(connection, "0 6 * * *"))
        return pro

    def due(one: Workspace) -> datetime:
        found: datetime = stored(one).one(
            "SELECT due_at FROM due_times WHERE tenant_id = :tenant AND kind = 'sync'"
        )
        return found

    mine, theirs = scheduled(workspace), scheduled(other_workspace)
    untouched = due(theirs)
    assert due(mine).astimezone(UTC).hour == 6
    changed(mine, timezone="Asia/Tokyo")
    assert due(mine).astimezone(ZoneInfo("Asia/Tokyo")).hour == 6
    assert due(mine).astimezone(UTC).hour == 21
    (fresh,) = runtime.run(mine.ctx, list_freshness)
    assert fresh.next_run_at == due(mine)
    assert due(theirs) == untouched


def test_an_expired_trial_changes_nothing(workspace: Workspace) -> None:
    past = Plan("trial", datetime.now(UTC) - timedelta(days=1))
    expired = replace(workspace, ctx=replace(workspace.ctx, plan=past))
    with pytest.raises(EntitlementDeniedError):
        changed(expired, name="Other")
    assert runtime.run(workspace.ctx, get_workspace).name == "Nordwind Trading"


def test_every_zone_that_is_offered_is_one() -> None:
    assert {"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"} <= set(zones())
    assert len(zones()) > 400
    assert all(ZoneInfo(name) for name in zones())
