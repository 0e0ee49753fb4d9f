"""T12 and T13: secrets are found nowhere, and read by nobody they were not made for."""

from __future__ import annotations

import logging
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
import redis
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import Engine, text
from starlette.testclient import TestClient
from structlog.stdlib import ProcessorFormatter

from ecomops import runtime
from ecomops.domains.connections.fields import FORMS
from ecomops.domains.connections.schemas import CreateConnection
from ecomops.domains.connections.service import create_connection, open_connection
from ecomops.domains.sync.schemas import StartSync
from ecomops.domains.sync.service import start_sync
from ecomops.kit.context import Plan
from ecomops.kit.errors import ConflictError, EcomopsError
from ecomops.kit.settings import Settings, get_settings
from ecomops.operations.connection_check import check_connection
from ecomops.operations.key_rotation import rotate_keys
from tests.api.people import Person
from tests.conftest import Workspace, anonymous, make_workspace
from tests.torture.payloads import valid
from tests.torture.report import SEED, reported, times
from tests.torture.test_events import handlers
from tests.ui.tabs import HYDRATE, LOAD_SHELL, tab

pytestmark = pytest.mark.slow


@pytest.fixture
def logged(server: TestClient) -> Iterator[StringIO]:
    """What goes to the log from here on, as the web process writes it."""
    ours = [
        h.formatter
        for h in logging.getLogger().handlers
        if isinstance(h.formatter, ProcessorFormatter)
    ]
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(ours[0])
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def make_pro() -> Workspace:
    """A workspace that may have any number of connections."""
    made = make_workspace()
    return replace(made, ctx=replace(made.ctx, plan=Plan("pro")))


def canary() -> str:
    return f"canary{uuid4().hex}"


def register(server: TestClient, settings: Settings) -> tuple[str, list[str], str]:
    """Somebody new whose passwords are canaries: their cookie, the secrets, all answers."""
    person, wrong = Person(password=f"plum tractor {canary()}"), f"violin {canary()}"
    headers = {"origin": settings.origin, "accept": "text/html"}
    answers = [
        server.post("/auth/register", data=person.form(slug="-"), headers=headers),
        server.post("/auth/register", data=person.form(), headers=headers),
        server.post("/auth/login", data=person.credentials(password=wrong), headers=headers),
        server.post("/auth/login", json=person.credentials(), headers=headers),
    ]
    server.cookies.clear()
    token = answers[1].cookies["session"]
    told = "".join(answer.text for answer in answers)
    return f"session={token}", [person.password, wrong, token], told


def connect(workspace: Workspace) -> list[str]:
    """Connections of all providers whose every secret is a canary, refused and accepted."""
    secrets = []
    for provider, names in FORMS.items():
        given = {
            name: f"sk_test_{canary()}" if provider == "stripe" else canary() for name in names
        }
        given |= {"shop_domain": "canary-shop.myshopify.com", "account_id": "1234567"}
        given = {name: given[name] for name in names}
        secrets += [v for n, v in given.items() if n not in ("shop_domain", "account_id")]
        sealed = {name: SecretStr(value) for name, value in given.items()}
        made = runtime.run(
            workspace.ctx,
            create_connection,
            CreateConnection(provider, provider, "sandbox", sealed),
        )
        check_connection(workspace.ctx, made.id)
        with pytest.raises(EcomopsError):
            runtime.run(
                workspace.ctx, create_connection, CreateConnection(provider, "", "provider", sealed)
            )
    runtime.run(workspace.ctx, start_sync, StartSync())
    return secrets


def send_everywhere(server: TestClient, cookie: str, secrets: list[str]) -> str:
    """Every event with a secret in each text and form; all that was answered."""
    told = []
    with tab(server, cookie=cookie) as person:
        person.send(HYDRATE)
        person.send(LOAD_SHELL)
        for number, (name, function) in enumerate(handlers().items()):
            secret = secrets[number % len(secrets)]
            right = valid(function)
            # As what the handler takes, and as what it does not: neither is to be kept.
            forms = {k: {"api_key": secret} for k, v in right.items() if isinstance(v, dict)}
            told += [person.send(name, right | forms), person.send(name, {"other": secret})]
    return "".join(answer.text for answer in told)


def test_secrets_are_in_no_log_state_message_column_or_page(
    server: TestClient, settings: Settings, admin_engine: Engine, logged: StringIO
) -> None:
    with reported("T12") as figures:
        told, secrets = "", list[str]()
        for _ in range(times(full=4, short=1)):
            cookie, theirs, answered = register(server, settings)
            workspace = make_pro()
            theirs += connect(workspace)
            # Not the token: the browser that sends it is told it in no case, but may send it.
            told += answered + send_everywhere(server, cookie, theirs[:2] + theirs[3:])
            secrets += theirs
        sinks = {
            "log": logged.getvalue(),
            "pages": told,
            "redis": in_redis(settings),
            "database": in_database(admin_engine),
        }
        assert all(sinks.values())
        assert len(set(secrets)) == len(secrets) >= times(full=30, short=8)
        for where, held in sinks.items():
            found = [s for s in secrets if s in held or s.encode().hex() in held]
            figures.count += len(secrets)
            figures.failed += len(found)
            assert found == [], where


