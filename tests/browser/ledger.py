"""Counts and sums by status and currency: of a file, and of what the sandbox says is true."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

Tally = dict[tuple[str, str], tuple[Decimal, ...]]
"""(status, currency) → (count, sum of each measure)."""

MEASURES = {"payout_lines": ("gross", "fee", "net")}
AMOUNT = ("amount",)


def measures_of(table: str) -> tuple[str, ...]:
    """The columns of money whose sums the sandbox knows."""
    return MEASURES.get(table, AMOUNT)


def tally(rows: Iterable[Mapping[str, str]], measures: tuple[str, ...]) -> Tally:
    """Count and add up rows with exact decimals."""
    sums: dict[tuple[str, str], list[Decimal]] = defaultdict(
        lambda: [Decimal()] * (1 + len(measures))
    )
    for row in rows:
        key = (row["status"], row["currency"])
        values = (Decimal(1), *(Decimal(row[name]) for name in measures))
        sums[key] = [total + value for total, value in zip(sums[key], values, strict=True)]
    return {key: tuple(values) for key, values in sums.items()}


def read_csv(file: Path) -> list[dict[str, str]]:
    """The rows of a file as RFC 4180 has them."""
    with file.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream, strict=True))


def expected(oracle: Mapping[str, Any], table: str) -> Tally:
    """The truth about one table."""
    return {
        (status, currency): (
            Decimal(sums["count"]),
            *(Decimal(sums[name]) for name in measures_of(table)),
        )
        for status, by_currency in oracle[table]["by_status"].items()
        for currency, sums in by_currency.items()
    }


def together(oracles: Iterable[Mapping[str, Any]], table: str) -> dict[str, Any]:
    """The truth about a table that several accounts fill: rows, and counts and sums by status."""
    truths = [oracle[table] for oracle in oracles]
    sums: Tally = defaultdict(lambda: (Decimal(), Decimal()))
    for truth in truths:
        for status, by_currency in truth["by_status"].items():
            for currency, part in by_currency.items():
                count, amount = sums[status, currency]
                sums[status, currency] = (
                    count + part["count"],
                    amount + Decimal(part["amount"]),
                )
    return {
        "count": sum(truth["count"] for truth in truths),
        "list": [row for truth in truths for row in truth.get("list", ())],
        "sums": dict(sums),
    }


def on_screen(amount: str) -> str:
    """A plain decimal as a page writes it: thousands apart, a true minus sign."""
    whole, point, places = amount.removeprefix("-").partition(".")
    sign = "\N{MINUS SIGN}" if amount.startswith("-") else ""
    return f"{sign}{int(whole):,}{point}{places}"
