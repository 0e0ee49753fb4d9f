"""Native forms: reading what a page posted, small and strictly."""

from collections.abc import Collection
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from ecomops.kit.errors import EcomopsError

URLENCODED = "application/x-www-form-urlencoded"
MOST_FIELDS = 20


class UnreadableFormError(EcomopsError):
    """The body is no form of ours."""

    code = "unreadable_form"
    status = 400

    def __init__(self) -> None:
        super().__init__("The form could not be read. Please reload the page and try again.")


async def read_form(request: Request, names: Collection[str]) -> dict[str, str]:
    """The named fields of a URL-encoded form, empty where absent. Raises UnreadableFormError."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != URLENCODED:
        raise UnreadableFormError
    try:
        body = (await request.body()).decode()
        pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise UnreadableFormError from None
    given = dict(pairs)
    return {name: given.get(name, "") for name in names}


def local_path(target: str, default: str) -> str:
    """``target`` if it is a path of this site, else ``default``: no other host, no sign-in page."""
    parts = urlsplit(target)
    foreign = parts.scheme or parts.netloc or not target.startswith("/")
    tricky = target.startswith("//") or "\\" in target or not target.isprintable()
    loops = parts.path in ("/login", "/register") or parts.path.startswith("/auth/")
    return default if foreign or tricky or loops or len(target) > 2_000 else target
