"""From an uploaded file to rows: read outside of any transaction, stored in one.

What cannot be read stores nothing: every mistake of the file is told, by line and column.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from ecomops import runtime
from ecomops.connectors.reports import Report
from ecomops.connectors.shopify import files as shopify
from ecomops.connectors.stripe import files as stripe
from ecomops.core.files import bank
from ecomops.core.files.bank import StatementLine
from ecomops.core.files.fields import Layout
from ecomops.core.files.problems import Problem, Problems
from ecomops.core.files.reading import Entry, Sheet, open_sheet
from ecomops.core.files.table import Line
from ecomops.domains.imports import drafts, service
from ecomops.domains.imports.accounts import list_accounts
from ecomops.domains.imports.errors import DraftGoneError
from ecomops.domains.imports.queries import count_known_lines
from ecomops.domains.imports.schemas import (
    AccountView,
    Draft,
    Imported,
    Rejected,
    SetChoices,
    StoreImport,
)
from ecomops.domains.jobs.lifecycle import enter_phase
from ecomops.domains.jobs.schemas import Lease, Phase
from ecomops.kit.context import Context
from ecomops.kit.errors import EcomopsError, InvalidInputError

AT_ONCE: Final = 5_000
"""Up to so many lines are imported while the person waits, more by a job."""
SHOWN: Final = 20

_LAYOUTS: Final[Mapping[str, tuple[Layout, ...]]] = {
    bank.KIND: (bank.STATEMENT,),
    stripe.PROVIDER: stripe.LAYOUTS,
    shopify.PROVIDER: shopify.LAYOUTS,
}
_READERS: Final = {stripe.PROVIDER: stripe.read_report, shopify.PROVIDER: shopify.read_report}


class UnreadableImportError(InvalidInputError):
    """The file has mistakes, so that nothing of it was stored."""

    def __init__(self, problems: int, first: Problem) -> None:
        more = f" {problems - 1:,} more." if problems > 1 else ""
        place = f"Line {first.line}" + (f", {first.column}" if first.column else "")
        super().__init__({"file": f"Nothing was imported. {place}: {first.message}{more}"})


@dataclass(frozen=True, slots=True)
class Contents:
    """A file that was read to its end: lines of a statement, or a report."""

    sheet: Sheet
    statement: tuple[StatementLine, ...] = ()
    report: Report | None = None

    @property
    def rows(self) -> int:
        return len(self.statement) if self.report is None else self.report.rows

    @property
    def sums(self) -> dict[str, str]:
        """By currency, exact: of all lines of a statement, of all payouts of a report."""
        told = self.statement if self.report is None else self.report.payouts
        return service.sums_of((it.currency, it.amount) for it in told)

    @property
    def days(self) -> tuple[date | None, date | None]:
        """The first and the last day of its lines or payouts."""
        if self.report is None:
            days = [line.booked_on for line in self.statement]
        else:
            days = [payout.arrival_date for payout in self.report.payouts]
        return min(days, default=None), max(days, default=None)


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do. ``first``: the first lines as they were read.

    ``raw``: the first lines as they stand in the file, while they cannot be read yet.
    ``known``: how many lines of a statement its account has already. ``contents`` None: the file
    cannot be read this way at all, ``error`` says why.
    """

    draft: Draft
    accounts: tuple[AccountView, ...]
    contents: Contents | None = None
    first: tuple[Entry, ...] = ()
    raw: tuple[Line, ...] = ()
    known: int = 0
    error: str = ""


def preview(ctx: Context, draft_id: UUID) -> Preview:
    """Read the person's upload as it would be imported. Raises DraftGoneError."""
    draft = runtime.run(ctx, drafts.open_draft, draft_id)
    accounts = runtime.run(ctx, list_accounts)
    try:
        contents = read(ctx, draft)
    except InvalidInputError as error:
        return Preview(draft, accounts, error=error.message)
    again = replace(contents.sheet, problems=Problems())
    first = tuple(islice(again.entries(), SHOWN))
    raw = () if first else tuple(islice(again.table.lines(), SHOWN))
    return Preview(draft, accounts, contents, first, raw, _known(ctx, draft, contents))


