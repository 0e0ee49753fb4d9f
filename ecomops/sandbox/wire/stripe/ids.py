"""Stripe's identifiers: ``ch_`` and 24 characters that hold a place in the world and a check.

The check depends on the seed, so an identifier of another world is unknown here.
"""

from hashlib import blake2b

from ecomops.sandbox.world.model import Ref

_PREFIXES = {
    "charge": ("ch", "c"),
    "payment": ("py", "y"),
    "refund": ("re", "r"),
    "payment_refund": ("pyr", "q"),
    "dispute": ("dp", "d"),
    "payout": ("po", "p"),
    "order_line": ("txn", "t"),
    "account_line": ("txn", "a"),
    "payout_line": ("txn", "s"),
    "intent": ("pi", "i"),
    "method": ("pm", "m"),
    "customer": ("cus", "u"),
    "event": ("evt", "e"),
}
_KINDS = {prefixes: kind for kind, prefixes in _PREFIXES.items()}
_BODY = 10


class Ids:
    """Encodes and decodes the identifiers of one seed."""

    def __init__(self, seed: int) -> None:
        self._key = f"stripe-{seed}".encode()[:64]

    def encode(self, ref: Ref) -> str:
        prefix, letter = _PREFIXES[ref.kind]
        body = f"{letter}{ref.day:03x}{ref.item:05x}{ref.part:x}"
        return f"{prefix}_{body}{self.token(body, 7)}"

    def decode(self, text: str) -> Ref | None:
        """The place an identifier names; None when it is none of this world's."""
        prefix, _, body = text.partition("_")
        kind = _KINDS.get((prefix, body[:1]))
        if kind is None:
            return None
        try:
            numbers = (int(body[1:4], 16), int(body[4:9], 16), int(body[9:_BODY], 16))
        except ValueError:
            return None
        ref = Ref(kind, *numbers)
        return ref if self.encode(ref) == text else None

    def token(self, name: str, size: int) -> str:
        """``2 * size`` hexadecimal characters that belong to a name."""
        return blake2b(name.encode(), key=self._key, digest_size=size).hexdigest()
