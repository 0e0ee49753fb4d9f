"""Hostile objects and answers of Shopify by name, each with its outcome.

An object is accepted (its money is told) or rejected (with its reason); an answer lets the walk go
on, or stops it with an error. Amounts are in units (ten-thousandths of the currency).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ecomops.kit.errors import (
    ProviderAuthError,
    ProviderContractError,
    ProviderError,
    ProviderRateLimitedError,
    ProviderTransientError,
)
from tests.connectors import shopify_objects as objects
from tests.connectors.named_records import Case
from tests.connectors.shop import VERSION, refused, told, told_text
from tests.connectors.wire import Reply, Respond, reply, script

Json = dict[str, Any]

SAMPLES: dict[str, Callable[..., Json]] = {
    "orders": objects.order,
    "payouts": objects.payout,
    "payout_lines": objects.line,
    "disputes": objects.dispute,
}
AMOUNTS = {"payouts": "net", "payout_lines": "fee", "disputes": "amount"}
TIMES = {
    "orders": "createdAt", "payouts": "issuedAt",
    "payout_lines": "transactionDate", "disputes": "initiatedAt",
}  # fmt: skip
_SALE = ("USD", 1_100_000)
_ORDER = ("USD", 1_100_000)

_BAD_AMOUNTS = (
    ("a number", "12.34", "bad_amount"), ("a whole number", "12", "bad_amount"),
    ("formatted", '"1,234.00"', "bad_amount"), ("with a sign", '"$12.34"', "bad_amount"),
    ("with plus", '"+12.34"', "bad_amount"), ("a comma", '"12,34"', "bad_amount"),
    ("an exponent", '"1e3"', "bad_amount"), ("no digits before", '".5"', "bad_amount"),
    ("no digits after", '"5."', "bad_amount"), ("blank before", '" 5"', "bad_amount"),
    ("empty", '""', "bad_amount"), ("null", "null", "bad_amount"), ("true", "true", "bad_amount"),
    ("a list", '["12.34"]', "bad_amount"), ("an object", "{}", "bad_amount"),
    ("NaN as text", '"NaN"', "bad_amount"), ("Infinity as text", '"Infinity"', "bad_amount"),
    ("full-width digits", '"\uff11\uff12"', "bad_amount"), ("hexadecimal", '"0x12"', "bad_amount"),
    ("five places", '"12.34567"', "amount_out_of_range"),
    ("beyond 64 bits", '"922337203685478.0"', "amount_out_of_range"),
    ("forty digits", f'"{"9" * 40}"', "amount_out_of_range"),
    ("five hundred digits", f'"{"9" * 500}"', "bad_amount"),
    ("NaN", "NaN", "bad_number"), ("Infinity", "Infinity", "bad_number"),
    ("minus Infinity", "-Infinity", "bad_number"),
    ("a boundless exponent", "1e999999", "bad_number"),
    ("five thousand digits", "9" * 5000, "bad_number"),
)  # fmt: skip
_BAD_CURRENCIES = (
    ("small letters", '"usd"'), ("mixed", '"Usd"'), ("empty", '""'), ("null", "null"),
    ("a number", "840"), ("withdrawn", '"HRK"'), ("a token", '"BTC"'), ("with a blank", '"USD "'),
    ("with a long s", '"U\u017fD"'), ("full-width", '"\uff35\uff33\uff24"'), ("a list", '["USD"]'),
    ("Shopify's test currency", '"XXX"'),
)  # fmt: skip
_BAD_TIMES = (
    ("null", "null"), ("empty", '""'), ("a number", "1780000000"), ("a date", '"2026-06-01"'),
    ("no zone", '"2026-06-01T10:00:00"'), ("a blank between", '"2026-06-01 10:00:00Z"'),
    ("a week", '"2026-W23-1T10:00:00Z"'), ("month 13", '"2026-13-01T10:00:00Z"'),
    ("February 30", '"2026-02-30T10:00:00Z"'), ("hour 24", '"2026-06-01T24:00:00Z"'),
    ("second 60", '"2026-06-01T10:00:60Z"'), ("zone of a day", '"2026-06-01T10:00:00+24:00"'),
    ("the year 1999", '"1999-12-31T23:59:59Z"'), ("the year 2100", '"2100-01-01T00:00:00Z"'),
    ("the year 0", '"0000-01-01T00:00:00Z"'), ("the year 10000", '"10000-01-01T00:00:00Z"'),
    ("ten places", '"2026-06-01T10:00:00.1234567891Z"'), ("a word", '"now"'),
    ("true", "true"), ("a list", '["2026-06-01T10:00:00Z"]'),
)  # fmt: skip
_BAD_IDS = (
    ("null", "null"), ("empty", '""'), ("a number", "101"), ("bare digits", '"101"'),
    ("of another kind", '"gid://shopify/Product/101"'),
    ("of another host", '"gid://shop1fy/Order/101"'),
    ("with words", '"gid://shopify/Order/abc"'), ("negative", '"gid://shopify/Order/-1"'),
    ("with a tail", '"gid://shopify/Order/101?x=1"'),
    ("with a line break", '"gid://shopify/Order/101\\n"'),
    ("with NUL", '"gid://shopify/Order/1\\u000001"'), ("a list", "[]"), ("an object", "{}"),
    ("21 digits", f'"gid://shopify/Order/{"1" * 21}"'),
)  # fmt: skip
_GOOD_TIMES = (
    ("with a zone", "2026-06-01T12:00:00+02:00"), ("west", "2026-06-01T02:30:00-07:30"),
    ("milliseconds", "2026-06-01T10:00:00.123Z"),
    ("nanoseconds", "2026-06-01T10:00:00.123456789Z"), ("leap day", "2028-02-29T00:00:00Z"),
)  # fmt: skip
_PLACES = (
    ("yen with a nought", "JPY", "1200.0", 12_000_000), ("yen without", "JPY", "1200", 12_000_000),
    ("dinar", "KWD", "1.234", 12_340), ("one place", "USD", "15.0", 150_000),
    ("none", "USD", "15", 150_000), ("four", "USD", "0.0001", 1), ("nought", "USD", "0", 0),
    ("trailing noughts", "USD", "1.50000000", 15_000), ("leading noughts", "USD", "007.5", 75_000),
    ("2^53+1 cents", "USD", "90071992547409.93", 900_719_925_474_099_300),
    ("the most", "USD", "922337203685477.5807", 2**63 - 1),
)  # fmt: skip


def one(stream: str, **changes: Any) -> str:
    """A page of the sample alone, with other values in some of its fields."""
    return json.dumps([SAMPLES[stream](**changes)])


def with_literal(stream: str, name: str, literal: str, **inside: Any) -> str:
    """The sample with one field written as the text ``literal``; ``inside`` is around it."""
    return one(stream, **{name: {**inside, "amount": "@@"} if inside else "@@"}).replace(
        '"@@"', literal
    )


def named_objects() -> Iterator[Case]:
    """All of them; each has a name of its own."""
    for stream in SAMPLES:
        kept = (_SALE,) if stream == "orders" else ()
        for name, literal in _BAD_TIMES:
            data = with_literal(stream, TIMES[stream], literal)
            yield Case(f"{stream}: time: {name}", stream, data, ("bad_time",), kept)
        for name, literal in _BAD_IDS:
            data = with_literal(stream, "id", literal)
            # Whose payment it is cannot be told either.
            reasons = ("bad_id",) * (2 if stream == "orders" else 1)
            yield Case(f"{stream}: id: {name}", stream, data, reasons)
        for literal in ("null", "7", '"x"', "[]", "true", "1.5"):
            yield Case(f"{stream}: {literal}", stream, f"[{literal}]", ("not_an_object",))
    for stream, name in AMOUNTS.items():
        for case, literal, reason in _BAD_AMOUNTS:
            data = with_literal(stream, name, literal, currencyCode="USD")
            yield Case(f"{stream}: amount: {case}", stream, data, (reason,))
        for case, literal in _BAD_CURRENCIES:
            money = {"amount": "1.00", "currencyCode": "@@"}
            data = one(stream, **{name: money}).replace('"@@"', literal)
            yield Case(f"{stream}: currency: {case}", stream, data, ("unknown_currency",))
        for case, value in (("null", None), ("a list", []), ("text", "12.34"), ("empty", {})):
            bad = "bad_amount" if not value and not isinstance(value, list) else "bad_object"
            yield Case(f"{stream}: money: {case}", stream, one(stream, **{name: value}), (bad,))
    yield from _orders()
    yield from _transactions()
    yield from _refunds()
    yield from _payments_account()


def _order(case: str, reason: str = "", /, *, money: Any = None, **changes: Any) -> Case:
    """An order that is rejected, its payment kept; or accepted, where there is no reason."""
    reasons = (reason,) if reason else ()
    kept = money if money is not None else ((_SALE,) if reason else (_ORDER, _SALE))
    return Case(f"order: {case}", "orders", one("orders", **changes), reasons, kept)


def _orders() -> Iterator[Case]:
    bag, shop_bag = objects.bag, objects.shop_bag
    yield _order("as it should be")
    yield _order("total null", "bad_amount", totalPriceSet=None)
    yield _order("total negative", "negative_amount", totalPriceSet=bag("-1.00"))
    yield _order("subtotal null", "bad_amount", subtotalPriceSet=None)
    yield _order("shipping null", "bad_amount", totalShippingPriceSet=None)
    yield _order("refunded null", "bad_amount", totalRefundedSet=None)
    yield _order("tax null means none", totalTaxSet=None)
    yield _order("discount null means none", totalDiscountsSet=None)
    yield _order("tax negative", "negative_amount", totalTaxSet=shop_bag("-1"))
    yield _order("duties negative", "negative_amount", originalTotalDutiesSet=bag("-1"))
    yield _order("tax in euro", "mixed_currencies", totalTaxSet=shop_bag("1", "EUR"))
    yield _order("another currency", "mixed_currencies", currencyCode="EUR")
    yield _order("currency null", "bad_word", currencyCode=None)
    yield _order("two sums in one currency", "two_amounts",
                 totalPriceSet=bag("110.00", seen=objects.money("109.00")))  # fmt: skip
    yield _order("no presentment", "bad_amount", totalPriceSet=shop_bag("110.00"))
    yield _order("presentment in yen", totalPriceSet=bag("110.00", seen=objects.money("1", "JPY")))
    yield _order("status unknown", "unknown_status",
                 displayFinancialStatus="TELEPORTED")  # fmt: skip
    yield _order("status null before anybody paid", displayFinancialStatus=None)
    yield _order("status a number", "bad_word", displayFinancialStatus=7)
    yield _order("name null", "bad_word", name=None)
    yield _order("name with NUL", "bad_word", name="#1\u0000")
    yield _order("email a number", "bad_text", email=7)
    yield _order("email null", email=None)
    yield _order("canceled at never", "bad_time", cancelledAt="never")
    yield _order("no items", "incomplete_list", lineItems=None)
    yield _order("items a list", "bad_object", lineItems=[])
    yield _order("items numbers", "bad_list", lineItems={**objects.listed(), "nodes": [7]})
    yield _order("items without a page", "incomplete_list", lineItems={"nodes": []})
    yield _order("items cut", "incomplete_list", lineItems=objects.listed(after="1"))
    yield _order("gift card a word", "bad_flag",
                 lineItems=objects.listed({**objects.item(), "isGiftCard": "yes"}))  # fmt: skip
    yield _order("refunds null", "bad_list", refunds=None)
    yield _order("transactions null", "bad_list", transactions=None, money=())
    yield _order("transactions an object", "bad_list", transactions={}, money=())
    yield _order("an added field", novelty={"a": [1]})
    yield _order("a refund above its total", totalRefundedSet=shop_bag("9999.00"))
    for name, at in _GOOD_TIMES:
        yield _order(f"time: {name}", createdAt=at)
    for name, currency, amount, units in _PLACES:
        yield _order(
            f"places: {name}", currencyCode=currency, totalPriceSet=bag(amount, currency),
            subtotalPriceSet=shop_bag("0", currency), totalTaxSet=None, totalDiscountsSet=None,
            totalShippingPriceSet=shop_bag("0", currency), lineItems=objects.listed(),
            totalTipReceivedSet=shop_bag("0", currency),
            totalRefundedSet=shop_bag("0", currency), transactions=[],
            money=((currency, units),),
        )  # fmt: skip
    test = one("orders", test=True)
    yield Case("order: a test", "orders", test, (), (), ignored=2)
    twice = json.dumps([objects.order(), objects.order()])
    yield Case("order: twice in a page", "orders", twice, (), (_ORDER, _SALE), ignored=2)
    both = json.dumps([objects.order(101), objects.order(102, name=None)])
    yield Case("order: a good one beside a bad one", "orders", both, ("bad_word",),
               (_ORDER, _SALE, _SALE))  # fmt: skip
    yield Case("order: none", "orders", "[]")


def _transactions() -> Iterator[Case]:
    def step(name: str, reason: str = "", *, ignored: int = 0, **changes: Any) -> Case:
        data = one("orders", transactions=[objects.transaction(501, **changes)])
        kept = (_ORDER,) if reason or ignored else (_ORDER, _SALE)
        reasons = (reason,) if reason else ()
        return Case(f"transaction: {name}", "orders", data, reasons, kept, ignored)

    yield step("kind unknown", "unknown_kind", kind="BARTER")
    yield step("kind null", "bad_word", kind=None)
    yield step("status unknown", "unknown_status", status="MAYBE")
    yield step("status null", "bad_word", status=None)
    yield step("test null", "bad_flag", test=None)
    yield step("a test", ignored=1, test=True)
    yield step("change over the counter", ignored=1, kind="CHANGE")
    yield step("a suggested refund", ignored=1, kind="SUGGESTED_REFUND")
    yield step("amount negative", "negative_amount", amountSet=objects.bag("-110.00"))
    yield step("amount null", "bad_amount", amountSet=None)
    yield step("amount a word", "bad_object", amountSet="110.00")
    yield step("id of an order", "bad_id", id=objects.gid("Order", 1))
    yield step("gateway null", gateway=None)
    yield step("gateway a number", "bad_text", gateway=5)
    yield step("no name of the charge", paymentId=None, authorizationCode=None)
    yield step("created null", "bad_time", createdAt=None)
    yield step("error a number", "bad_text", errorCode=5)
    for literal in ("null", "7", "[]"):
        data = one("orders", transactions=["@@"]).replace('"@@"', literal)
        yield Case(f"transaction: {literal}", "orders", data, ("not_an_object",), (_ORDER,))
    data = one("orders", transactions=[{**objects.transaction(501), "extra": "@@"}])
    # What cannot be kept exactly spoils the object that holds it, and each that it is part of.
    yield Case("transaction: NaN in it", "orders", data.replace('"@@"', "NaN"),
               ("bad_number", "bad_number"))  # fmt: skip
    parent: Any = {"kind": "CAPTURE", "parentTransaction": {"id": "501"}}
    yield step("parent of another form", **parent)
    yield step("a refund, its parent of another form", "bad_id",
               kind="REFUND", parentTransaction={"id": "501"})  # fmt: skip


def _refunds() -> Iterator[Case]:
    def back(name: str, reason: str = "", *, order: bool = True, **changes: Any) -> Case:
        given = objects.transaction(502, kind="REFUND", amountSet=objects.bag("33.00"))
        steps = [objects.transaction(501), given]
        refunds = changes.pop("refunds", None) or [objects.refund(701, given, **changes)]
        data = one("orders", refunds=refunds, transactions=steps)
        kept = ((_ORDER,) if order else ()) + (_SALE,) + (() if reason else (("USD", 330_000),))
        return Case(f"refund: {name}", "orders", data, (reason,) if reason else (), kept)

    lost = objects.listed(after="1")
    yield back("as it should be")
    yield back("of no transaction", refunds=[objects.refund(701)])
    yield back("a number", "bad_list", refunds=[7])
    yield back("note a list", "bad_text", note=["x"])
    yield back("transactions cut", "incomplete_list", transactions=lost)
    yield back("transactions null", "incomplete_list", transactions=None)
    yield back("items cut", "incomplete_list", refundLineItems=lost)
    yield back("shipping cut", "incomplete_list", refundShippingLines=lost)
    yield back("adjustments cut", "incomplete_list", orderAdjustments=lost)
    yield back("duties a number", "bad_list", duties=[7])
    yield back(
        "tax in yen",
        "mixed_currencies",
        refundLineItems=objects.listed(
            {"subtotalSet": objects.shop_bag("1"), "totalTaxSet": objects.shop_bag("1", "JPY")}
        ),
    )
    yield back("goods a word", "bad_object",
               refundLineItems=objects.listed({"subtotalSet": "1"}))  # fmt: skip


def _payments_account() -> Iterator[Case]:
    money, line = objects.money, ("USD", 1_100_000)

    def row(name: str, reason: str = "", *, ignored: int = 0, **changes: Any) -> Case:
        kept = () if reason or ignored else (line,)
        data = one("payout_lines", **changes)
        reasons = (reason,) if reason else ()
        return Case(f"line: {name}", "payout_lines", data, reasons, kept, ignored)

    yield row("as it should be")
    yield row("the payout's own", ignored=1, type="TRANSFER")
    yield row("a test", ignored=1, test=True)
    yield row("of a type to come", type="MOON_FEE")
    yield row("type null", "bad_word", type=None)
    yield row("test null", "bad_flag", test=None)
    yield row("net off by a cent", "line_arithmetic", net=money("106.50"))
    yield row("net of the other sign", "line_arithmetic", net=money("-106.51"))
    yield row("fee in euro", "mixed_currencies", fee=money("3.49", "EUR"))
    yield row("payout null", associatedPayout=None)
    yield row("payout without id", associatedPayout={"id": None, "status": "PENDING"})
    yield row("payout of another form", "bad_id", associatedPayout={"id": "301"})
    yield row("payout a word", "bad_object", associatedPayout="301")
    yield row("order null", associatedOrder=None)
    yield row("order of another form", "bad_id", associatedOrder={"id": "101"})
    yield row("source a word", "bad_id", sourceOrderTransactionId="five")
    yield row("source negative", "bad_id", sourceOrderTransactionId="-5")
    yield row("source a number", sourceOrderTransactionId=501)
    yield row("reason a number", "bad_text", adjustmentReason=7)
    yield from _payouts()
    yield from _disputes()


def _payouts() -> Iterator[Case]:
    money = objects.money
    paid: tuple[tuple[str, Json, str, int], ...] = (
        ("withdrawn", {"transactionType": "WITHDRAWAL"}, "", -1_065_100),
        (
            "withdrawn, already negative",
            {"transactionType": "WITHDRAWAL", "net": money("-106.51")},
            "",
            -1_065_100,
        ),
        ("of nought", {"net": money("0.00")}, "", 0),
        ("status unknown", {"status": "LOST"}, "unknown_status", 0),
        ("status null", {"status": None}, "bad_word", 0),
        ("direction unknown", {"transactionType": "UP"}, "unknown_transaction_type", 0),
        ("direction null", {"transactionType": None}, "bad_word", 0),
        ("trace a number", {"externalTraceId": 5}, "bad_text", 0),
    )
    for name, changes, reason, units in paid:
        kept = () if reason else (("USD", units),)
        data = one("payouts", **changes)
        yield Case(f"payout: {name}", "payouts", data, (reason,) if reason else (), kept)


def _disputes() -> Iterator[Case]:
    money, line = objects.money, ("USD", 1_100_000)
    disputed: tuple[tuple[str, Json, str], ...] = (
        ("order null", {"order": None}, ""),
        ("order a word", {"order": "101"}, "bad_object"),
        ("order of numbers", {"order": {"transactions": [7]}}, "bad_list"),
        ("negative", {"amount": money("-1")}, "negative_amount"),
        ("status unknown", {"status": "FORGOTTEN"}, "unknown_status"),
        ("type unknown", {"type": "DUEL"}, "unknown_type"),
        ("reason null", {"reasonDetails": None}, ""),
        ("evidence due some day", {"evidenceDueBy": "soon"}, "bad_time"),
    )
    for name, changes, reason in disputed:
        kept = () if reason else (line,)
        data = one("disputes", **changes)
        yield Case(f"dispute: {name}", "disputes", data, (reason,) if reason else (), kept)


@dataclass(frozen=True)
class Answers:
    """What Shopify answers to a walk of orders, and how that ends.

    ``orders``: how many arrive; ``stop``: the error that ends it, if one does; ``requests``: how
    many are sent, retries among them.
    """

    name: str
    respond: Callable[[], Respond]
    orders: int = 0
    stop: type[ProviderError] | None = None
    requests: int = 1


RETRIED = 3
"""Requests before a passing fault is given up."""

_GOOD = told({"orders": objects.listed(objects.order())})
_PAGE = json.dumps({"data": {"orders": objects.listed(objects.order())}})


def _passes(name: str, bad: Reply) -> Answers:
    return Answers(
        f"passes: {name}", lambda: script(replace(bad, close=True), _GOOD), 1, None, requests=2
    )


def _stops(name: str, bad: Reply, stop: type[ProviderError], requests: int = 1) -> Answers:
    return Answers(
        f"stops: {name}", lambda: script(replace(bad, close=True)), 0, stop, requests=requests
    )


def named_answers() -> Iterator[Answers]:
    """All of them; each has a name of its own."""
    half = reply(_PAGE, **VERSION).raw[:-50]
    passing: tuple[tuple[str, Reply, type[ProviderError]], ...] = (
        ("THROTTLED in a 200", refused("THROTTLED"), ProviderRateLimitedError),
        ("429", reply(b"", 429, Retry_After="0"), ProviderRateLimitedError),
        ("430", reply(b"", 430), ProviderRateLimitedError),
        ("500", reply(b"", 500), ProviderTransientError),
        ("502 in HTML", reply("<html>", 502, Content_Type="text/html"), ProviderTransientError),
        ("503", reply(b"", 503), ProviderTransientError),
        ("INTERNAL_SERVER_ERROR in a 200", refused("INTERNAL_SERVER_ERROR"),
         ProviderTransientError),
        ("TIMEOUT in a 200", refused("TIMEOUT"), ProviderTransientError),
        ("HTML with 200", reply("<html>", Content_Type="text/html"), ProviderTransientError),
        ("cut short", replace(_GOOD, raw=half), ProviderTransientError),
        ("half of the JSON", reply(_PAGE[:100], **VERSION), ProviderTransientError),
        ("not UTF-8", reply(b'{"data": "\xff"}', **VERSION), ProviderTransientError),
        ("two documents", reply(_PAGE + _PAGE, **VERSION), ProviderTransientError),
        ("a list", reply("[]", **VERSION), ProviderTransientError),
        ("nothing at all", Reply(b"", close=True), ProviderTransientError),
    )  # fmt: skip
    for name, bad, kind in passing:
        yield _passes(name, bad)
        yield _stops(name, bad, kind, RETRIED)
    yield from _final()


def _final() -> Iterator[Answers]:
    page = objects.listed(objects.order())
    lasting: tuple[tuple[str, Reply, type[ProviderError]], ...] = (
        ("empty body", reply(b"", **VERSION), ProviderContractError),
        ("204", reply(b"", 204), ProviderContractError),
        ("another version", reply(_PAGE, X_Shopify_API_Version="2026-10"), ProviderContractError),
        ("an older version", reply(_PAGE, X_Shopify_API_Version="2025-01"), ProviderContractError),
        ("no version", reply(_PAGE), ProviderContractError),
        ("a redirect", reply(b"", 301, Location="/x"), ProviderContractError),
        ("400", reply({"errors": "Bad"}, 400), ProviderContractError),
        ("401", reply({"errors": "Invalid"}, 401), ProviderAuthError),
        ("402 frozen", reply(b"", 402), ProviderAuthError),
        ("403", reply({"errors": "scope"}, 403), ProviderAuthError),
        ("404", reply(b"", 404), ProviderAuthError),
        ("423 locked", reply(b"", 423), ProviderAuthError),
        ("ACCESS_DENIED", refused("ACCESS_DENIED"), ProviderAuthError),
        ("SHOP_INACTIVE", refused("SHOP_INACTIVE"), ProviderAuthError),
        ("MAX_COST_EXCEEDED for one object", refused("MAX_COST_EXCEEDED"), ProviderContractError),
        ("a field that is not there", refused("undefinedField"), ProviderContractError),
        ("errors beside whole data", refused("X", data={"orders": page}), ProviderContractError),
        ("errors as text", reply({"errors": "no"}, **VERSION), ProviderContractError),
        ("errors as an object", reply({"errors": {"a": 1}}, **VERSION), ProviderContractError),
        ("data null", told(None), ProviderContractError),
        ("data a list", told([]), ProviderContractError),
        ("no data", reply("{}", **VERSION), ProviderContractError),
        ("no orders", told({}), ProviderContractError),
        ("orders null", told({"orders": None}), ProviderContractError),
        ("orders a list", told({"orders": []}), ProviderContractError),
        ("nodes null", told({"orders": {**page, "nodes": None}}), ProviderContractError),
        ("nodes an object", told({"orders": {**page, "nodes": {}}}), ProviderContractError),
        ("no page", told({"orders": {"nodes": []}}), ProviderContractError),
        ("more, and no cursor",
         told({"orders": {**page, "pageInfo": {"hasNextPage": True, "endCursor": None}}}),
         ProviderContractError),
        ("more as a word", told({"orders": {**page, "pageInfo": {"hasNextPage": "no"}}}),
         ProviderContractError),
        ("a filter passed over", told({"orders": page}, search=[{"warnings": [{"field": "x"}]}]),
         ProviderContractError),
        ("NaN outside of an object", told_text('{"x": NaN, "orders": {}}'), ProviderContractError),
        ("a thousand brackets", told_text("[" * 200_000), ProviderContractError),
    )  # fmt: skip
    for name, bad, kind in lasting:
        requests = 4 if name.startswith("MAX_COST") else 1
        yield _stops(name, bad, kind, requests)
    same = told({"orders": objects.listed(objects.order(), after="x")})
    yield Answers("stops: the same page for ever", lambda: script(same), 1,
                  ProviderContractError, 2)  # fmt: skip
    yield Answers("goes on: no order", lambda: script(told({"orders": objects.listed()})), 0)
    yield Answers("goes on: as it should be", lambda: script(_GOOD), 1)
