"""Connections: credentials, limits, and who may do what."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import Engine, text

from ecomops import runtime
from ecomops.domains.access.rules import PERMISSIONS, ROLES, permissions_of
from ecomops.domains.audit.service import Event, record
from ecomops.domains.connections.changes import EditConnection, edit_connection, revoke_connection
from ecomops.domains.connections.queries import get_onboarding
from ecomops.domains.connections.schemas import ConnectionCard, CreateConnection, ListConnections
from ecomops.domains.connections.service import (
    create_connection,
    list_connections,
    open_connection,
    open_for_test,
)
from ecomops.domains.identity.people import AddPerson, add_person
from ecomops.domains.jobs.queries import list_jobs
from ecomops.domains.jobs.schemas import CancelJob, ListJobs
from ecomops.domains.jobs.service import cancel_job
from ecomops.domains.plans.service import set_plan
from ecomops.domains.sync.queries import list_rejects
from ecomops.domains.sync.schemas import ListRejects, StartSync
from ecomops.domains.sync.service import start_sync
from ecomops.domains.tables.export import begin_export, export_file
from ecomops.domains.tables.queries import count_rows, list_rows, table_counts
from ecomops.domains.tables.schemas import Export, TableQuery
from ecomops.kit.context import Context, Plan
from ecomops.kit.errors import (
    ConflictError,
    EntitlementDeniedError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)
from ecomops.kit.logging import REDACTED
from ecomops.kit.settings import get_settings
from ecomops.operations.connection_check import check_connection
from tests.conftest import Workspace
from tests.integration.provider import Sandbox, Stored, begin_sync, connect, sync
from tests.integration.test_tenancy import _whole

StoredOf = Callable[[Workspace], Stored]
Audit = Callable[[Workspace], list[tuple[str, str]]]
CANARY = SecretStr("sk_test_canary0123456789abcdefCANARY")


def on_plan(ctx: Context, name: str, *, expired: bool = False) -> Context:
    moment = datetime.now(UTC) + timedelta(days=-1 if expired else 30)
    return replace(ctx, plan=Plan(name, moment if name == "trial" else None))


def create(ctx: Context, **changes: Any) -> ConnectionCard:
    good = CreateConnection("stripe", "Main store", "sandbox", {"api_key": CANARY})
    return runtime.run(ctx, create_connection, replace(good, **changes))


LABEL = "Give the connection a label, for example Main store."
ORDINARY = "Use at most 100 ordinary characters."
SHAPE = "Paste the API Key whole, without spaces or line breaks."
PREFIX = "A Stripe key starts with sk_live_, sk_test_, rk_live_ or rk_test_."


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"label": ""}, "label", LABEL),
        ({"label": "  "}, "label", LABEL),
        ({"label": "x" * 101}, "label", ORDINARY),
        ({"label": "Main\x00store"}, "label", ORDINARY),
        ({"label": "Main\udfffstore"}, "label", ORDINARY),
        ({"environment": "moon"}, "environment", "Choose Provider or Sandbox."),
        ({"provider": "paypal"}, "provider", "This provider cannot be connected this way."),
        ({"credentials": {}}, "api_key", "Enter the API Key."),
        ({"credentials": {"api_key": SecretStr("  ")}}, "api_key", "Enter the API Key."),
        ({"credentials": {"api_key": SecretStr("sk_test_a b c d e f")}}, "api_key", SHAPE),
        ({"credentials": {"api_key": SecretStr("sk_test_\x00aaaaaaaaa")}}, "api_key", SHAPE),
        ({"credentials": {"api_key": SecretStr("sk_test_" + "a" * 600)}}, "api_key", SHAPE),
        ({"credentials": {"api_key": SecretStr("whsec_0123456789")}}, "api_key", PREFIX),
        (
            {"credentials": {"api_key": SecretStr("pk_test_0123456789")}},
            "api_key",
            "This is a publishable key. Use the secret key (sk_…) or a restricted key (rk_…).",
        ),
    ],
)
def test_a_wrong_field_is_told_beside_the_field(
    workspace: Workspace, stored: StoredOf, changes: dict[str, Any], field: str, message: str
) -> None:
    with pytest.raises(InvalidInputError) as error:
        create(workspace.ctx, **changes)
    assert error.value.fields == {field: message}
    assert stored(workspace).one("SELECT count(*) FROM connections WHERE tenant_id = :tenant") == 0


def test_a_connection_is_made_and_audited_without_its_key(
    workspace: Workspace, stored: StoredOf
) -> None:
    card = create(workspace.ctx, label="  Main store ")
    assert (card.label, card.status, card.provider, card.environment) == (
        "Main store", "active", "stripe", "sandbox"
    )  # fmt: skip
    assert runtime.run(workspace.ctx, list_connections, ListConnections()) == (card,)
    ((resource, payload),) = stored(workspace).rows(
        "SELECT resource_id, payload FROM audit_events WHERE tenant_id = :tenant"
        " AND action = 'connection_created'"
    )
    assert resource == str(card.id)
    assert payload == {"provider": "stripe", "label": "Main store", "environment": "sandbox"}


def test_a_key_is_nowhere_in_plain_text(
    workspace: Workspace, admin_engine: Engine, capfd: pytest.CaptureFixture[str]
) -> None:
    card = create(workspace.ctx)
    opened = runtime.run(workspace.ctx, open_connection, card.id)
    secret = CANARY.get_secret_value()
    assert opened.credentials["api_key"].get_secret_value() == secret
    command = CreateConnection("stripe", "x", "sandbox", {"api_key": CANARY})
    assert "CANARY" not in f"{opened!r} {opened} {command!r} {card!r} {opened.credentials!r}"
    with admin_engine.connect() as connection:
        tables = connection.scalars(
            text("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                 " AND relkind = 'r'")
        ).all()  # fmt: skip
        for table in tables:
            found = connection.scalar(
                text(f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%CANARY%'"
                     " OR t::text LIKE '%' || :hex || '%'"),
                {"hex": secret.encode().hex()},
            )  # fmt: skip
            assert found == 0, table
    assert "CANARY" not in "".join(capfd.readouterr())


def test_a_ciphertext_opens_in_its_own_row_only(
    workspace: Workspace, other_workspace: Workspace, admin_engine: Engine
) -> None:
    runtime.run(workspace.ctx, set_plan, "pro")
    ours = [create(on_plan(workspace.ctx, "pro"), label=label).id for label in ("a", "b")]
    theirs = create(other_workspace.ctx).id
    for source, target, ctx in (
        (ours[0], ours[1], workspace.ctx),
        (theirs, ours[0], workspace.ctx),
        (ours[0], theirs, other_workspace.ctx),
    ):
        kept = _ciphertext(admin_engine, target)
        _put(admin_engine, target, _ciphertext(admin_engine, source))
        with pytest.raises(ConflictError, match="cannot be read with this installation's keys"):
            runtime.run(ctx, open_connection, target)
        _put(admin_engine, target, kept)
        assert runtime.run(ctx, open_connection, target).credentials["api_key"] == CANARY


def test_keys_that_were_lost_are_told_to_a_person(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = create(workspace.ctx).id
    others = get_settings().model_copy(
        update={"encryption_keys": [SecretStr(Fernet.generate_key().decode())]}
    )
    monkeypatch.setattr("ecomops.domains.connections.credentials.get_settings", lambda: others)
    done = sync(workspace.ctx, connection)
    assert (done.status, done.error_code) == ("failed", "conflict")
    assert "ECOMOPS_ENCRYPTION_KEYS" in (done.error_message or "")


def _ciphertext(engine: Engine, connection_id: UUID) -> bytes:
    with engine.connect() as connection:
        found: bytes = connection.scalar(
            text("SELECT credentials FROM connections WHERE id = :id"), {"id": connection_id}
        )
        return found


def _put(engine: Engine, connection_id: UUID, ciphertext: bytes) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE connections SET credentials = :c WHERE id = :id"),
            {"c": ciphertext, "id": connection_id},
        )


def test_the_trial_has_one_source(workspace: Workspace, audit: Audit, stored: StoredOf) -> None:
    create(workspace.ctx)
    with pytest.raises(EntitlementDeniedError, match="The trial includes one source"):
        create(workspace.ctx, label="Second")
    assert audit(workspace)[-1] == ("entitlement_denied", "denied")
    assert stored(workspace).one("SELECT count(*) FROM connections WHERE tenant_id = :tenant") == 1


def test_a_revoked_connection_makes_room(workspace: Workspace) -> None:
    first = create(workspace.ctx)
    runtime.run(workspace.ctx, revoke_connection, first.id)
    assert create(workspace.ctx).status == "active"


def test_pro_has_fifty_connections_even_when_many_add_at_once(
    workspace: Workspace, stored: StoredOf
) -> None:
    pro = on_plan(workspace.ctx, "pro")
    for number in range(47):
        create(pro, label=f"Store {number}")
    barrier = Barrier(8)

    def add(number: int) -> bool:
        barrier.wait()
        with suppress(EntitlementDeniedError):
            create(pro, label=f"Late {number}")
            return True
        return False

    with ThreadPoolExecutor(8) as people:
        assert sum(people.map(add, range(8))) == 3
    assert stored(workspace).one("SELECT count(*) FROM connections WHERE tenant_id = :tenant") == 50


def test_a_right_key_is_tested_for_real(
    sandbox: Sandbox, workspace: Workspace, audit: Audit
) -> None:
    connection = connect(workspace.ctx, sandbox.api_key)
    outcome = check_connection(workspace.ctx, connection)
    assert (outcome.ok, outcome.message) == (True, "Connection healthy")
    (card,) = runtime.run(workspace.ctx, list_connections, ListConnections())
    assert (card.status, card.last_error) == ("active", None)
    assert card.account_name
    assert audit(workspace)[-1] == ("connection_tested", "success")


def test_who_reads_an_account_that_another_reads_already_is_told(
    sandbox: Sandbox, workspace: Workspace
) -> None:
    pro = on_plan(workspace.ctx, "pro")
    first, second, _ = (
        create(pro, label=label, credentials={"api_key": sandbox.api_key})
        for label in ("First", "Second", "Third")
    )

    def told() -> dict[str, str]:
        return {
            it.label: it.same_as for it in runtime.run(pro, list_connections, ListConnections())
        }

    assert check_connection(pro, first.id).ok
    assert check_connection(pro, second.id).ok
    assert told() == {"First": "", "Second": "First", "Third": ""}, "the third was never tested"
    runtime.run(pro, revoke_connection, first.id)
    assert told() == {"Second": "", "Third": ""}


def test_a_wrong_key_is_told_and_kept(sandbox: Sandbox, workspace: Workspace, audit: Audit) -> None:
    connection = connect(workspace.ctx, CANARY)
    outcome = check_connection(workspace.ctx, connection)
    assert not outcome.ok
    assert "key" in outcome.message.lower()
    assert "CANARY" not in outcome.message
    (card,) = runtime.run(workspace.ctx, list_connections, ListConnections())
    assert (card.status, card.last_error) == ("error", outcome.message)
    assert audit(workspace)[-1] == ("connection_tested", "error")


def test_a_provider_that_is_not_there_is_told(workspace: Workspace, sandbox: Sandbox,
                                              monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    nowhere = get_settings().model_copy(update={"sandbox_port": 9})
    monkeypatch.setattr("ecomops.operations.addresses.get_settings", lambda: nowhere)
    monkeypatch.setattr("ecomops.connectors.http.ProviderHttp._pause", lambda *_: None)
    outcome = check_connection(workspace.ctx, connect(workspace.ctx, sandbox.api_key))
    assert not outcome.ok
    assert "Stripe" in outcome.message


def test_an_edited_key_counts_and_is_never_read_back(
    sandbox: Sandbox, workspace: Workspace, audit: Audit
) -> None:
    connection = connect(workspace.ctx, CANARY)
    assert not check_connection(workspace.ctx, connection).ok
    edit = EditConnection(connection, "Renamed", {"api_key": sandbox.api_key})
    card = runtime.run(workspace.ctx, edit_connection, edit)
    assert (card.label, card.status) == ("Renamed", "active")
    assert check_connection(workspace.ctx, connection).ok
    renamed = runtime.run(workspace.ctx, edit_connection, EditConnection(connection, "Again"))
    assert renamed.label == "Again"
    assert check_connection(workspace.ctx, connection).ok, "the key is still there"
    assert ("connection_updated", "success") in audit(workspace)


def test_a_revoked_connection_has_no_key_and_no_job(
    workspace: Workspace, admin_engine: Engine, audit: Audit
) -> None:
    connection = create(workspace.ctx).id
    begin_sync(workspace.ctx, connection)
    card = runtime.run(workspace.ctx, revoke_connection, connection)
    assert card.status == "revoked"
    assert _ciphertext(admin_engine, connection) is None
    assert {job.status for job in runtime.run(workspace.ctx, list_jobs, ListJobs())} == {"canceled"}
    assert ("connection_revoked", "success") in audit(workspace)
    assert runtime.run(workspace.ctx, list_connections, ListConnections()) == ()
    for use_case, command in (
        (open_connection, connection),
        (revoke_connection, connection),
        (edit_connection, EditConnection(connection, "x")),
    ):
        with pytest.raises(ConflictError, match="was revoked"):
            runtime.run(workspace.ctx, use_case, command)  # type: ignore[arg-type]  # each its own
    with pytest.raises(NotFoundError):
        runtime.run(workspace.ctx, start_sync, StartSync(connection))


@dataclass(frozen=True)
class UseCase:
    """What a person may ask for; ``permission`` as the table of the decisions has it."""

    name: str
    permission: str
    run: Callable[[Context], Any]
    writes: bool = True


def _case(name: str, permission: str, use_case: Any, command: Any, writes: bool = True) -> UseCase:
    return UseCase(name, permission, lambda ctx: runtime.run(ctx, use_case, command), writes)


NOBODY = UUID(int=7)
PERSON = AddPerson("Bo", "bo@example.com", "ops", SecretStr("plum tractor violin 88"))
PAYMENTS = TableQuery("payments")
USE_CASES = [
    _case("list_connections", "connections.view", list_connections, ListConnections(), False),
    _case("get_onboarding", "connections.view", get_onboarding, None, False),
    _case("create_connection", "connections.manage", create_connection,
          CreateConnection("stripe", "x", "sandbox", {"api_key": CANARY})),
    _case("open_for_test", "connections.manage", open_for_test, NOBODY),
    _case("edit_connection", "connections.manage", edit_connection, EditConnection(NOBODY, "x")),
    _case("revoke_connection", "connections.manage", revoke_connection, NOBODY),
    UseCase("check_connection", "connections.manage", lambda ctx: check_connection(ctx, NOBODY)),
    _case("list_jobs", "jobs.view", list_jobs, ListJobs(), False),
    _case("list_rejects", "jobs.view", list_rejects, ListRejects(), False),
    _case("start_sync", "jobs.run", start_sync, StartSync(NOBODY)),
    _case("cancel_job", "jobs.run", cancel_job, CancelJob(NOBODY)),
    _case("list_rows", "tables.view", list_rows, PAYMENTS, False),
    _case("count_rows", "tables.view", count_rows, PAYMENTS, False),
    _case("table_counts", "tables.view", table_counts, None, False),
    _case("begin_export", "exports.csv", begin_export, Export(PAYMENTS), False),
    UseCase("export_file", "exports.csv",
            lambda ctx: list(runtime.stream(ctx, export_file, Export(PAYMENTS))), False),
    _case("add_person", "users.manage", add_person,
          replace(PERSON, email=f"{uuid4().hex}@example.com")),
]  # fmt: skip
BY_NAME = {case.name: case for case in USE_CASES}
SET_PLAN = _case("set_plan", "tenant.manage", set_plan, "pro")


@pytest.mark.parametrize("role", [*ROLES, "", "owner"])
@pytest.mark.parametrize("case", [*USE_CASES, SET_PLAN], ids=lambda case: case.name)
def test_a_role_may_do_what_the_table_says_and_nothing_else(
    workspace: Workspace, stored: StoredOf, role: str, case: UseCase
) -> None:
    ctx = replace(workspace.ctx, role=role, permissions=permissions_of(role))
    of = stored(workspace)
    if role in PERMISSIONS[case.permission]:
        with suppress(NotFoundError):  # let in, and what it asked for is not there
            case.run(ctx)
        assert _denials(of) == []
        return
    before = _whole(of)
    with pytest.raises(PermissionDeniedError) as denied:
        case.run(ctx)
    assert denied.value.permission == case.permission
    after = _whole(of)
    assert {name: rows for name, rows in after.items() if name != "audit_events"} == {
        name: rows for name, rows in before.items() if name != "audit_events"
    }
    assert len(after["audit_events"]) == len(before["audit_events"]) + 1
    assert _denials(of) == [("security", "permission_denied", "denied",
                             {"permission": case.permission})]  # fmt: skip


@pytest.mark.parametrize("case", USE_CASES, ids=lambda case: case.name)
def test_an_expired_trial_reads_and_does_not_write(
    workspace: Workspace, stored: StoredOf, case: UseCase
) -> None:
    ctx, of = on_plan(workspace.ctx, "trial", expired=True), stored(workspace)
    if not case.writes:
        case.run(ctx)
        assert _denials(of) == []
        return
    before = _whole(of)
    with pytest.raises(EntitlementDeniedError, match="Your trial has ended"):
        case.run(ctx)
    after = _whole(of)
    assert {n: r for n, r in after.items() if n != "audit_events"} == {
        n: r for n, r in before.items() if n != "audit_events"
    }
    assert _denials(of) == [("entitlement", "entitlement_denied", "denied",
                             {"entitlement": "writable"})]  # fmt: skip


def test_an_expired_trial_may_be_upgraded(workspace: Workspace, audit: Audit) -> None:
    SET_PLAN.run(on_plan(workspace.ctx, "trial", expired=True))
    assert audit(workspace)[-1] == ("plan_changed", "success")


def _denials(of: Stored) -> list[tuple[Any, ...]]:
    return of.rows(
        "SELECT category, action, status, payload FROM audit_events"
        " WHERE tenant_id = :tenant AND status = 'denied'"
    )


def test_what_is_audited_holds_no_secret(workspace: Workspace, stored: StoredOf) -> None:
    payload = {"api_key": CANARY.get_secret_value(), "said": f"refused {CANARY.get_secret_value()}"}
    with runtime.unit_of_work(workspace.ctx) as session:
        record(session, workspace.ctx, Event("connection", "connection_tested", payload=payload))
    ((kept,),) = stored(workspace).rows(
        "SELECT payload FROM audit_events WHERE tenant_id = :tenant"
        " AND action = 'connection_tested'"
    )
    assert kept == {"api_key": REDACTED, "said": f"refused {REDACTED}"}
