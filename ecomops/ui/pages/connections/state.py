"""The connections of the workspace, and what is done with one: test, revoke."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from ecomops.domains.connections.changes import revoke_connection
from ecomops.domains.connections.schemas import ConnectionCard, ListConnections
from ecomops.domains.connections.service import list_connections
from ecomops.domains.freshness.schedules import list_freshness
from ecomops.domains.freshness.schemas import ConnectionFreshness
from ecomops.operations.connection_check import check_connection
from ecomops.ui import format as fmt
from ecomops.ui import routes
from ecomops.ui.components.providers import NAMES
from ecomops.ui.components.toasts import toast
from ecomops.ui.handlers import handler
from ecomops.ui.layouts.activity import AFTER_A_JOB, Activity
from ecomops.ui.operation import current_path, query
from ecomops.ui.pages.connections.remedies import remedy_for
from ecomops.ui.problems import shown_on_page
from ecomops.ui.session import call, perform
from ecomops.ui.state import AppState

UNTESTED, UNKNOWN, BY_HAND = "Shown after a test", "Not known", "By hand only"
PAUSED = "paused by your plan"


@dataclass
class Card:
    """A connection, as text."""

    id: str
    provider: str
    provider_name: str
    label: str
    status: str
    sandbox: bool
    files: bool
    account: str
    created: str
    last_sync: str
    last_sync_moment: str
    schedule: str
    freshness: str
    error: str
    meaning: str
    steps: list[str]
    same_as: str


class ConnectionsState(AppState):
    """The cards, those of revoked connections at choice, and the question before one is revoked."""

    cards: list[Card] = []  # noqa: RUF012 - Reflex copies the default for each State
    revoked_count: int = 0
    shows_all: bool = False
    connections_loaded: bool = False
    connections_problem: str = ""
    connections_reference: str = ""

    testing: str = ""
    revoke_id: str = ""
    revoke_label: str = ""

    @handler("connections.view")
    async def load_connections(self) -> None:
        """Show the cards; those of revoked connections where the address says so."""
        self.testing, self.shows_all = "", query("all") == "1"
        with shown_on_page(self, "connections"):
            cards = await perform(list_connections, ListConnections(include_revoked=True))
            fresh = {it.connection_id: it for it in await perform(list_freshness)}
            now = datetime.now(UTC)
            revoked = [card for card in cards if card.status == "revoked"]
            shown = [card for card in cards if self.shows_all or card not in revoked]
            self.cards = [card_row(it, fresh.get(it.id), now, self.timezone) for it in shown]
            self.revoked_count = len(revoked)
            self.connections_loaded = True

    @handler("connections.view")
    async def look_again(self) -> Any:
        """Load the cards once more if this is the page that is open."""
        here = urlsplit(current_path()).path.rstrip("/") == routes.CONNECTIONS
        return ConnectionsState.load_connections if here and not self.testing else None

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

    @handler("connections.manage")
    async def ask_to_revoke(self, connection_id: str, label: str) -> None:
        """Ask whether the connection shall really be revoked."""
        self.revoke_id, self.revoke_label = connection_id, label

    @handler("connections.manage")
    async def keep(self) -> None:
        """Leave the connection as it is."""
        self.revoke_id = ""

    @handler("connections.manage")
    async def revoke(self) -> AsyncIterator[Any]:
        """Revoke the connection that was asked about."""
        connection_id, self.revoke_id = self.revoke_id, ""
        if not connection_id:
            return
        yield
        gone = await perform(revoke_connection, UUID(connection_id))
        yield toast(f"'{gone.label}' was revoked", description="Its credentials are wiped.")
        yield ConnectionsState.load_connections
        yield Activity.load_jobs


def card_row(
    view: ConnectionCard, fresh: ConnectionFreshness | None, now: datetime, zone: str
) -> Card:
    """The connection as its card shows it."""
    synced = view.last_sync_at
    remedy = remedy_for(view.provider, view.last_error or "")
    return Card(
        id=str(view.id),
        provider=view.provider,
        provider_name=NAMES[view.provider],
        label=view.label,
        status=fmt.words(view.status),
        sandbox=view.environment == "sandbox",
        files=view.holds_files,
        account=view.account_name or (UNKNOWN if view.status == "revoked" else UNTESTED),
        created=fmt.moment(view.created_at, zone),
        last_sync=fmt.ago(synced, now).capitalize() if synced else "Never",
        last_sync_moment=fmt.moment(synced, zone) if synced else "",
        schedule=schedule_words(fresh),
        freshness=fmt.words(fresh.state) if fresh else "",
        error=view.last_error or "",
        meaning=remedy.meaning,
        steps=list(remedy.steps),
        same_as=view.same_as,
    )


def schedule_words(fresh: ConnectionFreshness | None) -> str:
    """When it syncs by itself, or that it does not."""
    if fresh is None or not fresh.words:
        return BY_HAND
    return f"{fresh.words}, {PAUSED}" if fresh.paused else fresh.words


AFTER_A_JOB.append(ConnectionsState.look_again)
