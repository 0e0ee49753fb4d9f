"""A workspace's choices for its log: how long payloads are kept, where events are sent."""

from __future__ import annotations

import hmac
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from ecomops import runtime
from ecomops.core.audit_file import read_ndjson, verify
from ecomops.domains.audit.export import ExportEvents, begin_export, export_events
from ecomops.domains.audit.queries import get_event, latest_seal, list_events
from ecomops.domains.audit.schemas import AuditQuery
from ecomops.domains.audit.sealing import seal_batch
from ecomops.domains.audit_settings import deliveries
from ecomops.domains.audit_settings.deliveries import reseal_stream, take_stream
from ecomops.domains.audit_settings.retention import (
    get_retention,
    remove_payloads,
    set_retention,
)
from ecomops.domains.audit_settings.schemas import Cursor, StreamView
from ecomops.domains.audit_settings.streams import (
    KIND,
    delete_stream,
    get_stream,
    pause_stream,
    replay_stream,
    resume_stream,
    rotate_stream_secret,
    save_stream,
)
from ecomops.domains.due.service import list_due
from ecomops.kit.context import Plan
from ecomops.kit.errors import (
    ConflictError,
    EntitlementDeniedError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)
from ecomops.kit.settings import get_settings
from ecomops.operations.audit_retention import remove_all_due
from ecomops.operations.audit_stream import deliver, send_test
from tests.conftest import Workspace, anonymous
from tests.connectors.test_outbound import answering
from tests.integration.audit_log import add_events, seal, sealed_log, verified

DAYS = 200


def exported(workspace: Workspace, query: AuditQuery = AuditQuery()) -> str:  # noqa: B008  # frozen
    return b"".join(runtime.stream(workspace.ctx, export_events, ExportEvents(query))).decode()


def judged(text: str) -> Any:
    return verify(read_ndjson(io.StringIO(text, newline="")))


def test_an_export_proves_itself_and_is_audited(
    workspace: Workspace, admin_engine: Engine, stored: Any
) -> None:
    sealed_log(admin_engine, workspace, 40, 25)
    runtime.run(workspace.ctx, begin_export, ExportEvents(AuditQuery(category="auth")))
    whole, some = exported(workspace), exported(workspace, AuditQuery(category="auth"))
    assert (judged(whole).events, judged(whole).complete) == (66, True)
    assert (judged(some).events, judged(some).complete) == (24, False)
    rows = stored(workspace).rows(
        "SELECT action, payload FROM audit_events WHERE tenant_id = :tenant"
        " AND category = 'security' ORDER BY xid, id"
    )
    assert [action for action, _ in rows] == ["audit_export_started", *["audit_exported"] * 2]
    assert rows[2][1] == {
        "format": "ndjson",
        "filters": {"category": "auth"},
        "row_count": 24,
        "sha256": sha256(some.encode()).hexdigest(),
    }


def test_an_export_is_for_admins_and_only_of_what_there_is(workspace: Workspace) -> None:
    with pytest.raises(PermissionDeniedError):
        list(runtime.stream(workspace.as_role("finance"), export_events,
                            ExportEvents(AuditQuery())))  # fmt: skip
    with pytest.raises(InvalidInputError):
        runtime.run(workspace.ctx, begin_export, ExportEvents(AuditQuery(), "xlsx"))  # type: ignore[arg-type]  # what a browser may send


# Retention.


def aged(engine: Engine, workspace: Workspace) -> str:
    """A sealed log whose second batch is from January, and its export of before."""
    sealed_log(engine, workspace, 30)
    return exported(workspace)


