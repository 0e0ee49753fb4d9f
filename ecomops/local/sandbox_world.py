"""The sandbox's history: it begins on one day for good, and grows with the calendar."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from ecomops.local.private_files import write_private

FIRST_DAYS = 90
NAME = "sandbox.opening"


def sandbox_options(data_dir: Path, today: date | None = None) -> list[str]:
    """Command-line options that continue the history which this data directory has seen.

    The simulated account hangs on its opening day: with another one the same ids would tell of
    other days, and the database of yesterday would contradict them.
    """
    today = today or datetime.now(UTC).date()
    opening = _opening_day(data_dir / NAME, today)
    return ["--until", today.isoformat(), "--days", str((today - opening).days)]


def _opening_day(kept: Path, today: date) -> date:
    if kept.exists():
        return date.fromisoformat(kept.read_text(encoding="ascii").strip())
    opening = today - timedelta(days=FIRST_DAYS)
    write_private(kept, f"{opening.isoformat()}\n")
    return opening
