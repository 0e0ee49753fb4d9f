"""NetSuite's error answers ("Error Handling and Error Responses" of its REST help)."""

from typing import Any

TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    429: "Bad Request",
}
_TYPE = "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html"


class NetsuiteError(Exception):
    """An answer with an error body; ``where`` are fields such as o:errorHeader."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        where: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.headers = status, headers or {}
        self._told = {"detail": detail, "o:errorCode": code, **(where or {})}

    def body(self) -> dict[str, Any]:
        return {
            "type": _TYPE,
            "title": TITLES.get(self.status, "Internal Server Error"),
            "status": self.status,
            "o:errorDetails": [self._told],
        }


def invalid_login(realm: str, reason: str, scheme: str = "OAuth") -> NetsuiteError:
    """A login that failed. The body does not say why; the challenge does."""
    challenge = (
        f'{scheme} realm="{realm}", error="{reason}", error_description="Invalid login attempt."'
    )
    return NetsuiteError(
        401,
        "INVALID_LOGIN",
        "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI at "
        "Setup > Users/Roles > User Management > View Login Audit Trail.",
        headers={"WWW-Authenticate": challenge},
    )


def invalid_request(detail: str, **where: str) -> NetsuiteError:
    """``where`` names the wrong part: errorHeader, errorPath or errorQueryParam."""
    named = {f"o:{name}": value for name, value in where.items()}
    return NetsuiteError(400, "INVALID_REQUEST", detail, where=named)


def wrong_value(path: str, value: object) -> NetsuiteError:
    """A value that a field does not take."""
    name = path.rsplit(".", 1)[-1]
    detail = (
        "Error while accessing resource: You have entered an Invalid Field Value "
        f"{value} for the following field: {name}"
    )
    return NetsuiteError(400, "INVALID_CONTENT", detail, where={"o:errorPath": path})


def user_error(detail: str, path: str | None = None) -> NetsuiteError:
    """A rule of the business that a record breaks."""
    where = {"o:errorPath": path} if path else {}
    text = f"Error while accessing a resource. {detail}"
    return NetsuiteError(400, "USER_ERROR", text, where=where)


def nonexistent() -> NetsuiteError:
    return NetsuiteError(404, "NONEXISTENT_ID", "Record does not exist.")
