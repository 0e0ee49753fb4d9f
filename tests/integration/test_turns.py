"""Those who take a turn in a workspace wait for each other, and nobody else waits for them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import Session

from ecomops import runtime
from ecomops.domains.access.turns import take_turn
from ecomops.domains.audit.service import Event, record
from ecomops.domains.imports.service import undo_import
from ecomops.kit.context import Context
from tests.conftest import Workspace
from tests.integration.imports import account, bring, statement

MOMENT = 0.5


def _take(session: Session, ctx: Context, _: None) -> None:
    take_turn(session, ctx)


def _note(session: Session, ctx: Context, _: None) -> None:
    record(session, ctx, Event("config", "something_happened", "tenant", "x"))


def test_a_turn_holds_up_those_who_take_one_and_nobody_else(workspace: Workspace) -> None:
    with ThreadPoolExecutor(1) as threads:
        with runtime.unit_of_work(workspace.ctx) as session:
            take_turn(session, workspace.ctx)
            runtime.run(workspace.ctx, _note)  # its foreign key leads to the workspace
            second = threads.submit(runtime.run, workspace.ctx, _take)
            with pytest.raises(TimeoutError):
                second.result(timeout=MOMENT)
        second.result()


def test_undo_waits_for_an_import_that_may_tell_the_same_lines(workspace: Workspace) -> None:
    lines = statement("2026-01-14,1.00,USD,one,r1")
    done = bring(workspace.ctx, lines, account_id=account(workspace.ctx))
    with ThreadPoolExecutor(1) as threads:
        with runtime.unit_of_work(workspace.ctx) as session:
            take_turn(session, workspace.ctx)
            undone = threads.submit(runtime.run, workspace.ctx, undo_import, done.import_id)
            with pytest.raises(TimeoutError):
                undone.result(timeout=MOMENT)
        assert undone.result() == 1
