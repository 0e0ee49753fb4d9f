"""An upload before it is imported: how it is read, what is in it, what is wrong with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Literal
from uuid import UUID

import reflex as rx

from ecomops.core.files.fields import Choices
from ecomops.core.files.table import NO_HEADER
from ecomops.domains.imports.accounts import create_account
from ecomops.domains.imports.drafts import drop_draft, set_choices
from ecomops.domains.imports.schemas import CreateAccount, SetChoices
from ecomops.kit.errors import EcomopsError, InvalidInputError, NotFoundError, UnauthenticatedError
from ecomops.operations.imports import Preview, import_file, preview
from ecomops.ui import format as fmt
from ecomops.ui import routes
from ecomops.ui.components.toasts import toast
from ecomops.ui.failures import explain, message_of
from ecomops.ui.handlers import handler
from ecomops.ui.layouts.counts import TableCounts
from ecomops.ui.operation import correlation_id, query
from ecomops.ui.pages.imports.preview_rows import (
    Cell,
    FieldRow,
    LineRow,
    ProblemRow,
    Shown,
    shown,
)
from ecomops.ui.session import call, perform
from ecomops.ui.state import AppState

Setting = Literal["encoding", "delimiter", "header_line", "mark", "order", "currency"]
_REREADS = frozenset({"encoding", "delimiter", "header_line"})
"""What cuts the file into other columns, so that they are found anew."""


class PreviewState(AppState):
    """The upload that the address names."""

    preview_loaded: bool = False
    preview_problem: str = ""
    preview_reference: str = ""
    gone: bool = False
    reading: bool = False
    importing: bool = False
    draft_id: str = ""
    file_name: str = ""
    kind: str = ""
    layout: str = ""
    error: str = ""
    questions: list[str] = []  # noqa: RUF012 - Reflex copies the default for each State
    encoding: str = ""
    delimiter: str = ""
    header_line: int = 0
    mark: str = ""
    order: str = ""
    currency: str = ""
    asks_currency: bool = False
    headers: list[str] = []  # noqa: RUF012
    fields: list[FieldRow] = []  # noqa: RUF012
    columns: list[Cell] = []  # noqa: RUF012
    lines: list[LineRow] = []  # noqa: RUF012
    is_raw: bool = False
    problems: list[ProblemRow] = []  # noqa: RUF012
    problem_count: str = ""
    facts: list[str] = []  # noqa: RUF012
    accounts: list[list[str]] = []  # noqa: RUF012
    account_id: str = ""
    account_errors: dict[str, str] = {}  # noqa: RUF012
    ready: bool = False
    import_label: str = "Import"

    _choices: Choices = Choices()

    @handler("imports.run", background=True)
    async def load_preview(self) -> Any:
        """Read the upload of the address and show it; a large file takes seconds."""
        async with self:
            self.reading, self.draft_id = True, _uuid(query("id"))
            draft_id = self.draft_id
        problem = reference = ""
        found, gone = None, not draft_id
        try:
            found = await call(preview, UUID(draft_id)) if draft_id else None
        except UnauthenticatedError:
            raise
        except NotFoundError:
            gone = True
        except Exception as error:
            explain(error)
            problem, reference = message_of(error), correlation_id()
        async with self:
            self.preview_problem, self.preview_reference, self.gone = problem, reference, gone
            self.reading = self.importing = False
            self.preview_loaded = True
            if found is not None:
                self._show(found)

    def _show(self, found: Preview) -> None:
        draft, seen = found.draft, shown(found)
        self._choices = draft.choices
        self.file_name, self.kind, self.error = draft.file_name, draft.kind, found.error
        self.account_id = str(draft.account_id or "")
        self.accounts = [[str(it.id), _account(it.label, it.last4)] for it in found.accounts]
        self._show_reading(found)
        self._show_lines(seen)
        needs_account = draft.kind == "bank" and draft.account_id is None
        asked = [*self.questions, *(["Choose the bank account."] if needs_account else [])]
        self.questions = asked
        self.ready = bool(seen.rows) and not (asked or seen.problem_count or found.error)
        self.import_label = f"Import {fmt.counted(seen.rows, 'line')}" if self.ready else "Import"

    def _show_reading(self, found: Preview) -> None:
        sheet = found.contents.sheet if found.contents else None
        read_as = sheet.choices if sheet else found.draft.choices
        self.encoding, self.delimiter = read_as.encoding, read_as.delimiter
        self.header_line, self.mark, self.order = read_as.header_line, read_as.mark, read_as.order
        self.currency = read_as.currency
        self.questions = list(sheet.questions.values()) if sheet else []

    def _show_lines(self, seen: Shown) -> None:
        self.layout, self.headers, self.fields = seen.layout, seen.headers, seen.fields
        self.columns, self.lines, self.problems = seen.columns, seen.lines, seen.problems
        self.problem_count = (
            fmt.counted(seen.problem_count, "mistake") if seen.problem_count else ""
        )
        self.is_raw, self.facts, self.asks_currency = seen.is_raw, seen.facts, seen.asks_currency

    @handler("imports.run")
    async def choose(self, setting: Setting, value: str) -> Any:
        """Read the file otherwise."""
        wanted: Any = value
        if setting == "header_line":
            wanted = (int(value) or NO_HEADER) if value.isdecimal() and len(value) < 7 else 0
        changed = replace(self._choices, **{setting: wanted.strip().upper()
                          if setting == "currency" else wanted})  # fmt: skip
        if setting in _REREADS:
            changed = replace(changed, mapping=None, mark="", order="")
        return await self._keep(changed, self.account_id)

    @handler("imports.run")
    async def choose_column(self, name: str, header: str) -> Any:
        """Take a field from another column, or from none."""
        now = {row.name: row.header for row in self.fields if row.header}
        mapping = {key: value for key, value in (now | {name: header}).items() if value}
        return await self._keep(replace(self._choices, mapping=mapping), self.account_id)

    @handler("imports.run")
    async def choose_account(self, account_id: str) -> Any:
        """Say whose statement this is."""
        return await self._keep(self._choices, account_id)

    @handler("imports.run")
    async def add_account(self, form: dict[str, Any]) -> Any:
        """Add a bank account and take it; what is wrong is said beside its field."""
        label, last4 = str(form.get("account_label", "")), str(form.get("last4", ""))
        try:
            made = await perform(create_account, CreateAccount(label, last4))
        except InvalidInputError as error:
            self.account_errors = dict(error.fields)
            return rx.set_focus(next(iter(error.fields)))
        self.account_errors = {}
        return await self._keep(self._choices, str(made))

    async def _keep(self, choices: Choices, account_id: str) -> Any:
        if not self.draft_id:
            return None
        account = UUID(account_id) if account_id else None
        await perform(set_choices, SetChoices(UUID(self.draft_id), choices, account))
        self.reading, self.ready = True, False
        return PreviewState.load_preview

    @handler("imports.run", background=True)
    async def import_it(self) -> AsyncIterator[Any]:
        """Import the file; a large one goes on as a job."""
        async with self:
            if self.importing or not self.ready:
                return
            self.importing, draft_id, name = True, self.draft_id, self.file_name
        try:
            done = await call(import_file, UUID(draft_id))
        except EcomopsError:
            async with self:
                self.importing = False
            yield PreviewState.load_preview
            raise
        if isinstance(done, UUID):
            yield toast(f"Importing '{name}'", description="You can leave this page.")
            yield rx.redirect(routes.JOBS)
            return
        told = done.counts
        known = f", {fmt.number(told.unchanged)} were there before" if told.unchanged else ""
        yield toast(f"'{name}' imported", tone="success",
                    description=f"{fmt.counted(told.inserted, 'new line')}{known}")  # fmt: skip
        yield TableCounts.load_counts
        yield rx.redirect(routes.IMPORTS)

    @handler("imports.run")
    async def discard(self) -> Any:
        """Forget the upload."""
        if self.draft_id and not self.gone:
            await perform(drop_draft, UUID(self.draft_id))
        return rx.redirect(routes.IMPORTS)


def _uuid(text: str) -> str:
    """``text`` if it is a UUID, else nothing: an address may say anything."""
    try:
        return str(UUID(text))
    except ValueError:
        return ""


def _account(label: str, last4: str) -> str:
    return f"{label} ···{last4}" if last4 else label
