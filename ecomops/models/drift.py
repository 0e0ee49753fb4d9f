"""Row-level security as the database has it, beside what the models say."""

from sqlalchemy import Connection, text

from ecomops.models import metadata
from ecomops.models.row_security import Policy, policies_of

_TABLES = text(
    "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
)
_POLICIES = text(
    "SELECT tablename, policyname || CASE WHEN permissive = 'PERMISSIVE' AND roles = '{public}'"
    " THEN '' ELSE ' (' || permissive || ' to ' || roles::text || ')' END, cmd, qual, with_check"
    " FROM pg_policies WHERE schemaname = 'public'"
)


def security_drift(connection: Connection) -> list[str]:
    """One sentence for each table whose row-level security is not what the models say."""
    secured = {name: (on, forced) for name, on, forced in connection.execute(_TABLES)}
    found: dict[str, set[Policy]] = {}
    for table, name, command, using, check in connection.execute(_POLICIES):
        policy = Policy(name, command, _flat(using), _flat(check) if check else None)
        found.setdefault(table, set()).add(policy)
    return [
        problem
        for table in sorted(metadata.tables)
        if table in secured
        for problem in _problems(table, secured[table], found.get(table, set()))
    ]


def _problems(table: str, secured: tuple[bool, bool], found: set[Policy]) -> list[str]:
    wanted = set(policies_of(table))
    problems = []
    if secured != (bool(wanted), bool(wanted)):
        right = "on and forced" if wanted else "off"
        problems.append(f"{table}: row-level security is not {right}")
    problems += [f"{table}: policy {p.name} is missing or differs" for p in wanted - found]
    problems += [f"{table}: policy {p.name} is not in the models" for p in found - wanted]
    return problems


def _flat(expression: str) -> str:
    return " ".join(expression.split())
