"""One connection in detail: its schedule, webhooks, backfills and comparisons."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import SecretStr

from ecomops.domains.connections.changes import SetWebhookSecret, set_webhook_secret
from ecomops.domains.freshness.backfills import StartBackfill, start_backfill
from ecomops.domains.freshness.details import ConnectionDetails, get_details
from ecomops.domains.freshness.schedules import preview_schedule, set_schedule
from ecomops.domains.freshness.schemas import PreviewSchedule, SetSchedule
from ecomops.kit.errors import (
    ConflictError,
    DomainError,
    InvalidInputError,
    NotFoundError,
    UnauthenticatedError,
)
from ecomops.kit.settings import get_settings
from ecomops.operations.backfill import estimate_backfill
from ecomops.ui import format as fmt
from ecomops.ui.components.providers import NAMES
from ecomops.ui.components.toasts import toast
from ecomops.ui.handlers import handler
from ecomops.ui.layouts.activity import AFTER_A_JOB, Activity
from ecomops.ui.layouts.sources import STATES
from ecomops.ui.operation import current_path, query
from ecomops.ui.pages.connection.facts import facts_of, gaps_of
from ecomops.ui.problems import shown_on_page
from ecomops.ui.session import call, perform
from ecomops.ui.state import AppState

WEBHOOK_PROVIDERS = ("stripe", "shopify")


@dataclass
class Pair:
    """A name and what it is, as text."""

    name: str
    value: str
    hint: str = ""


@dataclass
class Comparison:
    """One stream compared with the provider, as text."""

    stream: str
    verdict: str
    good: bool
    counts: str
    listed: str
    when: str


class ConnectionState(AppState):
    """The connection that the address names."""

    connection_id: str = ""
    provider: str = ""
    provider_name: str = ""
    connection_label: str = ""
    connection_status: str = ""
    connection_error: str = ""
    freshness: str = ""
    last_sync: str = ""
    next_run: str = ""
    facts: list[Pair] = []  # noqa: RUF012 - Reflex copies the default for each State
    gaps: list[str] = []  # noqa: RUF012
    streams: list[Pair] = []  # noqa: RUF012
    deliveries: list[Pair] = []  # noqa: RUF012
    comparisons: list[Comparison] = []  # noqa: RUF012
    webhook_address: str = ""
    webhooks_signed: bool = False
    details_loaded: bool = False
    details_problem: str = ""
    details_reference: str = ""

    cron: str = ""
    cron_words: str = ""
    cron_next: list[str] = []  # noqa: RUF012
    form_errors: dict[str, str] = {}  # noqa: RUF012
    form_number: int = 0
    busy: str = ""
    backfill_size: str = ""
    backfill_days: dict[str, str] = {}  # noqa: RUF012

    @handler("connections.view")
    async def load_connection(self) -> None:
        """Show the connection; a form that is being filled in stays as it is."""
        self.busy = ""
        with shown_on_page(self, "details"):
            wanted = _uuid(query("id"))
            details = await perform(get_details, wanted)
            if self.connection_id != str(wanted):
                self.form_number += 1
                self.form_errors, self.cron_words, self.cron_next = {}, "", []
            self._show(details)

    @handler("connections.view")
    async def look_again(self) -> Any:
        """Load it once more if this is the page that is open."""
        here = "/connections/details" in current_path()
        return ConnectionState.load_connection if here and not self.busy else None

    def _show(self, details: ConnectionDetails) -> None:
        card, fresh, zone = details.card, details.freshness, self.timezone
        self.connection_id, self.provider = str(card.id), card.provider
        self.provider_name, self.connection_label = NAMES[card.provider], card.label
        self.connection_status = fmt.words(card.status)
        self.connection_error = card.last_error or ""
        self.freshness = STATES[fresh.state] if fresh else ""
        self.last_sync = fmt.moment(card.last_sync_at, zone) if card.last_sync_at else "Never"
        self.next_run = (
            fmt.moment(fresh.next_run_at, zone) if fresh and fresh.next_run_at else "By hand only"
        )
        if fresh and fresh.paused:
            self.next_run = "Paused by your plan"
        self.cron = fresh.cron if fresh else ""
        self.cron_words = fresh.words if fresh else ""
        self.facts = [Pair(name, value) for name, value in facts_of(details.account)]
        self.gaps = gaps_of(details.account)
        self.streams = [
            Pair(fmt.words(it.name), fmt.moment(it.read_at, zone)) for it in details.streams
        ]
        self.deliveries = [
            Pair(it.topic, fmt.words(it.status), fmt.moment(it.received_at, zone))
            for it in details.deliveries
        ]
        self.comparisons = [comparison_of(it, zone) for it in details.checks]
        takes = card.provider in WEBHOOK_PROVIDERS and card.status != "revoked"
        address = f"{get_settings().origin}/webhooks/{card.provider}/{card.id}"
        self.webhook_address = address if takes else ""
        self.webhooks_signed = details.webhooks_signed
        self.details_loaded = True

    @handler("schedules.manage")
    async def preview(self, cron: str) -> None:
        """Say what a schedule means while it is typed."""
        if not cron.strip():
            self.cron_words, self.cron_next, self.form_errors = "", [], {}
            return
        shown = await perform(preview_schedule, PreviewSchedule(cron))
        self.cron_words = shown.words
        self.cron_next = [fmt.moment(it, self.timezone) for it in shown.next_runs]
        self.form_errors = {"cron": shown.problem} if shown.problem else {}

    @handler("schedules.manage")
    async def save_schedule(self, form: dict[str, Any]) -> AsyncIterator[Any]:
        """Set the schedule, or take it away where the field is empty."""
        cron = str(form.get("cron", "")).strip()
        command = SetSchedule(UUID(self.connection_id), cron or None)
        async for event in self._saving("schedule", set_schedule, command):
            yield event
        if not self.form_errors:
            yield toast("Schedule saved" if cron else "Schedule removed", tone="success")
            yield ConnectionState.load_connection

    @handler("connections.manage")
    async def save_secret(self, form: dict[str, Any]) -> AsyncIterator[Any]:
        """Keep the webhooks' signing secret."""
        secret = SecretStr(str(form.get("webhook_secret", "")))
        command = SetWebhookSecret(UUID(self.connection_id), secret)
        async for event in self._saving("secret", set_webhook_secret, command):
            yield event
        if not self.form_errors:
            self.form_number += 1
            yield toast("Signing secret saved", tone="success")
            yield ConnectionState.load_connection

    @handler("jobs.run", background=True)
    async def plan_backfill(self, form: dict[str, Any]) -> AsyncIterator[Any]:
        """Ask the provider how much these days hold, and then the person; or begin at once."""
        typed = {name: str(form.get(name, "")) for name in ("first", "last")}
        wrong = {name: "Choose a day." for name, text in typed.items() if _day(text) is None}
        async with self:
            self.form_errors, self.backfill_days = wrong, {} if wrong else typed
            self.busy, command = "backfill", self._backfill()
        try:
            sizes, wrong = await _estimated(command) if command else ({}, wrong)
        finally:
            async with self:
                self.busy = ""
        async with self:
            if command and not self.backfill_days:
                return  # The page was loaded anew meanwhile, and asks for nothing.
            self.form_errors, self.backfill_size = wrong, in_words(sizes)
        if not sizes and not wrong:
            yield ConnectionState.start_backfill

    @handler("jobs.run")
    async def drop_backfill(self) -> None:
        """Read nothing after all."""
        self.backfill_size = ""

    @handler("jobs.run")
    async def start_backfill(self) -> AsyncIterator[Any]:
        """Read the days again that were asked for."""
        command, self.backfill_size = self._backfill(), ""
        if command is None:
            return
        async for event in self._saving("backfill", start_backfill, command):
            yield event
        if not self.form_errors:
            yield toast("Backfill started", description="Follow it on the Jobs page.")
            yield Activity.load_jobs

    def _backfill(self) -> StartBackfill | None:
        """What was asked for; None when nothing was."""
        first, last = (_day(self.backfill_days.get(name, "")) for name in ("first", "last"))
        if first is None or last is None:
            return None
        return StartBackfill(UUID(self.connection_id), first, last)

    async def _saving(self, name: str, use_case: Any, command: object) -> AsyncIterator[Any]:
        """Run a use case; what is wrong is said beside its field."""
        self.busy, self.form_errors = name, {}
        yield
        try:
            await perform(use_case, command)
        except UnauthenticatedError:
            raise
        except InvalidInputError as error:
            self.form_errors = dict(error.fields)
        except DomainError as error:
            self.form_errors = {name: error.message}
        finally:
            self.busy = ""


