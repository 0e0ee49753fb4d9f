"""Addresses of the pages and of the HTTP routes that pages post to."""

from collections.abc import Sequence
from urllib.parse import urlencode

LOGIN = "/login"
REGISTER = "/register"
DASHBOARD = "/dashboard"
CONNECTIONS = "/connections"
CONNECTION = "/connections/details"
JOBS = "/jobs"
REJECTS = "/jobs/rejects"
EXPORTS = "/exports"
IMPORTS = "/imports"
IMPORT_PREVIEW = "/imports/preview"
BANK_LINES = "/imports/bank-lines"
TABLES = "/tables"
AUDIT = "/audit"
SETTINGS = "/settings"
WORKSPACE = "/settings/workspace"
PLAN = "/settings/plan"
PEOPLE = "/settings/people"
AUDIT_SETTINGS = "/settings/audit"
ACCOUNT = "/settings/account"
WELCOME = "/welcome"

POST_LOGIN = "/auth/login"
POST_REGISTER = "/auth/register"
POST_LOGOUT = "/auth/logout"
POST_WELCOME = "/auth/welcome"
POST_PASSWORD = "/auth/password"
POST_UPLOAD = "/imports/upload"


def table(name: str) -> str:
    """The page of one table."""
    return f"{TABLES}/{name}"


def rows(name: str, **filters: str | Sequence[str]) -> str:
    """The page of one table with filters, in the words of its address; empty ones are left out."""
    given = {key: value for key, value in filters.items() if value}
    return f"{table(name)}?{urlencode(given, doseq=True)}" if given else table(name)


ANY = "any"


def connect(provider: str) -> str:
    """The form of a new connection to the provider, or with ``ANY`` the choice of one."""
    return f"{CONNECTIONS}?{urlencode({'add': provider})}"


def connection(connection_id: str) -> str:
    """The page of one connection."""
    return f"{CONNECTION}?id={connection_id}"


def bank_lines(**filters: str) -> str:
    """The lines of bank statements, empty filters left out."""
    query = urlencode({key: value for key, value in filters.items() if value})
    return BANK_LINES + (f"?{query}" if query else "")


def export(name: str, file_format: str, query: str) -> str:
    """The download of a table as a file of this format; ``query`` says which rows and columns."""
    return f"{TABLES}/{name}/export.{file_format}" + (f"?{query}" if query else "")


def download(export_id: str) -> str:
    """The download of a file that was prepared."""
    return f"{EXPORTS}/{export_id}/download"


def audit_event(event_id: str) -> str:
    """The audit log with one event open beside it."""
    return f"{AUDIT}?event={event_id}"


def sign_in_again(path: str) -> str:
    """The sign-in page, to come back to ``path`` afterwards, telling that the session ended."""
    return f"{LOGIN}?{urlencode({'next': path, 'ended': '1'})}"
