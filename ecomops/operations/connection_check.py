"""The Test button: open the credentials, call the provider, keep how it went."""

from dataclasses import dataclass
from uuid import UUID

from ecomops import runtime
from ecomops.connectors.base import Account
from ecomops.domains.connections.schemas import OpenedConnection, RecordTest
from ecomops.domains.connections.service import (
    open_connection,
    open_for_test,
    record_check,
    record_test,
)
from ecomops.kit.context import Context
from ecomops.kit.errors import ProviderError
from ecomops.operations.provider import connector_for


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """``message`` is for the person who pressed the button."""

    ok: bool
    message: str


def check_connection(ctx: Context, connection_id: UUID) -> CheckOutcome:
    """One real call to the provider. Raises EcomopsError when it cannot even be tried."""
    opened = runtime.run(ctx, open_for_test, connection_id)
    try:
        account = _check(ctx, opened)
    except ProviderError as error:
        failed = RecordTest(connection_id, error.message, error.code)
        runtime.run(ctx, record_test, failed)
        return CheckOutcome(False, error.message)
    runtime.run(ctx, record_test, _healthy(connection_id, account))
    return CheckOutcome(True, "Connection healthy")


def check_health(ctx: Context, connection_id: UUID) -> bool:
    """The regular check of a connection: as the button's, in nobody's name; whether it is well."""
    opened = runtime.run(ctx, open_connection, connection_id)
    try:
        account = _check(ctx, opened)
    except ProviderError as error:
        runtime.run(ctx, record_check, RecordTest(connection_id, error.message, error.code))
        return False
    runtime.run(ctx, record_check, _healthy(connection_id, account))
    return True


def _healthy(connection_id: UUID, account: Account) -> RecordTest:
    return RecordTest(
        connection_id,
        None,
        account_id=account.account_id,
        account_name=account.name,
        detail=account.detail,
    )


def _check(ctx: Context, opened: OpenedConnection) -> Account:
    connector = connector_for(ctx, opened)
    try:
        return connector.check()
    finally:
        connector.close()
