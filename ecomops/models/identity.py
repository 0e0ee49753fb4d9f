"""Workspaces (tenants), people, who belongs where, and browser sessions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from ecomops.kit.ids import new_id
from ecomops.models.base import TenantRow, one_of, per_tenant, to_tenant, utc, utc_now

ROLES = ("admin", "finance", "ops", "readonly")
LINK_KINDS = ("invitation", "password")


class Tenant(SQLModel, table=True):
    """A workspace. Global: it is looked up before a tenant is known."""

    __tablename__ = "tenants"
    __table_args__ = (one_of("plan", "trial", "pro", "enterprise"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    slug: str = Field(unique=True, max_length=63)
    name: str = Field(max_length=200)
    plan: str
    plan_expires_at: datetime | None = utc(default=None)
    created_at: datetime = utc_now()


class TenantConfig(TenantRow, table=True):
    """Settings of a workspace; one row each. ``fiscal_year_start`` is a month, 1 to 12.

    ``audit_payload_days``: how long audit events keep address and payload; None: for ever.
    """

    __tablename__ = "tenant_configs"
    __table_args__ = (
        to_tenant(),
        per_tenant("uq_tenant_configs_tenant", unique=True),
        one_of("posting_mode", "lumpsum", "detail", "mirror"),
        CheckConstraint("audit_payload_days >= 90", name="audit_payload_days"),
        CheckConstraint("fiscal_year_start BETWEEN 1 AND 12", name="fiscal_year_start"),
    )

    timezone: str = "UTC"
    currency: str = "USD"
    posting_mode: str = "lumpsum"
    posting_batch_size: int = 100
    audit_payload_days: int | None = None
    fiscal_year_start: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})


class User(SQLModel, table=True):
    """A person. One person may belong to several workspaces. ``email`` is in lower case."""

    __tablename__ = "users"
    __table_args__ = (Index("uq_users_email", text("lower(email)"), unique=True),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    email: str = Field(max_length=320)
    name: str = Field(max_length=200)
    password_hash: str
    created_at: datetime = utc_now()


class Membership(TenantRow, table=True):
    """A person's role in a workspace. People also see their own rows of other workspaces.

    ``last_seen_at`` is true to some minutes.
    """

    __tablename__ = "memberships"
    __table_args__ = (
        to_tenant(),
        per_tenant("uq_memberships_user", "user_id", unique=True),
        Index("ix_memberships_user_id", "user_id"),
        one_of("role", *ROLES),
    )

    user_id: UUID = Field(foreign_key="users.id")
    role: str
    active: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    created_at: datetime = utc_now()
    last_seen_at: datetime | None = utc(default=None)


class Invitation(TenantRow, table=True):
    """Somebody who was asked to join and has not come yet. ``email`` is in lower case."""

    __tablename__ = "invitations"
    __table_args__ = (
        to_tenant(),
        per_tenant("uq_invitations_email", "email", unique=True),
        one_of("role", *ROLES),
    )

    email: str = Field(max_length=320)
    name: str = Field(max_length=200)
    role: str
    invited_by: UUID | None = None
    created_at: datetime = utc_now()


class OneTimeLink(SQLModel, table=True):
    """A link to join, or to choose a new password. Only the SHA-256 of its token is kept. Global.

    ``person_id`` is an invitation's id, or a member's user id. Each has one link at most.
    """

    __tablename__ = "one_time_links"
    __table_args__ = (
        Index("uq_one_time_links_person", "tenant_id", "person_id", unique=True),
        one_of("kind", *LINK_KINDS),
    )

    token_hash: bytes = Field(primary_key=True)
    tenant_id: UUID = Field(foreign_key="tenants.id")
    person_id: UUID
    kind: str
    expires_at: datetime = utc()


class BrowserSession(SQLModel, table=True):
    """A signed-in browser. Only the SHA-256 of its cookie is kept."""

    __tablename__ = "sessions"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    token_hash: bytes = Field(unique=True)
    user_id: UUID = Field(foreign_key="users.id", index=True)
    tenant_id: UUID = Field(foreign_key="tenants.id")
    created_at: datetime = utc_now()
    expires_at: datetime = utc()
    address: str = ""
    user_agent: str = Field(default="", max_length=400)


class SignInFailure(SQLModel, table=True):
    """Failed sign-ins of an account, an address, or both, as a keyed hash. Global."""

    __tablename__ = "sign_in_failures"

    key_hash: bytes = Field(primary_key=True)
    failures: int
    since: datetime = utc(index=True)
    locked_until: datetime | None = utc(default=None)
