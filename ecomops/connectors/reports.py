"""What the payout reports that people upload have in common.

A report tells less than the provider's API does. Where it names no record by an id, the id begins
with ``upload:`` and is made of what the report tells, so that the same line is found again.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from ecomops.connectors.records import FeePart, PayoutLineRecord, PayoutRecord
from ecomops.core.files.reading import Entry, Sheet

MADE_UP = "upload:"
"""How ids begin that no provider gave."""


@dataclass(slots=True)
class Report:
    """The records of a report. ``ignored`` lines are no part of a payout that was paid."""

    payouts: list[PayoutRecord] = field(default_factory=list)
    lines: list[PayoutLineRecord] = field(default_factory=list)
    ignored: int = 0
    rows: int = 0


def raw_of(said: Mapping[str, str]) -> str:
    """A line as JSON: what the columns said."""
    return json.dumps({name: cell for name, cell in said.items() if cell}, ensure_ascii=False)


def made_up_id(*facts: object) -> str:
    """The same for the same facts."""
    digest = sha256("\x1f".join(map(str, facts)).encode("utf-8", "replace")).hexdigest()
    return f"{MADE_UP}{digest[:32]}"


def adds_up(sheet: Sheet, entry: Entry, gross: int, fee: int, net: int) -> bool:
    """Whether net is gross less fee; noted as a mistake of the line where it is not."""
    if gross - fee != net:
        sheet.problems.add(
            entry.number, sheet.mapping["net"], entry.said[sheet.mapping["net"]],
            "Net is not the amount less the fee.",
        )  # fmt: skip
        return False
    return True


def fees_of(currency: str, *costs: tuple[str | None, int]) -> tuple[FeePart, ...]:
    """Fee components of (kind, units), those that are nothing left out."""
    told = [(kind, units) for kind, units in costs if kind is not None and units]
    return tuple(
        FeePart(position=position, kind=kind, amount=units, currency=currency)
        for position, (kind, units) in enumerate(told)
    )


def one_currency(sheet: Sheet, entries: Iterable[Entry]) -> bool:
    """Whether all lines of a payout are in one currency; the first that is not is noted."""
    kept: Any = None
    for entry in entries:
        currency = entry.values["currency"]
        if kept is not None and currency != kept:
            message = f"Another line of the same payout is in {kept}."
            sheet.problems.add(entry.number, sheet.mapping.get("currency", ""), currency, message)
            return False
        kept = currency
    return True
