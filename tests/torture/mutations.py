"""Guards, each with what it would be without, and the tests that must notice.

A mutant is one exact piece of source put in another's place, in a copy of the repository.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
COPIED = ("ecomops", "tests", "workers", "alembic", "assets", "bench")
FILES = ("alembic.ini", "pyproject.toml", "rxconfig.py", ".importlinter", "docs", "Makefile")
LONGEST = 300


@dataclass(frozen=True)
class Mutant:
    """``guard`` in words; in ``file`` the text ``old`` becomes ``new``; ``tests`` must fail."""

    guard: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def __str__(self) -> str:
        return self.guard


GATE, SOCKETS, DOOR = "tests/ui/test_gate.py", "tests/ui/test_sockets.py", "tests/ui/test_door.py"
PAYLOADS, OWNERSHIP = "tests/ui/test_payloads.py", "tests/ui/test_ownership.py"
EDGE, STREAMING, LINE = (
    "tests/api/test_edge.py",
    "tests/api/test_streaming.py",
    "tests/api/test_line.py",
)
TENANCY, CATALOG = "tests/integration/test_tenancy.py", "tests/integration/test_catalog.py"
BRAKES, IDENTITY = "tests/integration/test_sign_in_brakes.py", "tests/integration/test_identity.py"
JOBS, NAMES = "tests/integration/test_jobs.py", "tests/connectors/test_hostile_names.py"
CRYPTO, LOGS = "tests/unit/test_crypto.py", "tests/unit/test_logging.py"
CHANGES = "tests/integration/test_connection_changes.py"

MUTANTS = (
    # The gate
    Mutant(
        "events without a rule are blocked",
        "ecomops/ui/gate.py",
        "if (rule is None and event.name not in INTERNAL) or not operation.connection():",
        "if not operation.connection():",
        (GATE,),
    ),
    Mutant(
        "events without a connection are blocked",
        "ecomops/ui/gate.py",
        "event.name not in INTERNAL) or not operation.connection():",
        "event.name not in INTERNAL):",
        (GATE,),
    ),
    Mutant(
        "the rule of a handler is asked",
        "ecomops/ui/gate.py",
        "if rule is not None and not permits(rule, ctx):",
        "if False:",
        (GATE,),
    ),
    Mutant(
        "a permission is more than being signed in",
        "ecomops/ui/handlers.py",
        "        return rule.permission in ctx.permissions\n",
        "        return ctx.session_id is not None\n",
        (GATE,),
    ),
    Mutant(
        "being signed in is asked",
        "ecomops/ui/handlers.py",
        "return ctx.session_id is not None or not rule.signed_in",
        "return True",
        (GATE,),
    ),
    Mutant(
        "payloads are checked",
        "ecomops/ui/gate.py",
        "if wrong := refusal(_registered()[event.name].handler.fn, event.payload):",
        "if wrong := '':",
        (PAYLOADS,),
    ),
    Mutant(
        "unknown arguments are refused",
        "ecomops/ui/payloads.py",
        'ConfigDict(strict=True, extra="forbid")',
        "ConfigDict(strict=True)",
        (PAYLOADS,),
    ),
    Mutant(
        "nothing is converted",
        "ecomops/ui/payloads.py",
        'ConfigDict(strict=True, extra="forbid")',
        'ConfigDict(extra="forbid")',
        (PAYLOADS,),
    ),
    Mutant(
        "text has a length",
        "ecomops/ui/payloads.py",
        "_Text = Annotated[str, Field(max_length=LONGEST_TEXT)]",
        "_Text = str",
        (PAYLOADS,),
    ),
    Mutant(
        "what would take anything does not start",
        "ecomops/ui/gate.py",
        "            payload_type(registered.handler.fn)\n",
        "            pass\n",
        (PAYLOADS,),
    ),
    Mutant(
        "the app does not start with an event without a rule",
        "ecomops/ui/gate.py",
        "    if wrong:\n        raise UnguardedStateError(sorted(wrong))\n",
        "",
        (GATE,),
    ),
    Mutant(
        "a denial is audited",
        "ecomops/ui/gate.py",
        "        await refuse(ctx, rule.permission)\n",
        "        raise PermissionDeniedError(rule.permission)\n",
        (GATE,),
    ),
    Mutant(
        "another session's state is emptied",
        "ecomops/ui/ownership.py",
        "        await _empty(state)\n",
        "        pass\n",
        (GATE, OWNERSHIP),
    ),
    Mutant(
        "a state belongs to a session",
        "ecomops/ui/ownership.py",
        "    if shared._owner == owner:\n",
        "    if True:\n",
        (GATE,),
    ),
    Mutant(
        "all of a state is emptied",
        "ecomops/ui/ownership.py",
        "    for state_class in _tree(State):\n        await state.get_state(state_class)\n",
        "",
        (OWNERSHIP,),
    ),
    Mutant(
        "updates go to their own session's socket",
        "ecomops/ui/delivery.py",
        "    return theirs == token_in(operation.cookie_header(), settings)\n",
        "    return True\n",
        (OWNERSHIP,),
    ),
    Mutant(
        "a background handler stops when its state is another's",
        "ecomops/ui/owned_state.py",
        "        if self.__wrapped__._owner != owner:\n",
        "        if False:\n",
        (OWNERSHIP,),
    ),
    # Floods, sockets, sessions
    Mutant(
        "what is over the limit does not pass the door",
        "ecomops/ui/door.py",
        "        await self._slow_down(socket)\n        return False\n",
        "        return True\n",
        (DOOR,),
    ),
    Mutant(
        "a flooding socket is read slowly and told",
        "ecomops/kit/buckets.py",
        "        enough = level.tokens >= 1\n",
        "        enough = True\n",
        (DOOR,),
    ),
    Mutant(
        "a made-up cookie gets no bucket of its own",
        "ecomops/ui/sockets.py",
        "        return network_of(self.address)\n",
        "        return self.sid\n",
        (DOOR,),
    ),
    Mutant(
        "an address has only so many sockets",
        "ecomops/ui/door.py",
        "self.sockets.count(socket) <= MOST_SOCKETS",
        "True",
        (DOOR,),
    ),
    Mutant(
        "a message has a length",
        "ecomops/api/limits.py",
        'message["type"] == "websocket.receive" and _length(message) > self._frame',
        "False",
        (DOOR,),
    ),
    Mutant(
        "sockets of a session that ended are closed",
        "ecomops/ui/sockets.py",
        '            return "ended"\n',
        "            return None\n",
        (SOCKETS,),
    ),
    Mutant(
        "sockets that nobody could look up are closed",
        "ecomops/ui/sockets.py",
        'return "unsure" if self._clock() - socket.sure_at > UNSURE_FOR else None',
        "return None",
        (SOCKETS,),
    ),
    Mutant(
        "another role is noticed",
        "ecomops/ui/sockets.py",
        'return None if person.role == socket.person.role else "changed"',
        "return None",
        (SOCKETS,),
    ),
    Mutant(
        "what is revoked here is told at once",
        "ecomops/runtime/units.py",
        "        tell_of(session)\n",
        "",
        (SOCKETS,),
    ),
    Mutant(
        "a session that was looked up is believed for a second only",
        "ecomops/runtime/sessions.py",
        "found.stale_at <= self._clock()",
        "False",
        ("tests/api/test_sessions.py",),
    ),
    Mutant(
        "a session expires",
        "ecomops/domains/identity/queries.py",
        " AND expires_at > now()",
        "",
        (IDENTITY, SOCKETS),
    ),
    Mutant(
        "cookies are not kept in Redis",
        "ecomops/ecomops.py",
        "    seal_cookies(application.event_namespace)\n",
        "",
        ("tests/torture/test_secrets.py",),
    ),
    # The edge
    Mutant(
        "forms come from our own pages",
        "ecomops/api/origins.py",
        "elif request.method in SAFE or self._from_our_page(request.headers):",
        "else:\n            answer = self.app\n        if False:",
        (EDGE,),
    ),
    Mutant(
        "what a browser says of where a form is from counts",
        "ecomops/api/origins.py",
        'return headers.get("origin") == self._origin and fetched == "same-origin"',
        'return headers.get("origin") == self._origin',
        (EDGE,),
    ),
    Mutant(
        "websockets come from our own pages",
        "ecomops/api/origins.py",
        'if headers.get("origin") == self._origin and headers.get("host") == self._host:',
        'if headers.get("host") == self._host:',
        ("tests/ui/test_websocket.py",),
    ),
    Mutant(
        "requests are for our own host",
        "ecomops/api/origins.py",
        'if request.headers.get("host") != self._host:',
        "if False:",
        (EDGE,),
    ),
    Mutant(
        "a body has a length",
        "ecomops/api/limits.py",
        "            if received > self._most:\n",
        "            if False:\n",
        (EDGE,),
    ),
    Mutant(
        "the framework's endpoints are closed",
        "ecomops/api/edge.py",
        "    app = ClosedEndpoints(app)\n",
        "",
        (EDGE, "tests/torture/test_edges.py"),
    ),
    Mutant(
        "a sign-in leads to our own pages only",
        "ecomops/api/forms.py",
        "return default if foreign or tricky or loops or len(target) > 2_000 else target",
        "return target",
        ("tests/api/test_forms.py",),
    ),
    Mutant(
        "scripts cannot read the session's cookie",
        "ecomops/api/session_cookies.py",
        "        httponly=True,\n",
        "",
        ("tests/api/test_sign_in.py",),
    ),
    Mutant(
        "other sites do not send the session's cookie",
        "ecomops/api/session_cookies.py",
        '        samesite="lax",\n',
        '        samesite="none",\n',
        ("tests/api/test_sign_in.py",),
    ),
    Mutant(
        "a download ends",
        "ecomops/api/streaming.py",
        "            if self._clock() > self._until:\n",
        "            if False:\n",
        (STREAMING,),
    ),
    Mutant(
        "a download lets go of its connection",
        "ecomops/api/streaming.py",
        "                await close(self._rest)\n",
        "                pass\n",
        (STREAMING,),
    ),
    Mutant(
        "downloads leave connections to the pages",
        "ecomops/api/slots.py",
        "                raise TooManyDownloadsError\n",
        "                pass\n",
        ("tests/api/test_slots.py",),
    ),
    Mutant(
        "the line in front of hashing is short",
        "ecomops/api/line.py",
        "        if self._room == 0:\n            raise OperationalError(FULL)\n",
        "",
        (LINE,),
    ),
    Mutant(
        "hashing has threads of its own",
        "ecomops/api/line.py",
        "run_in_executor(self._threads, bound)",
        "run_in_executor(None, bound)",
        (LINE,),
    ),
    # Signing in
    Mutant(
        "five failures lock",
        "ecomops/domains/identity/throttle.py",
        'Limit("pair", 5)',
        'Limit("pair", 500)',
        (BRAKES,),
    ),
    Mutant(
        "twenty-five failures from anywhere lock",
        "ecomops/domains/identity/throttle.py",
        'Limit("account", 25)',
        'Limit("account", 2500)',
        (BRAKES,),
    ),
    Mutant(
        "who is locked is not looked at",
        "ecomops/domains/identity/throttle.py",
        "        if locked:\n            raise TooManyAttemptsError\n",
        "",
        (BRAKES,),
    ),
    Mutant(
        "the password is compared",
        "ecomops/domains/identity/service.py",
        "    if not right:\n",
        "    if False:\n",
        (IDENTITY, BRAKES),
    ),
    Mutant(
        "nobody's password takes as long to refuse",
        "ecomops/domains/identity/passwords.py",
        "            _context().dummy_verify()\n",
        "",
        ("tests/torture/test_sign_in.py", IDENTITY),
    ),
    Mutant(
        "few hashes at once",
        "ecomops/domains/identity/passwords.py",
        "    if not _TURNS.acquire(timeout=LONGEST_WAIT_SECONDS):\n",
        "    if not _TURNS.acquire(timeout=LONGEST_WAIT_SECONDS) and False:\n",
        (IDENTITY,),
    ),
    Mutant(
        "a token is not stored",
        "ecomops/domains/identity/service.py",
        "        token_hash=token_hash(token),\n",
        "        token_hash=token.get_secret_value().encode(),\n",
        (IDENTITY,),
    ),
    # Tenants and permissions
    Mutant(
        "a use case asks for its permission",
        "ecomops/domains/access/rules.py",
        "    if permission not in ctx.permissions:\n        raise PermissionDeniedError(permission)\n",
        "",
        ("tests/integration/test_connections.py", JOBS),
    ),
    Mutant(
        "the session is bound to its tenant",
        "ecomops/runtime/units.py",
        "        bind_tenant(session, ctx.tenant_id, ctx.actor.user_id)\n",
        "",
        (TENANCY,),
    ),
    Mutant(
        "the tenant's setting ends with its transaction",
        "ecomops/kit/database.py",
        "\"SELECT set_config('app.current_tenant_id', %s, true),\"",
        "\"SELECT set_config('app.current_tenant_id', %s, false),\"",
        (TENANCY,),
    ),
    Mutant(
        "row-level security holds the owner too",
        "alembic/versions/0001_system_tables.py",
        '    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")\n',
        "",
        (CATALOG, TENANCY),
    ),
    Mutant(
        "policies of system tables",
        "alembic/versions/0001_system_tables.py",
        'f" USING ({TENANT_IS_CURRENT}) WITH CHECK ({TENANT_IS_CURRENT})"',
        'f" USING (true) WITH CHECK (true)"',
        (CATALOG, TENANCY),
    ),
    Mutant(
        "audit events are not changed",
        "alembic/versions/0001_system_tables.py",
        "for statement in (REFUSE_CHANGE, NO_ROW_CHANGES, NO_TRUNCATE):",
        "for statement in (REFUSE_CHANGE,):",
        (CATALOG, TENANCY),
    ),
    Mutant(
        "a role that row-level security would not hold is refused",
        "ecomops/runtime/units.py",
        "    refuse_stronger_roles(made)\n",
        "",
        (TENANCY, CATALOG),
    ),
    Mutant(
        "plan limits",
        "ecomops/domains/plans/rules.py",
        "if allowance.per_group is not None and len(same_group) >= allowance.per_group:",
        "if False:",
        ("tests/integration/test_connections.py",),
    ),
    Mutant(
        "a job's end shows its fence",
        "ecomops/domains/jobs/lifecycle.py",
        '    " WHERE id = :job AND fence = :fence AND status = \'running\'"\n'
        '    " RETURNING rows_done',
        '    " WHERE id = :job AND status = \'running\'"\n    " RETURNING rows_done',
        (JOBS,),
    ),
    Mutant(
        "a page of rows shows its fence",
        "ecomops/domains/jobs/lifecycle.py",
        "WHERE id = %(job)s AND fence = %(fence)s AND status",
        "WHERE id = %(job)s AND status",
        (JOBS,),
    ),
    Mutant(
        "a job that is leased is not claimed",
        "ecomops/domains/jobs/lifecycle.py",
        '    " AND (lease_until IS NULL OR lease_until < now())"\n',
        "",
        (JOBS,),
    ),
    # Secrets and hosts
    Mutant(
        "a ciphertext belongs to its row",
        "ecomops/kit/crypto.py",
        '        if held["owner"] != owner:\n',
        "        if False:\n",
        (CRYPTO,),
    ),
    Mutant(
        "rotation compares before it sets",
        "ecomops/domains/connections/credentials.py",
        ".where(col(Connection.id) == row.id, col(Connection.credentials) == old)",
        ".where(col(Connection.id) == row.id)",
        (CHANGES,),
    ),
    Mutant(
        "secrets are redacted by name",
        "ecomops/kit/logging.py",
        "REDACTED if _SECRET_NAMES.search(str(key)) and item else redact(item)",
        "redact(item)",
        (LOGS,),
    ),
    Mutant(
        "secrets are redacted by form",
        "ecomops/kit/logging.py",
        "        return _SECRET_VALUES.sub(REDACTED, value)\n",
        "        return value\n",
        (LOGS,),
    ),
    Mutant(
        "a shop is the whole name",
        "ecomops/connectors/names.py",
        "return domain if _SHOP.fullmatch(domain) else None",
        "return domain if _SHOP.match(domain) else None",
        (NAMES,),
    ),
    Mutant(
        "an account is the whole name",
        "ecomops/connectors/names.py",
        "return account if _ACCOUNT.fullmatch(account) else None",
        "return account if _ACCOUNT.search(account) else None",
        (NAMES,),
    ),
    Mutant(
        "redirects are not followed",
        "ecomops/connectors/http.py",
        "follow_redirects=False",
        "follow_redirects=True",
        ("tests/connectors/test_http.py",),
    ),
    Mutant(
        "an answer has a length",
        "ecomops/connectors/http.py",
        "            if len(body) > self._limits.body_bytes:\n",
        "            if False:\n",
        ("tests/connectors/test_http.py",),
    ),
    Mutant(
        "a spreadsheet runs no formula of ours",
        "ecomops/domains/tables/export.py",
        'return case((harmless, source), (formula, literal_column("\'\'\'\'").concat(source)), else_=source)',
        "return case((harmless, source), (formula, source), else_=source)",
        ("tests/integration/test_export.py",),
    ),
    Mutant(
        "production has no other hosts",
        "ecomops/kit/settings.py",
        "if bases != (STRIPE_API_BASE, SHOPIFY_API_BASE, NETSUITE_API_BASE):",
        "if False:",
        ("tests/unit/test_settings.py",),
    ),
)  # fmt: skip


@contextmanager
def copied() -> Iterator[Path]:
    """A copy of the repository to be ruined."""
    with TemporaryDirectory(prefix="ecomops-mutants-") as folder:
        place = Path(folder)
        for name in COPIED:
            skipped = shutil.ignore_patterns("__pycache__", "node_modules")
            shutil.copytree(ROOT / name, place / name, ignore=skipped)
        for name in FILES:
            (place / name).symlink_to(ROOT / name)
        yield place


def survives(mutant: Mutant, place: Path) -> str:
    """Empty when a test noticed the mutant; else what happened instead."""
    file = place / mutant.file
    source = file.read_text()
    if source.count(mutant.old) != 1:
        return f"its source stands {source.count(mutant.old)} times in {mutant.file}"
    file.write_text(source.replace(mutant.old, mutant.new))
    try:
        return _unnoticed(mutant, place)
    finally:
        file.write_text(source)


def _unnoticed(mutant: Mutant, place: Path) -> str:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *mutant.tests]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ECOMOPS_", "PYTEST_"))}
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
        environment.pop(name, None)
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    try:
        ended = subprocess.run(
            command, cwd=place, env=environment, capture_output=True, text=True, timeout=LONGEST
        )
    except subprocess.TimeoutExpired:
        return ""  # Something waits for ever that did not before.
    # 1: tests failed. Anything else is no verdict about the guard.
    return "" if ended.returncode == 1 else f"pytest ended with {ended.returncode}"
