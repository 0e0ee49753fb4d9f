"""The orders that the other processor knows nothing of: how many a day, and their numbering."""

from bisect import bisect_right

from ecomops.sandbox.world.calendar import LAST_DAY, Calendar

OWN_PERCENT = 60
"""So many orders paid through Shopify Payments for a hundred of the others."""

FIRST_NUMBER = 1001
_STRIPE_IDS, _STRIPE_STEP = 5_600_000_000_000, 37
_OWN_IDS, _OWN_STEP = 7_400_000_000_000, 41


class OwnOrders:
    """Counts the orders paid through Shopify Payments, as ``Calendar`` counts the others."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._starts = [0]

    def on(self, day: int) -> int:
        """How many of them a day brings."""
        return max(1, self._calendar.orders_on(day) * OWN_PERCENT // 100)

    def first(self, day: int) -> int:
        """The ordinal of a day's first one."""
        while len(self._starts) <= day:
            self._starts.append(self._starts[-1] + self.on(len(self._starts) - 1))
        return self._starts[day]

    def place_of(self, ordinal: int) -> tuple[int, int] | None:
        """(day, index) by ordinal; None beyond the last day."""
        while self._starts[-1] <= ordinal and len(self._starts) <= LAST_DAY:
            self.first(len(self._starts))
        day = bisect_right(self._starts, ordinal) - 1
        return (day, ordinal - self._starts[day]) if day < LAST_DAY else None


def own_name(ordinal: int) -> str:
    return f"#P{FIRST_NUMBER + ordinal}"


def order_number(ordinal: int, own: bool) -> int:
    """The shop's numeric id of an order (``people.order_id`` tells the same of the others)."""
    return _OWN_IDS + _OWN_STEP * ordinal if own else _STRIPE_IDS + _STRIPE_STEP * ordinal


def ordinal_of(number: int) -> tuple[int, bool] | None:
    """(ordinal, whether one of our own) of an order's id; None where it is none."""
    own = number >= _OWN_IDS
    base, step = (_OWN_IDS, _OWN_STEP) if own else (_STRIPE_IDS, _STRIPE_STEP)
    ordinal, rest = divmod(number - base, step)
    return None if rest or ordinal < 0 else (ordinal, own)
