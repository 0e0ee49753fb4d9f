"""T31 and T33: raced quotas, and every cell of the permission table by use case and event."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from inspect import isgeneratorfunction
from typing import Any

import pytest
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from ecomops import runtime
from ecomops.domains.access.rules import PERMISSIONS, ROLES
from ecomops.domains.connections.schemas import ListConnections
from ecomops.domains.connections.service import list_connections
from ecomops.domains.identity.members import ChangeRole, change_role, deactivate_person
from ecomops.domains.plans.service import set_plan
from ecomops.kit.context import Context, Plan
from ecomops.kit.errors import EcomopsError, EntitlementDeniedError, PermissionDeniedError
from ecomops.kit.settings import Settings
from ecomops.ui.gate import rule_for
from tests.architecture.test_source import all_use_cases
from tests.conftest import Workspace, make_workspace
from tests.integration.people import context_of, id_of, invited, joined, statuses, used
from tests.integration.provider import connect
from tests.integration.rows import KEY
from tests.torture.commands import use_cases
from tests.torture.payloads import valid
from tests.torture.report import SEED, reported, times
from tests.torture.test_events import handlers
from tests.ui.tabs import tab
from tests.web import cookie_of

pytestmark = pytest.mark.slow


def guarded() -> dict[str, str]:
    """Use case → the permission that its first line asks for."""
    found = use_cases()
    wanted = {f"domains.{name}": permission for name, permission in all_use_cases().items()}
    return {name: permission for name in found if (permission := wanted.get(name))}


def denials(admin: Engine, workspace: Workspace) -> list[str]:
    """The permissions whose lack was audited, in order."""
    query = (
        "SELECT payload ->> 'permission' FROM audit_events WHERE tenant_id = :tenant"
        " AND action = 'permission_denied' AND status = 'denied' ORDER BY xid, id"
    )
    with admin.connect() as connection:
        return list(connection.scalars(text(query), {"tenant": workspace.ctx.tenant}))


def refused(ctx: Context, function: Callable[..., Any]) -> bool:
    """Whether a use case stops at the permission; what it is asked for is nonsense."""
    try:
        if isgeneratorfunction(function):
            list(runtime.stream(ctx, function, None))
        else:
            runtime.run(ctx, function, None)
    except PermissionDeniedError:
        return True
    except Exception:
        return False  # Let in, and of no use to it.
    return False


def test_every_role_is_let_in_by_exactly_the_use_cases_of_its_column(
    runtime_started: None, admin_engine: Engine
) -> None:
    cases = guarded()
    assert len(cases) >= 35
    # What is built later asks for the rest.
    assert len(set(cases.values())) >= 9
    with reported("T33 use cases") as figures:
        for role in (*ROLES, "", "owner"):
            workspace = make_workspace()
            expected = []
            for name, permission in cases.items():
                denied = role not in PERMISSIONS[permission]
                expected += [permission] if denied else []
                figures.count += 1
                figures.failed += refused(workspace.as_role(role), use_cases()[name]) != denied
                assert figures.failed == 0, (role, name)
            assert denials(admin_engine, workspace) == expected


MEANT = {
    "identity.invitations.invite_person": "users.manage",
    "identity.invitations.renew_link": "users.manage",
    "identity.invitations.withdraw_invitation": "users.manage",
    "identity.members.list_people": "users.manage",
    "identity.members.change_role": "users.manage",
    "identity.members.deactivate_person": "users.manage",
    "identity.members.reactivate_person": "users.manage",
    "workspace.plan.change_plan": "tenant.manage",
    "workspace.service.get_workspace": "tenant.manage",
    "workspace.service.update_workspace": "tenant.manage",
}
"""Named here once more: the test above asks the use cases themselves what they ask for."""


@pytest.mark.parametrize("name", MEANT)
def test_what_the_settings_do_asks_for_the_permission_that_is_meant(
    workspace: Workspace, admin_engine: Engine, name: str
) -> None:
    function, permission = use_cases()[f"domains.{name}"], MEANT[name]
    for role in ROLES:
        assert refused(workspace.as_role(role), function) == (role not in PERMISSIONS[permission])
    assert denials(admin_engine, workspace) == [permission] * 3


def test_every_event_that_a_role_may_not_send_is_refused_and_audited(
    server: TestClient, settings: Settings, admin_engine: Engine
) -> None:
    """Raw events of people who were added with each role."""
    with reported("T33 events") as figures:
        workspace = make_workspace()
        for role in ROLES:
            expected = denials(admin_engine, workspace)
            for name, permission in forbidden(role):
                with member_tab(server, settings, workspace, role) as sender:
                    answer = sender.send(name, valid(handlers()[name]))
                expected.append(permission)
                figures.count += 1
                figures.failed += "Your role does not allow this" not in answer.text
                figures.failed += workspace.slug in answer.text
                assert figures.failed == 0, (role, name, answer.text[:500])
            assert denials(admin_engine, workspace) == expected
        assert figures.count >= times(full=90, short=30)


def forbidden(role: str) -> Iterator[tuple[str, str]]:
    """Events of handlers whose permission the role lacks; a few of them in the short form."""
    rules = ((name, rule_for(name)) for name in handlers())
    found = [
        (name, rule.permission) for name, rule in rules
        if rule and rule.permission and role not in PERMISSIONS[rule.permission]
    ]  # fmt: skip
    most = times(full=len(found), short=15)
    return iter(random.Random(SEED).sample(found, min(most, len(found))))


_MEMBERS: dict[tuple[Any, str], str] = {}


def member_tab(server: TestClient, settings: Settings, workspace: Workspace, role: str) -> Any:
    """A tab of somebody who was invited with this role and has joined."""
    key = (workspace.ctx.tenant, role)
    if key not in _MEMBERS:
        signed_in = used(invited(workspace, role))
        assert signed_in is not None
        _MEMBERS[key] = cookie_of(replace(workspace, token=signed_in.token), settings)
    return tab(server, cookie=_MEMBERS[key])


def at_once(attempts: list[Callable[[], Any]], racers: int = 10) -> int:
    """How many of these that are tried at once are not refused."""

    def succeeds(attempt: Callable[[], Any]) -> bool:
        try:
            attempt()
        except EcomopsError:
            return False
        return True

    with ThreadPoolExecutor(racers) as crowd:
        return sum(crowd.map(succeeds, attempts))


def test_of_those_that_add_the_last_connection_at_once_one_does(runtime_started: None) -> None:
    """A trial's one source; and the last of Pro's fifty."""
    with reported("T31 connections") as figures:
        racers = times(full=100, short=12)
        for plan, in_use in (("trial", 0), ("pro", 49)):
            for _ in range(times(full=3, short=1)):
                workspace = make_workspace()
                runtime.run(workspace.ctx, set_plan, plan)
                ctx = replace(workspace.ctx, plan=Plan(plan))
                for _ in range(in_use):
                    connect(ctx, KEY)
                figures.count += racers
                figures.failed += at_once([partial(connect, ctx, KEY)] * racers) != 1
                shown = runtime.run(ctx, list_connections, ListConnections())
                figures.failed += len(shown) != in_use + 1
                with pytest.raises(EntitlementDeniedError):
                    connect(ctx, KEY)
        assert figures.failed == 0


def test_admins_who_shut_each_other_out_at_once_leave_one(runtime_started: None) -> None:
    """Each of four tries to demote or deactivate the next, all at the same moment."""
    with reported("T31 admins") as figures:
        for number in range(times(full=50, short=3)):
            workspace = make_workspace()
            admins = [workspace.ctx, *(joined(workspace, "admin") for _ in range(3))]
            attempts = [
                shut_out(who, admins[(place + 1) % 4], (number + place) % 2)
                for place, who in enumerate(admins)
            ]
            figures.count += len(attempts)
            done = at_once(attempts, racers=4)
            left = [one for one in list_of(admins[0]) if one == ("admin", "active")]
            figures.failed += not left or len(left) + done != 4
        assert figures.failed == 0


def shut_out(who: Context, whom: Context, how: int) -> Callable[[], Any]:
    if how:
        return lambda: runtime.run(who, change_role, ChangeRole(id_of(whom), "readonly"))
    return lambda: runtime.run(who, deactivate_person, id_of(whom))


def list_of(asker: Context) -> list[tuple[str, str]]:
    # The context is of before the race: whoever it was may look at what came of it.
    workspace = Workspace("", asker, KEY)
    return list(statuses(workspace).values())


def test_a_person_with_a_role_is_told_apart_by_it_alone(runtime_started: None) -> None:
    """The control: the same questions, with the table's answer swapped, are noticed."""
    workspace = make_workspace()
    bo = context_of(used(invited(workspace, "finance")))
    assert refused(bo, set_plan)
    assert not refused(workspace.ctx, set_plan)
    assert not refused(replace(bo, permissions=frozenset({"tenant.manage"})), set_plan)
