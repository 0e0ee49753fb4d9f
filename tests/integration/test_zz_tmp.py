import time
from sqlalchemy import text
from ecomops import runtime
from ecomops.domains.sync import whole
from ecomops.kit.database import driver_of
from tests.integration.test_sync_netsuite import connect
from tests.integration.provider import sync

def test_plan(sandbox, workspace, admin_engine):
    c = connect(sandbox, workspace, admin_engine)
    sync(workspace.ctx, c)
    grow = ("INSERT INTO netsuite_transactions SELECT (jsonb_populate_record(n, jsonb_build_object("
        "'id', uuidv7(), 'internal_id', (900000+g)::text, 'source_id', concat_ws(chr(58), split_part(n.source_id,chr(58),1), 900000+g, 0), 'dedupe_key', concat_ws(chr(58), 'netsuite', split_part(n.source_id,chr(58),1), 900000+g, 0)))).*"
        " FROM netsuite_transactions n, generate_series(1, 60000) g WHERE n.id = (SELECT id FROM netsuite_transactions WHERE connection_id=:id LIMIT 1)")
    with admin_engine.begin() as s:
        s.execute(text(grow), {"id": c}); s.execute(text("ANALYZE netsuite_transactions"))
        acct = s.execute(text("select split_part(source_id,chr(58),1) from netsuite_transactions where connection_id=:id limit 1"), {"id": c}).scalar()
    def go(session, ctx, command):
        d = driver_of(session)
        names = [f"{acct}:{900000+i}" for i in range(1, 400)]
        vals = [names, c, "netsuite", "netsuite", [f"{n}:0" for n in names[:200]]]
        print("\n".join(str(r[0]) for r in d.execute("EXPLAIN " + whole._DROP, vals).fetchall()))
        t = time.time(); n = d.execute(whole._DROP, vals).rowcount; print("DROPPED", n, time.time()-t)
    runtime.run(workspace.ctx, go, None)
