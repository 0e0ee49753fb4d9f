"""Screens that people keep under a name, for themselves or for the workspace."""

import re
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, delete, or_, select

from ecomops.domains.access.rules import require
from ecomops.domains.audit.service import Event, record
from ecomops.domains.plans.rules import require_writable
from ecomops.domains.tables.catalog import TABLES
from ecomops.domains.tables.schemas import DefaultView, SaveView
from ecomops.domains.tables.schemas import SavedView as View
from ecomops.kit.context import Context
from ecomops.kit.errors import InvalidInputError, NotFoundError
from ecomops.kit.ids import new_id
from ecomops.models.identity import Membership
from ecomops.models.views import DefaultView as Default
from ecomops.models.views import SavedView

MOST = 100
NO_SUCH_VIEW = "This view does not exist any more."
LONGEST_NAME, LONGEST_QUERY = 80, 2000
SCREENS = {**dict.fromkeys(TABLES, "tables.view"), "audit": "audit.view"}
"""Screen → the permission to see it, which is that to keep views of it."""

_QUERY = re.compile(r"(?:[A-Za-z0-9\-._~!$'()*,;:@/?&=+]|%[0-9A-Fa-f]{2})*")


def list_views(session: Session, ctx: Context, command: str) -> tuple[View, ...]:
    """The person's own views of a screen and the shared ones, by name. Raises NotFoundError."""
    require(ctx, "tables.view")
    _require_screen(ctx, command)
    default = _default_of(session, ctx, command)
    rows = session.exec(select(SavedView).where(SavedView.screen == command, _seen_by(ctx)))
    listed = sorted(rows, key=lambda row: (row.name.casefold(), row.id))
    return tuple(_view(ctx, row, default) for row in listed)


def save_view(session: Session, ctx: Context, command: SaveView) -> View:
    """Keep a screen as a new view, or change one.

    Raises NotFoundError, InvalidInputError by field, PermissionDeniedError for another's view.
    """
    require(ctx, "tables.view")
    require_writable(ctx)
    _require_screen(ctx, command.screen)
    row = _new(ctx, command) if command.view_id is None else _own(session, ctx, command.view_id)
    if row.screen != command.screen:
        raise NotFoundError(NO_SUCH_VIEW)
    name = command.name.strip()
    if wrong := _problems(session, row, name, command.query):
        raise InvalidInputError(wrong)
    row.name, row.query, row.shared = name, command.query, command.shared
    row.updated_at = datetime.now(UTC)
    session.add(row)
    session.flush()
    if not row.shared:
        session.exec(_defaults_of(row).where(col(Default.user_id) != row.owner_id))
    record(session, ctx, _event("view_saved", row))
    return _view(ctx, row, _default_of(session, ctx, row.screen))


def delete_view(session: Session, ctx: Context, command: UUID) -> None:
    """Forget a view. Raises NotFoundError, PermissionDeniedError for another's."""
    require(ctx, "tables.view")
    require_writable(ctx)
    row = _own(session, ctx, command)
    session.exec(_defaults_of(row))
    session.delete(row)
    record(session, ctx, _event("view_deleted", row))


def set_default_view(session: Session, ctx: Context, command: DefaultView) -> None:
    """What a screen opens with for the person. Raises NotFoundError."""
    require(ctx, "tables.view")
    require_writable(ctx)
    _require_screen(ctx, command.screen)
    mine = {"user_id": ctx.person, "screen": command.screen}
    name = None
    if command.view_id is None:
        session.exec(delete(Default).filter_by(**mine))
    else:
        row = _visible(session, ctx, command.view_id)
        if row.screen != command.screen:
            raise NotFoundError(NO_SUCH_VIEW)
        name = row.name
        values = {"tenant_id": ctx.tenant, "id": new_id(), "view_id": row.id, **mine}
        keys = ["tenant_id", *mine]
        upsert = insert(Default).values(**values)
        session.exec(upsert.on_conflict_do_update(index_elements=keys, set_={"view_id": row.id}))
    payload = {"screen": command.screen, "name": name}
    record(session, ctx, Event("table", "default_view_set", "saved_view",
                               str(command.view_id or ""), payload=payload))  # fmt: skip


def _require_screen(ctx: Context, screen: str) -> None:
    """Raises NotFoundError, PermissionDeniedError."""
    if screen not in SCREENS:
        raise NotFoundError("There is no such screen.")
    require(ctx, SCREENS[screen])


def _new(ctx: Context, command: SaveView) -> SavedView:
    return SavedView(
        tenant_id=ctx.tenant,
        id=new_id(),
        owner_id=ctx.person,
        screen=command.screen,
        name="",
        query="",
        created_at=datetime.now(UTC),
    )


def _seen_by(ctx: Context) -> ColumnElement[bool]:
    return or_(col(SavedView.owner_id) == ctx.actor.user_id, col(SavedView.shared))


def _visible(session: Session, ctx: Context, view_id: UUID) -> SavedView:
    """A view that the person sees, held until the transaction ends."""
    query = select(SavedView).where(SavedView.id == view_id, _seen_by(ctx)).with_for_update()
    row = session.exec(query).first()
    if row is None or SCREENS[row.screen] not in ctx.permissions:
        raise NotFoundError(NO_SUCH_VIEW)
    return row


def _own(session: Session, ctx: Context, view_id: UUID) -> SavedView:
    """A view that the person may change: an own one; for an admin, a shared one too."""
    row = _visible(session, ctx, view_id)
    if row.owner_id != ctx.actor.user_id:
        require(ctx, "tenant.manage")
    return row


def _problems(session: Session, row: SavedView, name: str, query: str) -> dict[str, str]:
    wrong = {}
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        wrong["name"] = f"Enter a name of 1 to {LONGEST_NAME} characters."
    if len(query) > LONGEST_QUERY or not _QUERY.fullmatch(query):
        wrong["query"] = "This screen cannot be kept: its address is too long or not one of ours."
    # Whoever saves a view of this person waits here, so that names and their number are true.
    owner = select(Membership).where(Membership.user_id == row.owner_id).with_for_update()
    session.exec(owner).one()
    others = select(SavedView.screen, SavedView.name).where(
        SavedView.owner_id == row.owner_id, SavedView.id != row.id
    )
    taken = session.exec(others).all()
    if (row.screen, name) in taken:
        wrong["name"] = "There is already a view with this name."
    if len(taken) >= MOST:
        wrong["name"] = f"You have {MOST} views, as many as a person can keep. Delete one first."
    return wrong


def _defaults_of(row: SavedView) -> Delete:
    return delete(Default).where(col(Default.view_id) == row.id)


def _default_of(session: Session, ctx: Context, screen: str) -> UUID | None:
    query = select(Default.view_id).where(
        Default.user_id == ctx.actor.user_id, Default.screen == screen
    )
    return session.exec(query).first()


def _view(ctx: Context, row: SavedView, default: UUID | None) -> View:
    return View(
        id=row.id,
        screen=row.screen,
        name=row.name,
        query=row.query,
        shared=row.shared,
        mine=row.owner_id == ctx.actor.user_id,
        is_default=row.id == default,
    )


def _event(action: str, row: SavedView) -> Event:
    payload = {"screen": row.screen, "name": row.name, "shared": row.shared}
    return Event("table", action, "saved_view", str(row.id), payload=payload)
