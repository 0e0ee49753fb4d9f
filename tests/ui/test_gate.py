"""The gate before every event, over the real websocket protocol and the real States."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import reflex as rx
from reflex_base.event import Event
from reflex_base.registry import RegistrationContext
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from ecomops import runtime
from ecomops.domains.identity.schemas import SignOut
from ecomops.domains.identity.service import sign_out
from ecomops.kit.settings import Settings
from ecomops.runtime.sessions import CACHE_SECONDS
from ecomops.ui.gate import INTERNAL, UnguardedStateError, check_states, rule_for
from ecomops.ui.handlers import PUBLIC, handler, rule_from
from ecomops.ui.pages.auth.state import AuthState
from ecomops.ui.state import AppState
from tests.conftest import Workspace, anonymous
from tests.ui.tabs import HYDRATE, LOAD_SHELL, tab

HOSTILE: list[dict[str, Any]] = [{}, {"value": {"$ne": 1}}, {"unknown": [None] * 50}]


@contextmanager
def states_of_this_test() -> Iterator[None]:
    """States defined inside are forgotten afterwards."""
    with RegistrationContext.get().fork():
        yield


@pytest.mark.usefixtures("server")
def test_every_event_of_the_app_has_a_rule() -> None:
    check_states()
    ours = [name for name in RegistrationContext.get().event_handlers if "ecomops" in name]
    assert len(ours) > 10
    assert all(rule_for(name) for name in ours if not name.endswith(".setvar"))


CHANGING = {
    "jobs.run": (
        *("activity.run_sync", "activity.retry_job", "activity.cancel_job"),
        "rejects_state.retry",
    ),
    "connections.manage": (
        *("connections_state.test", "connections_state.revoke"),
        *("connection_form.begin_editing", "connection_form.save_connection"),
    ),
}


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("permission", CHANGING)
def test_an_event_that_changes_something_asks_for_its_permission(permission: str) -> None:
    """Named here once more: all other tests ask the rule itself what is allowed."""
    rules = {name: rule_for(name) for name in RegistrationContext.get().event_handlers}
    for ending in CHANGING[permission]:
        found = [rule for name, rule in rules.items() if name.endswith(f"___{ending}")]
        assert found == [rule_from(permission)], ending


@pytest.mark.usefixtures("server")
def test_what_the_log_says_of_a_row_asks_for_leave_to_see_the_log() -> None:
    names = RegistrationContext.get().event_handlers
    found = [rule_for(name) for name in names if name.endswith("___open_row.load_events")]
    assert found == [rule_from("audit.view")]


@pytest.mark.usefixtures("server")
def test_the_app_does_not_start_with_an_event_that_has_no_rule() -> None:
    with states_of_this_test():

        class Careless(AppState):
            def helper_that_is_an_event(self) -> None:
                """No rule."""

        with pytest.raises(UnguardedStateError, match=r"careless\.helper_that_is_an_event"):
            check_states()


@pytest.mark.usefixtures("server")
def test_the_app_does_not_start_with_an_event_of_a_mixin_that_has_no_rule() -> None:
    with states_of_this_test():

        class Paging(rx.State, mixin=True):
            def next_page(self) -> None:
                """No rule."""

        class Listing(Paging, AppState):
            @handler(PUBLIC)
            def load(self) -> None:
                """Has one."""

        with pytest.raises(UnguardedStateError, match="next_page") as refused:
            check_states()
        assert ".load" not in str(refused.value)


@pytest.mark.usefixtures("server")
def test_the_app_does_not_start_with_a_state_beside_ours() -> None:
    with states_of_this_test():

        class Stranger(rx.State):
            rows: list[str] = []  # noqa: RUF012

        with pytest.raises(UnguardedStateError, match="stranger"):
            check_states()


def test_an_unknown_permission_is_refused_where_it_is_written() -> None:
    with pytest.raises(ValueError, match=r"no permission named 'job\.view'"):
        handler("job.view")


def permission_of(event: str) -> str:
    rule = rule_for(event)
    return rule.permission if rule else ""


def become(workspace: Workspace, role: str) -> None:
    """Give the workspace's admin another role."""
    with runtime.unit_of_work(workspace.ctx) as session:
        session.execute(text("UPDATE memberships SET role = :role"), {"role": role})


def denials(admin: Engine, workspace: Workspace) -> list[str]:
    """The permissions whose denial was audited, in order."""
    query = (
        "SELECT payload ->> 'permission' FROM audit_events"
        " WHERE tenant_id = :tenant AND action = 'permission_denied' ORDER BY xid, id"
    )
    with admin.connect() as connection:
        return list(connection.scalars(text(query), {"tenant": workspace.ctx.tenant}))


def guarded_events() -> list[str]:
    names = RegistrationContext.get().event_handlers
    return [name for name in names if (rule := rule_for(name)) is not None and rule.signed_in]


def test_somebody_who_is_signed_out_runs_no_guarded_event(server: TestClient) -> None:
    with tab(server) as stranger:
        stranger.send(HYDRATE)
        for name in guarded_events():
            for payload in HOSTILE:
                answer = stranger.send(name, payload)
                assert answer.delta == {}, name
                assert answer.names() == ["_redirect"], name
                target = answer.events[0]["payload"]["path"]
                assert target == "/login?next=%2Fnowhere&ended=1"


