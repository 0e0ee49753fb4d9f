"""The lists of the merchant's account: currencies, subsidiaries, segments, chart of accounts."""

from collections.abc import Iterator
from typing import NamedTuple

from ecomops.sandbox.world.draw import Draw

RATE_SCALE = 10**5
"""Exchange rates are whole numbers of this many parts, five decimals as NetSuite keeps them."""


class Currency(NamedTuple):
    """``precision`` is NetSuite's own: it knows none or two decimals, whatever ISO 4217 says."""

    id: int
    symbol: str
    name: str
    sign: str
    precision: int
    dollars: int  # what one is worth, in parts of RATE_SCALE


class Subsidiary(NamedTuple):
    """A legal entity and the currency of its books."""

    id: int
    name: str
    currency: str
    country: str
    parent: int | None
    eliminates: bool = False
    inactive: bool = False


class Segment(NamedTuple):
    """A department, class or location, and the subsidiaries that may use it."""

    id: int
    name: str
    subsidiaries: tuple[int, ...]
    parent: int | None = None
    inactive: bool = False


class Account(NamedTuple):
    """``currency`` where it is kept in one; ``role`` is what the merchant uses it for."""

    id: int
    number: str
    name: str
    type: str
    subsidiaries: tuple[int, ...]
    role: str
    currency: str | None = None
    parent: int | None = None
    summary: bool = False
    inactive: bool = False

    @property
    def display(self) -> str:
        return f"{self.number} {self.name}"


class Entity(NamedTuple):
    """Whom a transaction is with."""

    id: int
    name: str
    type: str


CURRENCIES = {
    it.symbol: it
    for it in (
        Currency(1, "USD", "US Dollar", "$", 2, 100_000),
        Currency(2, "EUR", "Euro", "€", 2, 108_730),
        Currency(3, "JPY", "Japanese Yen", "¥", 0, 664),
        Currency(4, "KWD", "Kuwaiti Dinar", "KD", 2, 325_410),
        Currency(5, "GBP", "British Pound", "£", 2, 127_140),
        Currency(6, "CAD", "Canadian Dollar", "$", 2, 72_910),
    )
}
US, EUROPE, JAPAN, DORMANT, ELIMINATION = 1, 2, 3, 5, 6
SUBSIDIARIES = (
    Subsidiary(US, "Harbour & Pine Inc.", "USD", "US", None),
    Subsidiary(EUROPE, "Harbour & Pine Europe B.V.", "EUR", "NL", US),
    Subsidiary(JAPAN, "Harbour & Pine Japan K.K.", "JPY", "JP", US),
    Subsidiary(DORMANT, "Harbour & Pine Outlet LLC", "USD", "US", US, inactive=True),
    Subsidiary(ELIMINATION, "Elimination", "USD", "US", US, eliminates=True),
)
EVERYWHERE = (US, EUROPE, JAPAN)
HOME = {"USD": US, "EUR": EUROPE, "JPY": JAPAN, "KWD": US, "GBP": EUROPE, "CAD": US}
"""The subsidiary that books a currency's payouts."""

