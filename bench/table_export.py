"""csv_export_1m: a million rows as CSV over HTTP, and by COPY of the same SELECT into a file."""

import tempfile
import time
from dataclasses import dataclass, field
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from bench.figures import Figure
from bench.place import Place, Workspace, make_workspace
from bench.rounds import in_turns, timed
from bench.volume import fill, settle
from bench.web import Memory, serving
from ecomops import runtime
from ecomops.domains.tables.csv_file import copy_statement
from ecomops.domains.tables.export import checked_export
from ecomops.domains.tables.schemas import Export, TableQuery
from ecomops.local.ports import LOOPBACK

GOAL = 0.7
FIRST_BYTE_MS = 500
GROWTH_MIB = 32
OTHERS_SHARE = 5
TABLE = "payout_lines"
ADDRESS = "/tables/{}/export.csv?from=2025-01-01"
FILTERS = {TABLE: "&status=settled&status=unsettled"}
READ = 1 << 20
# The same columns as they are stored: no guard, no currency's places.
PLAIN = (
    "COPY (SELECT source_id, source, status, amount, currency, created_at, gross, fee, net,"
    " line_type, reporting_category, payout_ref, object_ref, available_on, fx_rate, description,"
    f" source_status, ingested_at FROM {TABLE} WHERE status IN ('settled', 'unsettled')"
    " AND created_at >= '2025-01-01' ORDER BY created_at DESC, id DESC) TO STDOUT (FORMAT csv)"
)


@dataclass(frozen=True, slots=True)
class Download:
    """A browser's download of the filtered table into a file."""

    port: int
    workspace: Workspace
    path: Path
    table: str
    first_bytes: list[float] = field(default_factory=list)

    def __call__(self) -> None:
        began = time.perf_counter()
        connection = HTTPConnection(LOOPBACK, self.port, timeout=120)
        cookie = f"session={self.workspace.token.get_secret_value()}"
        address = ADDRESS.format(self.table) + FILTERS.get(self.table, "")
        connection.request("GET", address, headers={"Cookie": cookie})
        answer = connection.getresponse()
        assert answer.status == 200, answer.read(1000)
        with self.path.open("wb") as file:
            file.write(answer.read(1))
            self.first_bytes.append(time.perf_counter() - began)
            while some := answer.read(READ):
                file.write(some)
        connection.close()


@dataclass(frozen=True, slots=True)
class Copy:
    """COPY … TO STDOUT into a file, as psql's \\copy does it."""

    db: psycopg.Connection
    statement: str
    path: Path

    def __call__(self) -> None:
        with (
            self.path.open("wb") as file,
            self.db.cursor() as cursor,
            cursor.copy(self.statement.encode()) as copy,
        ):
            for some in copy:
                file.write(some)
        self.db.rollback()


def measure(place: Place, rows: int, rounds: int) -> list[Figure]:
    """Filters on, injection guard on, beside another workspace with a fifth as many rows."""
    workspace, other = make_workspace("exporter"), make_workspace("neighbour")
    fill(place, workspace, rows)
    fill(place, other, rows // OTHERS_SHARE)
    settle(place)
    with (
        tempfile.TemporaryDirectory(prefix="ecomops-bench-") as name,
        serving(Path(name)) as (port, pid),
        psycopg.connect(place.app_url) as db,
    ):
        tenant = str(workspace.tenant_id)
        db.execute("SELECT set_config('app.current_tenant_id', %s, false)", [tenant])
        db.commit()
        ours, copied = Path(name, "ours.csv"), Path(name, "copied.csv")
        Download(port, workspace, ours, "fees")()
        download = Download(port, workspace, ours, TABLE)
        with Memory(pid) as memory:
            spent = in_turns(download, Copy(db, _same_select(workspace), copied), rounds=rounds)
        assert same_rows(ours, copied), "both files are the same"
        plain = median(timed(Copy(db, PLAIN, copied)) for _ in range(rounds))
    also = {
        "rows": rows,
        "first_byte_ms": round(1000 * median(download.first_bytes)),
        "memory_growth_mib": memory.growth_mib,
        "ratio_to_unguarded_copy": round(plain / spent.ours, 2),
    }
    return [_figure(rows / spent.ours, rows / spent.reference, also)]


def same_rows(ours: Path, copied: Path) -> bool:
    """Whether the files differ in the ends of their lines only: COPY writes bare line feeds."""
    with ours.open("rb") as one, copied.open("rb") as other:
        return all(a == b[:-1] + b"\r\n" for a, b in zip(one, other, strict=True))


def _same_select(workspace: Workspace) -> str:
    query = TableQuery(TABLE, status=("settled", "unsettled"), date_from=date(2025, 1, 1))
    with runtime.unit_of_work(workspace.ctx) as session:
        spec, columns = checked_export(Export(query))
        return copy_statement(session, spec, query, columns)


def _figure(ours: float, reference: float, also: dict[str, Any]) -> Figure:
    broken = []
    if also["first_byte_ms"] > FIRST_BYTE_MS:
        broken.append(f"first byte after {also['first_byte_ms']} ms")
    if also["memory_growth_mib"] > GROWTH_MIB:
        broken.append(f"memory grew by {also['memory_growth_mib']} MiB")
    return Figure("csv_export_1m", ours, reference, "rows/s", GOAL, also, tuple(broken))
