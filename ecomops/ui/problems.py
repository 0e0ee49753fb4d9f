"""What could not be loaded is said on the page itself, where its data would be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ecomops.kit.errors import UnauthenticatedError
from ecomops.ui.failures import explain, message_of
from ecomops.ui.operation import correlation_id
from ecomops.ui.state import AppState


@contextmanager
def shown_on_page(state: AppState, name: str) -> Iterator[None]:
    """Put an error of the block into ``<name>_problem`` and ``<name>_reference`` of the State.

    It is logged as any other. That nobody is signed in is raised: the person must sign in.
    """
    message = reference = ""
    try:
        yield
    except UnauthenticatedError:
        raise
    except Exception as error:
        explain(error)
        message, reference = message_of(error), correlation_id()
    setattr(state, f"{name}_problem", message)
    setattr(state, f"{name}_reference", reference)
