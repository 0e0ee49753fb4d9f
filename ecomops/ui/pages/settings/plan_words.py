"""Plans as they are written on screen, and what a change of plan means. Pure."""

from __future__ import annotations

from datetime import datetime

from ecomops.domains.plans.rules import PLANS, Allowance
from ecomops.domains.workspace.usage import Usage
from ecomops.ui import format as fmt

FEATURES = {
    "excel": "Excel files",
    "schedules": "schedules",
}
"""What people call each thing that is part of some plans only, and is there to be used."""
ORDER = tuple(PLANS)


def connections_of(allowance: Allowance) -> str:
    """How many connections a plan allows: ``50``, or ``2: one NetSuite account and one source``."""
    if allowance.per_group is None:
        return fmt.number(allowance.connections)
    return f"{allowance.connections}: one NetSuite account, one source"


def used_of(usage: Usage, plan: str) -> list[tuple[str, str]]:
    """What counts towards the plan, and how much of it is used."""
    allowed = PLANS[plan]
    connections = f"{fmt.number(usage.connections)} of {fmt.number(allowed.connections)}"
    paused = "" if "schedules" in allowed.features or not usage.schedules else ", paused"
    return [
        ("Connections", connections),
        ("NetSuite accounts", fmt.number(usage.netsuite)),
        ("Sources", fmt.number(usage.sources)),
        ("Active people", fmt.number(usage.people)),
        ("Schedules", f"{fmt.number(usage.schedules)}{paused}"),
    ]


def consequences(usage: Usage, plan: str, new: str, now: datetime, zone: str) -> list[str]:
    """What a person must know before the workspace moves from ``plan`` to ``new``."""
    lost = PLANS[plan].features - PLANS[new].features
    told = []
    if new == "trial":
        told.append(_trial(usage.trial_ends_at, now, zone))
    if "schedules" in lost and usage.schedules:
        schedules = fmt.counted(usage.schedules, "schedule")
        told.append(f"{schedules} will pause, and resume when you upgrade.")
    if lost:
        told.append(
            f"No longer included: {', '.join(FEATURES[it] for it in FEATURES if it in lost)}."
        )
    if is_over(usage, PLANS[new]):
        told.append("Your connections keep working. None can be added while the plan is full.")
    return told


def is_over(usage: Usage, allowance: Allowance) -> bool:
    """Whether more connections are in use than the plan allows."""
    groups = max(usage.netsuite, usage.sources)
    over_group = allowance.per_group is not None and groups > allowance.per_group
    return usage.connections > allowance.connections or over_group


def _trial(ends: datetime, now: datetime, zone: str) -> str:
    when = fmt.moment(ends, zone)
    if ends <= now:
        return f"Your trial ended on {when}: the workspace becomes read-only at once."
    return f"Your trial goes on until {when}. After that the workspace is read-only."
