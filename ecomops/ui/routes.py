"""Addresses of the pages and of the HTTP routes that pages post to."""

from urllib.parse import urlencode

LOGIN = "/login"
REGISTER = "/register"
DASHBOARD = "/dashboard"
CONNECTIONS = "/connections"
CONNECTION = "/connections/details"
JOBS = "/jobs"
REJECTS = "/jobs/rejects"
TABLES = "/tables"
IMPORTS = "/imports"
IMPORT_PREVIEW = "/imports/preview"
BANK_LINES = "/imports/bank-lines"

POST_LOGIN = "/auth/login"
POST_REGISTER = "/auth/register"
POST_LOGOUT = "/auth/logout"
POST_UPLOAD = "/imports/upload"


def table(name: str) -> str:
    """The page of one table."""
    return f"{TABLES}/{name}"


def connect(provider: str) -> str:
    """The form of a new connection to the provider."""
    return f"{CONNECTIONS}?{urlencode({'add': provider})}"


def connection(connection_id: str) -> str:
    """The page of one connection."""
    return f"{CONNECTION}?id={connection_id}"


def import_preview(draft_id: str) -> str:
    """The page on which an uploaded file is looked at before it is imported."""
    return f"{IMPORT_PREVIEW}?{urlencode({'id': draft_id})}"


def bank_lines(**filters: str) -> str:
    """The lines of bank statements, empty filters left out."""
    query = urlencode({key: value for key, value in filters.items() if value})
    return BANK_LINES + (f"?{query}" if query else "")


def export_csv(name: str, **filters: str) -> str:
    """The download of all rows of one table that match the filters, empty ones left out."""
    query = urlencode({key: value for key, value in filters.items() if value})
    return f"{TABLES}/{name}/export.csv" + (f"?{query}" if query else "")


def sign_in_again(path: str) -> str:
    """The sign-in page, to come back to ``path`` afterwards, telling that the session ended."""
    return f"{LOGIN}?{urlencode({'next': path, 'ended': '1'})}"
