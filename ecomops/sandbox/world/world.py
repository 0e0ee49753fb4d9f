"""A merchant's world together with the instant from which it is looked at."""

from threading import RLock

from ecomops.sandbox.world.calendar import LAST_DAY, SECONDS_A_DAY, Plan
from ecomops.sandbox.world.ledger import Ledger
from ecomops.sandbox.world.shop.ledger import ShopLedger


class World:
    """A plan's ledger and its clock. Hold ``lock`` while reading the ledger."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.ledger = Ledger(plan)
        self.shop = ShopLedger(self.ledger)
        self.lock = RLock()
        self.offset_days = 0
        self.offset_seconds = 0

    @property
    def now(self) -> int:
        """Unix seconds. Everything created before is there; the clock stands until it is set."""
        offset = self.offset_days * SECONDS_A_DAY + self.offset_seconds
        return self.ledger.calendar.midnight(self.plan.days) + offset

    def set_clock(self, offset_days: int, offset_seconds: int = 0) -> None:
        """Moves the clock to so long after the end of the window (before it when negative).

        Raises ValueError outside the account's life.
        """
        seconds = offset_days * SECONDS_A_DAY + offset_seconds
        low, high = -self.plan.days, LAST_DAY - self.plan.days
        if not low * SECONDS_A_DAY <= seconds < high * SECONDS_A_DAY:
            raise ValueError(f"The clock can be set between {low} and {high} days, not there.")
        self.offset_days, self.offset_seconds = offset_days, offset_seconds
