"""Numeric ids of everything in the shop, as the shop system would count them.

An order's number comes from its ordinal. Other numbers hold a place in the world: the day, the
item of the day, the part of the item.
"""

from ecomops.sandbox.world.model import Ref

_KINDS = {
    "transaction": 6_200_000_000_000,
    "refund": 1_100_000_000_000,
    "item": 13_500_000_000_000,
    "returned_item": 2_100_000_000_000,
    "adjustment": 1_600_000_000_000,
    "returned_shipping": 2_600_000_000_000,
    "shipping": 4_600_000_000_000,
    "dispute": 9_500_000_000_000,
    "gift_card": 3_100_000_000_000,
    "gift_card_move": 3_600_000_000_000,
    "line": 8_000_000_000_000,
    "account_line": 8_400_000_000_000,
    "payout_line": 8_800_000_000_000,
    "payout": 10_000_000_000_000,
}
_ITEM_BITS, _PART_BITS = 21, 5


def number_of(ref: Ref) -> int:
    """The number of anything but an order."""
    place = (ref.day << _ITEM_BITS | ref.item) << _PART_BITS | ref.part
    return _KINDS[ref.kind] + place


def ref_of(kind: str, number: int) -> Ref | None:
    """The place that a number of a kind names; None where it names none."""
    place = number - _KINDS[kind]
    if not 0 <= place < 1 << (12 + _ITEM_BITS + _PART_BITS):
        return None
    item, part = place >> _PART_BITS, place & ((1 << _PART_BITS) - 1)
    return Ref(kind, item >> _ITEM_BITS, item & ((1 << _ITEM_BITS) - 1), part)


def line_ref(number: int) -> Ref | None:
    """The ledger row of a number: rows of three kinds share one sequence."""
    kinds = ("payout_line", "account_line", "line")
    return ref_of(next((it for it in kinds if number >= _KINDS[it]), "line"), number)
