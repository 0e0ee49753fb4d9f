"""The connections of the workspace, and the form that adds one.

The API key passes through ``save_connection`` as form data and is kept in no variable.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import reflex as rx
from pydantic import SecretStr

from ecomops.domains.connections.fields import CREDENTIAL_FIELDS
from ecomops.domains.connections.schemas import ConnectionCard, CreateConnection, ListConnections
from ecomops.domains.connections.service import create_connection, list_connections
from ecomops.kit.errors import DomainError, InvalidInputError, UnauthenticatedError
from ecomops.kit.settings import get_settings
from ecomops.operations.connection_check import check_connection
from ecomops.ui import format as fmt
from ecomops.ui.components.providers import NAMES
from ecomops.ui.components.toasts import toast
from ecomops.ui.handlers import handler
from ecomops.ui.problems import shown_on_page
from ecomops.ui.session import call, perform
from ecomops.ui.state import AppState

FORM = "form"


@dataclass
class Card:
    """A connection, as text."""

    id: str
    provider: str
    provider_name: str
    label: str
    status: str
    sandbox: bool
    account: str
    created: str
    last_sync: str
    last_sync_moment: str
    error: str


class ConnectionsState(AppState):
    """The cards, and where the person is in adding a connection."""

    cards: list[Card] = []  # noqa: RUF012 - Reflex copies the default for each State
    connections_loaded: bool = False
    connections_problem: str = ""
    connections_reference: str = ""

    adding: bool = False
    provider: str = ""
    provider_name: str = ""
    errors: dict[str, str] = {}  # noqa: RUF012
    saving: bool = False
    form_number: int = 0
    sandbox_key_address: str = ""
    testing: str = ""

    @handler("connections.view")
    async def load_connections(self) -> None:
        """Show the cards."""
        settings = get_settings()
        self.saving, self.testing = False, ""
        offered = settings.env in ("local", "test")
        self.sandbox_key_address = f"{settings.sandbox_base}/credentials.json" if offered else ""
        with shown_on_page(self, "connections"):
            cards = await perform(list_connections, ListConnections())
            now = datetime.now(UTC)
            self.cards = [_card(card, now, self.timezone) for card in cards]
            self.connections_loaded = True

    @handler("connections.manage")
    async def begin_adding(self) -> None:
        """Open the dialog at the choice of a provider, with an empty form."""
        self.adding, self.provider, self.errors = True, "", {}
        self.form_number += 1

    @handler("connections.manage")
    async def choose_provider(self, provider: str) -> None:
        """Go on to the provider's form."""
        if provider in CREDENTIAL_FIELDS:
            self.provider, self.provider_name, self.errors = provider, NAMES[provider], {}

    @handler("connections.manage")
    async def stop_adding(self) -> None:
        """Close the dialog."""
        self.adding, self.errors = False, {}

    @handler("connections.manage")
    async def save_connection(self, form: dict[str, Any]) -> AsyncIterator[Any]:
        """Store the connection; what is wrong is said beside its field."""
        if self.saving or not self.adding:
            return
        self.saving, self.errors = True, {}
        yield
        try:
            await perform(create_connection, _command(self.provider, form))
        except UnauthenticatedError:
            raise
        except DomainError as error:
            self.errors = _beside_fields(error)
            wrong = next(iter(self.errors))
            yield rx.set_focus(wrong) if wrong in form else None
            return
        finally:
            self.saving = False
        self.adding = False
        yield toast(f"{self.provider_name} connected", tone="success")
        yield ConnectionsState.load_connections

    @handler("connections.manage", background=True)
    async def test(self, connection_id: str) -> AsyncIterator[Any]:
        """Call the provider with the stored credentials and say how it went."""
        async with self:
            self.testing = connection_id
        try:
            outcome = await call(check_connection, UUID(connection_id))
        finally:
            async with self:
                self.testing = ""
        yield toast(outcome.message, tone="success" if outcome.ok else "error")
        yield ConnectionsState.load_connections


def _command(provider: str, form: dict[str, Any]) -> CreateConnection:
    names = CREDENTIAL_FIELDS.get(provider, {})
    return CreateConnection(
        provider=provider,
        label=str(form.get("label", "")),
        environment=str(form.get("environment") or "provider"),
        credentials={name: SecretStr(str(form.get(name, ""))) for name in names},
    )


def _beside_fields(error: DomainError) -> dict[str, str]:
    return dict(error.fields) if isinstance(error, InvalidInputError) else {FORM: error.message}


def _card(view: ConnectionCard, now: datetime, zone: str) -> Card:
    synced = view.last_sync_at
    return Card(
        id=str(view.id),
        provider=view.provider,
        provider_name=NAMES[view.provider],
        label=view.label,
        status=fmt.words(view.status),
        sandbox=view.environment == "sandbox",
        account=view.account_name or "Shown after a test",
        created=fmt.moment(view.created_at, zone),
        last_sync=fmt.ago(synced, now).capitalize() if synced else "Never",
        last_sync_moment=fmt.moment(synced, zone) if synced else "",
        error=view.last_error or "",
    )