def test_no_variable_can_be_set_from_outside(server: TestClient, cookie: str) -> None:
    setters = [n for n in RegistrationContext.get().event_handlers if n.endswith(".setvar")]
    assert len(setters) > 5
    with tab(server, cookie=cookie) as person:
        person.send(LOAD_SHELL)
        for name in setters:
            for variable in ("role", "permissions", "_owner", "is_hydrated"):
                answer = person.send(name, {"var_name": variable, "value": "admin"})
                assert (answer.delta, answer.events) == ({}, []), name


@pytest.mark.parametrize(
    "name",
    [
        "reflex___state____state.hydrate",
        "reflex___state____state.set_is_hydrated",
        "reflex___state____state.reflex___state____update_vars_internal_state.update_vars_internal",
        "reflex___state____state.no_such_event",
        "no.such.state",
        "",
    ],
)
def test_what_no_page_sends_is_blocked(server: TestClient, cookie: str, name: str) -> None:
    assert name not in INTERNAL
    with tab(server, cookie=cookie) as person:
        person.send(LOAD_SHELL)
        answer = person.send(name, {"vars": {}})
        assert (answer.delta, answer.events) == ({}, [])


def test_the_person_of_the_cookie_is_served(server: TestClient, cookie: str) -> None:
    with tab(server, cookie=cookie) as person:
        answer = person.send(LOAD_SHELL)
    assert answer.value("workspace_name") == "Nordwind Trading"
    assert answer.value("role") == "admin"
    assert "connections.manage" in answer.value("permissions")


def test_hydrating_tells_strangers_the_same_whoever_else_is_there(
    server: TestClient, cookie: str
) -> None:
    with tab(server, token="before") as stranger:
        before = stranger.send(HYDRATE)
    with tab(server, cookie=cookie) as person:
        person.send(LOAD_SHELL)
        with tab(server, token="after") as stranger:
            after = stranger.send(HYDRATE)
    root = "reflex___state____state"
    for told in (before, after):
        for varying in ("rx_router_session", "rx_router_headers"):
            told.delta[root].pop(f"{varying}_rx_state_")
    assert before.delta == after.delta


def test_an_event_without_a_connection_is_blocked(server: TestClient) -> None:
    """Nothing of ours enqueues one; what a bug or an upgrade of Reflex might, does not run."""
    app: Any = RegistrationContext.get().app
    portal: Any = server.portal
    with tab(server, token="no-connection") as stranger:
        event = Event(name=f"{AuthState.get_full_name()}.open_form")
        portal.call(app.event_processor.enqueue, "no-connection", event)
        answer = stranger.send("no.such.event")
    assert (answer.delta, answer.events) == ({}, [])


@pytest.mark.usefixtures("unwatched")
def test_a_session_that_is_revoked_elsewhere_ends_within_the_cache_time(
    server: TestClient, cookie: str, workspace: Workspace
) -> None:
    with tab(server, cookie=cookie) as person:
        assert person.send(LOAD_SHELL).value("role") == "admin"
        runtime.run(anonymous(), sign_out, SignOut(workspace.token))
        time.sleep(CACHE_SECONDS)
        answer = person.send(LOAD_SHELL)
    assert answer.names() == ["_redirect"]
    assert answer.value("role") == ""
    assert answer.value("email") == ""


@pytest.mark.usefixtures("unwatched")
def test_signing_out_here_ends_the_session_at_once(
    server: TestClient, cookie: str, settings: Settings
) -> None:
    with tab(server, cookie=cookie) as person:
        person.send(LOAD_SHELL)
        headers = {"origin": settings.origin, "cookie": cookie}
        assert server.post("/auth/logout", headers=headers).status_code == 303
        assert person.send(LOAD_SHELL).names() == ["_redirect"]


def test_a_denied_event_is_told_audited_and_does_not_run(
    server: TestClient, cookie: str, workspace: Workspace, admin_engine: Engine
) -> None:
    become(workspace, "readonly")
    denied = [n for n in guarded_events() if permission_of(n) in ("jobs.run", "connections.manage")]
    assert denied
    with tab(server, cookie=cookie) as person:
        for name in denied:
            answer = person.send(name, {"unknown": 1})
            assert answer.delta == {}, name
            assert "Your role does not allow this" in answer.text, name
    assert denials(admin_engine, workspace) == [permission_of(name) for name in denied]


@pytest.mark.parametrize("attack", ["hydrate", "event"])
@pytest.mark.parametrize("thief", ["a stranger", "somebody else"])
def test_the_token_of_a_tab_is_worth_nothing_without_its_session(
    server: TestClient, cookie: str, other_cookie: str, thief: str, attack: str
) -> None:
    with tab(server, cookie=cookie, token=f"stolen-{thief}-{attack}") as victim:
        victim.send(HYDRATE)
        assert "Nordwind" in victim.send(LOAD_SHELL).text
        email = victim.send(HYDRATE).value("email")
    theirs = other_cookie if thief == "somebody else" else ""
    with tab(server, cookie=theirs, token=f"stolen-{thief}-{attack}") as attacker:
        name = HYDRATE if attack == "hydrate" else LOAD_SHELL
        answers = [attacker.send(name), attacker.send(HYDRATE), attacker.send(LOAD_SHELL)]
    assert all(email not in answer.text for answer in answers)
    if attack == "event" and theirs:
        assert "opened by another session" in answers[0].text
        assert answers[0].value("workspace_name") == ""
    with tab(server, cookie=cookie, token=f"stolen-{thief}-{attack}") as victim:
        told = victim.send(HYDRATE)
    assert told.value("email") == ""
