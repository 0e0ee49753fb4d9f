"""Verify now: a log of any length, walked a piece at a time."""

from collections.abc import Callable

from ecomops import runtime
from ecomops.domains.audit.schemas import NotedSeal, Verification
from ecomops.domains.audit.verification import Walk, conclude, walk_on
from ecomops.kit.context import Context


def verify_log(
    ctx: Context, noted: NotedSeal | None = None, told: Callable[[int], object] = lambda _: None
) -> Verification:
    """Whether the workspace's log is as it was sealed; ``noted`` is a seal that it must hold.

    ``told`` hears how many events have been walked. Raises EcomopsError.
    """
    walk = Walk(noted)
    while not walk.over:
        walk = runtime.run(ctx, walk_on, walk)
        told(walk.total)
    return runtime.run(ctx, conclude, walk)
