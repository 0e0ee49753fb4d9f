"""A person's way to a provider's consent page and back: begun once, redeemed once."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from pydantic import SecretStr
from sqlmodel import Session, col, select

from ecomops.domains.access.rules import require
from ecomops.domains.audit.service import Event, record
from ecomops.domains.connections import fields
from ecomops.domains.connections.credentials import vault
from ecomops.domains.connections.schemas import ConnectionCard, CreateConnection, card_of
from ecomops.domains.connections.service import add_connection, require_slot
from ecomops.domains.plans.rules import require_writable
from ecomops.kit.context import Context
from ecomops.kit.crypto import new_token, token_hash
from ecomops.kit.errors import ConflictError
from ecomops.kit.ids import new_id
from ecomops.models.freshness import OAuthAttempt

GOOD_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Draft:
    """A connection that waits for consent. ``verifier`` is the PKCE code verifier."""

    provider: str
    label: str
    environment: str
    credentials: Mapping[str, SecretStr] = field(repr=False)
    verifier: SecretStr = field(repr=False)


@dataclass(frozen=True, slots=True)
class Consented:
    """A draft, and the credentials that the consent brought."""

    draft: Draft
    credentials: Mapping[str, str] = field(repr=False)


def begin_consent(
    session: Session, ctx: Context, command: CreateConnection
) -> tuple[Draft, SecretStr]:
    """Keep a connection that is to be made after consent; with it the state to send along.

    Raises InvalidInputError by field, EntitlementDeniedError when the plan is full.
    """
    require(ctx, "connections.manage")
    require_writable(ctx)
    credentials = fields.check(command)
    require_slot(session, ctx, command.provider)
    state, verifier, attempt_id = new_token(), SecretStr(secrets.token_urlsafe(64)), new_id()
    draft = Draft(
        command.provider,
        command.label.strip(),
        command.environment,
        {name: SecretStr(value) for name, value in credentials.items()},
        verifier,
    )
    session.add(
        OAuthAttempt(
            tenant_id=ctx.tenant,
            id=attempt_id,
            state_hash=token_hash(state),
            provider=command.provider,
            user_id=ctx.person,
            draft=_sealed(draft, _owner(ctx.tenant, attempt_id)),
            expires_at=datetime.now(UTC) + GOOD_FOR,
        )
    )
    return draft, state


def redeem(session: Session, ctx: Context, state: SecretStr) -> Draft:
    """The draft of a state, once, for whoever began. Raises ConflictError."""
    require(ctx, "connections.manage")
    query = select(OAuthAttempt).where(
        OAuthAttempt.state_hash == token_hash(state),
        OAuthAttempt.user_id == ctx.person,
        col(OAuthAttempt.used_at).is_(None),
        OAuthAttempt.expires_at > datetime.now(UTC),
    )
    attempt = session.exec(query.with_for_update()).first()
    if attempt is None:
        raise ConflictError("This consent was used before, or took too long. Begin again.")
    draft = _opened(attempt)
    attempt.used_at, attempt.draft = datetime.now(UTC), b""
    return draft


def create_consented(session: Session, ctx: Context, command: Consented) -> ConnectionCard:
    """Make the connection that was consented to. Raises as ``create_connection``."""
    require(ctx, "connections.manage")
    require_writable(ctx)
    draft = command.draft
    made = CreateConnection(draft.provider, draft.label, draft.environment, {})
    connection = add_connection(session, ctx, made, dict(command.credentials))
    return card_of(connection)


def note_refusal(session: Session, ctx: Context, provider: str) -> None:
    """The person said no at the provider, or the provider did."""
    require(ctx, "connections.manage")
    record(session, ctx, Event("connection", "connection_consent_refused", "connection", "",
                               "denied", {"provider": provider}))  # fmt: skip


def _sealed(draft: Draft, owner: str) -> bytes:
    plain = {name: value.get_secret_value() for name, value in draft.credentials.items()}
    told = {
        "provider": draft.provider,
        "label": draft.label,
        "environment": draft.environment,
        "credentials": json.dumps(plain),
        "verifier": draft.verifier.get_secret_value(),
    }
    return vault().seal(told, owner)


def _opened(attempt: OAuthAttempt) -> Draft:
    held = vault().open(attempt.draft, _owner(attempt.tenant_id, attempt.id))
    told = {name: value.get_secret_value() for name, value in held.items()}
    plain = json.loads(told["credentials"])
    credentials = {name: SecretStr(value) for name, value in plain.items()}
    return Draft(
        told["provider"], told["label"], told["environment"], credentials, held["verifier"]
    )


def _owner(tenant_id: UUID, attempt_id: UUID) -> str:
    return f"{tenant_id}/oauth/{attempt_id}"
