"""The Test button: open the credentials, call the provider, keep how it went."""

from dataclasses import dataclass
from uuid import UUID

from ecomops import runtime
from ecomops.connectors.base import Account
from ecomops.domains.connections.schemas import OpenedConnection, RecordTest
from ecomops.domains.connections.service import open_for_test, record_test
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
        account = _check(opened)
    except ProviderError as error:
        failed = RecordTest(connection_id, error.message, error.code)
        runtime.run(ctx, record_test, failed)
        return CheckOutcome(False, error.message)
    healthy = RecordTest(
        connection_id, None, account_id=account.account_id, account_name=account.name
    )
    runtime.run(ctx, record_test, healthy)
    return CheckOutcome(True, "Connection healthy")


def _check(opened: OpenedConnection) -> Account:
    connector = connector_for(opened)
    try:
        return connector.check()
    finally:
        connector.close()