def test_payloads_go_when_their_time_is_over_and_everything_still_verifies(
    workspace: Workspace, admin_engine: Engine, audit: Any
) -> None:
    before = aged(admin_engine, workspace)
    runtime.run(workspace.ctx, set_retention, DAYS)
    assert remove_all_due(anonymous()) >= 30
    seal()
    found = verified(workspace)
    assert (found.finding, found.payloads_removed) == (None, 30)
    after = exported(workspace)
    assert judged(after).complete
    assert judged(before).events == 31, "the old file proves what it proved"
    assert "Zoë" in before
    assert "Zoë" not in after
    (row, *_) = runtime.run(workspace.ctx, list_events, AuditQuery(resource_id="r_4")).rows
    detail = runtime.run(workspace.ctx, get_event, row.id)
    assert (detail.payload, detail.address) == (None, "")
    assert audit(workspace)[-2:] == [
        ("audit_payloads_removed", "success"), ("audit_exported", "success"),
    ]  # fmt: skip
    assert runtime.run(workspace.ctx, remove_payloads) == 0


def test_nothing_goes_by_itself_or_before_its_time(
    workspace: Workspace, other_workspace: Workspace, admin_engine: Engine, stored: Any
) -> None:
    aged(admin_engine, workspace)
    aged(admin_engine, other_workspace)
    assert runtime.run(workspace.ctx, get_retention) is None
    assert runtime.run(workspace.ctx, remove_payloads) == 0
    runtime.run(workspace.ctx, set_retention, 36_500)
    assert runtime.run(workspace.ctx, remove_payloads) == 0
    runtime.run(workspace.ctx, set_retention, DAYS)
    assert runtime.run(workspace.ctx, remove_payloads) == 30
    query = "SELECT count(*) FROM audit_events WHERE tenant_id = :tenant AND payload IS NULL"
    assert stored(other_workspace).rows(query) == [(0,)]
    assert stored(workspace).rows(query) == [(30,)]


def test_what_is_not_sealed_yet_keeps_its_payload(
    workspace: Workspace, admin_engine: Engine
) -> None:
    add_events(admin_engine, workspace, 3)
    runtime.run(workspace.ctx, set_retention, DAYS)
    assert runtime.run(workspace.ctx, remove_payloads) == 0
    seal()
    assert runtime.run(workspace.ctx, remove_payloads) == 3


@pytest.mark.parametrize("days", [0, -1, 89, 36_501])
def test_payloads_are_kept_for_ninety_days_at_least(workspace: Workspace, days: int) -> None:
    with pytest.raises(InvalidInputError):
        runtime.run(workspace.ctx, set_retention, days)
    assert runtime.run(workspace.ctx, get_retention) is None


# The stream.


@pytest.fixture
def streaming(workspace: Workspace, admin_engine: Engine) -> Workspace:
    seal()
    return workspace


def test_sealed_events_arrive_signed_in_order_and_prove_themselves(
    streaming: Workspace, admin_engine: Engine
) -> None:
    with answering(200) as (url, received):
        saved = runtime.run(streaming.ctx, save_stream, url)
        assert saved.secret is not None
        sealed_log(admin_engine, streaming, 700, 30)
        sent = deliver(streaming.ctx, saved.stream.id)
    assert sent == 731, "the event of saving it is the first"
    places = []
    for headers, body in received:
        stamp, signature = (part.partition("=")[2] for part in
                            headers["Ecomops-Signature"].split(","))  # fmt: skip
        secret = saved.secret.get_secret_value().encode()
        wanted = hmac.new(secret, f"{stamp}.".encode() + body, sha256).hexdigest()
        assert signature == wanted
        assert abs(int(stamp) - datetime.now(UTC).timestamp()) < 60
        assert judged(body.decode()).events > 0
        for _, record in read_ndjson(io.StringIO(body.decode(), newline="")):
            if record["type"] == "event":
                places.append((record["batch"], record["position"]))
    assert places == sorted(set(places)), "in order, none twice"
    view = view_of(streaming)
    assert (view.delivered, view.waiting, view.last_error, view.failures) == (731, 0, None, 0)
    newest = runtime.run(streaming.ctx, latest_seal)
    assert newest is not None
    assert view.cursor == Cursor(newest.number, 30)


def view_of(workspace: Workspace) -> StreamView:
    view = runtime.run(workspace.ctx, get_stream)
    assert view is not None
    return view


