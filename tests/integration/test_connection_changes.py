"""Edit, revoke, and re-encrypting credentials."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import Engine, text

from ecomops import runtime
from ecomops.domains.connections import credentials
from ecomops.domains.connections.changes import EditConnection, edit_connection, revoke_connection
from ecomops.domains.connections.schemas import CreateConnection, ListConnections, RecordTest
from ecomops.domains.connections.service import (
    create_connection,
    list_connections,
    open_connection,
    record_health,
)
from ecomops.domains.jobs.queries import list_jobs
from ecomops.domains.jobs.schemas import CancelJob, ListJobs, RetryJob
from ecomops.domains.jobs.service import cancel_job
from ecomops.domains.sync.schemas import StartSync
from ecomops.domains.sync.service import retry_sync, start_sync
from ecomops.kit.context import Plan
from ecomops.kit.errors import (
    ConflictError,
    EntitlementDeniedError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)
from ecomops.kit.settings import get_settings
from ecomops.models.connections import Connection
from ecomops.operations.key_rotation import rotate_keys
from tests.conftest import Workspace, anonymous

OLD, NEW = SecretStr("sk_test_old00000000"), SecretStr("sk_test_new00000000")
KEY = {"api_key": NEW}


def connect(workspace: Workspace) -> UUID:
    command = CreateConnection("stripe", "Main", "provider", {"api_key": OLD})
    return runtime.run(workspace.ctx, create_connection, command).id


def key_of(workspace: Workspace, connection: UUID) -> str:
    opened = runtime.run(workspace.ctx, open_connection, connection)
    return opened.credentials["api_key"].get_secret_value()


def audited(workspace: Workspace, engine: Engine, action: str) -> list[dict[str, object]]:
    query = "SELECT payload FROM audit_events WHERE tenant_id = :tenant AND action = :action"
    with engine.connect() as connection:
        values = {"tenant": workspace.ctx.tenant, "action": action}
        return list(connection.scalars(text(query), values))


def test_a_new_label_keeps_the_credentials(workspace: Workspace, admin_engine: Engine) -> None:
    connection = connect(workspace)
    card = runtime.run(workspace.ctx, edit_connection, EditConnection(connection, " EU store "))

    assert card.label == "EU store"
    assert key_of(workspace, connection) == OLD.get_secret_value()
    assert audited(workspace, admin_engine, "connection_updated") == [
        {"label": "EU store", "credentials_replaced": False}
    ]


def test_new_credentials_replace_the_old_ones(workspace: Workspace) -> None:
    connection = connect(workspace)
    edit = EditConnection(connection, "Main", {"api_key": NEW})
    runtime.run(workspace.ctx, edit_connection, edit)

    assert key_of(workspace, connection) == NEW.get_secret_value()


def test_wrong_credentials_change_nothing(workspace: Workspace) -> None:
    connection = connect(workspace)
    edit = EditConnection(connection, "Other", {"api_key": SecretStr("pk_test_12345678")})
    with pytest.raises(InvalidInputError) as refused:
        runtime.run(workspace.ctx, edit_connection, edit)

    assert set(refused.value.fields) == {"api_key"}
    (card,) = runtime.run(workspace.ctx, list_connections, ListConnections())
    assert card.label == "Main"
    assert key_of(workspace, connection) == OLD.get_secret_value()


def test_revoking_wipes_the_credentials_and_stops_the_jobs(
    workspace: Workspace, admin_engine: Engine
) -> None:
    connection = connect(workspace)
    runtime.run(workspace.ctx, start_sync, StartSync())
    card = runtime.run(workspace.ctx, revoke_connection, connection)

    assert card.status == "revoked"
    with admin_engine.connect() as database:
        query = text("SELECT credentials FROM connections WHERE id = :id")
        assert database.scalar(query, {"id": connection}) is None
    (job,) = runtime.run(workspace.ctx, list_jobs, ListJobs())
    assert job.status == "canceled"
    assert audited(workspace, admin_engine, "connection_revoked") == [
        {"provider": "stripe", "label": "Main", "jobs_canceled": 1}
    ]
    assert runtime.run(workspace.ctx, list_connections, ListConnections()) == ()
    assert len(runtime.run(workspace.ctx, list_connections, ListConnections(True))) == 1


def test_a_revoked_connection_is_done_with(workspace: Workspace) -> None:
    connection = connect(workspace)
    runtime.run(workspace.ctx, revoke_connection, connection)

    with pytest.raises(ConflictError):
        runtime.run(workspace.ctx, revoke_connection, connection)
    with pytest.raises(ConflictError):
        runtime.run(workspace.ctx, edit_connection, EditConnection(connection, "Again"))
    with pytest.raises(ConflictError):
        runtime.run(workspace.ctx, open_connection, connection)


def test_a_revoked_connection_is_not_synced(workspace: Workspace, admin_engine: Engine) -> None:
    connection = connect(workspace)
    assert runtime.run(workspace.ctx, start_sync, StartSync(connection)).started == 1
    (job,) = runtime.run(workspace.ctx, list_jobs, ListJobs())
    runtime.run(workspace.ctx, revoke_connection, connection)

    with pytest.raises(NotFoundError):
        runtime.run(workspace.ctx, start_sync, StartSync(connection))
    with pytest.raises(ConflictError, match="was revoked"):
        runtime.run(workspace.ctx, retry_sync, RetryJob(job.id))


def test_a_sync_that_may_be_done_over_is_named_by_the_new_one(
    workspace: Workspace, admin_engine: Engine
) -> None:
    runtime.run(workspace.ctx, start_sync, StartSync(connect(workspace)))
    (first,) = runtime.run(workspace.ctx, list_jobs, ListJobs())
    with pytest.raises(ConflictError, match="nothing to do over"):
        runtime.run(workspace.ctx, retry_sync, RetryJob(first.id))
    runtime.run(workspace.ctx, cancel_job, CancelJob(first.id))
    expired = replace(workspace.ctx, plan=Plan("trial", datetime(2020, 1, 1, tzinfo=UTC)))
    with pytest.raises(EntitlementDeniedError):
        runtime.run(expired, retry_sync, RetryJob(first.id))

    assert runtime.run(workspace.ctx, retry_sync, RetryJob(first.id)).started == 1
    again, _ = runtime.run(workspace.ctx, list_jobs, ListJobs())
    assert (again.retry_of, again.status) == (first.id, "pending")


def test_what_a_sync_learns_of_a_revoked_connection_does_not_bring_it_back(
    workspace: Workspace,
) -> None:
    connection = connect(workspace)
    runtime.run(workspace.ctx, revoke_connection, connection)
    for error in (None, "Stripe refused the key."):
        runtime.run(workspace.ctx, record_health, RecordTest(connection, error))

    (card,) = runtime.run(workspace.ctx, list_connections, ListConnections(include_revoked=True))
    assert (card.status, card.last_error) == ("revoked", None)


def test_its_place_in_the_plan_is_free_again(workspace: Workspace) -> None:
    runtime.run(workspace.ctx, revoke_connection, connect(workspace))

    assert connect(workspace)


def test_another_workspace_cannot_touch_it(
    workspace: Workspace, other_workspace: Workspace
) -> None:
    connection = connect(workspace)

    with pytest.raises(NotFoundError):
        runtime.run(other_workspace.ctx, revoke_connection, connection)
    with pytest.raises(NotFoundError):
        runtime.run(other_workspace.ctx, edit_connection, EditConnection(connection, "Mine"))
    assert key_of(workspace, connection) == OLD.get_secret_value()


@pytest.mark.parametrize("role", ["finance", "ops", "readonly"])
def test_only_an_admin_may(workspace: Workspace, admin_engine: Engine, role: str) -> None:
    connection = connect(workspace)
    somebody = workspace.as_role(role)

    with pytest.raises(PermissionDeniedError):
        runtime.run(somebody, revoke_connection, connection)
    with pytest.raises(PermissionDeniedError):
        runtime.run(somebody, edit_connection, EditConnection(connection, "Mine"))
    assert len(audited(workspace, admin_engine, "permission_denied")) == 2
    assert key_of(workspace, connection) == OLD.get_secret_value()


@pytest.fixture
def new_key(monkeypatch: pytest.MonkeyPatch) -> SecretStr:
    """A new current encryption key, in front of the ones there are."""
    settings = get_settings()
    key = SecretStr(Fernet.generate_key().decode())
    monkeypatch.setattr(settings, "encryption_keys", [key, *settings.encryption_keys])
    return key


def test_rotation_leaves_nothing_to_the_old_key(
    workspace: Workspace, new_key: SecretStr, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = connect_before(workspace, monkeypatch)
    assert rotate_keys(anonymous()).resealed >= 1

    monkeypatch.setattr(get_settings(), "encryption_keys", [new_key])
    assert key_of(workspace, connection) == OLD.get_secret_value()
    monkeypatch.setattr(get_settings(), "encryption_keys", [new_key])
    assert rotate_keys(anonymous()).resealed == 0


def test_a_rotation_is_audited(
    workspace: Workspace, admin_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(workspace)
    keys = ",".join(key.get_secret_value() for key in get_settings().encryption_keys)
    monkeypatch.setenv("ECOMOPS_ENCRYPTION_KEYS", f"{Fernet.generate_key().decode()},{keys}")
    get_settings.cache_clear()
    try:
        rotate_keys(anonymous())
        assert audited(workspace, admin_engine, "connection_key_rotated") == [{}]
        monkeypatch.setenv("ECOMOPS_ENCRYPTION_KEYS", f"{keys},{_first_key()}")
        get_settings.cache_clear()
        rotate_keys(anonymous())
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()


def _first_key() -> str:
    return get_settings().encryption_keys[0].get_secret_value()


def test_credentials_that_no_key_opens_are_counted_and_left(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = connect(workspace)
    kept = get_settings().encryption_keys
    stranger = [SecretStr(Fernet.generate_key().decode())]
    monkeypatch.setattr(get_settings(), "encryption_keys", stranger)
    outcome = rotate_keys(anonymous())

    assert outcome.unreadable >= 1
    monkeypatch.setattr(get_settings(), "encryption_keys", kept)
    assert key_of(workspace, connection) == OLD.get_secret_value()


def test_an_edit_that_comes_between_is_not_undone_by_rotation(
    workspace: Workspace, new_key: SecretStr, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = connect_before(workspace, monkeypatch)
    opened = credentials.opened

    def edited_meanwhile(row: Connection) -> dict[str, SecretStr]:
        read = opened(row)
        monkeypatch.setattr(credentials, "opened", opened)
        runtime.run(workspace.ctx, edit_connection, EditConnection(connection, "Main", KEY))
        return read

    monkeypatch.setattr(credentials, "opened", edited_meanwhile)
    assert runtime.run(workspace.ctx, credentials.reseal, connection) is False
    assert key_of(workspace, connection) == NEW.get_secret_value()


def connect_before(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """A connection sealed with the keys there were before ``new_key``."""
    keys = get_settings().encryption_keys
    monkeypatch.setattr(get_settings(), "encryption_keys", keys[1:])
    connection = connect(workspace)
    monkeypatch.setattr(get_settings(), "encryption_keys", keys)
    return connection


def test_an_unknown_connection_is_not_found(workspace: Workspace) -> None:
    with pytest.raises(NotFoundError):
        runtime.run(workspace.ctx, revoke_connection, uuid4())
