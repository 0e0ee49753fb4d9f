import time
from pathlib import Path
from tests.conftest import *
from ecomops.operations.audit_sealing import seal_all
from ecomops.domains.audit.service import *
from ecomops.domains.audit.schemas import AuditQuery
from ecomops.domains.audit.export import *
from ecomops.local.audit_file import *


def test_x(workspace, admin_engine):
    def w(session, ctx, n):
        for i in range(n):
            record(
                session,
                ctx,
                Event(
                    "job" if i % 3 else "table",
                    "=x" if i % 2 else "job_started",
                    "job",
                    "'=1+1",
                    payload={"a": i, "ü": ["\u2028", "🙂"]},
                ),
            )

    for n in (1, 5, 7, 13, 64):
        runtime.run(workspace.ctx, w, n)
        print(seal_all(anonymous()))
    for q in (AuditQuery(), AuditQuery(category="table"), AuditQuery(action="nix")):
        for f in ("ndjson", "csv"):
            p = Path(f"/tmp/w/x.{f}")
            p.write_bytes(
                b"".join(runtime.stream(workspace.ctx, export_events, ExportEvents(q, f)))
            )
            print(p.stat().st_size, in_words(verify_file(p, ())))
    print(Path("/tmp/w/x.csv").read_text()[:3000])