def in_redis(settings: Settings) -> str:
    """All that Redis holds: the States of the tabs, and the messages to the workers."""
    client: Any = redis.Redis.from_url(settings.redis_url.get_secret_value())
    readers = {
        b"string": client.get,
        b"hash": client.hgetall,
        b"set": client.smembers,
        b"list": lambda key: client.lrange(key, 0, -1),
        b"zset": lambda key: client.zrange(key, 0, -1),
    }
    return "".join(str(readers[client.type(key)](key)) for key in client.scan_iter())


def in_database(admin: Engine) -> str:
    """Every row of every table, as text; bytes in hexadecimal."""
    tables = text("SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public'")
    with admin.connect() as connection:
        return "".join(
            row
            for table in connection.scalars(tables).all()
            for row in connection.scalars(text(f"SELECT t::text FROM {table} t"))
        )


def connected(workspace: Workspace, secret: str) -> UUID:
    given = {"api_key": SecretStr(secret)}
    command = CreateConnection("stripe", secret[-20:], "provider", given)
    return runtime.run(workspace.ctx, create_connection, command).id


def readable(workspace: Workspace, connection: UUID) -> str | None:
    try:
        opened = runtime.run(workspace.ctx, open_connection, connection)
    except ConflictError:
        return None
    return opened.credentials["api_key"].get_secret_value()


def test_a_ciphertext_opens_for_its_own_row_only(
    runtime_started: None, admin_engine: Engine
) -> None:
    people = [make_pro(), make_pro()]
    rows = [
        (person, connected(person, f"sk_test_{number}_{uuid4().hex}"))
        for person in people
        for number in range(times(full=5, short=2))
    ]
    with reported("T13 swaps") as figures, admin_engine.connect() as admin:
        sealed = {
            one: admin.scalar(
                text("SELECT credentials FROM connections WHERE id = :id"), {"id": one}
            )
            for _, one in rows
        }
        for (_, source), (owner, target) in permutations(rows, 2):
            put(admin, target, sealed[source])
            figures.count += 1
            figures.failed += readable(owner, target) is not None
            put(admin, target, sealed[target])
        assert figures.failed == 0
        assert all(readable(owner, one) for owner, one in rows)


def put(admin: Any, connection: UUID, sealed: bytes) -> None:
    admin.execute(
        text("UPDATE connections SET credentials = :sealed WHERE id = :id"),
        {"sealed": sealed, "id": connection},
    )
    admin.commit()


ROTATE = (
    "from ecomops.local.administration import connected\n"
    "from ecomops.operations.key_rotation import rotate_keys\n"
    "with connected() as nobody:\n"
    "    print('begun', flush=True)\n"
    "    rotate_keys(nobody)\n"
)


def test_a_rotation_may_be_killed_at_any_time(
    runtime_started: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(SEED)
    workspace = make_pro()
    held = {connected(workspace, key): key for key in secrets_of(times(full=30, short=8))}
    first = os.environ["ECOMOPS_ENCRYPTION_KEYS"]
    with reported("T13 kills") as figures:
        for _ in range(times(full=50, short=2)):
            use_keys(
                monkeypatch,
                f"{Fernet.generate_key().decode()},{os.environ['ECOMOPS_ENCRYPTION_KEYS']}",
            )
            killed_while_rotating(chance.uniform(0, 0.4))
            figures.count += 1
            figures.failed += any(readable(workspace, one) != key for one, key in held.items())
            assert figures.failed == 0
        # Back to the key that the other tests know; what was interrupted is finished.
        use_keys(monkeypatch, f"{first},{os.environ['ECOMOPS_ENCRYPTION_KEYS']}")
        rotate_keys(anonymous())
        use_keys(monkeypatch, first)
        assert all(readable(workspace, one) == key for one, key in held.items())


def secrets_of(count: int) -> list[str]:
    return [f"sk_test_{uuid4().hex}" for _ in range(count)]


def use_keys(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    monkeypatch.setenv("ECOMOPS_ENCRYPTION_KEYS", keys)
    get_settings.cache_clear()


def killed_while_rotating(after: float) -> None:
    with subprocess.Popen([sys.executable, "-c", ROTATE], stdout=subprocess.PIPE) as rotation:
        assert rotation.stdout is not None
        while b"begun" not in rotation.stdout.readline():
            assert rotation.poll() is None
        time.sleep(after)
        rotation.kill()
