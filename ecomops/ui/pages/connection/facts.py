"""What the last test learned of an account, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecomops.ui import format as fmt

NAMED = {
    "shop": "Shop",
    "plan": "Plan",
    "country": "Country",
    "default_currency": "Currency",
    "currency": "Currency",
    "base_currency": "Currency",
    "subsidiaries": "Subsidiaries",
    "timezone": "Time zone",
    "livemode": "Mode",
    "test_shop": "Development shop",
    "payout_schedule": "Payouts",
    "api": "API",
    "api_version": "API version",
    "clock_skew_seconds": "Clock",
    "scopes": "Scopes",
}
"""What people call it, in the order in which it is shown; whatever else is told comes after."""
GAPS = {"missing_scopes": "Missing scopes", "missing_permissions": "Missing permissions"}
LIMITS = "limits"


def facts_of(account: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Names and values of what is known, without what cannot be seen."""
    others = sorted(set(account) - set(NAMED) - set(GAPS) - {LIMITS})
    names = {name: NAMED.get(name) or fmt.words(name) for name in (*NAMED, *others)}
    told = [(words, _value(name, account.get(name))) for name, words in names.items()]
    return [(words, value) for words, value in told if value]


def gaps_of(account: Mapping[str, Any]) -> list[str]:
    """Sentences about what the credentials do not let us see."""
    lacking = [f"{words}: {told}." for name, words in GAPS.items()
               if (told := _words(account.get(name)))]  # fmt: skip
    return [*lacking, *(str(it) for it in account.get(LIMITS) or ())]


def _value(name: str, value: Any) -> str:
    if name == "livemode" and isinstance(value, bool):
        return "Live" if value else "Test"
    if name == "clock_skew_seconds" and isinstance(value, int):
        return _clock(value)
    if name == "payout_schedule" and isinstance(value, Mapping):
        return _payouts(value)
    return _words(value)


def _clock(ahead: int) -> str:
    """``ahead``: seconds by which our clock is ahead of theirs; the network makes it two or so."""
    if abs(ahead) <= 2:
        return "Equal to ours"
    return f"{fmt.duration(abs(ahead))} {'behind' if ahead > 0 else 'ahead of'} ours"


def _payouts(schedule: Mapping[str, Any]) -> str:
    interval, days = str(schedule.get("interval") or ""), schedule.get("delay_days")
    later = f", after {fmt.counted(days, 'day')}" if isinstance(days, int) else ""
    return f"{fmt.words(interval)}{later}" if interval else ""


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, Mapping):
        parts = [(fmt.words(str(name)), _words(it)) for name, it in sorted(value.items())]
        return ", ".join(f"{name}: {told}" for name, told in parts if told)
    if isinstance(value, list | tuple):
        return ", ".join(str(it) for it in value)
    return "" if value is None else str(value)
