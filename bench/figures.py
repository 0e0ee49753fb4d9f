"""What a measurement found, as a table for people and as bench.json."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HEADINGS = ("name", "ours", "reference", "unit", "ratio", "goal", "")


@dataclass(frozen=True, slots=True)
class Figure:
    """Ours beside its reference, both in ``unit``, a rate: a higher ratio is better.

    ``also`` is what else was measured, ``broken`` are the limits that it went beyond.
    """

    name: str
    ours: float
    reference: float
    unit: str
    goal: float
    also: Mapping[str, Any] = field(default_factory=dict)
    broken: tuple[str, ...] = ()

    @property
    def ratio(self) -> float:
        return round(self.ours / self.reference, 2)

    @property
    def holds(self) -> bool:
        return self.ratio >= self.goal and not self.broken


def write_json(path: Path, figures: Sequence[Figure]) -> None:
    """Put ``figures`` into the file at ``path``; those of other names that it has are kept."""
    known = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(known | {f.name: _entry(f) for f in figures}, indent=2) + "\n")


def _entry(figure: Figure) -> dict[str, Any]:
    return {
        "ours": round(figure.ours),
        "reference": round(figure.reference),
        "unit": figure.unit,
        "ratio": figure.ratio,
        "goal": figure.goal,
        "holds": figure.holds,
        **figure.also,
    }


def as_table(figures: Sequence[Figure]) -> str:
    """Aligned text, a line each."""
    lines = [HEADINGS, *(_cells(figure) for figure in figures)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADINGS))]
    aligned = (zip(line, widths, strict=True) for line in lines)
    return "\n".join("  ".join(cell.ljust(width) for cell, width in line) for line in aligned)


def _cells(figure: Figure) -> tuple[str, ...]:
    verdict = "holds" if figure.holds else "MISSED"
    detail = "; ".join(figure.broken)
    return (
        figure.name,
        f"{figure.ours:,.0f}",
        f"{figure.reference:,.0f}",
        figure.unit,
        f"{figure.ratio:.2f}",
        f"{figure.goal:.2f}",
        f"{verdict}: {detail}" if detail else verdict,
    )
