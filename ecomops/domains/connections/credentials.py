"""A connection's credentials at rest: sealed for its row, opened for its row, re-sealed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from pydantic import SecretStr
from sqlmodel import Session, col, select, update

from ecomops.domains.audit.service import Event, record
from ecomops.domains.connections.files import refuse_files
from ecomops.kit.context import Context
from ecomops.kit.crypto import SealedForAnotherError, Vault
from ecomops.kit.errors import ConflictError
from ecomops.kit.settings import get_settings
from ecomops.models.connections import Connection


def vault() -> Vault:
    """The vault of this installation's keys."""
    return Vault(get_settings().encryption_keys)


def seal_into(row: Connection, credentials: dict[str, str]) -> None:
    """Encrypt ``credentials`` with the current key, for this row alone."""
    safe = vault()
    row.credentials = safe.seal(credentials, _owner(row))
    row.key_version = safe.key_version


def opened(row: Connection) -> dict[str, SecretStr]:
    """The credentials. Raises ConflictError when revoked, or when our keys do not open them."""
    refuse_files(row)
    if row.credentials is None:
        raise ConflictError(f"The connection '{row.label}' was revoked.")
    try:
        return vault().open(row.credentials, _owner(row))
    except SealedForAnotherError as error:
        raise ConflictError(
            f"The credentials of '{row.label}' cannot be read with this installation's keys."
            " Add the connection again, or have ECOMOPS_ENCRYPTION_KEYS restored.",
            detail=str(error),
        ) from error


def list_stale(session: Session, ctx: Context, command: None) -> list[UUID]:
    """Connections of the workspace that are sealed with another key than the current one."""
    query = select(Connection.id).where(
        col(Connection.credentials).is_not(None), Connection.key_version != vault().key_version
    )
    return list(session.exec(query))


def reseal(session: Session, ctx: Context, command: UUID) -> bool:
    """Seal one connection's credentials with the current key; False if somebody was faster.

    Raises ConflictError when no key opens them.
    """
    row = session.exec(select(Connection).where(Connection.id == command)).one()
    old = row.credentials
    plain = {name: secret.get_secret_value() for name, secret in opened(row).items()}
    safe = vault()
    # Compare and set: an Edit or a Revoke that came between is not undone.
    done = session.execute(
        update(Connection)
        .where(col(Connection.id) == row.id, col(Connection.credentials) == old)
        .values(credentials=safe.seal(plain, _owner(row)), key_version=safe.key_version)
        .returning(col(Connection.id))
    )
    if done.first() is None:
        return False
    record(session, ctx, Event("security", "connection_key_rotated", "connection", str(row.id)))
    return True


@dataclass(frozen=True, slots=True)
class Renewed:
    """``tokens`` that the provider gave in place of the access token ``used``, if there was one."""

    connection_id: UUID
    used: SecretStr | None
    tokens: Mapping[str, SecretStr] = field(repr=False)


def keep_renewed(session: Session, ctx: Context, command: Renewed) -> None:
    """Keep what the provider gave in place of a token that ends.

    What people saved meanwhile stays: a revoked connection, other credentials, a webhook's secret.
    """
    query = select(Connection).where(Connection.id == command.connection_id).with_for_update()
    row = session.exec(query).one()
    if row.credentials is None or (held := opened(row)).get("access_token") != command.used:
        return
    kept = {**held, **command.tokens}
    seal_into(row, {name: secret.get_secret_value() for name, secret in kept.items()})


def _owner(row: Connection) -> str:
    return f"{row.tenant_id}/{row.id}"
