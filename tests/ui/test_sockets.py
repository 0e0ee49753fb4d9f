"""Open websockets end when the session that opened them does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from starlette.testclient import TestClient

from ecomops import runtime
from ecomops.domains.identity.schemas import Resolve, SignIn, SignOut
from ecomops.domains.identity.service import require_signed_in, resolve, sign_in, sign_out
from ecomops.domains.identity.sessions import end_other_sessions, end_session
from ecomops.kit.errors import OperationalError
from ecomops.kit.settings import Settings
from ecomops.runtime.sessions import Sessions
from ecomops.ui.sockets import UNSURE_FOR, Ending, Socket, Sockets, network_of
from tests.conftest import PASSWORD, Workspace, anonymous
from tests.ui.tabs import LOAD_SHELL, Answer, tab
from tests.web import door

End = Callable[[Workspace], None]
AT_ONCE, SOON = 1.0, 2.5


def sign_out_elsewhere(workspace: Workspace) -> None:
    runtime.run(anonymous(), sign_out, SignOut(workspace.token))


def expire(workspace: Workspace) -> None:
    _execute(workspace, "UPDATE sessions SET expires_at = now() WHERE id = :session")


def lose_membership(workspace: Workspace) -> None:
    _execute(workspace, "UPDATE memberships SET active = false WHERE :session IS NOT NULL")


def another_role(workspace: Workspace) -> None:
    _execute(workspace, "UPDATE memberships SET role = 'readonly' WHERE :session IS NOT NULL")


def end_it(workspace: Workspace) -> None:
    assert workspace.ctx.session_id is not None
    runtime.run(workspace.ctx, end_session, workspace.ctx.session_id)


def end_it_from_another_browser(workspace: Workspace) -> None:
    command = SignIn(f"{workspace.slug}@example.com", PASSWORD)
    other = require_signed_in(runtime.run(anonymous(), sign_in, command))
    runtime.run(runtime.run(anonymous(), resolve, Resolve(other.token)), end_other_sessions)


def _execute(workspace: Workspace, statement: str) -> None:
    with runtime.unit_of_work(workspace.ctx) as session:
        session.execute(text(statement), {"session": workspace.ctx.session_id})


def farewell_after(
    server: TestClient, cookie: str, workspace: Workspace, end: End, within: float
) -> Answer:
    with tab(server, cookie=cookie, path="/jobs") as person:
        assert person.send(LOAD_SHELL).value("role") == "admin"
        end(workspace)
        began = time.monotonic()
        told = person.farewell()
        assert time.monotonic() - began < within
    return told


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_a_closed_socket_leads_to_no_other_site(
    server: TestClient, cookie: str, workspace: Workspace, path: str
) -> None:
    with tab(server, cookie=cookie, path=path) as person:
        person.send(LOAD_SHELL)
        end_it(workspace)
        (redirect,) = person.farewell().events
        assert redirect["payload"]["path"] == "/login?next=%2F&ended=1"


@pytest.mark.parametrize("end", [end_it, end_it_from_another_browser])
def test_a_session_that_is_ended_here_loses_its_socket_at_once(
    server: TestClient, cookie: str, workspace: Workspace, end: End
) -> None:
    """Both run in this process, as the settings page will have them run."""
    told = farewell_after(server, cookie, workspace, end, AT_ONCE)
    assert [event["payload"]["path"] for event in told.events] == ["/login?next=%2Fjobs&ended=1"]


@pytest.mark.parametrize("end", [sign_out_elsewhere, expire, lose_membership])
def test_a_session_that_ends_elsewhere_loses_its_socket_within_two_seconds(
    server: TestClient, cookie: str, workspace: Workspace, end: End
) -> None:
    told = farewell_after(server, cookie, workspace, end, SOON)
    assert told.names() == ["_redirect"]


def test_signing_out_closes_the_other_tabs_at_once(
    server: TestClient, cookie: str, workspace: Workspace, settings: Settings
) -> None:
    def log_out(_workspace: Workspace) -> None:
        headers = {"origin": settings.origin, "cookie": cookie}
        assert server.post("/auth/logout", headers=headers).status_code == 303

    assert farewell_after(server, cookie, workspace, log_out, AT_ONCE).names() == ["_redirect"]


def test_with_another_role_the_page_loads_itself_anew(
    server: TestClient, cookie: str, workspace: Workspace
) -> None:
    with tab(server, cookie=cookie, path="/jobs") as person:
        assert person.send(LOAD_SHELL).value("role") == "admin"
        another_role(workspace)
        told = person.await_event()
        assert told.endswith("on_load_internal_state.on_load_internal")
        assert person.send(LOAD_SHELL).value("role") == "readonly", "on the same socket"


def test_the_sockets_of_others_stay(
    server: TestClient, cookie: str, other_cookie: str, other_workspace: Workspace
) -> None:
    before = set(door().sockets._open)
    with tab(server, cookie=cookie) as person:
        farewell_after(server, other_cookie, other_workspace, end_it, AT_ONCE)
        assert person.send(LOAD_SHELL).value("role") == "admin"
    assert set(door().sockets._open) <= before
    assert door().sockets._count.total() == len(door().sockets._open)


def test_a_session_that_cannot_be_looked_up_is_not_believed_for_ever(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[Ending] = []
    now = [0.0]

    async def close(_socket: Socket, ending: Ending) -> None:
        closed.append(ending)

    async def fail(*_arguments: Any) -> Any:
        raise OperationalError("The database is away.")

    async def main() -> None:
        sessions = Sessions()
        sockets = Sockets(sessions, close, lambda: now[0])
        await sockets.add("one", "203.0.113.9", workspace.token)
        monkeypatch.setattr(sessions, "resolve", fail)
        for now[0] in (UNSURE_FOR, UNSURE_FOR + 0.1):
            await sockets.look()
        assert sockets.get("one") is None

    asyncio.run(main())
    assert closed == ["unsure"]


def test_who_was_never_known_is_not_sent_to_sign_in(runtime_started: None) -> None:
    """The sign-in page itself is open in a browser whose cookie is stale."""

    async def close(_socket: Socket, _ending: Ending) -> None:
        pytest.fail("The socket was closed.")

    async def main() -> None:
        sockets = Sockets(Sessions(), close)
        await sockets.add("stale", "203.0.113.9", SecretStr("gone"))
        await sockets.add("none", "203.0.113.9", None)
        await sockets.look()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_a_customer_of_ipv6_is_one(address: str, network: str) -> None:
    assert network_of(address) == network
