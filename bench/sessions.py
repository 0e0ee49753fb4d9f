"""session_lookup: who a session cookie belongs to, as every request asks."""

import psycopg

from bench.cores import one_core
from bench.figures import Figure
from bench.place import Place, anonymous, make_workspace
from bench.rounds import in_turns
from ecomops import runtime
from ecomops.domains.identity.schemas import Resolve
from ecomops.domains.identity.service import resolve
from ecomops.kit.crypto import token_hash

GOAL = 0.5
BATCH = 10
# Others' sessions among which it is found. One person holds all: only their number matters here.
OTHERS = (
    "INSERT INTO sessions (id, token_hash, user_id, tenant_id, expires_at, address, user_agent)"
    " SELECT uuidv7(), sha256(number::text::bytea), user_id, tenant_id, expires_at, address,"
    " user_agent FROM sessions, generate_series(1, {}) number LIMIT {}"
)
# What memberships need: the workspace, which the session tells. OFFSET 0 as in the product.
QUERY = (
    "WITH s AS MATERIALIZED (SELECT *, set_config('app.current_tenant_id', tenant_id::text, true)"
    " AS bound FROM sessions WHERE token_hash = %s AND expires_at > now())"
    " SELECT s.id, s.user_id, s.tenant_id, u.email, m.role, t.plan, t.plan_expires_at"
    " FROM s JOIN users u ON u.id = s.user_id JOIN tenants t ON t.id = s.tenant_id"
    " CROSS JOIN LATERAL (SELECT role FROM memberships m WHERE m.tenant_id = s.bound::uuid"
    " AND m.user_id = s.user_id AND m.active OFFSET 0) m"
)


def measure(place: Place, lookups: int, rounds: int) -> list[Figure]:
    """Look-ups one after the other: a use case in its unit of work, and one SQL statement."""
    workspace = make_workspace("sessions")
    place.administer(OTHERS.format(10 * lookups, 10 * lookups), "VACUUM ANALYZE sessions")
    hash_ = token_hash(workspace.token)
    with psycopg.connect(place.app_url, autocommit=True) as db:

        def ours() -> None:
            for _ in range(BATCH):
                found = runtime.look_up(anonymous(), resolve, Resolve(workspace.token))
                assert found.tenant_id == workspace.tenant_id

        def reference() -> None:
            for _ in range(BATCH):
                row = db.execute(QUERY, [hash_]).fetchone()
                assert row is not None
                assert row[2] == workspace.tenant_id

        in_turns(ours, reference, rounds=2)  # connections are made, statements prepared
        with one_core(place):
            spent = in_turns(ours, reference, rounds=max(lookups * rounds // BATCH, 1))
    return [
        Figure(
            "session_lookup",
            BATCH / spent.ours,
            BATCH / spent.reference,
            "lookups/s",
            GOAL,
        )
    ]
