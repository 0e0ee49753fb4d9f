"""How fresh each connection's rows are, for any page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from ecomops.domains.freshness.schedules import list_freshness
from ecomops.domains.freshness.schemas import ConnectionFreshness
from ecomops.ui import format as fmt
from ecomops.ui import routes
from ecomops.ui.components.providers import NAMES
from ecomops.ui.handlers import handler
from ecomops.ui.layouts.activity import AFTER_A_JOB
from ecomops.ui.operation import current_path
from ecomops.ui.problems import shown_on_page
from ecomops.ui.session import perform
from ecomops.ui.state import AppState

STATES = {"fresh": "Fresh", "late": "Late", "broken": "Broken", "never": "Not synced"}
"""What people call the states of freshness."""


@dataclass
class Source:
    """A connection and how well it keeps up, as text."""

    provider: str
    provider_name: str
    label: str
    state: str
    told: str
    address: str


class Sources(AppState):
    """All connections that were not revoked."""

    sources: list[Source] = []  # noqa: RUF012 - Reflex copies the default for each State
    any_source: bool = False
    sources_loaded: bool = False
    sources_problem: str = ""
    sources_reference: str = ""

    @handler("connections.view")
    async def load_sources(self) -> None:
        """See how fresh they are."""
        with shown_on_page(self, "sources"):
            now = datetime.now(UTC)
            found = await perform(list_freshness)
            self.sources = [source_row(it, now, self.timezone) for it in found]
            self.any_source, self.sources_loaded = bool(found), True

    @handler("connections.view")
    async def look_again(self) -> Any:
        """Load them once more if the page that shows them is open."""
        here = urlsplit(current_path()).path.rstrip("/") == routes.DASHBOARD
        return Sources.load_sources if here else None


def source_row(it: ConnectionFreshness, now: datetime, zone: str) -> Source:
    """One connection as the dashboard shows it."""
    last = f"Synced {fmt.ago(it.last_sync_at, now)}" if it.last_sync_at else "Never synced"
    following = f"next {fmt.moment(it.next_run_at, zone)}" if it.next_run_at else "by hand only"
    if it.paused:
        following = "schedule paused by your plan"
    if it.state == "broken":
        following = "needs attention"
    return Source(
        provider=it.provider,
        provider_name=NAMES[it.provider],
        label=it.label,
        state=STATES[it.state],
        told=f"{last}, {following}",
        address=routes.connection(str(it.connection_id)),
    )


AFTER_A_JOB.append(Sources.look_again)