@pytest.mark.parametrize("status", [400, 404, 307, 500])
def test_what_does_not_arrive_is_kept_and_tried_again_later_and_later(
    streaming: Workspace, admin_engine: Engine, status: int
) -> None:
    with answering(status) as (url, received):
        stream = runtime.run(streaming.ctx, save_stream, url).stream
        sealed_log(admin_engine, streaming, 3)
        waits = []
        for _ in range(3):
            assert deliver(streaming.ctx, stream.id) == 0
            view = view_of(streaming)
            assert view.next_try_at is not None
            waits.append(round((view.next_try_at - datetime.now(UTC)).total_seconds(), -1))
    view = view_of(streaming)
    assert (view.cursor, view.failures) == (stream.cursor, 3)
    assert view.last_error == f"It answered with status {status}."
    assert waits == [10, 20, 40]
    assert len(received) == 3
    assert [body for _, body in received] == [received[0][1]] * 3


def test_a_paused_stream_rests_and_a_resumed_one_sends_what_has_gathered(
    streaming: Workspace, admin_engine: Engine
) -> None:
    with answering(200) as (url, received):
        stream = runtime.run(streaming.ctx, save_stream, url).stream
        runtime.run(streaming.ctx, pause_stream)
        sealed_log(admin_engine, streaming, 5)
        assert (deliver(streaming.ctx, stream.id), received) == (0, [])
        runtime.run(streaming.ctx, resume_stream)
        seal()
        sent = deliver(streaming.ctx, stream.id)
        assert sent == 8, "five, and those of saving, pausing and resuming"
        runtime.run(streaming.ctx, replay_stream, Cursor(1, 0))
        seal()
        assert deliver(streaming.ctx, stream.id) == 10, "all there is"


def test_a_turn_is_had_once(streaming: Workspace) -> None:
    runtime.run(streaming.ctx, save_stream, "http://127.0.0.1:9/")
    (due,) = [one for one in runtime.run(anonymous(), list_due, (KIND,))
              if one.tenant_id == streaming.ctx.tenant]  # fmt: skip
    assert runtime.run(streaming.ctx, take_stream, due)
    assert not runtime.run(streaming.ctx, take_stream, due)


def test_a_new_seal_is_news_for_a_stream_that_rests(
    streaming: Workspace, admin_engine: Engine
) -> None:
    with answering(200) as (url, _):
        stream = runtime.run(streaming.ctx, save_stream, url).stream
        seal()
        deliver(streaming.ctx, stream.id)

        def due() -> list[Any]:
            ready = runtime.run(anonymous(), list_due, (KIND,))
            return [one for one in ready if one.tenant_id == streaming.ctx.tenant]

        assert due() == []
        add_events(admin_engine, streaming, 1)
        seal()
        assert len(due()) == 1


def test_a_secret_is_shown_once_and_changes_when_it_is_rotated(streaming: Workspace) -> None:
    first = runtime.run(streaming.ctx, save_stream, "http://127.0.0.1:9/a")
    again = runtime.run(streaming.ctx, save_stream, "http://127.0.0.1:9/b")
    assert again.secret is None
    assert again.stream.id == first.stream.id
    rotated = runtime.run(streaming.ctx, rotate_stream_secret)
    assert rotated.secret is not None
    assert rotated.secret != first.secret


def test_a_test_says_how_it_went(streaming: Workspace) -> None:
    with answering(200) as (url, received):
        runtime.run(streaming.ctx, save_stream, url)
        assert send_test(streaming.ctx) is None
    assert judged(received[0][1].decode()).events == 0
    assert send_test(streaming.ctx) == "It could not be reached (ConnectError)."


@pytest.mark.parametrize("url", ["", "https://10.0.0.1/", "ftp://x", "http://events.example.com"])
def test_no_stream_leads_inside(streaming: Workspace, url: str) -> None:
    with pytest.raises(InvalidInputError) as error:
        runtime.run(streaming.ctx, save_stream, url)
    assert set(error.value.fields) == {"url"}
    assert runtime.run(streaming.ctx, get_stream) is None


