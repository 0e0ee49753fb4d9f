"""Sealing the audit log, sending it on, and removing payloads whose time is over."""

from ecomops import runtime
from ecomops.domains.audit_settings.deliveries import take_stream
from ecomops.domains.audit_settings.streams import KIND
from ecomops.domains.due.service import Due, list_due
from ecomops.kit.context import Context
from ecomops.kit.errors import EcomopsError
from ecomops.kit.ids import new_correlation_id
from ecomops.kit.logging import get_logger
from ecomops.operations.audit_retention import remove_all_due
from ecomops.operations.audit_sealing import seal_all
from ecomops.operations.audit_stream import deliver
from workers.app import app

log = get_logger(__name__)


@app.task(name="audit.seal")
def seal() -> int:
    """Seal what waits, in whichever workspace; how many events."""
    return seal_all(Context(new_correlation_id(), "worker"))


@app.task(name="audit.send")
def send() -> int:
    """Send sealed events to the streams that are due; how many events."""
    due = runtime.run(Context(new_correlation_id(), "worker"), list_due, (KIND,))
    return sum(map(_send, due))


def _send(due: Due) -> int:
    ctx = Context(new_correlation_id(), "worker", due.tenant_id)
    try:
        return deliver(ctx, due.connection_id) if runtime.run(ctx, take_stream, due) else 0
    except EcomopsError as error:  # one workspace's trouble is not the others'
        log.warning("not sent", stream_id=str(due.connection_id), code=error.code)
        return 0


@app.task(name="audit.remove_payloads")
def remove_payloads() -> int:
    """Remove address and payload where the workspace's time for them is over."""
    return remove_all_due(Context(new_correlation_id(), "worker"))
