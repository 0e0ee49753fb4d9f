"""Stripe's error answers (docs.stripe.com/api/errors)."""

from typing import Any


class StripeError(Exception):
    """An answer with an error body. ``status`` is the HTTP status."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        type: str = "invalid_request_error",
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.headers = status, headers or {}
        self._fields = {"code": code, "message": message, "param": param, "type": type}

    def body(self, account: str, request_id: str) -> dict[str, Any]:
        error: dict[str, Any] = {k: v for k, v in self._fields.items() if v is not None}
        if code := error.get("code"):
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
        error["request_log_url"] = (
            f"https://dashboard.stripe.com/{account}/test/workbench/logs?object={request_id}"
        )
        return {"error": error}


def bad_parameter(message: str, param: str, code: str | None = None) -> StripeError:
    return StripeError(400, message, param=param, code=code)


def missing(noun: str, id: str, param: str, status: int = 404) -> StripeError:
    return StripeError(status, f"No such {noun}: '{id}'", code="resource_missing", param=param)


def unknown_url(method: str, path: str) -> StripeError:
    return StripeError(
        404,
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we "
        "can help at https://support.stripe.com/.",
    )
