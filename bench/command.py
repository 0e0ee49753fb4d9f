"""``python -m ecomops bench``: measure, print a table, write bench.json."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import audit, ingest, ingest_sources, overlap, sessions, table_export, ui_event
from bench.figures import Figure, as_table, write_json
from bench.place import Place, opened
from ecomops.local.project import ROOT


@dataclass(frozen=True, slots=True)
class Measurement:
    """``measure`` takes the place, the size and how often each way is taken."""

    measure: Callable[[Place, int, int], list[Figure]]
    size: int
    rounds: int


MEASUREMENTS = {
    "session_lookup": Measurement(sessions.measure, 1_000, 7),
    "csv_export_1m": Measurement(table_export.measure, 1_000_000, 5),
    "ingest": Measurement(ingest.measure, 10_000, 3),
    "ingest_sources": Measurement(ingest_sources.measure, 10_000, 3),
    "pipeline_overlap": Measurement(overlap.measure, 60, 3),
    "audit_append": Measurement(audit.measure_append, 1_000, 5),
    "audit_filter": Measurement(audit.measure_filter, 5_000_000, 20),
    "ui_event": Measurement(ui_event.measure, 100_000, 20),
}


def main(argv: Sequence[str]) -> int:
    """Measure what ``argv`` asks for; 0, or 1 when a goal is missed under ``--strict``."""
    asked = _parser().parse_args(argv)
    figures: list[Figure] = []
    with opened() as place:
        for name in asked.names or MEASUREMENTS:
            chosen = MEASUREMENTS[name]
            print(f"{name} …", flush=True)
            size = max(chosen.size * asked.percent // 100, 1)
            figures += chosen.measure(place, size, asked.rounds or chosen.rounds)
            write_json(asked.output, figures)
    print(as_table(figures))
    missed = [figure.name for figure in figures if not figure.holds]
    print(f"Goals missed: {', '.join(missed)}." if missed else "All goals hold.")
    return 1 if missed and asked.strict else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m ecomops bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", choices=[*MEASUREMENTS, []],
        help=f"what to measure (default: all): {', '.join(MEASUREMENTS)}",
    )  # fmt: skip
    parser.add_argument("--percent", type=int, default=100, help="of the full size (default: 100)")
    parser.add_argument("--rounds", type=int, help="how often each way is taken")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a goal is missed")
    parser.add_argument("--output", type=Path, default=ROOT / "bench.json", help="file to write")
    return parser
