"""After webhooks: fetch the records that they told of, and nothing else."""

from ecomops import runtime
from ecomops.domains.freshness.deliveries import list_waiting, settle
from ecomops.domains.freshness.schemas import Waiting
from ecomops.operations.sync_connection import Step, SyncRun

PAYOUTS = "payouts"


def follow_deliveries(run: SyncRun) -> None:
    """Fetch what waits.

    Raises ProviderError, LeaseLostError, JobCanceledError; what was not fetched waits on.
    """
    while waiting := runtime.run(run.ctx, list_waiting, run.target.connection_id):
        run.do([step for it in waiting for step in _steps(run, it)])
        settled = tuple(delivery for it in waiting for delivery in it.deliveries)
        runtime.run(run.ctx, settle, settled)


def _steps(run: SyncRun, waiting: Waiting) -> list[Step]:
    stream = next((it for it in run.connector.streams() if it.name == waiting.stream), None)
    if stream is None:  # kept from before this connector read it no more
        return []
    steps = [run.refresh_step(stream, waiting.object_refs)]
    return [*steps, run.contents_step()] if stream.table == PAYOUTS else steps
