"""The settings of the audit log: retention and the stream, over the real websocket."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from ecomops import runtime
from ecomops.domains.audit_settings.retention import get_retention
from ecomops.domains.audit_settings.schemas import StreamView
from ecomops.domains.audit_settings.streams import get_stream
from ecomops.kit.errors import InvalidInputError
from ecomops.operations.audit_stream import signature
from ecomops.ui.pages.settings.audit import AuditSettings
from ecomops.ui.pages.settings.retention_state import RetentionState, chosen_days
from ecomops.ui.pages.settings.snippet import VERIFY
from ecomops.ui.pages.settings.stream_state import SECRET, StreamState
from tests.conftest import Workspace
from tests.ui.tabs import LOAD_SHELL, Answer, Tab, tab

LOAD = f"{AuditSettings.get_full_name()}.load_audit_settings"
ADDRESS = "http://127.0.0.1:9/receiver"
"""Nobody listens there."""


def retention(name: str) -> str:
    return f"{RetentionState.get_full_name()}.{name}"


def stream(name: str) -> str:
    return f"{StreamState.get_full_name()}.{name}"


def opened(person: Tab) -> Answer:
    person.send(LOAD_SHELL)
    return person.send(LOAD)


def stored(workspace: Workspace) -> StreamView | None:
    return runtime.run(workspace.ctx, get_stream)


def start_streaming(person: Tab) -> Answer:
    return person.send(stream("save_url"), {"form": {"url": ADDRESS}})


def secret_in(answer: Answer) -> str:
    [event] = [it for it in answer.events if it["name"] == "_set_value" and _is_secret(it)]
    return str(event["payload"]["value"])


def _is_secret(event: dict[str, Any]) -> bool:
    return bool(event["payload"]["ref"] == f"ref_{SECRET}")


@pytest.mark.parametrize(
    ("kept", "days", "wanted"),
    [("", "12", None), ("365", "", 365), ("2555", "x", 2555), ("days", " 120 ", 120)],
)
def test_a_choice_is_so_many_days(kept: str, days: str, wanted: int | None) -> None:
    assert chosen_days(kept, days) == wanted


@pytest.mark.parametrize("days", ["", "-90", "90.5", "ninety", "9" * 30, "٩٠"])
def test_what_is_no_number_of_days_is_told(days: str) -> None:
    with pytest.raises(InvalidInputError):
        chosen_days("days", days)


def test_retention_is_stored_and_shown_again(
    server: TestClient, cookie: str, workspace: Workspace
) -> None:
    with tab(server, cookie=cookie, path="/settings/audit") as person:
        assert opened(person).value("retention_loaded") is True
        person.send(retention("save_retention"), {"form": {"kept": "days", "days": "400"}})
        assert runtime.run(workspace.ctx, get_retention) == 400
        person.send(retention("save_retention"), {"form": {"kept": "730", "days": ""}})
        assert runtime.run(workspace.ctx, get_retention) == 730
    with tab(server, cookie=cookie, path="/settings/audit") as person:
        assert opened(person).value("kept") == "730"


def test_fewer_than_90_days_are_refused_beside_the_field(
    server: TestClient, cookie: str, workspace: Workspace
) -> None:
    with tab(server, cookie=cookie, path="/settings/audit") as person:
        opened(person)
        form = {"kept": "days", "days": "89"}
        answer = person.send(retention("save_retention"), {"form": form})
    assert "90" in answer.value("days_error")
    assert runtime.run(workspace.ctx, get_retention) is None


def test_a_new_stream_shows_its_secret_once_and_keeps_it_out_of_the_state(
    server: TestClient, cookie: str, workspace: Workspace
) -> None:
    with tab(server, cookie=cookie, path="/settings/audit") as person:
        opened(person)
        answer = start_streaming(person)
        secret = secret_in(answer)
        assert len(secret) >= 32
        assert secret not in str(answer.delta)
        assert answer.value("secret_shown") is True
        assert secret not in person.send(LOAD).text
        assert secret_in(person.send(stream("forget_secret"))) == ""
    view = stored(workspace)
    assert view is not None
    assert (view.url, view.status) == (ADDRESS, "active")


def test_an_address_that_nobody_may_send_to_is_told_beside_the_field(
    server: TestClient, cookie: str, workspace: Workspace
) -> None:
    with tab(server, cookie=cookie, path="/settings/audit") as person:
        opened(person)
        answer = person.send(stream("save_url"), {"form": {"url": "ftp://example.com"}})
    assert answer.value("url_error")
    assert stored(workspace) is None


def test_a_stream_is_paused_resumed_replayed_and_deleted(
    server: TestClient, cookie: str, workspace: Workspace
) -> None:
    with tab(server, cookie=cookie, path="/settings/audit") as person:
        opened(person)
        start_streaming(person)
        assert person.send(stream("pause")).value("stream_status") == "Paused"
        assert person.send(stream("resume")).value("stream_status") == "Active"
        person.send(stream("ask"), {"what": "replay"})
        wrong = person.send(stream("replay"), {"form": {"batch": "10 OR 1=1"}})
        assert wrong.value("batch_error") == "Enter the number of a batch, 1 for the first."
        assert person.send(stream("replay"), {"form": {"batch": "1"}}).value("asking") == ""
        first, other = secret_in(person.send(stream("rotate_secret"))), SecretStr("")
        assert first != other.get_secret_value()
        assert person.send(stream("delete")).value("stream_url") == ""
    assert stored(workspace) is None


def test_a_test_that_nobody_receives_says_so(server: TestClient, cookie: str) -> None:
    with tab(server, cookie=cookie, path="/settings/audit") as person:
        opened(person)
        start_streaming(person)
        person.start(stream("test"))
        person.wait_for("busy", "test")
        answer = person.wait_for("busy", "")
        assert "Test not received" in answer.text + person.idle().text


def test_the_snippet_believes_what_is_signed_and_nothing_else() -> None:
    rooms: dict[str, Any] = {}
    exec(VERIFY, rooms)  # what a person copies
    is_ours, secret, body = rooms["is_ours"], SecretStr("plum tractor violin"), b'{"n":1}\n'
    signed = signature(secret, datetime.now(UTC), body)
    assert is_ours(secret.get_secret_value(), signed, body)
    assert not is_ours(secret.get_secret_value(), signed, body + b" ")
    assert not is_ours("another secret", signed, body)
    old = signature(secret, datetime.fromtimestamp(time.time() - 900, UTC), body)
    assert not is_ours(secret.get_secret_value(), old, body)


@pytest.mark.parametrize("role", ["finance", "ops", "readonly"])
def test_a_view_of_the_settings_is_denied_and_audited_once(
    server: TestClient, cookie: str, workspace: Workspace, admin_engine: Engine, role: str
) -> None:
    with runtime.unit_of_work(workspace.ctx) as session:
        session.execute(text("UPDATE memberships SET role = :role"), {"role": role})
    with tab(server, cookie=cookie, path="/settings/audit") as person:
        opened(person)
    query = (
        "SELECT payload ->> 'permission' FROM audit_events"
        " WHERE tenant_id = :tenant AND status = 'denied'"
    )
    with admin_engine.connect() as connection:
        denied = list(connection.scalars(text(query), {"tenant": workspace.ctx.tenant}))
    assert denied == ["tenant.manage"]
