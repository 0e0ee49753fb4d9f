"""Bank statements: all of a file or nothing, each line once, and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from ecomops import runtime
from ecomops.core.files.fields import Choices
from ecomops.domains.imports import service
from ecomops.domains.imports.accounts import create_account, list_accounts
from ecomops.domains.imports.drafts import (
    keep_draft,
    open_draft,
    require_upload,
    set_choices,
)
from ecomops.domains.imports.errors import DraftGoneError, ImportedBeforeError
from ecomops.domains.imports.queries import list_bank_lines, list_imports
from ecomops.domains.imports.schemas import (
    CreateAccount,
    KeepDraft,
    ListBankLines,
    ListImports,
    SetChoices,
)
from ecomops.domains.imports.service import undo_import
from ecomops.domains.imports.statements import store_lines
from ecomops.kit.context import Context, Plan
from ecomops.kit.errors import (
    ConflictError,
    EntitlementDeniedError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)
from ecomops.operations import imports as operations
from ecomops.operations import run_job as jobs
from ecomops.operations.imports import UnreadableImportError, import_file, preview
from ecomops.operations.run_job import run_job
from tests.conftest import Workspace
from tests.integration.imports import account, bring, change, statement, upload
from tests.integration.provider import Stored

StoredOf = Callable[[Workspace], Stored]
AuditOf = Callable[[Workspace], list[tuple[str, str]]]

LINES = (
    "2026-01-14,-12.50,USD,Coffee,r1",
    "2026-01-14,-12.50,USD,Coffee,r1",
    "2026-01-15,919.15,USD,STRIPE PAYOUT,po_1",
    "2026-01-16,1200,JPY,=cmd|' /C calc'!A0,",
)


def kept(stored: StoredOf, workspace: Workspace) -> list[tuple[object, ...]]:
    rows = stored(workspace).rows(
        "SELECT booked_on::text, amount, currency, description, reference, line_number"
        " FROM bank_lines WHERE tenant_id = :tenant ORDER BY booked_on, line_number"
    )
    return [tuple(row) for row in rows]


def test_a_statement_is_stored_to_the_last_cent(
    workspace: Workspace, stored: StoredOf, audit: AuditOf
) -> None:
    ours = account(workspace.ctx)
    done = bring(workspace.ctx, statement(*LINES), account_id=ours)
    assert (done.counts.rows, done.counts.inserted, done.counts.unchanged) == (4, 4, 0)
    assert kept(stored, workspace) == [
        ("2026-01-14", -125000, "USD", "Coffee", "r1", 2),
        ("2026-01-14", -125000, "USD", "Coffee", "r1", 3),
        ("2026-01-15", 9191500, "USD", "STRIPE PAYOUT", "po_1", 4),
        ("2026-01-16", 12000000, "JPY", "=cmd|' /C calc'!A0", "", 5),
    ]
    (view,) = runtime.run(workspace.ctx, list_imports, ListImports())
    assert view.sums == {"JPY": "1200", "USD": "894.15"}
    assert (str(view.first_day), str(view.last_day)) == ("2026-01-14", "2026-01-16")
    assert audit(workspace)[-2:] == [
        ("bank_account_created", "success"), ("import_completed", "success"),
    ]  # fmt: skip
    (event,) = stored(workspace).rows(
        "SELECT payload FROM audit_events WHERE tenant_id = :tenant AND action = 'import_completed'"
    )
    assert event[0]["sha256"] == view.file_hash.hex()
    assert event[0]["sums"] == view.sums


def test_what_the_page_shows_is_what_is_stored(workspace: Workspace) -> None:
    ours = account(workspace.ctx, "Main")
    bring(workspace.ctx, statement(*LINES), account_id=ours)
    found = runtime.run(workspace.ctx, list_bank_lines, ListBankLines(ours, limit=3))
    assert (found.count, found.sums) == (4, {"JPY": 12000000, "USD": 8941500})
    assert [line.line_number for line in found.lines][:2] == [5, 4]
    last = found.lines[-1]
    rest = ListBankLines(ours, before=(last.booked_on, last.id))
    assert len(runtime.run(workspace.ctx, list_bank_lines, rest).lines) == 1
    other = runtime.run(workspace.ctx, list_bank_lines, ListBankLines(uuid4()))
    assert (other.lines, other.count) == ((), 0)


def test_one_mistake_stores_nothing_of_the_file(
    workspace: Workspace, stored: StoredOf, audit: AuditOf
) -> None:
    ours = account(workspace.ctx)
    with pytest.raises(UnreadableImportError, match=r"Line 6, Amount: This is no amount"):
        bring(workspace.ctx, statement(*LINES, "2026-01-17,abc,USD,,"), account_id=ours)
    assert kept(stored, workspace) == []
    assert audit(workspace)[-1] == ("import_rejected", "error")
    assert runtime.run(workspace.ctx, list_imports, ListImports()) == ()


@pytest.mark.parametrize("broken", ["store_lines", "_remember"])
def test_a_crash_in_the_middle_leaves_nothing(
    workspace: Workspace, stored: StoredOf, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    ours = account(workspace.ctx)
    real = getattr(service, broken)

    def dies(*arguments: object) -> None:
        real(*arguments)
        raise MemoryError

    monkeypatch.setattr(service, broken, dies)
    with pytest.raises(MemoryError):
        bring(workspace.ctx, statement(*LINES), account_id=ours)
    assert kept(stored, workspace) == []
    assert runtime.run(workspace.ctx, list_imports, ListImports()) == ()
    monkeypatch.setattr(service, broken, real)
    assert bring(workspace.ctx, statement(*LINES), account_id=ours).counts.inserted == 4


def test_a_killed_connection_leaves_nothing(
    workspace: Workspace, stored: StoredOf, admin_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = account(workspace.ctx)

    def killed(connection: psycopg.Connection[object], *arguments: object) -> int:
        new = store_lines(connection, *arguments)  # type: ignore[arg-type]  # passed on as they came
        with admin_engine.begin() as admin:
            admin.execute(text("SELECT pg_terminate_backend(:pid)"),
                          {"pid": connection.info.backend_pid})  # fmt: skip
        return new

    monkeypatch.setattr(service, "store_lines", killed)
    with pytest.raises(Exception, match="database"):
        bring(workspace.ctx, statement(*LINES), account_id=ours)
    assert kept(stored, workspace) == []
    assert runtime.run(workspace.ctx, list_imports, ListImports()) == ()


def test_the_same_file_twice_is_said_and_nothing_doubled(
    workspace: Workspace, stored: StoredOf
) -> None:
    ours = account(workspace.ctx)
    bring(workspace.ctx, statement(*LINES), account_id=ours)
    with pytest.raises(ImportedBeforeError, match=r"imported before, as 'file.csv' on 2"):
        bring(workspace.ctx, statement(*LINES), account_id=ours)
    assert len(kept(stored, workspace)) == 4
    other = bring(workspace.ctx, statement(*LINES), account_id=account(workspace.ctx))
    assert other.counts.inserted == 4, "another account has lines of its own"


def test_overlapping_statements_meet_and_equal_lines_stay_two(
    workspace: Workspace, stored: StoredOf
) -> None:
    ours = account(workspace.ctx)
    bring(workspace.ctx, statement(*LINES[:3]), account_id=ours)
    more = bring(workspace.ctx, statement(*LINES[1:], *LINES[:1]), account_id=ours)
    assert (more.counts.inserted, more.counts.unchanged) == (1, 3)
    assert len(kept(stored, workspace)) == 4


def test_a_third_equal_line_of_the_day_is_new(workspace: Workspace, stored: StoredOf) -> None:
    ours = account(workspace.ctx)
    bring(workspace.ctx, statement(LINES[0], LINES[0]), account_id=ours)
    more = bring(workspace.ctx, statement(LINES[0], LINES[0], LINES[0]), account_id=ours)
    assert (more.counts.inserted, more.counts.unchanged) == (1, 2)


def test_undo_takes_back_what_no_other_statement_tells(
    workspace: Workspace, stored: StoredOf, audit: AuditOf
) -> None:
    ours = account(workspace.ctx)
    first = bring(workspace.ctx, statement(*LINES[:3]), account_id=ours)
    second = bring(workspace.ctx, statement(*LINES[2:]), account_id=ours)
    assert runtime.run(workspace.ctx, undo_import, first.import_id) == 2
    assert [row[0] for row in kept(stored, workspace)] == ["2026-01-15", "2026-01-16"]
    assert audit(workspace)[-1] == ("import_undone", "success")
    with pytest.raises(ConflictError, match="undone before"):
        runtime.run(workspace.ctx, undo_import, first.import_id)
    assert runtime.run(workspace.ctx, undo_import, second.import_id) == 2
    assert kept(stored, workspace) == []
    again = bring(workspace.ctx, statement(*LINES[:3]), account_id=ours)
    assert again.counts.inserted == 3, "what was undone can be imported again"


def test_undo_stops_where_something_uses_a_line(
    workspace: Workspace, stored: StoredOf, admin_engine: Engine
) -> None:
    ours = account(workspace.ctx)
    done = bring(workspace.ctx, statement(*LINES), account_id=ours)
    with admin_engine.begin() as admin:
        admin.execute(
            text(
                "CREATE TABLE uses_a_line (tenant_id uuid, line_id uuid,"
                " FOREIGN KEY (tenant_id, line_id) REFERENCES bank_lines (tenant_id, id))"
            )
        )
        lines = "SELECT tenant_id, id FROM bank_lines WHERE tenant_id = :tenant LIMIT 1"
        admin.execute(text(f"INSERT INTO uses_a_line {lines}"), {"tenant": workspace.ctx.tenant})
    try:
        with pytest.raises(ConflictError, match="A reconciliation uses"):
            runtime.run(workspace.ctx, undo_import, done.import_id)
        assert len(kept(stored, workspace)) == 4
    finally:
        with admin_engine.begin() as admin:
            admin.execute(text("DROP TABLE uses_a_line"))


def test_a_mapping_is_remembered_for_the_same_headers(workspace: Workspace) -> None:
    ours = account(workspace.ctx)
    header = "Day,Sum,Currency,Text"
    mapping = {"booked_on": "Day", "amount": "Sum", "currency": "Currency", "description": "Text"}
    bring(workspace.ctx, statement("2026-01-14,5.00,USD,a", header=header), account_id=ours,
          mapping=mapping)  # fmt: skip
    other = "Text,Currency,Sum,Day"
    draft_id = upload(workspace.ctx, statement("b,USD,6.00,2026-01-15", header=other))
    seen = preview(workspace.ctx, draft_id)
    assert seen.contents is not None
    assert seen.contents.sheet.mapping == mapping
    assert [it.amount for it in seen.contents.statement] == [60000]


def test_a_preview_tells_what_is_there_already(workspace: Workspace) -> None:
    ours = account(workspace.ctx)
    bring(workspace.ctx, statement(*LINES[:3]), account_id=ours)
    draft_id = upload(workspace.ctx, statement(*LINES))
    runtime.run(workspace.ctx, set_choices, SetChoices(draft_id, Choices(), ours))
    seen = preview(workspace.ctx, draft_id)
    assert seen.contents is not None
    assert (seen.known, seen.contents.rows, len(seen.first)) == (3, 4, 4)
    assert seen.contents.sums == {"JPY": "1200", "USD": "894.15"}


def test_a_file_that_cannot_be_read_is_previewed_with_the_reason(workspace: Workspace) -> None:
    seen = preview(workspace.ctx, upload(workspace.ctx, b"PK\x03\x04"))
    assert seen.contents is None
    assert "Excel workbook" in seen.error


def test_an_import_waits_for_every_answer(workspace: Workspace, stored: StoredOf) -> None:
    ours = account(workspace.ctx)
    with pytest.raises(InvalidInputError, match="two ways"):
        bring(workspace.ctx, statement("02/01/2026,1.00,USD,,"), account_id=ours)
    with pytest.raises(InvalidInputError, match="Choose the bank account"):
        bring(workspace.ctx, statement(*LINES))
    with pytest.raises(InvalidInputError, match="Choose the bank account"):
        bring(workspace.ctx, statement(*LINES), account_id=uuid4())
    assert kept(stored, workspace) == []


def test_a_large_file_is_imported_by_a_job(
    workspace: Workspace, stored: StoredOf, audit: AuditOf
) -> None:
    ours = account(workspace.ctx)
    days = [f"2026-{1 + n % 12:02}-{1 + n % 28:02},{n}.25,USD,line {n}," for n in range(6000)]
    draft_id = upload(workspace.ctx, statement(*days))
    runtime.run(workspace.ctx, set_choices, SetChoices(draft_id, Choices(), ours))
    job_id = import_file(workspace.ctx, draft_id)
    assert isinstance(job_id, UUID)
    with pytest.raises(DraftGoneError):
        import_file(workspace.ctx, draft_id)
    worker = Context("job", "worker", workspace.ctx.tenant)
    assert run_job(worker, job_id) == "completed"
    assert run_job(worker, job_id) == "not_taken"
    assert len(kept(stored, workspace)) == 6000
    (job,) = stored(workspace).rows(
        "SELECT status, rows_done, inserted, phase_count FROM jobs WHERE tenant_id = :tenant"
    )
    assert tuple(job) == ("completed", 6000, 6000, 2)
    assert audit(workspace)[-3:] == [
        ("job_started", "success"), ("import_completed", "success"), ("job_completed", "success"),
    ]  # fmt: skip


def test_a_job_that_died_after_its_import_does_not_import_twice(
    workspace: Workspace, stored: StoredOf, admin_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "AT_ONCE", 0)
    ours = account(workspace.ctx)
    draft_id = upload(workspace.ctx, statement(*LINES))
    runtime.run(workspace.ctx, set_choices, SetChoices(draft_id, Choices(), ours))
    job_id = import_file(workspace.ctx, draft_id)
    assert isinstance(job_id, UUID)
    worker = Context("job", "worker", workspace.ctx.tenant)
    monkeypatch.setattr(jobs, "_completed", _dies)
    with pytest.raises(SystemExit):
        run_job(worker, job_id)
    monkeypatch.undo()
    change(admin_engine, workspace, "UPDATE jobs SET lease_until = now() - interval '1 second'")
    assert run_job(worker, job_id) == "completed"
    assert len(kept(stored, workspace)) == 4


def _dies(*_arguments: object) -> None:
    raise SystemExit


@pytest.mark.parametrize(
    ("label", "last4", "field"),
    [("", "", "account_label"), ("x" * 101, "", "account_label"), ("a\x00b", "", "account_label"),
     ("Main", "12345", "last4"), ("Main", "1-3", "last4")],
)  # fmt: skip
def test_a_bad_account_is_refused_by_field(
    workspace: Workspace, label: str, last4: str, field: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        runtime.run(workspace.ctx, create_account, CreateAccount(label, last4))
    assert list(refused.value.fields) == [field]
    assert runtime.run(workspace.ctx, list_accounts) == ()


def test_an_account_has_its_name_alone(workspace: Workspace) -> None:
    account(workspace.ctx, "Main")
    with pytest.raises(InvalidInputError, match="choose it above"):
        account(workspace.ctx, "Main")


Attempt = Callable[[Context, Workspace], object]
ATTEMPTS: dict[str, Attempt] = {
    "require_upload": lambda ctx, _: runtime.run(ctx, require_upload),
    "keep_draft": lambda ctx, _: runtime.run(ctx, keep_draft, KeepDraft("bank", "a", b"a,b\n")),
    "open_draft": lambda ctx, _: runtime.run(ctx, open_draft, uuid4()),
    "set_choices": lambda ctx, _: runtime.run(ctx, set_choices, SetChoices(uuid4(), Choices())),
    "create_account": lambda ctx, _: account(ctx),
    "import_file": lambda ctx, _: import_file(ctx, uuid4()),
    "undo_import": lambda ctx, _: runtime.run(ctx, undo_import, uuid4()),
}


@pytest.mark.parametrize("name", ATTEMPTS)
@pytest.mark.parametrize("role", ["ops", "readonly"])
def test_a_role_without_the_permission_changes_nothing_and_is_audited(
    workspace: Workspace, stored: StoredOf, audit: AuditOf, role: str, name: str
) -> None:
    before = stored(workspace).rows("SELECT count(*) FROM import_drafts WHERE tenant_id = :tenant")
    with pytest.raises(PermissionDeniedError):
        ATTEMPTS[name](workspace.as_role(role), workspace)
    assert audit(workspace)[-1] == ("permission_denied", "denied")
    after = stored(workspace).rows("SELECT count(*) FROM import_drafts WHERE tenant_id = :tenant")
    assert before == after
    assert kept(stored, workspace) == []


@pytest.mark.parametrize("name", ATTEMPTS)
def test_an_ended_trial_brings_nothing(workspace: Workspace, audit: AuditOf, name: str) -> None:
    ended = Plan("trial", datetime.now(UTC) - timedelta(days=1))
    with pytest.raises(EntitlementDeniedError):
        ATTEMPTS[name](replace(workspace.ctx, plan=ended), workspace)
    assert audit(workspace)[-1] == ("entitlement_denied", "denied")


def test_two_workspaces_know_nothing_of_each_other(
    workspace: Workspace, other_workspace: Workspace, stored: StoredOf
) -> None:
    ours, theirs = account(workspace.ctx, "Main"), account(other_workspace.ctx, "Main")
    done = bring(workspace.ctx, statement(*LINES), account_id=ours)
    assert bring(other_workspace.ctx, statement(*LINES), account_id=theirs).counts.inserted == 4
    with pytest.raises(NotFoundError):
        runtime.run(other_workspace.ctx, undo_import, done.import_id)
    with pytest.raises(InvalidInputError, match="Choose the bank account"):
        bring(other_workspace.ctx, statement(*LINES[:1]), account_id=ours)
    draft_id = upload(workspace.ctx, statement(*LINES[:2]))
    with pytest.raises(DraftGoneError):
        runtime.run(replace(other_workspace.ctx, actor=workspace.ctx.actor), open_draft, draft_id)
    found = runtime.run(other_workspace.ctx, list_bank_lines, ListBankLines(ours))
    assert found.lines == ()
    assert len(kept(stored, workspace)) == 4


def test_amounts_are_exact_at_any_size(workspace: Workspace) -> None:
    ours = account(workspace.ctx)
    largest = "922337203685477.58"
    bring(workspace.ctx, statement(f"2026-01-14,{largest},USD,,", "2026-01-14,0.01,USD,,"),
          account_id=ours)  # fmt: skip
    (view,) = runtime.run(workspace.ctx, list_imports, ListImports())
    assert view.sums == {"USD": str(Decimal(largest) + Decimal("0.01"))}


def test_the_page_finds_its_lines_by_the_index(workspace: Workspace) -> None:
    ours = account(workspace.ctx)
    days = [f"2026-{1 + n % 12:02}-{1 + n % 28:02},{n}.25,USD,line {n}," for n in range(4000)]
    bring(workspace.ctx, statement(*days[:200]), account_id=ours)
    bring(workspace.ctx, statement(*days), account_id=account(workspace.ctx, "Another"))

    def plan(session: Session, _ctx: Context, _command: None) -> str:
        session.execute(text("ANALYZE bank_lines"))
        query = text(
            "EXPLAIN SELECT id FROM bank_lines WHERE account_id = :account"
            " ORDER BY booked_on DESC, id DESC LIMIT 50"
        )
        return "\n".join(session.scalars(query, {"account": ours}))

    assert "ix_bank_lines_account" in runtime.run(workspace.ctx, plan)
