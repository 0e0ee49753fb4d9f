"""What goes in and out of the identity use cases."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class Register:
    """A new workspace and its first admin."""

    organization_name: str
    slug: str
    name: str
    email: str
    password: SecretStr
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class SignIn:
    email: str
    password: SecretStr
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new browser session. ``token`` is shown here once and never stored."""

    token: SecretStr
    user_id: UUID
    tenant_id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignOut:
    token: SecretStr


@dataclass(frozen=True, slots=True)
class Resolve:
    token: SecretStr


@dataclass(frozen=True, slots=True)
class Shell:
    """What every page shows of the workspace and the person. Times are shown in ``timezone``."""

    workspace_name: str
    workspace_slug: str
    timezone: str
    plan_name: str
    trial_days_left: int | None
    expired: bool
    person_name: str
    email: str
    role: str
