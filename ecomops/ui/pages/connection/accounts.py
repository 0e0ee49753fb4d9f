"""The accounts of NetSuite whose transactions are read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import reflex as rx

from ecomops.domains.connections.followed import FollowAccounts, follow_accounts, list_accounts
from ecomops.ui.components.blanks import failure
from ecomops.ui.components.buttons import busy_button, button
from ecomops.ui.components.cards import card
from ecomops.ui.components.toasts import toast
from ecomops.ui.handlers import handler
from ecomops.ui.operation import query
from ecomops.ui.problems import shown_on_page
from ecomops.ui.session import perform
from ecomops.ui.state import AppState

TYPES = {
    "AcctPay": "Accounts payable",
    "AcctRec": "Accounts receivable",
    "COGS": "Cost of goods sold",
    "CredCard": "Credit card",
    "DeferExpense": "Deferred expense",
    "DeferRevenue": "Deferred revenue",
    "FixedAsset": "Fixed asset",
    "LongTermLiab": "Long-term liability",
    "NonPosting": "Non-posting",
    "OthAsset": "Other asset",
    "OthCurrAsset": "Other current asset",
    "OthCurrLiab": "Other current liability",
    "OthExpense": "Other expense",
    "OthIncome": "Other income",
    "Stat": "Statistical",
    "UnbilledRec": "Unbilled receivable",
}
"""What people call NetSuite's types of accounts, where that is not NetSuite's own word."""


@dataclass
class AccountRow:
    """An account that can be followed, as text."""

    id: str
    title: str
    kind: str
    followed: bool


class AccountsState(AppState):
    """What can be followed at the connection that the address names."""

    accounts: list[AccountRow] = []  # noqa: RUF012 - Reflex copies the default for each State
    accounts_problem: str = ""
    accounts_reference: str = ""
    accounts_form: int = 0
    saving: bool = False

    @handler("connections.view")
    async def load_accounts(self) -> None:
        """Show them; none for a connection that is no NetSuite account, or before its sync."""
        self.saving = False
        with shown_on_page(self, "accounts"):
            try:
                found = await perform(list_accounts, UUID(query("id")))
            except ValueError:
                found = ()
            self.accounts = [
                AccountRow(it.internal_id, f"{it.number} {it.name}".strip(),
                           TYPES.get(it.account_type, it.account_type), it.followed)
                for it in found
            ]  # fmt: skip
            self.accounts_form += 1

    @handler("connections.manage")
    async def save_accounts(self, form: dict[str, Any]) -> AsyncIterator[Any]:
        """Follow the accounts that are ticked."""
        if self.saving:
            return
        self.saving = True
        yield
        wanted = tuple(it.id for it in self.accounts if form.get(f"account-{it.id}"))
        try:
            await perform(follow_accounts, FollowAccounts(UUID(query("id")), wanted))
        finally:
            self.saving = False
        yield toast("Accounts saved", description="The next sync reads from the beginning.")
        yield AccountsState.load_accounts


def followed_accounts() -> rx.Component:
    """A box to tick for each account; nothing where there are none, or what went wrong."""
    again = button("Try again", icon_name="rotate-cw", on_click=AccountsState.load_accounts)
    failed = failure(AccountsState.accounts_problem, AccountsState.accounts_reference, again)
    shown = rx.cond(AccountsState.accounts.length() > 0, card("Followed accounts", _form()))
    return rx.cond(AccountsState.accounts_problem != "", card("Followed accounts", failed), shown)


def _form() -> rx.Component:
    return rx.el.form(
        rx.el.p(
            "Transactions that touch one of these are read, with all their lines: cash, clearing, "
            "refund and fee accounts. With none ticked, bank and other current asset accounts.",
            class_name="hint",
        ),
        rx.el.div(rx.foreach(AccountsState.accounts, _box), class_name="boxes"),
        rx.el.div(
            busy_button(
                "Save Accounts",
                busy=AccountsState.saving,
                busy_label="Saving",
                kind="primary",
                type="submit",
                locked=AccountsState.expired,
            ),
            class_name="form-foot",
        ),
        class_name="form card-body",
        key=f"accounts-{AccountsState.accounts_form}",
        on_submit=AccountsState.save_accounts,
    )


def _box(row: AccountRow) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", name=f"account-{row.id}", default_checked=row.followed),
        rx.el.span(row.title, class_name="grow"),
        rx.el.span(row.kind, class_name="small muted"),
        class_name="box",
    )