async def _estimated(command: StartBackfill) -> tuple[Mapping[str, int], dict[str, str]]:
    """What the provider counts, and what is wrong by field."""
    try:
        return await call(estimate_backfill, command), {}
    except InvalidInputError as error:
        return {}, dict(error.fields)
    except ConflictError as error:
        return {}, {"backfill": error.message}


def in_words(sizes: Mapping[str, int]) -> str:
    """``1,240 orders``; empty where nothing was counted."""
    counts = (fmt.counted(count, what.lower().removesuffix("s")) for what, count in sizes.items())
    return " and ".join(counts)


def comparison_of(check: Any, zone: str) -> Comparison:
    """One comparison as it is shown."""
    found = {
        "missing and fetched": check.missing,
        "gone at the provider": check.vanished,
        "different and corrected": check.different,
    }
    problems = [f"{len(ids)} {words}" for words, ids in found.items() if ids]
    return Comparison(
        stream=fmt.words(check.stream),
        verdict=", ".join(problems).capitalize() or "Equal",
        good=not problems,
        counts=f"{fmt.number(check.provider_count)} there, {fmt.number(check.stored_count)} here",
        listed=", ".join(ref for ids in found.values() for ref in ids[:20]),
        when=fmt.moment(check.created_at, zone),
    )


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFoundError("This connection does not exist.") from None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


AFTER_A_JOB.append(ConnectionState.look_again)
