"""What goes in and out of the connection use cases. Credentials only ever go in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import SecretStr

from ecomops.models.connections import FILES, Connection


@dataclass(frozen=True, slots=True)
class ListConnections:
    include_revoked: bool = False


@dataclass(frozen=True, slots=True)
class CreateConnection:
    """``environment``: ``provider`` for the real one, ``sandbox`` for the local simulator.

    ``method`` is one of ``methods.METHODS``, the first one when empty.
    """

    provider: str
    label: str
    environment: str
    credentials: Mapping[str, SecretStr] = field(repr=False)
    method: str = ""


@dataclass(frozen=True, slots=True)
class ConnectionCard:
    """What is shown of a connection.

    ``same_as`` is the label of an older connection to the same account, as far as is known.
    """

    id: UUID
    provider: str
    label: str
    status: str
    environment: str
    created_at: datetime
    last_sync_at: datetime | None
    last_error: str | None
    account_name: str | None
    holds_files: bool = False
    same_as: str = ""


def card_of(row: Connection, same_as: str = "") -> ConnectionCard:
    """What is shown of this row."""
    return ConnectionCard(
        id=row.id,
        provider=row.provider,
        label=row.label,
        status=row.status,
        environment=row.environment,
        created_at=row.created_at,
        last_sync_at=row.last_sync_at,
        last_error=row.last_error,
        account_name=row.account_name,
        holds_files=row.environment == FILES,
        same_as=same_as,
    )


@dataclass(frozen=True, slots=True)
class OpenedConnection:
    """A connection with its credentials, for the one who calls the provider.

    ``settings`` is what people chose: which accounts to follow.
    """

    id: UUID
    provider: str
    label: str
    environment: str
    credentials: Mapping[str, SecretStr] = field(repr=False)
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordTest:
    """How a call to the provider ended. ``error`` None: it was fine."""

    connection_id: UUID
    error: str | None
    error_code: str | None = None
    account_id: str | None = None
    account_name: str | None = None
    detail: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Onboarding:
    """The checklist's three items, from what is in the database."""

    netsuite: bool
    source: bool
    data: bool
