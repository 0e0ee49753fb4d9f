"""Hostile records by name, each with its outcome: what is stored of it, or why it is rejected.

One list for the quick tests and for the torture suite. An amount is in units (ten-thousandths of
the currency); times are Unix seconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ecomops.connectors.stripe.fields import LATEST
from tests.connectors import stripe_objects as stripe

Json = dict[str, Any]

SAMPLES: dict[str, Json] = {
    "charges": stripe.charge(),
    "refunds": stripe.refund(),
    "disputes": stripe.dispute(),
    "payouts": stripe.payout(),
    "balance_transactions": stripe.line(),
}


@dataclass(frozen=True)
class Case:
    """``data``: the text of a page's list. ``reasons``: of each reject, in order.

    ``money``: (currency, units) of each record that is stored.
    """

    name: str
    stream: str
    data: str
    reasons: tuple[str, ...] = ()
    money: tuple[tuple[str, int], ...] = ()
    ignored: int = 0


def one(stream: str, **changes: Any) -> str:
    """A list of the sample alone, with other values in some of its fields."""
    return json.dumps([{**SAMPLES[stream], **changes}])


def with_literal(stream: str, name: str, literal: str) -> str:
    """The sample with one field written as the text ``literal``."""
    return one(stream, **{name: "@@"}).replace('"@@"', literal)


def without(stream: str, name: str) -> str:
    """The sample with one field absent."""
    return json.dumps([{key: value for key, value in SAMPLES[stream].items() if key != name}])


_AMOUNTS = (
    ("12 as text", '"12"', "bad_integer"),
    ("money as text", '"12.34"', "bad_integer"),
    ("a formatted amount", '"$1,234.00"', "bad_integer"),
    ("twelve point nought", "12.0", "bad_integer"),
    ("a fraction", "12.5", "bad_integer"),
    ("an exponent", "1e3", "bad_integer"),
    ("2^53+1 through a float", "9007199254740993.0", "bad_integer"),
    ("2^53+1 as an exponent", "9.007199254740993e15", "bad_integer"),
    ("true", "true", "bad_integer"),
    ("false", "false", "bad_integer"),
    ("null", "null", "bad_integer"),
    ("empty text", '""', "bad_integer"),
    ("a list", "[]", "bad_integer"),
    ("a list of one", "[12]", "bad_integer"),
    ("an object", "{}", "bad_integer"),
    ("NaN", "NaN", "bad_number"),
    ("Infinity", "Infinity", "bad_number"),
    ("minus Infinity", "-Infinity", "bad_number"),
    ("a boundless exponent", "1e999999", "bad_number"),
    ("a bottomless exponent", "1e-999999", "bad_number"),
    ("an exponent of twenty digits", "1e" + "9" * 20, "bad_number"),
    ("a negative exponent of twenty digits", "1e-" + "9" * 20, "bad_number"),
    ("five thousand digits", "9" * 5000, "bad_number"),
    ("five hundred digits of a fraction", "0." + "1" * 500, "bad_number"),
    ("2^63", str(2**63), "amount_out_of_range"),
    ("below -2^63", str(-(2**63) - 1), "amount_out_of_range"),
    ("2^63-1, which is too many units", str(2**63 - 1), "amount_out_of_range"),
    ("thirty digits", str(10**30), "amount_out_of_range"),
)  # fmt: skip
_IDS = (
    ("empty", '""'), ("null", "null"), ("a number", "7"), ("too long", json.dumps("x" * 256)),
    ("NUL", r'"ch_\u0000"'), ("a lone high surrogate", r'"ch_\ud800"'),
    ("a lone low surrogate", r'"ch_\udfff"'), ("a line break", r'"ch_\n"'),
    ("a bell", r'"ch_\u0007"'), ("text that runs backwards", r'"ch_\u202e"'),
    ("an object", '{"id": "ch_1"}'), ("a list", '["ch_1"]'), ("true", "true"),
)  # fmt: skip
_CURRENCIES = (
    ("unknown", "xxx"), ("empty", ""), ("null", None), ("numeric", 840), ("too short", "us"),
    ("too long", "usdc"), ("with NUL", "us\x00d"), ("a list", ["usd"]),
    ("an object", {"code": "usd"}),
    ("with a blank", "usd "), ("with a long s", "u\u017fd"), ("full-width", "\uff55\uff53\uff44"),
    ("withdrawn", "dem"), ("a token", "btc"), ("true", True),
)  # fmt: skip
_TIMES = (
    ("before Unix", -1, "bad_time"), ("nought", 0, "bad_time"), ("one", 1, "bad_time"),
    ("last second of 1999", 946_684_799, "bad_time"), ("the year 2100", LATEST, "bad_time"),
    ("milliseconds", stripe.CREATED * 1000, "bad_time"), ("beyond datetime", 10**18, "bad_time"),
    ("text", "1780000000", "bad_integer"), ("a fraction", 1.5e9, "bad_integer"),
    ("null", None, "bad_integer"), ("true", True, "bad_integer"),
    ("a date", "2026-05-28", "bad_integer"), ("no zone", "2026-05-28T20:26:40", "bad_integer"),
    ("with zone", "2026-05-28T20:26:40Z", "bad_integer"),
    ("in the gap of summer time", "2026-03-29T02:30:00", "bad_integer"),
)  # fmt: skip
_PLACES = (
    ("two", "usd", 10_000, 1_000_000), ("capitals", "USD", 10_000, 1_000_000),
    ("mixed case", "uSd", 10_000, 1_000_000), ("no decimals", "jpy", 10_000, 100_000_000),
    ("no decimals, Chile", "clp", 10_000, 100_000_000),
    ("three decimals", "kwd", 10_000, 100_000), ("three decimals, Bahrain", "bhd", 1, 10),
    ("Iceland, sent with two", "isk", 10_000, 1_000_000),
    ("Uganda, sent with two", "ugx", 10_000, 1_000_000),
    ("Hungary", "huf", 10_000, 1_000_000),
)  # fmt: skip
_LINES: tuple[tuple[str, Json, str], ...] = (
    ("net is off by one", {"net": 9681}, "line_arithmetic"),
    ("net has the other sign", {"net": -9680}, "line_arithmetic"),
    ("fee is not its parts", {"fee": 321, "net": 9679}, "fee_mismatch"),
    ("no parts", {"fee_details": []}, "fee_mismatch"),
    ("parts null", {"fee_details": None}, "fee_mismatch"),
    ("parts an object", {"fee_details": {}}, "bad_list"),
    ("parts words", {"fee_details": ["stripe_fee"]}, "fee_mismatch"),
    ("a part in euro", {"fee_details": [stripe.fee_detail(320, currency="eur")]}, "fee_mismatch"),
    ("a part in u\u017fd", {"fee_details": [stripe.fee_detail(320, currency="u\u017fd")]},
     "fee_mismatch"),
    ("a part as text", {"fee_details": [{**stripe.fee_detail(320), "amount": "320"}]},
     "bad_integer"),
    ("rate as text", {"exchange_rate": "1.08"}, "bad_rate"),
    ("rate nought", {"exchange_rate": 0}, "bad_rate"),
    ("rate negative", {"exchange_rate": -1}, "bad_rate"),
    ("rate too large", {"exchange_rate": 10**11}, "bad_rate"),
    ("rate true", {"exchange_rate": True}, "bad_rate"),
    ("source a number", {"source": 7}, "bad_id"),
    ("source without id", {"source": {"object": "charge"}}, "bad_id"),
    ("type null", {"type": None}, "bad_word"),
    ("category empty", {"reporting_category": ""}, "bad_word"),
    ("description an object", {"description": {"text": "x"}}, "bad_text"),
    ("available soon", {"available_on": "soon"}, "bad_integer"),
    ("another object", {"object": "charge"}, "wrong_object"),
)  # fmt: skip
_RETYPED: tuple[tuple[str, str, Json, str], ...] = (
    ("captured as text", "charges", {"captured": "true"}, "bad_flag"),
    ("captured as one", "charges", {"captured": 1}, "bad_flag"),
    ("captured amount null", "charges", {"amount_captured": None}, "bad_integer"),
    ("billing a list", "charges", {"billing_details": []}, "bad_object"),
    ("fee only named", "disputes", {"balance_transactions": ["txn_1"]}, "unknown_dispute_fee"),
    ("fees in two currencies", "disputes",
     {"balance_transactions": [stripe.withdrawal(), stripe.withdrawal(currency="eur")]},
     "mixed_currencies"),
    ("automatic null", "payouts", {"automatic": None}, "bad_flag"),
    ("arrival null", "payouts", {"arrival_date": None}, "bad_integer"),
    ("trace a word", "payouts", {"trace_id": "TRACE"}, "bad_object"),
    ("status unknown", "charges", {"status": "teleported"}, "unknown_status"),
    ("status unknown, payout", "payouts", {"status": "teleported"}, "unknown_status"),
    ("status a number", "refunds", {"status": 1}, "bad_word"),
)  # fmt: skip
_USD = ("USD", 1_000_000)
_STORED: tuple[Case, ...] = (
    Case("2^53+1", "payouts", one("payouts", amount=2**53 + 1),
         money=(("USD", (2**53 + 1) * 100),)),
    Case("the most units", "payouts", one("payouts", amount=(2**63 - 1) // 100),
         money=(("USD", (2**63 - 1) // 100 * 100),)),
    Case("a negative payout", "payouts", one("payouts", amount=-91915),
         money=(("USD", -9_191_500),)),
    Case("a payout of nought", "payouts", one("payouts", amount=0), money=(("USD", 0),)),
    Case("minus nought", "charges", with_literal("charges", "amount_captured", "-0"),
         money=(("USD", 0),)),
    Case("a refund above its charge", "refunds", one("refunds", amount=10**9),
         money=(("USD", 10**11),)),
    Case("a time in the future", "charges", one("charges", created=LATEST - 1), money=(_USD,)),
    Case("the same second twice", "charges",
         json.dumps([stripe.charge(id="ch_1"), stripe.charge(id="ch_2")]), money=(_USD, _USD)),
    Case("the same id twice in a page", "charges", json.dumps([stripe.charge()] * 2),
         money=(_USD,), ignored=1),
    Case("the same id with another body", "charges",
         json.dumps([stripe.charge(), stripe.charge(amount_captured=777)]),
         money=(("USD", 77_700),), ignored=1),
    Case("the same field twice", "charges",
         one("charges").replace('"captured": true', '"captured": 7, "captured": true'),
         money=(_USD,)),
    Case("a field is added", "charges", one("charges", novelty={"a": [1]}), money=(_USD,)),
    Case("optional fields are removed", "charges",
         json.dumps([{k: v for k, v in stripe.charge().items()
                      if k not in ("description", "metadata", "billing_details")}]), money=(_USD,)),
    Case("NUL in a text", "charges", with_literal("charges", "description", r'"a\u0000b"'),
         money=(_USD,)),
    Case("a lone surrogate in a text", "charges",
         with_literal("charges", "description", r'"a\ud800b"'), money=(_USD,)),
    Case("NUL in the name of a field", "charges",
         one("charges", **{"a@": 1}).replace("a@", r"a\u0000"), money=(_USD,)),
    Case("a text of 200,000 letters", "charges", one("charges", description="x" * 200_000),
         money=(_USD,)),
    Case("a rate with thirty places", "balance_transactions",
         with_literal("balance_transactions", "exchange_rate", "1." + "3" * 30), money=(_USD,)),
    Case("the payout's own row", "balance_transactions",
         one("balance_transactions", type="payout"), ignored=1),
    Case("a row of another balance", "balance_transactions",
         one("balance_transactions", balance_type="issuing"), ignored=1),
    Case("an empty page", "charges", "[]"),
    Case("a good one beside a bad one", "charges",
         json.dumps([stripe.charge(id="ch_1"), stripe.charge(id="ch_2", amount=None)]),
         reasons=("bad_integer",), money=(_USD,)),
    Case("a rate that rounds to nought", "balance_transactions",
         with_literal("balance_transactions", "exchange_rate", "1e-11"), reasons=("bad_rate",)),
    Case("a rate that rounds beyond its column", "balance_transactions",
         with_literal("balance_transactions", "exchange_rate", "9999999999.99999999999"),
         reasons=("bad_rate",)),
)  # fmt: skip
_NO_OBJECTS = ("null", "7", '"ch_1"', "[]", "[[]]", "true", "1.5")


def named_records() -> Iterator[Case]:
    """All of them, for every stream that they concern; each has a name of its own."""
    for stream in SAMPLES:
        for name, literal, reason in _AMOUNTS:
            data = with_literal(stream, "amount", literal)
            yield Case(f"{stream}: amount: {name}", stream, data, (reason,))
        for name, literal in _IDS:
            data = with_literal(stream, "id", literal)
            yield Case(f"{stream}: id: {name}", stream, data, ("bad_id",))
        for name, currency in _CURRENCIES:
            data = one(stream, currency=currency)
            yield Case(f"{stream}: currency: {name}", stream, data, ("unknown_currency",))
        for name, moment, reason in _TIMES:
            data = one(stream, created=moment)
            yield Case(f"{stream}: time: {name}", stream, data, (reason,))
        yield from _absent(stream)
    yield from _others()


_REASON_OF_ABSENT = {
    "id": "bad_id", "object": "wrong_object", "amount": "bad_integer",
    "currency": "unknown_currency", "created": "bad_integer", "status": "bad_word",
}  # fmt: skip


def _absent(stream: str) -> Iterator[Case]:
    for name, reason in _REASON_OF_ABSENT.items():
        yield Case(f"{stream}: absent: {name}", stream, without(stream, name), (reason,))


def _others() -> Iterator[Case]:
    for stream in ("charges", "refunds", "disputes"):
        data = one(stream, amount=-1)
        yield Case(f"{stream}: a negative amount", stream, data, ("negative_amount",))
    for name, currency, minor, units in _PLACES:
        data = one("charges", currency=currency, amount_captured=minor)
        yield Case(f"places: {name}", "charges", data, money=((currency.upper(), units),))
    for name, changes, reason in _LINES:
        data = one("balance_transactions", **changes)
        yield Case(f"line: {name}", "balance_transactions", data, (reason,))
    for name, stream, changes, reason in _RETYPED:
        yield Case(f"retyped: {name}", stream, one(stream, **changes), (reason,))
    for literal in _NO_OBJECTS:
        yield Case(f"no object: {literal}", "charges", f"[{literal}]", ("not_an_object",))
    yield from _STORED
