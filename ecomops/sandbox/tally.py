"""Counts and sums, told as exact decimals."""

from collections import defaultdict
from typing import Any

from ecomops.sandbox.world.currencies import major

Json = dict[str, Any]


class Tally:
    """Counts and sums by a key and a currency. Measures are summed in minor units."""

    def __init__(self, *measures: str) -> None:
        self._measures = measures or ("amount",)
        self._sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * self._size)

    @property
    def _size(self) -> int:
        return 1 + len(self._measures)

    def add(self, key: str, currency: str, *amounts: int) -> None:
        for number, amount in enumerate((1, *amounts)):
            self._sums[key, currency][number] += amount

    def by_key(self) -> dict[str, Json]:
        """``{key: {CURRENCY: {"count", measures as exact decimals}}}``"""
        told: dict[str, Json] = {}
        for (key, currency), sums in sorted(self._sums.items()):
            told.setdefault(key, {})[currency.upper()] = self._told(currency, sums)
        return told

    def totals(self) -> Json:
        """The same over all keys: ``{CURRENCY: …}``"""
        whole = Tally(*self._measures)
        for (_, currency), sums in self._sums.items():
            kept = whole._sums["", currency]
            whole._sums["", currency] = [a + b for a, b in zip(kept, sums, strict=True)]
        return whole.by_key().get("", {})

    def count(self) -> int:
        return sum(sums[0] for sums in self._sums.values())

    def _told(self, currency: str, sums: list[int]) -> Json:
        amounts = (major(amount, currency) for amount in sums[1:])
        return {"count": sums[0], **dict(zip(self._measures, amounts, strict=True))}


def by_status(tally: Tally) -> Json:
    """The sums of a stream, as an answer key tells them."""
    return {"count": tally.count(), "totals": tally.totals(), "by_status": tally.by_key()}
