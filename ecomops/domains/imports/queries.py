"""What the Imports pages show."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, tuple_
from sqlmodel import Session, col, select

from ecomops.core.money import from_decimal
from ecomops.domains.access.rules import require
from ecomops.domains.imports.schemas import (
    BankLines,
    BankLineView,
    Counts,
    ImportView,
    ListBankLines,
    ListImports,
)
from ecomops.domains.imports.statements import count_known
from ecomops.kit.context import Context
from ecomops.kit.database import driver_of
from ecomops.models.connections import Connection
from ecomops.models.imports import BankAccount, BankLine, Import


def list_imports(session: Session, ctx: Context, command: ListImports) -> tuple[ImportView, ...]:
    """The newest imports first, undone ones included."""
    require(ctx, "imports.run")
    query = (
        select(Import, BankAccount.label, Connection.label)
        .join(BankAccount, col(BankAccount.id) == Import.account_id, isouter=True)
        .join(Connection, col(Connection.id) == Import.connection_id, isouter=True)
        .order_by(col(Import.created_at).desc(), col(Import.id).desc())
        .limit(command.limit)
    )
    return tuple(_view(row, bank or files or "") for row, bank, files in session.exec(query))


def list_bank_lines(session: Session, ctx: Context, command: ListBankLines) -> BankLines:
    """A page of bank lines, the newest first, and the sums of all of them by currency."""
    require(ctx, "imports.run")
    of_account: list[Any] = []
    if command.account_id is not None:
        of_account.append(BankLine.account_id == command.account_id)
    query = (
        select(BankLine, BankAccount.label, Import.file_name)
        .join(BankAccount, col(BankAccount.id) == BankLine.account_id)
        .join(Import, col(Import.id) == BankLine.import_id)
        .where(*of_account)
        .order_by(col(BankLine.booked_on).desc(), col(BankLine.id).desc())
        .limit(command.limit)
    )
    if command.before is not None:
        query = query.where(tuple_(col(BankLine.booked_on), col(BankLine.id)) < command.before)
    lines = tuple(_line(*found) for found in session.exec(query))
    total = (
        select(BankLine.currency, func.count(), func.sum(BankLine.amount))
        .where(*of_account)
        .group_by(BankLine.currency)
        .order_by(BankLine.currency)
    )
    sums = list(session.exec(total))
    return BankLines(
        lines,
        sum(count for _, count, _ in sums),
        {currency: from_decimal(amount) for currency, _, amount in sums},
    )


def count_known_lines(session: Session, ctx: Context, command: tuple[UUID, list[bytes]]) -> int:
    """How many lines of (account, keys) are stored already."""
    require(ctx, "imports.run")
    account_id, keys = command
    return count_known(driver_of(session), account_id, keys)


def _view(row: Import, account: str) -> ImportView:
    return ImportView(
        id=row.id,
        kind=row.kind,
        layout=row.layout,
        status=row.status,
        file_name=row.file_name,
        file_hash=row.file_hash,
        counts=Counts(row.rows, row.inserted, row.updated, row.unchanged, row.ignored),
        sums=dict(row.sums),
        first_day=row.first_day,
        last_day=row.last_day,
        account=account,
        by=row.created_by_label,
        created_at=row.created_at,
    )


def _line(row: BankLine, account: str, file_name: str) -> BankLineView:
    return BankLineView(
        id=row.id,
        booked_on=row.booked_on,
        value_on=row.value_on,
        amount=from_decimal(row.amount),
        currency=row.currency,
        description=row.description,
        reference=row.reference,
        balance=None if row.balance is None else from_decimal(row.balance),
        account=account,
        file_name=file_name,
        line_number=row.line_number,
    )
