"""The newest seal of the log, and whether the log is as it was sealed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from ecomops.domains.audit.queries import latest_seal
from ecomops.domains.audit.schemas import NotedSeal, SealView, Verification
from ecomops.operations.audit_verification import verify_log
from ecomops.ui import format as fmt
from ecomops.ui.handlers import handler
from ecomops.ui.pages.audit.verdict import in_words, kept_seal, percent, seal_text
from ecomops.ui.presence import browser_is_there
from ecomops.ui.problems import shown_on_page
from ecomops.ui.session import call, perform
from ecomops.ui.state import AppState

BEAT_SECONDS = 0.5
FIRST_SEAL_LOOKS = 60
"""Looks, a beat apart, for the first seal of a workspace that has just been made."""
_one_at_a_time = asyncio.Semaphore(1)
"""Walking a log takes a core: this process walks one at a time, whoever asks."""


class _LeftError(Exception):
    """Whoever asked is gone, so nobody needs the rest."""


class _Walk:
    """How far a verification has come in its thread, and whether it is still wanted."""

    def __init__(self) -> None:
        self.events, self.wanted = 0, True

    def told(self, events: int) -> None:
        """Called after each piece."""
        self.events = events
        if not self.wanted:
            raise _LeftError


def _forgotten(task: asyncio.Task[Verification]) -> None:
    """What became of a walk that nobody waits for is no news."""
    if not task.cancelled():
        task.exception()


class SealState(AppState):
    """The newest seal as text, and the last verification's outcome."""

    seal_loaded: bool = False
    seal_line: str = ""
    seal_hash: str = ""
    seal_copied: str = ""
    seal_when: str = ""
    seal_problem: str = ""
    seal_reference: str = ""

    verifying: bool = False
    walked: str = ""
    walked_percent: int = 0
    verdict: str = ""
    verdict_detail: str = ""
    verdict_event_id: str = ""
    intact: bool = True
    verify_problem: str = ""
    verify_reference: str = ""

    explaining: bool = False
    kept_error: str = ""

    # Events that were sealed when a verification began, to tell how far it has come.
    _total: int = 0
    # The text of a seal that somebody kept, which the log must hold; empty for none.
    _kept: str = ""

    @handler("audit.view")
    async def load_seal(self) -> Any:
        """Show the newest seal. A verification that still runs says so again."""
        self.verifying = False
        with shown_on_page(self, "seal"):
            seal = await perform(latest_seal)
            self._show(seal)
            self.seal_loaded = True
            if seal is None:
                return SealState.await_first_seal
        return None

    @handler("audit.view", background=True)
    async def await_first_seal(self) -> None:
        """Whoever opens the log of a workspace a second old sees its first seal come."""
        for _ in range(FIRST_SEAL_LOOKS):
            await asyncio.sleep(BEAT_SECONDS)
            if not browser_is_there():
                return
            if seal := await perform(latest_seal):
                async with self:
                    self._show(seal)
                return

    @handler("audit.view")
    async def explain(self, shown: bool) -> None:
        """Say what the seal means, or no more."""
        self.explaining, self.kept_error = shown, ""

    @handler("audit.view")
    async def verify_now(self) -> Any:
        """See whether the log is as it was sealed."""
        self._kept = ""
        return SealState.verify

    @handler("audit.view")
    async def verify_kept(self, form: dict[str, Any]) -> Any:
        """See whether it also still holds a seal that somebody kept elsewhere."""
        kept = str(form.get("kept") or "")
        if kept_seal(kept) is None:
            self.kept_error = "Paste the seal as it was copied, with its batch and its hash."
            return None
        self._kept, self.explaining = kept, False
        return SealState.verify

    @handler("audit.view", background=True)
    async def verify(self) -> AsyncIterator[Any]:
        """Walk the whole log in pieces, and say what came of it."""
        async with self:
            if self.verifying:
                return
            self.verifying, self.walked, self.walked_percent = True, "Waiting for its turn", 0
            self.verdict = self.verify_problem = ""
            kept = kept_seal(self._kept)
        try:
            async with _one_at_a_time:
                await self._walk(kept)
        finally:
            async with self:
                self.verifying = False
        yield SealState.load_seal

    async def _walk(self, kept: NotedSeal | None) -> None:
        walk = _Walk()
        task = asyncio.create_task(call(verify_log, kept, walk.told))
        try:
            while not (await asyncio.wait([task], timeout=BEAT_SECONDS))[0] and browser_is_there():
                async with self:
                    self.verifying = True
                    self.walked = f"{fmt.counted(walk.events, 'event')} checked"
                    self.walked_percent = percent(walk.events, self._total)
        finally:
            walk.wanted = False
            task.add_done_callback(_forgotten)
        if not task.done():
            return
        async with self:
            with shown_on_page(self, "verify"):
                found = task.result()
                now = fmt.moment_to_the_second(datetime.now(UTC), self.timezone)
                self.intact, self.verdict, self.verdict_detail = in_words(found, now, kept)
                finding = found.finding
                self.verdict_event_id = str(finding.event_id or "") if finding else ""

    def _show(self, seal: SealView | None) -> None:
        self._total = seal.total if seal else 0
        if seal is None:
            self.seal_line = self.seal_hash = self.seal_copied = self.seal_when = ""
            return
        event, batch = fmt.number(seal.total), fmt.number(seal.number)
        self.seal_line = f"Sealed to event {event} · batch {batch}"
        self.seal_hash = f"{seal.hash[:12]}…"
        self.seal_copied = seal_text(seal)
        self.seal_when = fmt.moment_to_the_second(seal.sealed_at, self.timezone)
