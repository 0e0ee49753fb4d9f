"""A file between its upload and its import: one person's, for an hour, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from ecomops import runtime
from ecomops.domains.imports.drafts import (
    drop_draft,
    find_waiting,
    forget_expired,
    open_draft,
)
from ecomops.domains.imports.errors import DraftGoneError
from ecomops.kit.context import Context
from ecomops.kit.errors import InvalidInputError
from ecomops.operations.imports import preview
from ecomops.ui.pages.imports.preview_rows import RAW_SHOWN, shown
from tests.conftest import Workspace
from tests.integration.imports import change, statement, upload
from tests.integration.provider import Stored
from workers.tasks.imports import forget

StoredOf = Callable[[Workspace], Stored]
LINES = ("2026-01-14,-12.50,USD,Coffee,r1", "2026-01-15,919.15,USD,STRIPE PAYOUT,po_1")


def test_an_upload_waits_for_its_person_alone_until_it_is_dealt_with(
    workspace: Workspace, other_workspace: Workspace
) -> None:
    assert runtime.run(workspace.ctx, find_waiting) is None
    draft_id = upload(workspace.ctx, statement(*LINES), name="may.csv")
    found = runtime.run(workspace.ctx, find_waiting)
    assert found is not None
    assert (found.id, found.file_name) == (draft_id, "may.csv")
    assert found.until > datetime.now(UTC)
    colleague = replace(workspace.ctx, actor=other_workspace.ctx.actor)
    assert runtime.run(colleague, find_waiting) is None
    runtime.run(workspace.ctx, drop_draft, draft_id)
    assert runtime.run(workspace.ctx, find_waiting) is None


def test_a_file_of_nothing_is_refused_and_the_last_upload_stays(workspace: Workspace) -> None:
    draft_id = upload(workspace.ctx, statement(*LINES))
    with pytest.raises(InvalidInputError, match="The file is empty"):
        upload(workspace.ctx, b" \r\n\t\n")
    found = runtime.run(workspace.ctx, find_waiting)
    assert found is not None
    assert found.id == draft_id


def test_raw_lines_are_shown_whole_in_width_and_short_in_length(workspace: Workspace) -> None:
    long = "x" * 5_000
    found = preview(workspace.ctx, upload(workspace.ctx, f"Wann,Was\nheute,Tee,{long}\n".encode()))
    seen = shown(found)
    assert (seen.is_raw, [column.text for column in seen.columns]) == (True, ["Wann", "Was", ""])
    [line] = seen.lines
    cells = [cell.text for cell in line.cells]
    assert (cells[:2], len(cells[2])) == (["heute", "Tee"], RAW_SHOWN + 1)


def test_a_file_that_cannot_be_read_yet_is_shown_as_it_stands(workspace: Workspace) -> None:
    draft_id = upload(workspace.ctx, b"Wann,Was\nheute,ein Kaffee\n")
    found = preview(workspace.ctx, draft_id)
    assert found.first == ()
    assert [(line.number, line.cells) for line in found.raw] == [(2, ["heute", "ein Kaffee"])]
    read = preview(workspace.ctx, upload(workspace.ctx, statement(*LINES)))
    assert (len(read.first), read.raw) == (2, ())


def test_an_upload_is_one_persons_and_ends_after_an_hour(
    workspace: Workspace, admin_engine: Engine
) -> None:
    draft_id = upload(workspace.ctx, statement(*LINES))
    somebody = replace(workspace.ctx, actor=replace(workspace.ctx.actor, user_id=uuid4()))
    with pytest.raises(DraftGoneError):
        runtime.run(somebody, open_draft, draft_id)
    newer = upload(workspace.ctx, statement(*LINES[:1]))
    with pytest.raises(DraftGoneError):
        runtime.run(workspace.ctx, open_draft, draft_id)
    change(admin_engine, workspace, "UPDATE import_drafts SET expires_at = now()")
    with pytest.raises(DraftGoneError):
        runtime.run(workspace.ctx, open_draft, newer)
    assert runtime.run(Context("x", "worker", workspace.ctx.tenant), forget_expired) == 1


def test_uploads_of_all_workspaces_are_forgotten_in_time(
    workspace: Workspace, other_workspace: Workspace, admin_engine: Engine, stored: StoredOf
) -> None:
    upload(workspace.ctx, statement(*LINES))
    kept_longer = upload(other_workspace.ctx, statement(*LINES))
    change(admin_engine, workspace, "UPDATE import_drafts SET expires_at = now()")
    assert forget() >= 1
    assert (
        stored(workspace).one("SELECT count(*) FROM import_drafts WHERE tenant_id = :tenant") == 0
    )
    assert runtime.run(other_workspace.ctx, open_draft, kept_longer).file_name == "file.csv"


def test_a_dropped_upload_is_gone(workspace: Workspace) -> None:
    draft_id = upload(workspace.ctx, statement(*LINES))
    runtime.run(workspace.ctx, drop_draft, draft_id)
    with pytest.raises(DraftGoneError):
        runtime.run(workspace.ctx, open_draft, draft_id)


@pytest.mark.parametrize("kind", ["", "excel", "BANK"])
def test_a_kind_that_is_not_offered_is_refused(workspace: Workspace, kind: str) -> None:
    with pytest.raises(InvalidInputError, match="kind of file"):
        upload(workspace.ctx, b"a,b\n", kind)


@pytest.mark.parametrize(
    ("name", "kept_as"),
    [("C:\\fakepath\\a.csv", "a.csv"), ("../../etc/passwd", "passwd"), ("", "unnamed.csv"),
     ("a\r\nb.csv", "ab.csv"), ("x" * 400, "x" * 255)],
)  # fmt: skip
def test_a_file_name_is_a_name_and_no_path(workspace: Workspace, name: str, kept_as: str) -> None:
    draft_id = upload(workspace.ctx, statement(*LINES), name=name)
    assert runtime.run(workspace.ctx, open_draft, draft_id).file_name == kept_as