FINANCE = 1
DEPARTMENTS = (
    Segment(FINANCE, "Finance", EVERYWHERE),
    Segment(2, "Online Sales", EVERYWHERE),
    Segment(3, "Operations", EVERYWHERE),
    Segment(4, "Former Retail", (US,), inactive=True),
)
CLASSES = (
    Segment(1, "Web", EVERYWHERE),
    Segment(2, "Wholesale", (US, EUROPE)),
    Segment(3, "Marketplace", EVERYWHERE),
)
LOCATIONS = (
    Segment(1, "Portland Warehouse", (US,)),
    Segment(2, "Rotterdam Warehouse", (EUROPE,)),
    Segment(3, "Osaka Warehouse", (JAPAN,)),
)
ENTITIES = (
    Entity(71, "Northwind Outfitters", "CustJob"),
    Entity(72, "Atelier Lumen", "CustJob"),
    Entity(73, "Hoshi Trading", "CustJob"),
    Entity(81, "Harbourside Rents", "Vendor"),
    Entity(82, "Parcel Lines", "Vendor"),
)
PROCESSORS = {"stripe": "Stripe", "shopify": "Shopify Payments", "paypal": "PayPal"}
_PER_CURRENCY = 10
_GENERAL = (
    (31, "1100", "Accounts Receivable", "AcctRec", "receivable"),
    (41, "1170", "Disputes Receivable", "OthCurrAsset", "disputes"),
    (51, "2000", "Accounts Payable", "AcctPay", "payable"),
    (52, "2210", "Gift Card Liability", "OthCurrLiab", "gift_cards"),
    (53, "2220", "Tips Payable", "OthCurrLiab", "tips"),
    (54, "2230", "Sales Tax Payable", "OthCurrLiab", "tax"),
    (61, "4000", "Sales", "Income", "sales"),
    (62, "4010", "Shipping Income", "Income", "shipping"),
    (63, "4090", "Discounts", "Income", "discounts"),
    (64, "4095", "Returns", "Income", "refund"),
    (71, "6100", "Processing Fees", "Expense", "fee"),
    (72, "6110", "Dispute Fees", "Expense", "fee"),
    (73, "6120", "Chargeback Loss", "Expense", "chargeback"),
    (74, "6130", "Bank Charges", "Expense", "bank_charges"),
    (75, "6300", "Rent and Freight", "Expense", "overhead"),
    (81, "6990", "Rounding", "OthExpense", "rounding"),
    (82, "7100", "Realised Gain or Loss on Exchange", "OthExpense", "exchange"),
)
TRACKED = {"cash": "bank", "clearing": "clearing", "refund": "refund", "fee": "fee"}
"""What is followed, by the role of its accounts."""


def bank_subsidiaries(currency: str) -> tuple[int, ...]:
    """Europe's euro account is also the parent's, so that a booking can end in the wrong one."""
    return (US, EUROPE) if currency == "EUR" else (HOME[currency],)


def _accounts() -> Iterator[Account]:
    yield Account(1, "1000", "Cash and Bank", "Bank", EVERYWHERE, "", summary=True)
    for place, symbol in enumerate(CURRENCIES):
        subsidiaries = bank_subsidiaries(symbol)
        yield Account(
            10 + place, str(1010 + place), f"Bank {symbol}", "Bank", subsidiaries, "bank", symbol, 1
        )
        for number, (_, name) in enumerate(PROCESSORS.items()):
            code = 1150 + place if number == 0 else 11_500 + _PER_CURRENCY * number + place
            yield Account(
                200 + _PER_CURRENCY * number + place, str(code), f"Clearing {name} {symbol}",
                "OthCurrAsset", subsidiaries, "clearing",
            )  # fmt: skip
        yield Account(
            300 + place, str(1160) if place == 0 else str(11_600 + place), f"Reserve {symbol}",
            "OthCurrAsset", subsidiaries, "reserve",
        )  # fmt: skip
    yield Account(20, "1020", "Bank Lockbox USD", "Bank", (US,), "bank", "USD", 1)
    for id, digits, title, type, role in _GENERAL:
        yield Account(id, digits, title, type, EVERYWHERE, role)
    yield Account(
        90, "1159", "Clearing (old)", "OthCurrAsset", EVERYWHERE, "old_clearing", inactive=True
    )


ACCOUNTS = {it.id: it for it in sorted(_accounts())}
LOCKBOX = 20


def account(role: str) -> int:
    """The id of the first account of a role."""
    return next(it.id for it in ACCOUNTS.values() if it.role == role)


def bank(currency: str) -> int:
    return 10 + list(CURRENCIES).index(currency)


def clearing(processor: str, currency: str) -> int:
    place = list(CURRENCIES).index(currency)
    return 200 + _PER_CURRENCY * list(PROCESSORS).index(processor) + place


def tracked(kind: str) -> tuple[int, ...]:
    """The accounts of a kind of TRACKED."""
    role = TRACKED[kind]
    return tuple(it.id for it in ACCOUNTS.values() if it.role == role)


ALL_TRACKED = frozenset(id for kind in TRACKED for id in tracked(kind))


def subsidiary(id: int) -> Subsidiary | None:
    return next((it for it in SUBSIDIARIES if it.id == id), None)


def rate(seed: int, currency: str, base: str, day: int) -> int:
    """What one of ``currency`` is worth in ``base`` on a day, in parts of RATE_SCALE."""
    if currency == base:
        return RATE_SCALE
    swing = Draw(seed, "netsuite-rate", currency, base, day).between(9_900, 10_100)
    worth = CURRENCIES[currency].dollars * RATE_SCALE // CURRENCIES[base].dollars
    return max(1, worth * swing // 10_000)
