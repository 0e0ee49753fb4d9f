"""`audit verify FILE`: an exported log, checked with nothing but the file."""

from __future__ import annotations

from pathlib import Path

from ecomops.core.audit_file import FileProblemError, Verdict, read_csv, read_ndjson, verify
from ecomops.local.errors import LocalStackError


def verify_file(file: Path, public_keys: tuple[str, ...]) -> Verdict:
    """What the file proves. Raises LocalStackError that says what is wrong, and where."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            first = lines.readline()
            lines.seek(0)
            reader = read_ndjson if first.startswith("{") else read_csv
            return verify(reader(lines), public_keys)
    except FileProblemError as problem:
        raise LocalStackError(f"{file}, line {problem.line}: {problem}") from None
    except UnicodeDecodeError:
        raise LocalStackError(f"{file} is not text (UTF-8).") from None


def in_words(verdict: Verdict) -> str:
    """The verdict as sentences."""
    what = f"{verdict.events} events of workspace {verdict.workspace}, {verdict.seals} seals"
    if verdict.latest is None:
        return f"{what}: nothing was sealed yet."
    upto = f"seal {verdict.latest.number} ({verdict.latest.hash.hex()})"
    proves = (
        f"complete: every event up to {upto}"
        if verdict.complete
        else f"each event is in the sealed log, unchanged; a selection, newest {upto}"
    )
    keys = ", ".join(sorted(verdict.key_ids))
    trust = "as given" if verdict.trusted else "named by the file itself: compare it"
    return f"{what}: {proves}. Signed with key {keys} ({trust})."
