"""Bank statements: all of a file or nothing, each line once, and back."""

from __future__ import annotations

from tests.conftest import Workspace
from tests.integration.imports import account, bring, statement

LINES = (
    "2026-01-14,-12.50,USD,Coffee,r1",
    "2026-01-14,-12.50,USD,Coffee,r1",
    "2026-01-15,919.15,USD,STRIPE PAYOUT,po_1",
)


def test_a_statement_is_stored_to_the_last_cent(workspace: Workspace) -> None:
    ours = account(workspace.ctx)
    done = bring(workspace.ctx, statement(*LINES), account_id=ours)
    assert (done.counts.rows, done.counts.inserted) == (3, 3)
