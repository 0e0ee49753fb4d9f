"""The lines of bank statements, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from ecomops.domains.imports.accounts import list_accounts
from ecomops.domains.imports.queries import list_bank_lines
from ecomops.domains.imports.schemas import BankLineView, ListBankLines
from ecomops.ui import format as fmt
from ecomops.ui import routes
from ecomops.ui.handlers import handler
from ecomops.ui.operation import query
from ecomops.ui.problems import shown_on_page
from ecomops.ui.session import perform
from ecomops.ui.state import AppState

PAGE = 50


@dataclass
class BankLineRow:
    """One line, as text."""

    id: str
    booked_on: str
    value_on: str
    amount: str
    currency: str
    description: str
    reference: str
    balance: str
    account: str
    told_by: str


@dataclass
class AccountLink:
    """A bank account and the address of its lines."""

    label: str
    address: str
    current: bool


class BankLinesState(AppState):
    """The lines that the address asks for: ``account``, and ``before`` which line."""

    bank_lines: list[BankLineRow] = []  # noqa: RUF012 - Reflex copies the default for each State
    bank_accounts: list[AccountLink] = []  # noqa: RUF012
    lines_loaded: bool = False
    lines_problem: str = ""
    lines_reference: str = ""
    lines_count: str = ""
    lines_sums: str = ""
    first_address: str = ""
    next_address: str = ""

    @handler("imports.run")
    async def load_lines(self) -> None:
        """Show the page of lines that the address asks for."""
        with shown_on_page(self, "lines"):
            account, before = query("account"), query("before")
            command = ListBankLines(_id(account), _place(before), PAGE + 1)
            found = await perform(list_bank_lines, command)
            self.bank_lines = [line_row(it) for it in found.lines[:PAGE]]
            self.lines_count = fmt.counted(found.count, "line")
            sums = found.sums.items()
            self.lines_sums = " · ".join(f"{code} {fmt.amount(it, code)}" for code, it in sums)
            self.first_address = routes.bank_lines(account=account) if before else ""
            self.next_address = ""
            if len(found.lines) > PAGE:
                last = found.lines[PAGE - 1]
                place = f"{last.booked_on.isoformat()}_{last.id}"
                self.next_address = routes.bank_lines(account=account, before=place)
            self.bank_accounts = await self._accounts(account)
            self.lines_loaded = True

    async def _accounts(self, chosen: str) -> list[AccountLink]:
        every = AccountLink("All accounts", routes.BANK_LINES, not chosen)
        found = await perform(list_accounts)
        return [every, *[
            AccountLink(it.label, routes.bank_lines(account=str(it.id)), chosen == str(it.id))
            for it in found
        ]]  # fmt: skip


def line_row(it: BankLineView) -> BankLineRow:
    """A bank line as the page shows it."""
    return BankLineRow(
        id=str(it.id),
        booked_on=fmt.day(it.booked_on),
        value_on=fmt.day(it.value_on) if it.value_on else "",
        amount=fmt.amount(it.amount, it.currency),
        currency=it.currency,
        description=it.description,
        reference=it.reference,
        balance="" if it.balance is None else fmt.amount(it.balance, it.currency),
        account=it.account,
        told_by=f"{it.file_name}, line {fmt.number(it.line_number)}",
    )


def _id(text: str) -> UUID | None:
    """An address may say anything: what is no id asks for nobody's lines."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return UUID(int=0)


def _place(text: str) -> tuple[date, UUID] | None:
    day, _, line = text.partition("_")
    try:
        return date.fromisoformat(day), UUID(line)
    except ValueError:
        return None
