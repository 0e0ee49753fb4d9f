"""The Bank Lines page: what statements told, newest first."""

from __future__ import annotations

import reflex as rx

from ecomops.ui import routes
from ecomops.ui.components.blanks import blank, failure, skeleton_list
from ecomops.ui.components.buttons import button, link_button
from ecomops.ui.components.links import link
from ecomops.ui.layouts.activity import Activity
from ecomops.ui.layouts.shell import shell
from ecomops.ui.pages.imports.lines_state import AccountLink, BankLineRow, BankLinesState
from ecomops.ui.registry import page

COLUMNS = (
    ("Booked on", ""), ("Amount", "num"), ("Currency", ""), ("Description", ""),
    ("Reference", ""), ("Value date", ""), ("Balance", "num"), ("Account", ""), ("From", ""),
)  # fmt: skip


def actions() -> list[rx.Component]:
    """What the top bar offers."""
    return [link_button("Back to Imports", routes.IMPORTS, icon_name="arrow-left")]


@page(
    routes.BANK_LINES,
    "Bank Lines",
    "imports.run",
    layout=shell(actions, flush=True),
    on_load=(BankLinesState.load_lines, Activity.load_jobs),
)
def bank_lines() -> rx.Component:
    """Accounts above, lines that scroll by themselves, count, sums and paging below."""
    again = button("Try again", icon_name="rotate-cw", on_click=BankLinesState.load_lines)
    failed = failure(BankLinesState.lines_problem, BankLinesState.lines_reference, again)
    heads = [rx.el.th(name, scope="col", class_name=kind) for name, kind in COLUMNS]
    table = rx.el.table(
        rx.el.thead(rx.el.tr(*heads)),
        rx.el.tbody(rx.foreach(BankLinesState.bank_lines, _line)),
        class_name="data-table",
    )
    nothing = rx.cond(BankLinesState.lines_loaded, _none(), skeleton_list(6))
    shown = rx.cond(BankLinesState.bank_lines.length() > 0, table, nothing)
    region = rx.el.div(
        rx.cond(BankLinesState.lines_problem != "", failed, shown),
        class_name="table-region bank-lines",
        role="region",
        aria_label="Bank lines",
        tab_index=0,
    )
    return rx.fragment(_accounts(), region, _foot())


def _accounts() -> rx.Component:
    return rx.el.nav(
        rx.foreach(BankLinesState.bank_accounts, _account),
        class_name="toolbar",
        aria_label="Accounts",
    )


def _account(it: AccountLink) -> rx.Component:
    return link(
        it.label,
        to=it.address,
        class_name=rx.cond(it.current, "chip", "button quiet small"),
        custom_attrs={"aria-current": rx.cond(it.current, "true", "false")},
    )


def _line(row: BankLineRow) -> rx.Component:
    return rx.el.tr(
        rx.el.td(row.booked_on),
        rx.el.td(row.amount, class_name="num"),
        rx.el.td(row.currency),
        rx.el.td(row.description),
        rx.el.td(row.reference),
        rx.el.td(row.value_on),
        rx.el.td(row.balance, class_name="num"),
        rx.el.td(row.account),
        rx.el.td(row.told_by, class_name="muted"),
        key=row.id,
    )


def _none() -> rx.Component:
    return blank(
        "No bank lines yet",
        "Import the statement of the account that payouts arrive on.",
        link_button("Go to Imports", routes.IMPORTS, icon_name="file-up"),
        icon_name="landmark",
    )


def _foot() -> rx.Component:
    first, following = BankLinesState.first_address, BankLinesState.next_address
    return rx.el.div(
        rx.el.span(BankLinesState.lines_count, role="status"),
        rx.el.span(BankLinesState.lines_sums, class_name="muted"),
        rx.el.div(
            rx.cond(first != "", link("First", to=first)),
            rx.cond(following != "", link("Next", to=following)),
            class_name="toolbar-end",
        ),
        class_name="table-foot",
    )