def _known(ctx: Context, draft: Draft, contents: Contents) -> int:
    if draft.account_id is None or not contents.statement:
        return 0
    keys = [line.key for line in contents.statement]
    return runtime.run(ctx, count_known_lines, (draft.account_id, keys))


def read(ctx: Context, draft: Draft) -> Contents:
    """Read a file to its end. Raises InvalidInputError for what is no table."""

    def remembered(headers_hash: str) -> Mapping[str, str] | None:
        return runtime.run(ctx, drafts.find_mapping, (draft.kind, headers_hash))

    layouts, zone = _LAYOUTS[draft.kind], ZoneInfo(draft.zone)
    return _contents(draft, open_sheet(draft.content, layouts, draft.choices, remembered, zone))


def _contents(draft: Draft, sheet: Sheet) -> Contents:
    if draft.kind == bank.KIND:
        return Contents(sheet, tuple(bank.read_statement(sheet)))
    return Contents(sheet, report=_READERS[draft.kind](sheet))


def import_file(ctx: Context, draft_id: UUID) -> Imported | UUID:
    """Import the person's upload: what it did, or the job that does it.

    Raises UnreadableImportError (audited), DraftGoneError, ImportedBeforeError,
    InvalidInputError while a question is open.
    """
    draft = runtime.run(ctx, drafts.open_draft, draft_id)
    contents = read(ctx, draft)
    if contents.sheet.questions:
        raise InvalidInputError(contents.sheet.questions)
    if draft.kind == bank.KIND and draft.account_id is None:
        raise InvalidInputError({"account": "Choose the bank account of this statement."})
    if contents.sheet.problems.count:
        refused = Rejected(draft.id, contents.sheet.problems.count, _first(contents).message)
        runtime.run(ctx, service.reject_import, refused)
        raise UnreadableImportError(refused.problems, _first(contents))
    if contents.rows > AT_ONCE:
        chosen = SetChoices(draft.id, contents.sheet.choices, draft.account_id)
        runtime.run(ctx, drafts.set_choices, chosen)
        return runtime.run(ctx, service.start_import_job, draft.id)
    return runtime.run(ctx, service.complete_import, _command(draft, contents))


def run_import(ctx: Context, lease: Lease) -> None:
    """The job: read the file that was held for it and store it. Raises as ``import_file``."""
    draft_id = UUID(str(lease.arguments["draft_id"]))
    runtime.run(ctx, enter_phase, (lease, Phase("Reading the file", 1, 2)))
    draft = runtime.run(ctx, drafts.find_held, draft_id)
    if draft is None:
        if runtime.run(ctx, service.find_import_of_job, lease.job_id):
            return  # its worker died between the import and the end of the job
        raise DraftGoneError
    sheet = open_sheet(
        draft.content, _LAYOUTS[draft.kind], draft.choices, zone=ZoneInfo(draft.zone)
    )
    contents = _contents(draft, sheet)
    if contents.sheet.questions or contents.sheet.problems.count:
        raise EcomopsError("The file reads otherwise than it did when it was uploaded.")
    runtime.run(ctx, enter_phase, (lease, Phase("Storing its lines", 2, 2)))
    command = replace(_command(draft, contents), lease=lease)
    runtime.run(ctx, service.store_import, command)


def _first(contents: Contents) -> Problem:
    return contents.sheet.problems.kept[0]


def _command(draft: Draft, contents: Contents) -> StoreImport:
    sheet = contents.sheet
    return StoreImport(
        draft=draft,
        layout=sheet.layout.name,
        choices=sheet.choices,
        headers_hash=sheet.fingerprint,
        account_id=draft.account_id,
        statement=contents.statement,
        report=contents.report,
    )
