"""Views that people keep: whose they are, who changes them, what they open with."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from ecomops import runtime
from ecomops.domains.access.rules import permissions_of
from ecomops.domains.identity.people import AddPerson, add_person
from ecomops.domains.tables.schemas import DefaultView, SavedView, SaveView
from ecomops.domains.tables.views import (
    LONGEST_QUERY,
    MOST,
    SCREENS,
    delete_view,
    list_views,
    save_view,
    set_default_view,
)
from ecomops.kit.context import Actor, Context, Plan
from ecomops.kit.errors import (
    EntitlementDeniedError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)
from tests.conftest import PASSWORD, Workspace
from tests.integration.provider import Stored

StoredOf = Callable[[Workspace], Stored]
Audit = Callable[[Workspace], list[tuple[str, str]]]

VIEW = SaveView("payouts", "Failed", "status=failed&sort=amount&dir=desc")


def person(workspace: Workspace, role: str) -> Context:
    """Somebody else of the workspace."""
    email = f"{uuid4().hex[:10]}@example.com"
    command = AddPerson("Bo Berg", email, role, SecretStr(PASSWORD.get_secret_value()))
    user_id = runtime.run(workspace.ctx, add_person, command)
    return replace(workspace.ctx, actor=Actor(user_id, email), role=role,
                   permissions=permissions_of(role))  # fmt: skip


def names(ctx: Context, screen: str = "payouts") -> list[str]:
    return [view.name for view in runtime.run(ctx, list_views, screen)]


def test_a_view_is_kept_listed_changed_and_deleted(workspace: Workspace, audit: Audit) -> None:
    before = audit(workspace)
    made = runtime.run(workspace.ctx, save_view, replace(VIEW, name="  Failed "))
    assert made == SavedView(made.id, "payouts", "Failed", VIEW.query, False, True, False)
    assert runtime.run(workspace.ctx, list_views, "payouts") == (made,)
    assert names(workspace.ctx, "payments") == []
    changed = runtime.run(
        workspace.ctx, save_view, SaveView("payouts", "All", "", True, view_id=made.id)
    )
    assert changed == SavedView(made.id, "payouts", "All", "", True, True, False)
    assert runtime.run(workspace.ctx, list_views, "payouts") == (changed,)
    runtime.run(workspace.ctx, delete_view, made.id)
    assert names(workspace.ctx) == []
    told = [("view_saved", "success"), ("view_saved", "success"), ("view_deleted", "success")]
    assert audit(workspace) == [*before, *told]


def test_views_are_listed_by_name(workspace: Workspace) -> None:
    for name in ("beta", "Alpha", "gamma", "Ähre"):
        runtime.run(workspace.ctx, save_view, replace(VIEW, name=name))
    assert names(workspace.ctx) == ["Alpha", "beta", "gamma", "Ähre"]


def test_a_private_view_is_its_makers_alone(workspace: Workspace, audit: Audit) -> None:
    colleague = person(workspace, "finance")
    made = runtime.run(colleague, save_view, VIEW)
    assert names(workspace.ctx) == [], "not even an admin sees it"
    before = audit(workspace)
    for use_case, command in (
        (delete_view, made.id),
        (save_view, replace(VIEW, view_id=made.id)),
        (set_default_view, DefaultView("payouts", made.id)),
    ):
        with pytest.raises(NotFoundError):
            runtime.run(workspace.ctx, use_case, command)  # type: ignore[arg-type]  # of several
    assert runtime.run(colleague, list_views, "payouts") == (made,)
    assert audit(workspace) == before


def test_a_shared_view_is_seen_by_all_and_changed_by_its_maker_and_admins(
    workspace: Workspace, audit: Audit
) -> None:
    maker, reader = person(workspace, "ops"), person(workspace, "finance")
    made = runtime.run(maker, save_view, replace(VIEW, shared=True))
    assert runtime.run(reader, list_views, "payouts") == (replace(made, mine=False),)
    before = audit(workspace)
    for use_case, command in ((delete_view, made.id), (save_view, replace(VIEW, view_id=made.id))):
        with pytest.raises(PermissionDeniedError):
            runtime.run(reader, use_case, command)  # type: ignore[arg-type]  # of two
    assert names(reader) == ["Failed"]
    assert audit(workspace) == [*before, *[("permission_denied", "denied")] * 2]
    renamed = replace(VIEW, name="Ours", shared=True, view_id=made.id)
    runtime.run(workspace.ctx, save_view, renamed)
    assert names(reader) == names(maker) == ["Ours"]
    assert runtime.run(maker, list_views, "payouts")[0].mine, "an admin's change takes nothing"
    runtime.run(workspace.ctx, delete_view, made.id)
    assert names(maker) == []


def test_a_default_is_a_persons_own_and_one_for_a_screen(workspace: Workspace) -> None:
    colleague = person(workspace, "readonly")
    first = runtime.run(workspace.ctx, save_view, replace(VIEW, shared=True))
    second = runtime.run(workspace.ctx, save_view, replace(VIEW, name="Other"))

    def defaults(ctx: Context) -> list[str]:
        return [it.name for it in runtime.run(ctx, list_views, "payouts") if it.is_default]

    for view in (first, second, second):
        runtime.run(workspace.ctx, set_default_view, DefaultView("payouts", view.id))
        assert defaults(workspace.ctx) == [view.name]
    runtime.run(colleague, set_default_view, DefaultView("payouts", first.id))
    assert (defaults(workspace.ctx), defaults(colleague)) == (["Other"], ["Failed"])
    with pytest.raises(NotFoundError):
        runtime.run(workspace.ctx, set_default_view, DefaultView("payments", first.id))
    runtime.run(workspace.ctx, set_default_view, DefaultView("payouts", None))
    assert (defaults(workspace.ctx), defaults(colleague)) == ([], ["Failed"])


def test_a_default_ends_when_its_view_cannot_be_seen_any_more(
    workspace: Workspace, stored: StoredOf
) -> None:
    colleague = person(workspace, "finance")
    for step in ("made private", "deleted"):
        made = runtime.run(workspace.ctx, save_view, replace(VIEW, name=step, shared=True))
        for ctx in (workspace.ctx, colleague):
            runtime.run(ctx, set_default_view, DefaultView("payouts", made.id))
        if step == "deleted":
            runtime.run(workspace.ctx, delete_view, made.id)
        else:
            private = replace(VIEW, name=step, view_id=made.id)
            assert runtime.run(workspace.ctx, save_view, private).is_default
        left = stored(workspace).one("SELECT count(*) FROM default_views WHERE tenant_id = :tenant")
        assert left == (0 if step == "deleted" else 1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "a\x00"}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"query": "x" * (LONGEST_QUERY + 1)}, "query"),
        ({"query": "status=failed#top"}, "query"),
        ({"query": "status=<b>"}, "query"),
        ({"query": "a b"}, "query"),
        ({"query": "%"}, "query"),
        ({"query": "%zz"}, "query"),
        ({"query": 'javascript:"x"'}, "query"),
        ({"query": "q=é"}, "query"),
        ({"query": "q=\x00"}, "query"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_field(
    workspace: Workspace, changes: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidInputError) as error:
        runtime.run(workspace.ctx, save_view, replace(VIEW, **changes))  # type: ignore[arg-type]
    assert set(error.value.fields) == {field}
    assert names(workspace.ctx) == []


def test_the_longest_view_is_kept(workspace: Workspace) -> None:
    view = replace(VIEW, name="é" * 80, query="q=%C3%A9&" + "x" * (LONGEST_QUERY - 9))
    runtime.run(workspace.ctx, save_view, view)
    assert names(workspace.ctx) == ["é" * 80]


def test_a_name_is_taken_once_by_a_person_and_screen(workspace: Workspace) -> None:
    colleague = person(workspace, "finance")
    made = runtime.run(workspace.ctx, save_view, VIEW)
    other = runtime.run(workspace.ctx, save_view, replace(VIEW, name="Other"))
    runtime.run(workspace.ctx, save_view, replace(VIEW, screen="payments"))
    runtime.run(colleague, save_view, VIEW)
    for command in (VIEW, replace(VIEW, view_id=other.id)):
        with pytest.raises(InvalidInputError) as error:
            runtime.run(workspace.ctx, save_view, command)
        assert set(error.value.fields) == {"name"}
    runtime.run(workspace.ctx, save_view, replace(VIEW, query="", view_id=made.id))
    assert names(workspace.ctx) == ["Failed", "Other"]


def test_of_two_who_save_at_once_one_has_the_name(workspace: Workspace) -> None:
    with ThreadPoolExecutor(1) as threads:
        with runtime.unit_of_work(workspace.ctx) as session:
            save_view(session, workspace.ctx, VIEW)
            second = threads.submit(runtime.run, workspace.ctx, save_view, VIEW)
            with pytest.raises(TimeoutError):  # it waits for the first
                second.result(timeout=0.5)
        with pytest.raises(InvalidInputError) as error:
            second.result()
    assert set(error.value.fields) == {"name"}
    assert names(workspace.ctx) == ["Failed"]


def test_a_person_keeps_a_hundred_views(workspace: Workspace) -> None:
    made = [runtime.run(workspace.ctx, save_view, replace(VIEW, name=f"V{n}", screen=screen))
            for n, screen in zip(range(MOST), list(SCREENS) * MOST, strict=False)]  # fmt: skip
    with pytest.raises(InvalidInputError) as error:
        runtime.run(workspace.ctx, save_view, VIEW)
    assert set(error.value.fields) == {"name"}
    changed = SaveView(made[0].screen, "Another name", "", view_id=made[0].id)
    runtime.run(workspace.ctx, save_view, changed)
    runtime.run(person(workspace, "readonly"), save_view, VIEW)
    runtime.run(workspace.ctx, delete_view, made[1].id)
    runtime.run(workspace.ctx, save_view, VIEW)


@pytest.mark.parametrize("screen", ["", "users", "jobs", "Payouts"])
def test_there_are_no_other_screens(workspace: Workspace, screen: str) -> None:
    for use_case, command in (
        (list_views, screen),
        (save_view, replace(VIEW, screen=screen)),
        (set_default_view, DefaultView(screen, None)),
    ):
        with pytest.raises(NotFoundError):
            runtime.run(workspace.ctx, use_case, command)  # type: ignore[arg-type]  # of several


def test_views_of_the_audit_log_are_for_those_who_see_it(
    workspace: Workspace, audit: Audit, stored: StoredOf
) -> None:
    made = runtime.run(workspace.ctx, save_view, SaveView("audit", "Denied", "status=denied", True))
    assert names(workspace.ctx, "audit") == ["Denied"]
    reader = person(workspace, "finance")
    before = audit(workspace)
    for use_case, command in (
        (list_views, "audit"),
        (save_view, SaveView("audit", "Mine", "")),
        (set_default_view, DefaultView("audit", made.id)),
    ):
        with pytest.raises(PermissionDeniedError):
            runtime.run(reader, use_case, command)  # type: ignore[arg-type]  # of several
    assert audit(workspace) == [*before, *[("permission_denied", "denied")] * 3]
    with pytest.raises(NotFoundError):
        runtime.run(reader, delete_view, made.id)
    assert stored(workspace).one("SELECT count(*) FROM saved_views WHERE tenant_id = :tenant") == 1


def test_another_workspace_sees_and_touches_no_view(
    workspace: Workspace, other_workspace: Workspace, stored: StoredOf
) -> None:
    made = runtime.run(workspace.ctx, save_view, replace(VIEW, shared=True))
    assert names(other_workspace.ctx) == []
    for use_case, command in (
        (delete_view, made.id),
        (save_view, replace(VIEW, view_id=made.id)),
        (set_default_view, DefaultView("payouts", made.id)),
    ):
        with pytest.raises(NotFoundError):
            runtime.run(other_workspace.ctx, use_case, command)  # type: ignore[arg-type]
    assert runtime.run(workspace.ctx, list_views, "payouts") == (made,)
    for table in ("saved_views", "default_views"):
        count = f"SELECT count(*) FROM {table} WHERE tenant_id = :tenant"
        assert stored(other_workspace).one(count) == 0


@pytest.mark.parametrize("what", ["role", "trial"])
def test_without_leave_nothing_of_a_view_changes(
    workspace: Workspace, audit: Audit, what: str
) -> None:
    made = runtime.run(workspace.ctx, save_view, VIEW)
    over = Plan("trial", datetime.now(UTC) - timedelta(days=1))
    denied = replace(workspace.ctx, plan=over)
    if what == "role":
        denied = replace(workspace.ctx, role="", permissions=frozenset())
    before = audit(workspace)
    use_cases: list[tuple[Any, Any]] = [
        (save_view, replace(VIEW, name="Other")),
        (delete_view, made.id),
        (set_default_view, DefaultView("payouts", made.id)),
    ]
    for use_case, command in use_cases:
        with pytest.raises((PermissionDeniedError, EntitlementDeniedError)):
            runtime.run(denied, use_case, command)
    assert runtime.run(workspace.ctx, list_views, "payouts") == (made,)
    word = "permission_denied" if what == "role" else "entitlement_denied"
    assert audit(workspace) == [*before, *[(word, "denied")] * 3]
    if what == "trial":
        assert runtime.run(denied, list_views, "payouts") == (made,)


def test_the_system_keeps_no_views(workspace: Workspace) -> None:
    nobody = replace(workspace.ctx, actor=Actor(None, "system"))
    runtime.run(workspace.ctx, save_view, replace(VIEW, shared=True))
    assert names(nobody) == ["Failed"]
    with pytest.raises(LookupError):
        runtime.run(nobody, save_view, VIEW)
    assert isinstance(workspace.ctx.tenant, UUID)
