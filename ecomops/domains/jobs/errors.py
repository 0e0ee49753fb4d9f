"""Why a worker must put a job down."""

from ecomops.kit.errors import DomainError


class LeaseLostError(DomainError):
    """Somebody else holds the job now; whatever this worker would write is refused."""

    code = "lease_lost"


class JobCanceledError(DomainError):
    """A person asked for the job to stop."""

    code = "job_canceled"
