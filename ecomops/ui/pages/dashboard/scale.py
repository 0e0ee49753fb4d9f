"""How amounts become lengths and short labels. Whole numbers throughout: no float near money."""

from __future__ import annotations

from dataclasses import dataclass

from ecomops.core.money import SCALE, to_decimal

_STEPS = (10, 15, 20, 30, 40, 50, 60, 80, 100)
_SIZES = ((10**9, "B"), (10**6, "M"), (10**3, "k"))


@dataclass
class Tick:
    """A line across a chart: what it stands for, and how high it is."""

    label: str
    height: str


def ceiling(largest: int) -> int:
    """The next round amount at or above ``largest``; 0 when there is nothing to show."""
    if largest <= 0:
        return 0
    power: int = 10 ** (len(str(largest)) - 1)
    return next(top for step in _STEPS if (top := -(-step * power // 10)) >= largest)


def ticks(top: int) -> list[Tick]:
    """The lines of a chart that ends at ``top`` units: its ends and its middle."""
    if not top:
        return [Tick("0", "0%")]
    return [Tick("0", "0%"), Tick(compact(top // 2), "50%"), Tick(compact(top), "100%")]


def length(part: int, whole: int) -> str:
    """``part`` of ``whole`` as a CSS length; what is there can be seen, what is not cannot."""
    if part <= 0 or whole <= 0:
        return "0%"
    tenths = max(part * 1000 // whole, 8)
    return f"{tenths // 10}.{tenths % 10}%"


def share(part: int, whole: int) -> str:
    """``99.3 %``, rounded down: all but one of many is not 100 %. Empty of nothing."""
    if whole <= 0:
        return ""
    tenths = abs(part) * 1000 // whole
    sign = "\N{MINUS SIGN}" if part < 0 and tenths else ""
    return f"{sign}{tenths // 10}.{tenths % 10} %" if tenths % 10 else f"{sign}{tenths // 10} %"


def compact(units: int) -> str:
    """An amount as short as an axis needs it: ``12.5k``, ``3M``, ``0.5``."""
    for size, suffix in _SIZES:
        if units >= size * SCALE:
            return f"{_trimmed(units // size)}{suffix}"
    return _trimmed(units)


def _trimmed(units: int) -> str:
    return f"{to_decimal(units):f}".rstrip("0").rstrip(".")
