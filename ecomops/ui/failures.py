"""The one translator of errors at the pages' edge: what to log and what the person sees."""

from __future__ import annotations

from typing import Any

import reflex as rx

from ecomops.kit.errors import (
    EcomopsError,
    EntitlementDeniedError,
    InvalidInputError,
    UnauthenticatedError,
)
from ecomops.kit.logging import get_logger
from ecomops.ui import routes
from ecomops.ui.components.toasts import toast
from ecomops.ui.operation import correlation_id, current_path

log = get_logger(__name__)

UNEXPECTED = "Something went wrong on our side. Nothing was lost; please try again."


def explain(error: Exception) -> Any:
    """Log ``error`` and return the events that tell the person about it."""
    if isinstance(error, UnauthenticatedError):
        return rx.redirect(routes.sign_in_again(current_path()))
    if isinstance(error, InvalidInputError):
        return toast(error.message, tone="error")
    if isinstance(error, EntitlementDeniedError):
        log.info("handler_refused", code=error.code)
        return toast(error.message, tone="error", leads="See plans", to=routes.PLAN)
    if isinstance(error, EcomopsError) and error.status < 500:
        log.info("handler_refused", code=error.code, detail=error.detail)
        return toast(error.message, tone="error")
    if isinstance(error, EcomopsError) and error.code != "internal":
        log.warning("handler_failed", code=error.code, detail=error.detail)
        return with_reference(error.message)
    log.error("handler_failed", exc_info=error)
    return with_reference(message_of(error))


def message_of(error: Exception) -> str:
    """What a person is told of ``error``: nothing of what we did not expect."""
    expected = isinstance(error, EcomopsError) and error.code != "internal"
    return error.message if expected else UNEXPECTED


def with_reference(message: str) -> Any:
    """A message with the id under which the log tells more."""
    return toast(message, description=f"Reference {correlation_id()}", tone="error")
