"""The log as a file that proves itself: any filter of it, with seals and proofs, streamed."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlmodel import Session

from ecomops.core.audit_file import as_csv, as_ndjson
from ecomops.domains.access.rules import require
from ecomops.domains.audit.filters import check, conditions, filters_of
from ecomops.domains.audit.records import placed, records
from ecomops.domains.audit.schemas import AuditQuery, Format
from ecomops.domains.audit.service import Event, record
from ecomops.kit.context import Context
from ecomops.kit.database import driver_of
from ecomops.kit.errors import InvalidInputError

CHUNK: Final = 256 * 1024
LONGEST_SECONDS: Final = 1800
_WRITERS: Final = {"ndjson": as_ndjson, "csv": as_csv}
_NOT_FILTERS: Final = ("cursor", "page_size", "sort_dir")


@dataclass(frozen=True, slots=True)
class ExportEvents:
    """Which sealed events to write; they stand in the order of the log, whatever the query's."""

    query: AuditQuery
    format: Format = "ndjson"


def begin_export(session: Session, ctx: Context, command: ExportEvents) -> None:
    """Permission, validity, and an audit event before the first byte leaves."""
    require(ctx, "audit.view")
    _check(command)
    record(session, ctx, _event("audit_export_started", command))


def export_events(session: Session, ctx: Context, command: ExportEvents) -> Iterator[bytes]:
    """The file in chunks, audited with its event count and SHA-256 when it is whole.

    Events that are not sealed yet, a second's worth, are not in it. Raises InvalidInputError,
    ConflictError without a signing key.
    """
    require(ctx, "audit.view")
    _check(command)
    driver_of(session).execute(f"SET LOCAL statement_timeout = '{LONGEST_SECONDS}s'".encode())
    query = placed().where(*conditions(filters_of(session, command.query)))
    counted = _Counted(records(session, ctx, query, _filters(command.query)))
    digest = hashlib.sha256()
    for chunk in _chunks(_WRITERS[command.format](counted)):
        digest.update(chunk)
        yield chunk
    told = {"row_count": counted.events, "sha256": digest.hexdigest()}
    record(session, ctx, _event("audit_exported", command, **told))


class _Counted:
    """Passes records on and counts the events among them."""

    def __init__(self, records: Iterable[dict[str, Any]]) -> None:
        self._records = records
        self.events = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for one in self._records:
            self.events += one["type"] == "event"
            yield one


def _check(command: ExportEvents) -> None:
    check(command.query)
    if command.format not in _WRITERS:
        raise InvalidInputError({"format": "The log is exported as ndjson or csv."})


def _chunks(lines: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for line in lines:
        held += line
        if len(held) >= CHUNK:
            yield bytes(held)
            held.clear()
    yield bytes(held)


def _filters(query: AuditQuery) -> dict[str, str]:
    given = asdict(query).items()
    return {name: str(value) for name, value in given if value and name not in _NOT_FILTERS}


def _event(action: str, command: ExportEvents, **told: Any) -> Event:
    payload = {"format": command.format, "filters": _filters(command.query), **told}
    return Event("security", action, "audit_log", payload=payload)
