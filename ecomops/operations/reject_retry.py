"""The Retry of one record that could not be read: fetch it by its id, store it, say how it went."""

from uuid import UUID

from ecomops import runtime
from ecomops.connectors.base import Page
from ecomops.domains.connections.schemas import OpenedConnection, RecordTest
from ecomops.domains.connections.service import open_connection, record_health
from ecomops.domains.sync.rejects import find_for_retry, store_refetched
from ecomops.domains.sync.schemas import RefetchedRecord, RejectedRecord, RetryOutcome
from ecomops.kit.context import Context
from ecomops.kit.errors import ProviderAuthError, ProviderContractError
from ecomops.operations.provider import connector_for


def retry_reject(ctx: Context, reject_id: UUID) -> RetryOutcome:
    """Ask the provider for just this record again.

    Raises NotFoundError, ConflictError, ProviderError, and what is wrong with role or plan.
    """
    reject = runtime.run(ctx, find_for_retry, reject_id)
    opened = runtime.run(ctx, open_connection, reject.connection_id)
    try:
        page = _fetch(ctx, opened, reject)
    except ProviderAuthError as error:
        health = RecordTest(opened.id, error.message, error.code)
        runtime.run(ctx, record_health, health)
        raise
    return runtime.run(ctx, store_refetched, RefetchedRecord(reject, opened.provider, page))


def _fetch(ctx: Context, opened: OpenedConnection, reject: RejectedRecord) -> Page:
    connector = connector_for(ctx, opened)
    try:
        page = next(iter(connector.refresh(reject.stream, [reject.source_id])), None)
    finally:
        connector.close()
    if page is None:
        raise ProviderContractError("The provider sent nothing for this record.")
    return page
