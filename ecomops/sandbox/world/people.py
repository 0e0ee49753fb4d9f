"""The shop's customers and the cards they pay with: colour, and ways to find orders again."""

from typing import NamedTuple

from ecomops.sandbox.world.draw import Draw

CUSTOMERS = 997
GUEST_EVERY = 5
FIRST_ORDER_NUMBER = 1001

_FIRST = (
    *("Ada", "Amara", "Anders", "Björn", "Chiara", "Dalia", "Elif", "Emre", "Farah", "Grace"),
    *("Hana", "Idris", "Jonas", "Kaito", "Leila", "Mateo", "Nadia", "Noor", "Oskar", "Priya"),
    *("Quinn", "Rosa", "Samir", "Tomas", "Yuki", "Zoë"),
)
_LAST = (
    *("Abbott", "Berg", "Castro", "Demir", "Eriksen", "Fontaine", "García", "Haddad", "Ito"),
    *("Jansen", "Kaya", "Larsen", "Mwangi", "Novak", "Okafor", "Petit", "Rossi", "Santos"),
    *("Tanaka", "Urban", "Vogel", "Weiss", "Young", "Zhou"),
)
_BRANDS = ("visa", "visa", "mastercard", "amex")


class Person(NamedTuple):
    name: str
    email: str


class Card(NamedTuple):
    brand: str
    last4: str
    country: str
    funding: str
    fingerprint: str


def order_number(ordinal: int) -> str:
    """The number printed on an order: ``#1001`` is the first."""
    return f"#{FIRST_ORDER_NUMBER + ordinal}"


def order_id(ordinal: int) -> str:
    """The shop system's id of an order."""
    return str(5_600_000_000_000 + 37 * ordinal)


def customer_of(ordinal: int) -> int | None:
    """The customer of an order; None for a guest."""
    return None if ordinal % GUEST_EVERY == 0 else ordinal % CUSTOMERS


def person_of(ordinal: int) -> Person:
    """Who placed an order. Names repeat, addresses do not."""
    number = ordinal % CUSTOMERS
    first = _FIRST[number % len(_FIRST)]
    last = _LAST[number // len(_FIRST) % len(_LAST)]
    return Person(f"{first} {last}", f"customer{number}@example.com")


def card_of(seed: int, ordinal: int) -> Card:
    draw = Draw(seed, "card", ordinal % CUSTOMERS)
    return Card(
        draw.pick(_BRANDS),
        f"{draw.below(10_000):04}",
        draw.pick(("US", "US", "DE", "FR", "GB", "JP", "KW")),
        draw.pick(("credit", "credit", "debit", "prepaid")),
        f"{draw.below(16**16):016x}",
    )
