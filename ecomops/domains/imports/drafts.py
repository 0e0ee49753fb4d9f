"""Files between upload and import: of one person, for an hour, one at a time."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, delete, or_, select

from ecomops.core.files.fields import Choices
from ecomops.core.files.text import MOST_BYTES
from ecomops.domains.access.rules import require
from ecomops.domains.imports.errors import DraftGoneError
from ecomops.domains.imports.schemas import Draft, KeepDraft, SetChoices, Waiting
from ecomops.domains.plans.rules import require_writable
from ecomops.kit.context import Context
from ecomops.kit.errors import InvalidInputError
from ecomops.kit.ids import new_id
from ecomops.models.identity import TenantConfig
from ecomops.models.imports import IMPORT_KINDS, ImportDraft, ImportMapping

GOOD_FOR = timedelta(hours=1)
FOR_A_JOB = timedelta(days=1)
LONGEST_NAME = 255


def require_upload(session: Session, ctx: Context, command: None) -> None:
    """Before a byte of a file is read: whether this person may bring one at all."""
    require(ctx, "imports.run")
    require_writable(ctx)


def keep_draft(session: Session, ctx: Context, command: KeepDraft) -> UUID:
    """Keep an uploaded file for an hour, in place of the person's last one; its id.

    Raises InvalidInputError.
    """
    require(ctx, "imports.run")
    require_writable(ctx)
    if command.kind not in IMPORT_KINDS:
        raise InvalidInputError({"kind": "Choose what kind of file this is."})
    if not command.content.strip():
        raise InvalidInputError({"file": "The file is empty."})
    if len(command.content) > MOST_BYTES:
        raise InvalidInputError({"file": "The file is larger than 20 MB. Split it by period."})
    now = datetime.now(UTC)
    session.exec(delete(ImportDraft).where(or_(
        col(ImportDraft.expires_at) <= now,
        (col(ImportDraft.user_id) == ctx.person) & (col(ImportDraft.status) == "open"),
    )))  # fmt: skip
    draft = ImportDraft(
        tenant_id=ctx.tenant,
        id=new_id(),
        user_id=ctx.person,
        kind=command.kind,
        file_name=_name(command.file_name),
        file_hash=sha256(command.content).digest(),
        content=command.content,
        expires_at=now + GOOD_FOR,
    )
    session.add(draft)
    session.flush()
    return draft.id


def find_waiting(session: Session, ctx: Context, command: None) -> Waiting | None:
    """The person's own upload that was neither imported nor discarded; None if none is kept."""
    require(ctx, "imports.run")
    query = select(ImportDraft.id, ImportDraft.file_name, ImportDraft.expires_at)
    row = session.exec(query.where(*_is_open(ctx))).first()
    return None if row is None else Waiting(*row)


def open_draft(session: Session, ctx: Context, draft_id: UUID) -> Draft:
    """The person's own upload. Raises DraftGoneError."""
    require(ctx, "imports.run")
    require_writable(ctx)
    return _opened(session, _own(session, ctx, draft_id))


def set_choices(session: Session, ctx: Context, command: SetChoices) -> None:
    """Keep how the person wants the file to be read. Raises DraftGoneError."""
    require(ctx, "imports.run")
    require_writable(ctx)
    row = _own(session, ctx, command.draft_id)
    account = str(command.account_id) if command.account_id else None
    row.options = {"choices": asdict(command.choices), "account_id": account}


def drop_draft(session: Session, ctx: Context, draft_id: UUID) -> None:
    """Forget an upload. Raises DraftGoneError."""
    require(ctx, "imports.run")
    session.delete(_own(session, ctx, draft_id))


def find_mapping(session: Session, ctx: Context, command: tuple[str, str]) -> dict[str, str] | None:
    """The mapping that was last used for (kind, fingerprint of the headers)."""
    require(ctx, "imports.run")
    kind, headers_hash = command
    query = select(ImportMapping.mapping).where(
        ImportMapping.kind == kind, ImportMapping.headers_hash == headers_hash
    )
    found = session.exec(query).first()
    return None if found is None else dict(found)


def hold_for_job(session: Session, ctx: Context, draft_id: UUID) -> None:
    """Keep an upload until its job is done with it: nobody can change it any more."""
    row = _own(session, ctx, draft_id)
    row.status, row.expires_at = "importing", datetime.now(UTC) + FOR_A_JOB


def find_held(session: Session, ctx: Context, draft_id: UUID) -> Draft | None:
    """The upload that a job is to import; None once it was."""
    query = select(ImportDraft).where(ImportDraft.id == draft_id, ImportDraft.status == "importing")
    row = session.exec(query).first()
    return None if row is None else _opened(session, row)


def forget_expired(session: Session, ctx: Context, command: None) -> int:
    """Delete the workspace's uploads whose hour is over; how many there were."""
    now = datetime.now(UTC)
    return session.exec(delete(ImportDraft).where(col(ImportDraft.expires_at) <= now)).rowcount


def _is_open(ctx: Context) -> tuple[ColumnElement[bool], ...]:
    """The conditions of an upload that this person can go on with."""
    return (
        col(ImportDraft.user_id) == ctx.person,
        col(ImportDraft.status) == "open",
        col(ImportDraft.expires_at) > datetime.now(UTC),
    )


def _own(session: Session, ctx: Context, draft_id: UUID) -> ImportDraft:
    query = select(ImportDraft).where(col(ImportDraft.id) == draft_id, *_is_open(ctx))
    row = session.exec(query.with_for_update()).first()
    if row is None:
        raise DraftGoneError
    return row


def _opened(session: Session, row: ImportDraft) -> Draft:
    account = row.options.get("account_id")
    return Draft(
        row.id,
        row.kind,
        row.file_name,
        row.file_hash,
        Choices(**row.options.get("choices", {})),
        session.exec(select(TenantConfig.timezone)).one(),
        row.content,
        UUID(account) if account else None,
    )


def _name(text: str) -> str:
    """The last part of a path, printable: browsers of old send whole paths."""
    last = text.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in last if one.isprintable())[:LONGEST_NAME] or "unnamed.csv"
