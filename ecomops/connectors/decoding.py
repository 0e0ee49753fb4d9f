"""What every provider's answers need before they are believed or shown."""

from collections.abc import Callable
from json import JSONDecodeError
from typing import TypeVar

from ecomops.connectors.exact_json import sanitised
from ecomops.kit.errors import ProviderContractError, ProviderTransientError

T = TypeVar("T")


def decoded(text: str, provider: str, read: Callable[[str], T]) -> T:
    """What ``read`` makes of a JSON text that PostgreSQL would take.

    Raises ProviderTransientError for a text that may have been cut short, and
    ProviderContractError for one that is read and still makes no sense.
    """
    try:
        return read(sanitised(text))
    except JSONDecodeError as error:
        raise ProviderTransientError(
            f"{provider} sent an answer that cannot be read, perhaps cut short.", detail=str(error)
        ) from None
    except (RecursionError, ValueError) as error:
        raise ProviderContractError(
            f"{provider} sent an answer that is not as documented.", detail=str(error)
        ) from None


def printable(said: object) -> str:
    """Foreign text made fit for a message."""
    return "".join(sign if sign.isprintable() else " " for sign in str(said)[:300])
