"""The HTTP routes that answer before the pages do."""

from starlette.applications import Starlette
from starlette.routing import Route

from ecomops.api import (
    audit_exports,
    consent,
    exports,
    health,
    imports,
    people,
    sign_in,
    webhooks,
)
from ecomops.api.errors import answer_error
from ecomops.kit.errors import EcomopsError


def create_api() -> Starlette:
    """The application to mount the pages under."""
    return Starlette(
        routes=[
            Route("/auth/register", sign_in.register, methods=["POST"]),
            Route("/auth/login", sign_in.login, methods=["POST"]),
            Route("/auth/logout", sign_in.logout, methods=["POST"]),
            Route("/auth/welcome", people.welcome, methods=["POST"]),
            Route("/auth/password", people.password, methods=["POST"]),
            Route("/tables/{table}/export.csv", exports.export_csv, methods=["GET"]),
            Route("/tables/{table}/export.xlsx", exports.export_excel, methods=["GET"]),
            Route("/exports/{export_id}/download", exports.download, methods=["GET"]),
            Route("/audit/export.csv", audit_exports.export_csv, methods=["GET"]),
            Route("/audit/export.ndjson", audit_exports.export_ndjson, methods=["GET"]),
            Route(imports.PATH, imports.upload, methods=["POST"]),
            Route("/webhooks/{provider}/{connection}", webhooks.webhook, methods=["POST"]),
            Route("/connections/consent/{provider}", consent.consent, methods=["GET"]),
            Route("/healthz", health.healthz, methods=["GET"]),
            Route("/readyz", health.readyz, methods=["GET"]),
        ],
        exception_handlers={EcomopsError: answer_error},
    )
