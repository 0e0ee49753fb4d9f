"""Bank accounts whose statements are imported."""

import re
from uuid import UUID

from sqlmodel import Session, select

from ecomops.domains.access.rules import require
from ecomops.domains.audit.service import Event, record
from ecomops.domains.imports.schemas import AccountView, CreateAccount
from ecomops.domains.plans.rules import require_writable
from ecomops.kit.context import Context
from ecomops.kit.errors import InvalidInputError
from ecomops.kit.ids import new_id
from ecomops.kit.names import UNPRINTABLE
from ecomops.models.imports import BankAccount

LONGEST_LABEL = 100


def list_accounts(session: Session, ctx: Context, command: None) -> tuple[AccountView, ...]:
    """The workspace's bank accounts, by label."""
    require(ctx, "imports.run")
    rows = session.exec(select(BankAccount).order_by(BankAccount.label))
    return tuple(AccountView(row.id, row.label, row.last4) for row in rows)


def create_account(session: Session, ctx: Context, command: CreateAccount) -> UUID:
    """Add a bank account; its id. Raises InvalidInputError by field."""
    require(ctx, "imports.run")
    require_writable(ctx)
    label = " ".join(command.label.split())
    problems = {"account_label": _label_problem(session, label), "last4": _last4_problem(command)}
    if wrong := {name: problem for name, problem in problems.items() if problem}:
        raise InvalidInputError(wrong)
    row = BankAccount(
        tenant_id=ctx.tenant,
        id=new_id(),
        label=label,
        last4=command.last4.strip(),
        created_by=ctx.actor.user_id,
    )
    session.add(row)
    session.flush()
    record(session, ctx, Event("config", "bank_account_created", "bank_account", str(row.id),
                               payload={"label": label}))  # fmt: skip
    return row.id


def _label_problem(session: Session, label: str) -> str:
    if not label or len(label) > LONGEST_LABEL or UNPRINTABLE.search(label):
        return f"Enter a name of 1 to {LONGEST_LABEL} characters."
    taken = session.exec(select(BankAccount.id).where(BankAccount.label == label)).first()
    return "There is an account of this name: choose it above." if taken else ""


def _last4_problem(command: CreateAccount) -> str:
    fits = re.fullmatch(r"[0-9A-Za-z]{4}|", command.last4.strip())
    return "" if fits else "Enter the last four characters of its number, or nothing."
