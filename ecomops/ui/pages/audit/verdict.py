"""Seals and verifications in words. Pure."""

from __future__ import annotations

import re

from ecomops.domains.audit.schemas import NotedSeal, SealView, Verification
from ecomops.ui import format as fmt

_KEPT = re.compile(r"\bbatch ([1-9][0-9]{0,17}), hash ([0-9a-f]{64})\b", re.IGNORECASE)


def seal_text(seal: SealView) -> str:
    """What somebody keeps elsewhere, to compare the log with one day."""
    return (
        f"ecomops audit log: sealed to event {seal.total}, batch {seal.number}, hash {seal.hash}, "
        f"signed {seal.sealed_at.isoformat()} with key {seal.key_id}"
    )


def kept_seal(text: str) -> NotedSeal | None:
    """The seal in a text that was copied one day; None when there is none in it."""
    found = _KEPT.search(text)
    return NotedSeal(int(found[1]), found[2].lower()) if found else None


def percent(walked: int, total: int) -> int:
    """How much of the log has been walked; events that came since do not make it more than all."""
    return min(100 * walked // total, 100) if total else 0


def in_words(found: Verification, now: str, kept: NotedSeal | None = None) -> tuple[bool, str, str]:
    """Whether the log is intact, the sentence that says so, and what else there is to know."""
    if found.finding is None:
        told = _what_was_checked(found)
        if kept is not None:
            told += f" It holds the seal of batch {fmt.number(kept.number)} that you kept."
        return True, f"Intact, checked at {now}.", told
    where = [f"Batch {fmt.number(found.finding.batch)}."] if found.finding.batch else []
    checked = f"{fmt.counted(found.events, 'event')} before it are as they were sealed."
    return False, f"Not intact: {found.finding.message}", " ".join([*where, checked])


def _what_was_checked(found: Verification) -> str:
    events, seals = fmt.counted(found.events, "event"), fmt.number(found.seals)
    batches = f"{seals} batch" if found.seals == 1 else f"{seals} batches"
    told = [f"{events} in {batches} are exactly as they were sealed."]
    if found.payloads_removed:
        removed = fmt.counted(found.payloads_removed, "payload")
        told.append(f"{removed} removed when their time was over; their hashes hold.")
    if found.unsealed:
        waits = "waits" if found.unsealed == 1 else "wait"
        told.append(f"{fmt.counted(found.unsealed, 'new event')} {waits} for the next seal.")
    return " ".join(told)
