"""The general-ledger accounts whose transactions are read: cash, clearing, refunds, fees."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from ecomops.domains.access.rules import require
from ecomops.domains.audit.service import Event, record
from ecomops.domains.plans.rules import require_writable
from ecomops.kit.context import Context
from ecomops.kit.errors import ConflictError, InvalidInputError, NotFoundError
from ecomops.models.connections import Connection
from ecomops.models.ledger import GlAccount

SETTING = "accounts"
USUAL_TYPES = frozenset({"Bank", "OthCurrAsset"})
"""Followed until people choose, by NetSuite's name of the type."""


@dataclass(frozen=True, slots=True)
class AccountChoice:
    """An active account. ``internal_id`` is NetSuite's."""

    internal_id: str
    number: str
    name: str
    account_type: str
    followed: bool


@dataclass(frozen=True, slots=True)
class FollowAccounts:
    """``internal_ids`` empty: the usual types again."""

    connection_id: UUID
    internal_ids: tuple[str, ...]


def list_accounts(session: Session, ctx: Context, connection_id: UUID) -> tuple[AccountChoice, ...]:
    """The accounts that can be followed, by number. Empty before the first sync.

    Raises NotFoundError.
    """
    require(ctx, "connections.view")
    chosen = set(_connection(session, connection_id).settings.get(SETTING, ()))
    query = select(GlAccount).where(
        GlAccount.connection_id == connection_id, ~col(GlAccount.inactive)
    )
    rows = session.exec(query.order_by(col(GlAccount.number), col(GlAccount.name)))
    return tuple(_choice(row, chosen) for row in rows)


def follow_accounts(session: Session, ctx: Context, command: FollowAccounts) -> None:
    """Follow these accounts from the next sync on, which then reads from the beginning.

    Raises NotFoundError, ConflictError when it was revoked, InvalidInputError for an account that
    is not there.
    """
    require(ctx, "connections.manage")
    require_writable(ctx)
    row = _connection(session, command.connection_id)
    if row.status == "revoked":
        raise ConflictError(f"The connection '{row.label}' was revoked.")
    known = {it.internal_id for it in list_accounts(session, ctx, row.id)}
    if not set(command.internal_ids) <= known:
        raise InvalidInputError({SETTING: "One of these accounts is not there any more. Reload."})
    wanted = sorted(set(command.internal_ids))
    row.settings = {**row.settings, SETTING: wanted}
    record(session, ctx, Event("config", "followed_accounts_updated", "connection", str(row.id),
                               payload={"accounts": wanted}))  # fmt: skip


def _choice(row: GlAccount, chosen: set[str]) -> AccountChoice:
    internal_id = row.source_id.rpartition(":")[2]
    followed = internal_id in chosen if chosen else row.account_type in USUAL_TYPES
    return AccountChoice(internal_id, row.number or "", row.name, row.account_type, followed)


def _connection(session: Session, connection_id: UUID) -> Connection:
    row = session.exec(select(Connection).where(Connection.id == connection_id)).first()
    if row is None:
        raise NotFoundError("This connection does not exist.")
    return row
