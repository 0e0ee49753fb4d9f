"""Which rows count in a sum of money: those that moved it, or still may, each movement once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counted:
    """``condition``: in SQL. ``without``: what it leaves out, as the screen says it."""

    condition: str
    without: str


def once(payment: str) -> str:
    """A shop's sale that Stripe charged is the charge's money, where both are stored."""
    return (
        f"NOT ({payment}.charge_ref <> {payment}.source_id AND EXISTS (SELECT FROM payments charge"
        f" WHERE charge.dedupe_key = 'stripe:' || {payment}.charge_ref))"
    )


_NOT_FAILED = Counted("status NOT IN ('failed', 'canceled')", "failed and canceled")
COUNTED = {
    "orders": Counted("status NOT IN ('voided', 'canceled')", "voided and canceled"),
    # An authorization moves nothing, its capture does.
    "payments": Counted(
        "status NOT IN ('failed', 'voided') AND kind <> 'authorization' AND " + once("payments"),
        "failed, voided and authorizations; a sale and its charge once",
    ),
    "refunds": _NOT_FAILED,
    "payouts": _NOT_FAILED,
}
"""By table; of others every row counts."""
