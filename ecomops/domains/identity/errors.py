"""What can go wrong with who somebody is."""

from ecomops.kit.errors import UnauthenticatedError


class SignInRefusedError(UnauthenticatedError):
    """Wrong e-mail or password; which of them is not told."""

    code = "sign_in_refused"

    def __init__(self) -> None:
        super().__init__("The email or the password is not right.")
