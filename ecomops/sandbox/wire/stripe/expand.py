"""``expand[]``: puts objects in the place of their ids (docs.stripe.com/api/expanding_objects)."""

from collections.abc import Sequence
from typing import Any, Protocol

from ecomops.sandbox.wire.stripe.errors import bad_parameter

Json = dict[str, Any]
MAX_DEPTH = 4


class Library(Protocol):
    """Where objects are fetched from."""

    def fetch(self, id: str) -> Json | None:
        """The object with an id; None when it is not served."""

    def refunds_of(self, charge: str) -> Json:
        """The list object of a charge's refunds."""


EXPANDABLE: dict[str, dict[str, tuple[str, ...]]] = {
    "charge": {"balance_transaction": ("balance_transaction",), "refunds": ()},
    "refund": {
        "balance_transaction": ("balance_transaction",),
        "failure_balance_transaction": ("balance_transaction",),
        "charge": ("charge",),
    },
    "dispute": {"charge": ("charge",)},
    "payout": {
        "balance_transaction": ("balance_transaction",),
        "failure_balance_transaction": ("balance_transaction",),
    },
    "balance_transaction": {"source": ("charge", "refund", "dispute", "payout")},
    "event": {},
    "account": {},
    "balance": {},
}


def check(path: str, noun: str, *, in_list: bool) -> list[str]:
    """The steps of a path within an object of a kind. Raises StripeError 400."""
    steps = path.split(".")
    if len(steps) > MAX_DEPTH:
        raise bad_parameter(
            f"You cannot expand more than {MAX_DEPTH} levels of a property.", "expand"
        )
    if in_list and steps[0] != "data":
        raise _refused(path, f" You may want to try expanding 'data.{path}' instead.")
    steps = steps[1:] if in_list else steps
    nouns: tuple[str, ...] = (noun,)
    for step in steps:
        known = [EXPANDABLE[noun][step] for noun in nouns if step in EXPANDABLE[noun]]
        if not known:
            raise _refused(path)
        nouns = tuple(noun for targets in known for noun in targets)
    if not steps:
        raise _refused(path)
    return steps


def expand(thing: Json, steps: Sequence[str], library: Library) -> None:
    """Follows a checked path, fetching what is still an id; null and foreign kinds are passed."""
    step = steps[0]
    if step not in EXPANDABLE.get(thing["object"], {}):
        return
    if step == "refunds":
        thing["refunds"] = library.refunds_of(thing["id"])
        return
    value = thing[step]
    if isinstance(value, str):
        value = thing[step] = library.fetch(value) or value
    if isinstance(value, dict) and len(steps) > 1:
        expand(value, steps[1:], library)


def _refused(path: str, advice: str = "") -> Exception:
    return bad_parameter(f"This property cannot be expanded ({path}).{advice}", "expand")
