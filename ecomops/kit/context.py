"""Who does what for whom: the argument that every use case gets, never a global."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Channel = Literal["web", "api", "worker", "cli"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, or the system itself when ``user_id`` is None. ``label`` is the e-mail."""

    user_id: UUID | None
    label: str


SYSTEM = Actor(None, "system")


@dataclass(frozen=True, slots=True)
class Plan:
    """The workspace's plan; ``expires_at`` (UTC) only for a trial."""

    name: str
    expires_at: datetime | None = None

    def expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, slots=True)
class Context:
    """One operation: the workspace (None before sign-in), who acts, and what they may do."""

    correlation_id: str
    channel: Channel
    tenant_id: UUID | None = None
    actor: Actor = SYSTEM
    role: str = ""
    permissions: frozenset[str] = frozenset()
    plan: Plan = Plan("trial")
    session_id: UUID | None = None
    address: str = ""

    @property
    def tenant(self) -> UUID:
        """The workspace's id; a use case of a workspace was called without one if this raises."""
        if self.tenant_id is None:
            raise LookupError("This operation needs a workspace and was given none.")
        return self.tenant_id

    @property
    def person(self) -> UUID:
        """The id of who acts; the system was let do what only a person does if this raises."""
        if self.actor.user_id is None:
            raise LookupError("This operation needs a person and was called by the system.")
        return self.actor.user_id
