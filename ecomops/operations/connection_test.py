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
class TestOutcome:
    """``message`` is for the person who pressed the button."""

    __test__ = False

    ok: bool
    message: str


def test_connection(ctx: Context, connection_id: UUID) -> TestOutcome:
    """One real call to the provider. Raises EcomopsError when it cannot even be tried."""
    opened = runtime.run(ctx, open_for_test, connection_id)
    try:
        account = _check(opened)
    except ProviderError as error:
        failed = RecordTest(connection_id, error.message, error.code)
        runtime.run(ctx, record_test, failed)
        return TestOutcome(False, error.message)
    healthy = RecordTest(
        connection_id, None, account_id=account.account_id, account_name=account.name
    )
    runtime.run(ctx, record_test, healthy)
    return TestOutcome(True, "Connection healthy")


test_connection.__test__ = False  # type: ignore[attr-defined]  # pytest would collect it


def _check(opened: OpenedConnection) -> Account:
    connector = connector_for(opened)
    try:
        return connector.check()
    finally:
        connector.close()
