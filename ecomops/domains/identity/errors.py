"""What can go wrong with who somebody is."""

from ecomops.kit.errors import DomainError, UnauthenticatedError


class SignInRefusedError(UnauthenticatedError):
    """Wrong e-mail or password; which of them is not told."""

    code = "sign_in_refused"

    def __init__(self) -> None:
        super().__init__("The email or the password is not right.")


class LinkGoneError(DomainError):
    """A one-time link that cannot be used, no more or never."""

    code = "link_gone"
    status = 410

    def __init__(self) -> None:
        super().__init__(
            "This link was used, replaced or has expired. "
            "Ask an admin of the workspace for a new one."
        )


class TooManyAttemptsError(DomainError):
    """Too many failed sign-ins; nothing was looked at."""

    code = "too_many_attempts"
    status = 429

    def __init__(self) -> None:
        super().__init__("Too many failed attempts. Please try again in 15 minutes.")
