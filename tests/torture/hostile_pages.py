"""Pages of a provider, made hostile by a seeded chance: fields, values, texts, bytes, envelopes."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ecomops.connectors.stripe.fields import LATEST
from tests.connectors import stripe_objects as stripe

Json = dict[str, Any]

# Written into the text as they are: Python's json could not say some of them.
_LITERALS = (
    "NaN", "Infinity", "-Infinity", "12.0", "12.5", "1e3", "1E+3", "-0", "-0.0", "1e999999",
    "1e-999999", "9007199254740993.0", "9" * 5000, "0." + "3" * 500, "1e-11",
    "9999999999.9999999999", "9999999999.99999999999", "1e" + "9" * 20, "1e-" + "9" * 20,
    r'"\u0000"', r'"\ud800"', r'"\udfff"', r'"\ud83d\ude00"', r'"\ude00\ud83d"',
    r'"a\u0000b\ud800"',
    r'"\\u0000"', r'"\\\u0000"', r'"\u202e"', "[[[[[[[[[[[[]]]]]]]]]]]]", '{"a":1,"a":2}',
)  # fmt: skip
_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 12, "12", "12.34", "", " ", "x" * 255, "x" * 256, "x" * 20_000,
    2**31, 2**53, 2**53 + 1, -(2**53) - 1, 2**62, 2**63 - 1, 2**63, -(2**63), 2**64, 10**30,
    -10**30,
    [], {}, [[]], [None], {"id": "ch_1"}, {"id": None}, ["usd"], {"a": {"b": {"c": []}}},
    "usd", "USD", "uSd", "jpy", "kwd", "isk", "ugx", "clf", "xxx", "dem", "u\u017fd",
    "\uff55\uff53\uff44",
    stripe.CREATED, stripe.CREATED * 1000, -1, LATEST, LATEST - 1, 946_684_799, 946_684_800, 10**18,
    "2026-03-29T02:30:00", "succeeded", "paid", "pending", "failed", "teleported", "charge",
    "payout", "\u0000", "\u2028", "\ufffd", "\ud800", "\U0001f4b6", "=1+1", "../x",
    "'; DROP TABLE payments; --",
    "-12.34", "0.00001", "922337203685477.5808", "12,34", "1e3", ".5", "gid://shopify/Order/1",
    "gid://shopify/Order/", {"amount": "1.00", "currencyCode": "USD"}, {"hasNextPage": True},
    "2026-06-01T10:00:00Z", "2026-06-01T10:00:00", "06/01/2026", "T", "F", "SUCCESS", "REFUND",
)  # fmt: skip
_SIGNS = '{}[]",:\\0123456789eE.+-ntfu \n\r\t\x00\x7f'


@dataclass(frozen=True)
class Hostile:
    """The body of an answer to a request for this stream."""

    stream: str
    body: bytes


class Pages:
    """Pages of at most ``size`` elements, drawn from samples of each stream.

    ``rename`` gives an element an id of its own, ``envelope`` is what a list comes in.
    """

    def __init__(
        self,
        seed: int,
        samples: Mapping[str, list[Json]],
        rename: Callable[[Json, int], None],
        envelope: Callable[[str, list[Any]], Json],
        *,
        size: int = 4,
    ) -> None:
        self._chance = random.Random(seed)
        self._rename, self._wrap = rename, envelope
        self._samples, self._size = samples, size
        self._streams = sorted(samples)
        self._number = 0

    def __iter__(self) -> Iterator[Hostile]:
        while True:
            yield self.next()

    def next(self) -> Hostile:
        """One more page."""
        chance = self._chance
        stream = chance.choice(self._streams)
        elements = [self._element(stream) for _ in range(chance.randint(1, self._size))]
        text = json.dumps(
            self._envelope(stream, elements), indent=chance.choice((None, None, None, 1))
        )
        body = _with_literals(text).encode("utf-8", "surrogatepass")
        return Hostile(stream, self._garbled(body) if chance.random() < 0.1 else body)

    def _element(self, stream: str) -> Any:
        chance = self._chance
        self._number += 1
        element = deepcopy(chance.choice(self._samples[stream]))
        if chance.random() < 0.9:
            self._rename(element, self._number)
        for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
            chance.choice(_MUTATIONS)(chance, element)
        return element if chance.random() < 0.99 else chance.choice(_VALUES)

    def _envelope(self, stream: str, elements: list[Any]) -> Json:
        chance = self._chance
        if chance.random() < 0.1:
            elements.append(deepcopy(chance.choice(elements)))  # the same id twice
        page = self._wrap(stream, elements)
        if chance.random() < 0.03:
            _replace(chance, page)
        return page

    def _garbled(self, body: bytes) -> bytes:
        chance = self._chance
        at = chance.randrange(len(body))
        sign = chance.choice(_SIGNS).encode()
        return chance.choice((
            body[:at], body[:at] + sign + body[at:], body[:at] + sign + body[at + 1 :],
            body[:at] + body[at + chance.randint(1, 9) :], body[:at] + b"\xff" + body[at + 1 :],
            body + body[at:], b"\xef\xbb\xbf" + body,
        ))  # fmt: skip


def _somewhere(chance: random.Random, value: Json) -> Json:
    """The object itself or, now and then, one that it holds."""
    inner = [one for one in value.values() if isinstance(one, dict) and one]
    inner += [one for many in value.values() if isinstance(many, list) for one in many
              if isinstance(one, dict) and one]  # fmt: skip
    if inner and chance.random() < 0.25:
        return _somewhere(chance, chance.choice(inner))
    return value


def _replace(chance: random.Random, value: Json) -> None:
    if value:
        drawn = chance.choice(_VALUES) if chance.random() < 0.7 else _literal(chance)
        value[chance.choice(sorted(value))] = deepcopy(drawn)


def _drop(chance: random.Random, value: Json) -> None:
    value.pop(chance.choice(sorted(value)), None)


def _rename(chance: random.Random, value: Json) -> None:
    name = chance.choice(sorted(value))
    value[chance.choice((name.upper(), name + " ", "", "\x00" + name, name * 50))] = value.pop(name)


def _exchange(chance: random.Random, value: Json) -> None:
    one, other = chance.choice(sorted(value)), chance.choice(sorted(value))
    value[one], value[other] = value[other], value[one]


def _retype(chance: random.Random, value: Json) -> None:
    name = chance.choice(sorted(value))
    old = value[name]
    value[name] = chance.choice((str(old), [old], {"value": old}, json.dumps(old), bool(old)))


def _nudge(chance: random.Random, value: Json) -> None:
    """A number that stays a number: only the sums can tell."""
    numbers = sorted(name for name, one in value.items() if _is_number(one))
    if numbers:
        name = chance.choice(numbers)
        old = value[name] if type(value[name]) is int else Decimal(value[name])
        new = chance.choice((-old, old + 1, old * 100, old + 2**32))
        value[name] = new if type(value[name]) is int else f"{new:f}"


def _is_number(value: object) -> bool:
    """Whether it is one, or the text of a short one as some providers write amounts."""
    written = isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,4})?", value)
    return type(value) is int or bool(written)


def _nest(chance: random.Random, value: Json) -> None:
    deep: Any = chance.choice(_VALUES)
    for _ in range(chance.choice((3, 30, 200))):
        deep = [deep] if chance.random() < 0.5 else {"a": deep}
    value[f"new_{chance.randrange(9)}"] = deep


def _widen(chance: random.Random, value: Json) -> None:
    lists = sorted(name for name, one in value.items() if isinstance(one, list) and one)
    if lists:
        many = value[chance.choice(lists)]
        many.append(deepcopy(chance.choice(many)))


def _anywhere(
    mutate: Callable[[random.Random, Json], None],
) -> Callable[[random.Random, Json], None]:
    def run(chance: random.Random, value: Json) -> None:
        if chosen := _somewhere(chance, value):
            mutate(chance, chosen)

    return run


_MUTATIONS = [
    _anywhere(mutate)
    for mutate in (_replace, _replace, _replace, _drop, _rename, _exchange, _retype, _nudge, _nest,
                   _widen)
]  # fmt: skip


def _literal(chance: random.Random) -> str:
    return f"@@{chance.randrange(len(_LITERALS))}@@"


def _with_literals(text: str) -> str:
    if "@@" in text:
        for number, literal in enumerate(_LITERALS):
            text = text.replace(f'"@@{number}@@"', literal)
    return text
