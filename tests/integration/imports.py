"""Uploading and importing as a person does, without the browser."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, text

from ecomops import runtime
from ecomops.core.files.fields import Choices
from ecomops.domains.imports.accounts import create_account
from ecomops.domains.imports.drafts import keep_draft, set_choices
from ecomops.domains.imports.schemas import CreateAccount, Imported, KeepDraft, SetChoices
from ecomops.kit.context import Context
from ecomops.operations.imports import import_file
from tests.conftest import Workspace


def statement(*lines: str, header: str = "Date,Amount,Currency,Description,Reference") -> bytes:
    return "\n".join((header, *lines, "")).encode()


def account(ctx: Context, label: str = "") -> UUID:
    return runtime.run(ctx, create_account, CreateAccount(label or f"Main {uuid4().hex[:8]}"))


def upload(ctx: Context, content: bytes, kind: str = "bank", name: str = "file.csv") -> UUID:
    return runtime.run(ctx, keep_draft, KeepDraft(kind, name, content))


def change(engine: Engine, workspace: Workspace, statement: str) -> None:
    """Change a workspace's rows past row-level security, as no code of ours does."""
    with engine.begin() as admin:
        admin.execute(
            text(f"{statement} WHERE tenant_id = :tenant"), {"tenant": workspace.ctx.tenant}
        )


def bring(
    ctx: Context,
    content: bytes,
    kind: str = "bank",
    account_id: UUID | None = None,
    **choices: Any,
) -> Imported:
    """Upload a file and import it."""
    draft_id = upload(ctx, content, kind)
    runtime.run(ctx, set_choices, SetChoices(draft_id, Choices(**choices), account_id))
    done = import_file(ctx, draft_id)
    assert isinstance(done, Imported)
    return done
