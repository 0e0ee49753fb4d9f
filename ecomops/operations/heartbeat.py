"""Holds a job's lease while its worker waits for a provider, and hears a Cancel meanwhile."""

from threading import Event, Thread
from types import TracebackType
from typing import Self

from ecomops import runtime
from ecomops.domains.jobs.errors import JobCanceledError, LeaseLostError
from ecomops.domains.jobs.lifecycle import renew
from ecomops.domains.jobs.schemas import Lease
from ecomops.kit.context import Context
from ecomops.kit.errors import EcomopsError
from ecomops.kit.logging import get_logger
from ecomops.kit.settings import get_settings

log = get_logger(__name__)


class Heartbeat:
    """Renews ``lease`` from a thread of its own, until it is lost or a person cancels."""

    def __init__(self, ctx: Context, lease: Lease) -> None:
        self._ctx, self._lease = ctx, lease
        self._over = Event()
        self._thread = Thread(target=self._beat, name="heartbeat", daemon=True)
        self.reason: LeaseLostError | JobCanceledError | None = None

    def stop_asked(self) -> bool:
        """Whether the work must end now; ``reason`` says why."""
        return self.reason is not None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        # Often enough to hear a Cancel soon, and to miss two beats without losing the lease.
        interval = min(get_settings().job_lease_seconds / 3, 2.0)
        while self.reason is None and not self._over.wait(interval):
            try:
                runtime.run(self._ctx, renew, self._lease)
            except (LeaseLostError, JobCanceledError) as reason:
                self.reason = reason
            except EcomopsError as error:
                log.warning("lease not renewed", cause=error.code, detail=error.detail)
