"""Plans and their entitlements, checked right after the permission."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ecomops.kit.context import Context, Plan
from ecomops.kit.errors import EntitlementDeniedError

TRIAL = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Allowance:
    """``connections`` in all; ``per_group`` limits NetSuite and sources each (None: no limit)."""

    connections: int
    per_group: int | None
    features: frozenset[str]


_FEATURES = {
    "excel": "Excel files are part of the Pro plan. Upgrade to download them.",
    "schedules": "Schedules are part of the Pro plan. Upgrade to sync by itself.",
    "evidence": "Evidence packs are part of the Pro plan. Upgrade to make them.",
    "posting": "Posting to NetSuite is part of the Pro plan. Upgrade to post.",
}
_PAID = frozenset(_FEATURES)
PLANS: dict[str, Allowance] = {
    "trial": Allowance(2, 1, frozenset()),
    "pro": Allowance(50, None, _PAID),
    "enterprise": Allowance(500, None, _PAID),
}


def takes_place(plan: Plan, feature: str, now: datetime) -> bool:
    """Whether what happens by itself, with nobody to ask, is part of the plan now."""
    return not plan.expired(now) and feature in PLANS[plan.name].features


def require_writable(ctx: Context) -> None:
    """Raises EntitlementDeniedError when the workspace's trial is over."""
    if ctx.plan.expired(datetime.now(UTC)):
        raise EntitlementDeniedError(
            "writable",
            "Your trial has ended, so this workspace is read-only. Upgrade to make changes again.",
        )


def require_feature(ctx: Context, feature: str) -> None:
    """Raises EntitlementDeniedError when the plan does not include ``feature``."""
    if feature not in PLANS[ctx.plan.name].features:
        raise EntitlementDeniedError(feature, _FEATURES[feature])


def require_connection_slot(ctx: Context, provider: str, providers_in_use: list[str]) -> None:
    """Raises EntitlementDeniedError when the plan has no room for one more of ``provider``."""
    allowance = PLANS[ctx.plan.name]
    same_group = [p for p in providers_in_use if (p == "netsuite") == (provider == "netsuite")]
    if allowance.per_group is not None and len(same_group) >= allowance.per_group:
        kind = "NetSuite account" if provider == "netsuite" else "source"
        raise EntitlementDeniedError(
            "connections", f"The trial includes one {kind}. Upgrade to Pro to connect more."
        )
    if len(providers_in_use) >= allowance.connections:
        raise EntitlementDeniedError(
            "connections",
            f"Your plan includes {allowance.connections} connections, and all are in use.",
        )
