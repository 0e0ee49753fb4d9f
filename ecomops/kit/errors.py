"""What can go wrong, told apart by type: retry is decided by the class, never by the text."""

from typing import ClassVar


class EcomopsError(Exception):
    """Base of all errors that a person may see.

    ``code`` is stable and documented; ``message`` is for the person at the screen; ``detail`` is
    for the operator and goes to the log only.
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail


class DomainError(EcomopsError):
    """The request cannot be done as asked. Trying again changes nothing."""


class InvalidInputError(DomainError):
    """A field is wrong. ``fields`` maps its name to what to do about it."""

    code = "invalid_input"
    status = 422

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = fields


class NotFoundError(DomainError):
    """There is no such thing here; also the answer for another workspace's row."""

    code = "not_found"
    status = 404


class ConflictError(DomainError):
    """Somebody or something was there first."""

    code = "conflict"
    status = 409


class UnauthenticatedError(DomainError):
    """Nobody is signed in."""

    code = "unauthenticated"
    status = 401

    def __init__(self, message: str = "Please sign in.") -> None:
        super().__init__(message)


class PermissionDeniedError(DomainError):
    """The person's role does not allow it. Audited."""

    code = "permission_denied"
    status = 403

    def __init__(self, permission: str) -> None:
        super().__init__("Your role does not allow this. Ask an admin of your workspace.")
        self.permission = permission


class EntitlementDeniedError(DomainError):
    """The workspace's plan does not include it. Audited."""

    code = "entitlement_denied"
    status = 402

    def __init__(self, entitlement: str, message: str) -> None:
        super().__init__(message)
        self.entitlement = entitlement


class ProviderError(EcomopsError):
    """A provider did not give what was asked."""

    code = "provider_error"
    status = 502
    retryable: ClassVar[bool] = False


class ProviderTransientError(ProviderError):
    """It may work in a while: time-outs, 5xx, lost connections, truncated answers."""

    code = "provider_unavailable"
    retryable = True


class ProviderRateLimitedError(ProviderTransientError):
    """Too many requests; ``retry_after`` is the seconds the provider asked for, if it did."""

    code = "provider_rate_limited"

    def __init__(self, message: str, *, retry_after: int | None = None, detail: str = "") -> None:
        super().__init__(message, detail=detail)
        self.retry_after = retry_after


class ProviderAuthError(ProviderError):
    """The credentials are wrong, revoked, or lack a permission. A person must mend it."""

    code = "provider_auth"


class ProviderPermissionError(ProviderAuthError):
    """The credentials are good and may not read this. ``permission`` is the provider's name."""

    def __init__(self, message: str, *, permission: str, detail: str = "") -> None:
        super().__init__(message, detail=detail)
        self.permission = permission


class ProviderContractError(ProviderError):
    """The answer is not what the provider documents."""

    code = "provider_contract"


class OperationalError(EcomopsError):
    """The unit of work may be run again as it is: deadlock, lock time-out, lost connection."""

    code = "try_again"
    status = 503
