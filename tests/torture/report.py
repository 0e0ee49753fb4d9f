"""Figures of the torture suites: how often, how many failed, which seed, how long.

`ECOMOPS_TORTURE=full` runs the full counts and keeps their figures in `reliability_report.json`;
without it a suite runs its short form, whose figures stay in pytest's cache.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FULL = os.environ.get("ECOMOPS_TORTURE") == "full"
SEED = int(os.environ.get("ECOMOPS_SEED", "20261120"))


@dataclass
class Figures:
    """What one suite did; `failed` counts the trials whose outcome was wrong."""

    count: int = 0
    failed: int = 0
    seed: int = SEED
    seconds: float = 0.0


def times(*, full: int, short: int) -> int:
    """How many trials to run: the full count in the full form, else the short one."""
    return full if FULL else short


@contextmanager
def reported(name: str, seed: int = SEED) -> Iterator[Figures]:
    """Measure a suite and record it as `name`; the block counts its trials in what it gets.

    A block that raises has failed at least once, and is recorded all the same.
    """
    figures, began = Figures(seed=seed), time.monotonic()
    try:
        yield figures
    except BaseException:
        figures.failed = max(1, figures.failed)
        raise
    finally:
        figures.seconds = round(time.monotonic() - began, 1)
        record(name, figures)


def record(name: str, figures: Figures, report: Path | None = None) -> None:
    """Put the figures of `name` into the report, in place of those it had.

    Several processes may record at the same time; a reader never sees half a report.
    """
    report = report or _report()
    report.parent.mkdir(parents=True, exist_ok=True)
    with (_cache() / "reliability_report.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = json.loads(report.read_text()) if report.exists() else {}
        known[name] = asdict(figures) | {"failed": int(figures.failed)}
        draft = report.with_name(f"{report.name}.draft")
        draft.write_text(json.dumps(dict(sorted(known.items())), indent=2) + "\n")
        draft.replace(report)


def _report() -> Path:
    return (ROOT if FULL else _cache()) / "reliability_report.json"


def _cache() -> Path:
    folder = ROOT / ".pytest_cache"
    folder.mkdir(exist_ok=True)
    return folder
