"""The source keeps the rules, and each rule would notice if it did not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecomops.domains.access.rules import PERMISSIONS
from tests.architecture.rules import PRODUCT, RULES, Rule, files, name_of

LONGEST_FUNCTION = 60
LONGEST_FILE = 500
OURS = (*PRODUCT, "alembic", "bench", "tests", "tools", "rxconfig.py")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_rule_is_kept(rule: Rule) -> None:
    broken = {
        name_of(path): lines
        for path in files(*rule.folders)
        if name_of(path) not in rule.allowed and (lines := rule.broken_in(path.read_text()))
    }
    assert broken == {}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_rule_notices_a_planted_violation(rule: Rule) -> None:
    assert rule.broken_in(rule.violation) != []
    assert rule.broken_in(rule.innocent) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_no_exception_outlives_its_reason(rule: Rule) -> None:
    here = {name_of(path): path for path in files(*rule.folders)}
    for name in rule.allowed:
        assert rule.broken_in(here[name].read_text()) != [], f"{name} needs no exception"


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def too_long(source: str, limit: int = LONGEST_FUNCTION) -> list[str]:
    return [
        f"{function.name} ({length} lines)"
        for function in functions(ast.parse(source))
        if (length := (function.end_lineno or 0) - function.lineno + 1) > limit
    ]


def test_no_function_is_longer_than_a_screen() -> None:
    found = {name_of(path): names for path in files(*OURS) if (names := too_long(path.read_text()))}
    assert found == {}


def test_a_long_function_would_be_noticed() -> None:
    assert too_long("def f():\n" + "    x = 1\n" * LONGEST_FUNCTION) == ["f (61 lines)"]
    assert too_long("def f():\n" + "    x = 1\n" * (LONGEST_FUNCTION - 1)) == []


def test_no_file_is_longer_than_it_can_be_read() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in files(*OURS)}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}
    assert len(lengths) > 150, "the files were not found"


SYSTEM = "only the worker and the command line, as the system"
ANYBODY = "for anybody who is signed in, and only about themselves"
DOOR = "before anybody is known: the door itself"
PART = "a part of another use case, which has checked"

# Use cases that do not begin with require(…), and why.
WITHOUT_PERMISSION = {
    "audit.records.records": PART,
    "audit.sealing.list_unsealed": SYSTEM,
    "audit.sealing.seal_batch": SYSTEM,
    "audit.service.record": PART,
    "audit_settings.deliveries.end_turn": SYSTEM,
    "audit_settings.deliveries.next_parcel": SYSTEM,
    "audit_settings.deliveries.note_delivery": SYSTEM,
    "audit_settings.deliveries.reseal_stream": SYSTEM,
    "audit_settings.deliveries.take_stream": SYSTEM,
    "audit_settings.deliveries.tell_stream": PART,
    "audit_settings.retention.remove_payloads": SYSTEM,
    "connections.credentials.list_stale": SYSTEM,
    "connections.credentials.reseal": SYSTEM,
    "connections.files.connection_of_files": PART,
    "connections.service.open_connection": "for the worker; open_for_test is the person's",
    "connections.service.record_health": SYSTEM,
    "connections.service.record_test": "after open_for_test, in the same operation",
    "identity.account.change_password": ANYBODY,
    "identity.account.rename_myself": ANYBODY,
    "identity.joining.see_link": DOOR,
    "identity.joining.use_link": DOOR,
    "identity.links.belongs_elsewhere": PART,
    "identity.queries.find_tenant": SYSTEM,
    "imports.drafts.find_held": SYSTEM,
    "imports.drafts.forget_expired": SYSTEM,
    "imports.drafts.hold_for_job": PART,
    "imports.reports.store_report": PART,
    "imports.service.find_import_of_job": SYSTEM,
    "access.turns.take_turn": PART,
    "imports.service.store_import": "for the worker; complete_import is the person's",
    "identity.queries.get_shell": ANYBODY,
    "identity.queries.list_tenants": SYSTEM,
    "identity.service.open_session": PART,
    "identity.service.register": DOOR,
    "identity.service.resolve": DOOR,
    "identity.service.sign_in": DOOR,
    "identity.service.sign_out": DOOR,
    "identity.sessions.end_other_sessions": ANYBODY,
    "identity.sessions.end_session": ANYBODY,
    "identity.sessions.list_sessions": ANYBODY,
    "jobs.lifecycle.cancel": SYSTEM,
    "jobs.lifecycle.claim": SYSTEM,
    "jobs.lifecycle.complete": SYSTEM,
    "jobs.lifecycle.enter_phase": SYSTEM,
    "jobs.lifecycle.fail": SYSTEM,
    "connections.credentials.keep_renewed": SYSTEM,
    "connections.service.add_connection": PART,
    "connections.service.record_check": SYSTEM,
    "connections.service.require_slot": PART,
    "connections.watching.watch": PART,
    "due.service.list_due": SYSTEM,
    "due.service.set_due": PART,
    "exports.work.begin_file": SYSTEM,
    "exports.work.find_left": SYSTEM,
    "exports.work.finish_file": SYSTEM,
    "exports.work.list_expired": SYSTEM,
    "exports.work.note_progress": SYSTEM,
    "exports.work.note_removed": SYSTEM,
    "freshness.completeness.keep_comparison": SYSTEM,
    "freshness.completeness.list_stored": SYSTEM,
    "freshness.deliveries.find_route": SYSTEM,
    "freshness.deliveries.list_waiting": SYSTEM,
    "freshness.deliveries.receive": SYSTEM,
    "freshness.deliveries.settle": SYSTEM,
    "freshness.due.take_due": SYSTEM,
    "freshness.privacy.honour": SYSTEM,
    "jobs.lifecycle.renew": SYSTEM,
    "jobs.service.cancel_of_connection": PART,
    "jobs.service.enqueue": PART,
    "jobs.service.stop": PART,
    "jobs.service.tell": PART,
    "freshness.schedules.reschedule": PART,
    "plans.service.put_on": PART,
    "sync.links.link_late_parents": SYSTEM,
    "sync.queries.find_cursor": SYSTEM,
    "sync.queries.find_first_day": SYSTEM,
    "sync.queries.list_open": SYSTEM,
    "sync.queries.list_returned_refunds": SYSTEM,
    "sync.queries.list_unread_payouts": SYSTEM,
    "sync.rejects.store_refetched": SYSTEM,
    "sync.store.refresh_statistics": SYSTEM,
    "sync.store.store_page": SYSTEM,
    "tables.export.write_pieces": PART,
    "workspace.usage.get_usage": ANYBODY,
}


def use_cases(source: str) -> Iterator[ast.FunctionDef]:
    """Public functions of a module whose second argument is a context."""
    for node in ast.parse(source).body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        if [argument.arg for argument in node.args.args[1:2]] == ["ctx"]:
            yield node


def permission_of(use_case: ast.FunctionDef) -> str | None:
    """What the first line after the docstring requires, or None."""
    body = use_case.body[1:] if ast.get_docstring(use_case) else use_case.body
    first = body[0] if body else None
    if not (isinstance(first, ast.Expr) and isinstance(first.value, ast.Call)):
        return None
    call = first.value
    if not (isinstance(call.func, ast.Name) and call.func.id == "require"):
        return None
    context, permission = call.args
    named = isinstance(context, ast.Name) and context.id == "ctx"
    return str(permission.value) if named and isinstance(permission, ast.Constant) else None


def all_use_cases() -> dict[str, str | None]:
    found = {}
    for path in files("ecomops/domains", "ecomops/workflows"):
        area = ".".join(path.relative_to(path.parents[1]).with_suffix("").parts)
        for use_case in use_cases(path.read_text()):
            found[f"{area}.{use_case.name}"] = permission_of(use_case)
    return found


def test_every_use_case_begins_with_its_permission() -> None:
    without = {name for name, permission in all_use_cases().items() if permission is None}
    assert without - WITHOUT_PERMISSION.keys() == set(), "add require(ctx, …), or say why not"
    assert WITHOUT_PERMISSION.keys() - without == set(), "these need no exception"


def test_every_permission_that_is_required_is_in_the_table() -> None:
    required = {permission for permission in all_use_cases().values() if permission}
    assert required <= PERMISSIONS.keys()
    assert len(required) >= 8


def test_a_use_case_without_its_permission_would_be_noticed() -> None:
    (late,) = use_cases(
        'def read(session, ctx, command):\n    """Doc."""\n    rows = 1\n'
        '    require(ctx, "tables.view")\n    return rows\n'
    )
    assert permission_of(late) is None
    (other,) = use_cases('def read(session, ctx, command):\n    require(them, "tables.view")\n')
    assert permission_of(other) is None
    (right,) = use_cases('def read(session, ctx):\n    """D."""\n    require(ctx, "tables.view")\n')
    assert permission_of(right) == "tables.view"


def test_a_person_reaches_no_use_case_of_the_system() -> None:
    """Nothing that a browser can call imports what only the worker may do."""
    system = {name.rpartition(".")[2] for name, why in WITHOUT_PERMISSION.items() if why == SYSTEM}
    for path in files("ecomops/ui", "ecomops/api"):
        assert _imported(path) & system == set(), name_of(path)


def _imported(path: Path) -> set[str]:
    return {
        alias.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ecomops.domains")
        for alias in node.names
    }
