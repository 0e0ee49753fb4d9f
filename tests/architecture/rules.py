"""Rules about source code: each finds the lines that break it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
Check = Callable[[ast.Module], Iterator[ast.AST]]


@dataclass(frozen=True)
class Rule:
    """What must not stand in ``folders``, but for files that have a reason.

    ``violation`` is source that breaks it and ``innocent`` source that looks like it.
    """

    name: str
    folders: tuple[str, ...]
    check: Check
    violation: str
    innocent: str
    allowed: Mapping[str, str] = field(default_factory=dict)

    def broken_in(self, source: str) -> list[int]:
        """Line numbers, in order."""
        found = (getattr(node, "lineno", 1) for node in self.check(ast.parse(source)))
        return sorted(set(found))


def files(*folders: str) -> Iterator[Path]:
    """Our Python files below ``folders``."""
    for folder in folders:
        place = ROOT / folder
        yield from [place] if place.is_file() else sorted(place.rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def calls_of(*methods: str) -> Check:
    """Calls of a method or function with one of these names."""

    def check(tree: ast.Module) -> Iterator[ast.AST]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _last_name(node.func) in methods:
                yield node

    return check


def attributes_of(module: str, *names: str) -> Check:
    """``module.name``, or ``from … import name`` of such a module."""

    def check(tree: ast.Module) -> Iterator[ast.AST]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                owner = node.value.id if isinstance(node.value, ast.Name) else None
                found = owner == module and node.attr in names
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("reflex"):
                found = any(alias.name in names for alias in node.names)
            else:
                found = False
            if found:
                yield node

    return check


def floating_point(tree: ast.Module) -> Iterator[ast.AST]:
    """Literals, conversions and annotations of binary floating point, and what divides into it."""
    for node in ast.walk(tree):
        literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
        word = isinstance(node, ast.Name) and node.id == "float"
        if literal or word:
            yield node


def imports_of(*packages: str) -> Check:
    """Imports of these packages or of anything in them."""

    def check(tree: ast.Module) -> Iterator[ast.AST]:
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            if any(name == p or name.startswith(f"{p}.") for name in names for p in packages):
                yield node

    return check


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


PRODUCT = ("ecomops", "workers")
SECONDS = "seconds and shares, never money"

RULES = (
    Rule(
        "only the runtime ends a transaction",
        PRODUCT,
        calls_of("commit", "rollback"),
        "def save(session):\n    session.add(1)\n    session.commit()\n",
        "def save(session):\n    session.flush()\n    commit = True\n",
        {
            "ecomops/runtime/units.py": "the edge of every use case",
            "ecomops/runtime/roles.py": "a new connection's look at its own role",
            "ecomops/kit/database.py": "the pool asks a connection whether it lives",
        },
    ),
    Rule(
        "no binary floating point near money",
        (
            "ecomops/core",
            "ecomops/connectors",
            "ecomops/domains",
            "ecomops/models",
            "ecomops/sandbox/world",
            "ecomops/sandbox/wire",
            "ecomops/sandbox/oracle.py",
            "ecomops/sandbox/netsuite_oracle.py",
            "ecomops/sandbox/shop_oracle.py",
            "ecomops/sandbox/tally.py",
        ),
        floating_point,
        "def fee(amount):\n    return amount * 0.029\n",
        "def fee(amount: int) -> int:\n    return amount * 29 // 1000  # 0.029\n",
        {
            "ecomops/connectors/breaker.py": SECONDS,
            "ecomops/connectors/gate.py": SECONDS,
            "ecomops/connectors/http.py": SECONDS,
            "ecomops/connectors/outbound.py": SECONDS,
            "ecomops/connectors/shopify/access.py": SECONDS,
            "ecomops/connectors/shopify/bucket.py": SECONDS,
            "ecomops/sandbox/wire/netsuite/access.py": SECONDS,
            "ecomops/sandbox/wire/shopify/app.py": SECONDS,
            "ecomops/sandbox/wire/shopify/bulk.py": SECONDS,
            "ecomops/sandbox/wire/shopify/cost.py": SECONDS,
            "ecomops/sandbox/wire/shopify/fields/parts.py": "a rate, which the API sends as one",
        },
    ),
    Rule(
        "Reflex opens no database session and declares no table",
        ("ecomops",),
        attributes_of("rx", "session", "asession", "Model", "model"),
        "import reflex as rx\n\ndef rows():\n    with rx.session() as s:\n        return s\n",
        "import reflex as rx\n\nclass S(rx.State):\n    session: str\n",
    ),
    Rule(
        "pages and routes do not talk to the database",
        ("ecomops/ui", "ecomops/api"),
        imports_of("sqlmodel", "psycopg", "ecomops.models"),
        "from sqlmodel import select\n",
        "from ecomops.domains.tables.schemas import TableQuery\n",
    ),
    Rule(
        "only the outbox rings for tasks",
        PRODUCT,
        calls_of("delay", "apply_async", "send_task"),
        "def start(task):\n    task.delay(1)\n",
        "def start(delay):\n    wait = delay\n",
        {"ecomops/runtime/outbox.py": "the doorbell"},
    ),
    Rule(
        "who the tenant is, is decided at the edge and at the door",
        PRODUCT,
        calls_of("bind_tenant"),
        "def peek(session, tenant):\n    bind_tenant(session, tenant, None)\n",
        "from ecomops.kit.database import bind_tenant\n",
        {
            "ecomops/runtime/units.py": "from the context",
            "ecomops/domains/identity/service.py": "before there is a context: sign-in",
            "ecomops/domains/identity/joining.py": "before there is a context: a one-time link",
            "ecomops/domains/identity/links.py": "the one question asked in another's name",
        },
    ),
)