CHANGES: list[tuple[Any, Any]] = [
    (save_stream, "http://127.0.0.1:9/x"),
    (pause_stream, None),
    (resume_stream, None),
    (replay_stream, Cursor()),
    (rotate_stream_secret, None),
    (delete_stream, None),
    (set_retention, DAYS),
]


@pytest.mark.parametrize(("use_case", "command"), CHANGES)
def test_changes_are_for_admins_of_a_workspace_that_may_write(
    streaming: Workspace, other_workspace: Workspace, use_case: Any, command: Any, audit: Any,
    admin_engine: Engine,
) -> None:  # fmt: skip
    runtime.run(streaming.ctx, save_stream, "http://127.0.0.1:9/")
    before = runtime.run(streaming.ctx, get_stream)
    with pytest.raises(PermissionDeniedError):
        runtime.run(streaming.as_role("ops"), use_case, command)
    over = replace(streaming.ctx, plan=Plan("trial", datetime.now(UTC) - timedelta(days=1)))
    with pytest.raises(EntitlementDeniedError):
        runtime.run(over, use_case, command)
    if use_case not in (save_stream, set_retention):
        with pytest.raises(NotFoundError):
            runtime.run(other_workspace.ctx, use_case, command)
    assert runtime.run(streaming.ctx, get_stream) == before
    assert runtime.run(streaming.ctx, get_retention) is None
    assert audit(streaming)[-2:] == [
        ("permission_denied", "denied"), ("entitlement_denied", "denied"),
    ]  # fmt: skip
    runtime.run(streaming.ctx, use_case, command)
    assert runtime.run(other_workspace.ctx, get_stream) is None
    with admin_engine.connect() as database:
        (count,) = database.execute(text("SELECT count(*) FROM audit_streams WHERE tenant_id = :t"),
                                    {"t": other_workspace.ctx.tenant}).one()  # fmt: skip
    assert count == 0


def test_the_trigger_keeps_what_is_not_over_from_the_owner(
    workspace: Workspace, admin_engine: Engine, owner_engine: Engine
) -> None:
    runtime.run(workspace.ctx, set_retention, DAYS)
    seal()
    with owner_engine.connect() as connection:
        connection.execute(text("SELECT set_config('app.current_tenant_id', :t, true)"),
                           {"t": str(workspace.ctx.tenant)})  # fmt: skip
        with pytest.raises(ProgrammingError, match="append-only"):
            connection.execute(
                text("UPDATE audit_events SET payload = NULL, address = '', salt = NULL")
            )


def test_a_workspace_is_sealed_by_one_at_a_time(workspace: Workspace) -> None:
    with runtime.unit_of_work(workspace.ctx) as first:
        assert seal_batch(first, workspace.ctx, None) == 1
        with runtime.unit_of_work(workspace.ctx) as second:
            second.execute(text("SET LOCAL lock_timeout = '1s'"))
            assert seal_batch(second, workspace.ctx, None) == 0
    assert verified(workspace).intact


def test_a_secret_survives_a_change_of_keys(
    streaming: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering(200) as (url, received):
        runtime.run(streaming.ctx, save_stream, url)
        before = get_settings()
        fresh = SecretStr(Fernet.generate_key().decode())
        rotated = before.model_copy(update={"encryption_keys": [fresh, *before.encryption_keys]})
        monkeypatch.setattr(deliveries, "get_settings", lambda: rotated)
        assert runtime.run(streaming.ctx, reseal_stream)
        assert not runtime.run(streaming.ctx, reseal_stream)
        alone = before.model_copy(update={"encryption_keys": [fresh]})
        monkeypatch.setattr(deliveries, "get_settings", lambda: alone)
        assert send_test(streaming.ctx) is None
        monkeypatch.undo()
        with pytest.raises(ConflictError, match="Rotate it"):
            send_test(streaming.ctx)
        runtime.run(streaming.ctx, rotate_stream_secret)
        assert send_test(streaming.ctx) is None
    assert len(received) == 2
