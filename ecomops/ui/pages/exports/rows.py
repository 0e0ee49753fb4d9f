"""Exports as they are written on screen. Pure: the clock is an argument."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ecomops.domains.exports.schemas import ExportView
from ecomops.domains.exports.service import FORMAT_NAMES
from ecomops.domains.tables.catalog import TIES, TableSpec, get_table
from ecomops.domains.tables.schemas import TableQuery
from ecomops.ui import format as fmt
from ecomops.ui import routes
from ecomops.ui.components.providers import NAMES


@dataclass
class ExportRow:
    """One export, as text. ``name`` tells it apart from others in the names of its buttons."""

    id: str
    job_id: str
    table: str
    filters: str
    format: str
    rows: str
    size: str
    who: str
    when: str
    moment: str
    expires: str
    status: str
    error: str
    reference: str
    name: str
    download: str
    retry: bool
    removable: bool


def export_row(view: ExportView, now: datetime, zone: str) -> ExportRow:
    """What the page shows of an export."""
    spec, failed = get_table(view.export.query.table), view.status == "failed"
    return ExportRow(
        id=str(view.id),
        job_id=str(view.job_id),
        table=spec.label,
        filters=in_words(view, spec),
        format=FORMAT_NAMES[view.export.format],
        rows="" if view.rows is None else fmt.number(view.rows),
        size="" if view.size is None else fmt.size(view.size),
        who=view.requested_by,
        when=fmt.ago(view.created_at, now),
        moment=fmt.moment(view.created_at, zone),
        expires=fmt.moment(view.expires_at, zone) if view.status == "ready" else "",
        status=fmt.words(view.status),
        error=view.error if failed else "",
        reference=view.reference if failed else "",
        name=view.file_name,
        download=routes.download(str(view.id)) if view.mine and view.status == "ready" else "",
        retry=view.mine and view.status in ("failed", "canceled"),
        removable=view.removable,
    )


def in_words(view: ExportView, spec: TableSpec) -> str:
    """The filters, order and columns: ``Failed or canceled · from 1 Feb 2026 · 3 columns``."""
    export = view.export
    parts = [*_filters(export.query, view.connection_label), _order(export.query, spec)]
    if export.columns:
        parts.append(fmt.counted(len(export.columns), "column"))
    told = [part for part in parts if part]
    return " · ".join(told) if told else "All rows"


def _filters(query: TableQuery, connection: str) -> Iterator[str]:
    yield fmt.words("_or_".join(query.status))
    yield " or ".join(NAMES.get(source, fmt.words(source)) for source in query.source)
    yield " or ".join(query.currency)
    if query.connection_id:
        yield connection or "a connection that is gone"
    if query.date_from:
        yield f"from {fmt.day(query.date_from)}"
    if query.date_to:
        yield f"until {fmt.day(query.date_to)}"
    if query.amount_min is not None:
        yield f"at least {query.amount_min:,f}"
    if query.amount_max is not None:
        yield f"at most {query.amount_max:,f}"
    if query.arrives_from or query.arrives_to:
        yield f"arriving {fmt.lowered(fmt.days(query.arrives_from, query.arrives_to))}"
    if query.ties:
        yield TIES[query.ties]
    if query.search:
        yield f"'{query.search}'"


def _order(query: TableQuery, spec: TableSpec) -> str:
    column = spec.column(query.sort_by or "")
    if column is None:
        return ""
    return f"by {column.label}, {'ascending' if query.sort_dir == 'asc' else 'descending'}"
