"""All rows of a table as a file: what is asked for, what is told of it, and its bytes."""

import hashlib
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from ecomops.domains.access.rules import require
from ecomops.domains.audit.service import Event, record
from ecomops.domains.plans.rules import require_feature
from ecomops.domains.tables.catalog import Column, TableSpec
from ecomops.domains.tables.csv_file import write_csv
from ecomops.domains.tables.filters import checked, zone_of
from ecomops.domains.tables.queries import count_up_to
from ecomops.domains.tables.schemas import Export, Format, Piece
from ecomops.domains.tables.workbook import write_workbook
from ecomops.kit.context import Context
from ecomops.kit.errors import ConflictError, InvalidInputError

AT_ONCE: dict[Format, int] = {"csv": 250_000, "xlsx": 25_000}
"""Rows: what is larger is prepared in the background. A workbook keeps a web process busy."""
LONGEST_SECONDS = 1800


def require_format(ctx: Context, format_: Format) -> None:
    """What Excel needs beyond CSV. Raises PermissionDeniedError, EntitlementDeniedError.

    CSV outlives a trial: it only reads.
    """
    if format_ == "xlsx":
        require(ctx, "exports.excel")
        require_feature(ctx, "excel")


def is_large(session: Session, ctx: Context, command: Export) -> bool:
    """Whether there are more rows than are downloaded at once."""
    require(ctx, "exports.csv")
    require_format(ctx, command.format)
    checked_export(command)
    return _is_large(session, command)


def begin_export(session: Session, ctx: Context, command: Export) -> str:
    """Permission, validity, and an audit event before the first byte leaves; the file's name."""
    require(ctx, "exports.csv")
    require_format(ctx, command.format)
    checked_export(command)
    if command.format == "xlsx" and _is_large(session, command):
        raise ConflictError(
            f"An Excel file of more than {AT_ONCE['xlsx']:,} rows is prepared in the background:"
            " choose More options in the Export menu."
        )
    record(session, ctx, event_of("table_export_started", command))
    return file_name(session, command)


def _is_large(session: Session, command: Export) -> bool:
    return count_up_to(session, command.query, AT_ONCE[command.format]).capped


def file_name(session: Session, command: Export) -> str:
    """``payouts_2026-02-16.csv``, of the workspace's day."""
    today = datetime.now(UTC).astimezone(zone_of(session)).date()
    return f"{command.query.table}_{today}.{command.format}"


def export_file(session: Session, ctx: Context, command: Export) -> Iterator[bytes]:
    """The file in chunks, audited with its row count and SHA-256 when it is whole."""
    require(ctx, "exports.csv")
    require_format(ctx, command.format)
    digest, rows = hashlib.sha256(), 0
    with tempfile.TemporaryDirectory(prefix="ecomops-export-") as folder:
        for piece in write_pieces(session, ctx, (command, Path(folder))):
            rows = piece.rows
            if piece.data:
                digest.update(piece.data)
                yield piece.data
    facts = {"row_count": rows, "sha256": digest.hexdigest()}
    record(session, ctx, event_of("table_exported", command, **facts))


def write_pieces(session: Session, ctx: Context, command: tuple[Export, Path]) -> Iterator[Piece]:
    """The file piece by piece; what it needs on the disk meanwhile is put into a folder."""
    export, folder = command
    spec, columns = checked_export(export)
    for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
        session.execute(text(f"SET LOCAL {limit} = '{LONGEST_SECONDS}s'"))
    if export.format == "csv":
        yield from write_csv(session, spec, export.query, columns, bom=export.bom)
    else:
        yield from write_workbook(session, spec, export.query, columns, folder)


def checked_export(command: Export) -> tuple[TableSpec, tuple[Column, ...]]:
    """The table and the columns of the file. Raises NotFoundError, InvalidInputError."""
    spec = checked(command.query)
    if not command.columns:
        return spec, spec.columns
    known = {column.name: column for column in spec.columns}
    if unknown := [name for name in command.columns if name not in known]:
        raise InvalidInputError({"columns": f"{spec.label} have no column '{unknown[0]}'."})
    return spec, tuple(known[name] for name in dict.fromkeys(command.columns))


def event_of(action: str, command: Export, **facts: Any) -> Event:
    """What the audit log keeps of an export: enough to make it again."""
    payload: dict[str, Any] = {
        "table": command.query.table,
        "format": command.format,
        "filters": _filters(command),
        "columns": [column.name for column in checked_export(command)[1]],
    }
    return Event("table", action, "table", command.query.table, payload=payload | facts)


def _filters(command: Export) -> dict[str, Any]:
    query = command.query
    always = {
        "status": list(query.status),
        "date_from": query.date_from.isoformat() if query.date_from else None,
        "date_to": query.date_to.isoformat() if query.date_to else None,
        "sort": f"{query.sort_by or 'created_at'} {query.sort_dir}",
    }
    others: dict[str, Any] = {
        "source": list(query.source),
        "currency": list(query.currency),
        "connection": str(query.connection_id or ""),
        "amount_min": "" if query.amount_min is None else f"{query.amount_min:f}",
        "amount_max": "" if query.amount_max is None else f"{query.amount_max:f}",
        "search": query.search,
        "arrives_from": query.arrives_from.isoformat() if query.arrives_from else "",
        "arrives_to": query.arrives_to.isoformat() if query.arrives_to else "",
        "ties": query.ties,
    }
    return always | {name: value for name, value in others.items() if value}
