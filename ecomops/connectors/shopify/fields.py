"""Strict readers of what Shopify's GraphQL objects are made of: ids, times, and money.

Follows the scalars DateTime, Decimal and UnsignedInt64, and MoneyV2 and MoneyBag, of the Admin
GraphQL schema. All raise UnreadableError.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple, TypeGuard

from ecomops.connectors.fields import Json, UnreadableError, part
from ecomops.core.money import EXPONENTS, AmountRangeError, from_decimal

_GID = re.compile(r"gid://shopify/([A-Za-z]{1,64})/([0-9]{1,20})")
_NUMBER = re.compile(r"[0-9]{1,20}")
_AMOUNT = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?")
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"(?:\.([0-9]{1,9}))?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)


class Money(NamedTuple):
    """An amount in units, and its ISO 4217 code."""

    units: int
    currency: str


class Bag(NamedTuple):
    """One sum twice: in the shop's currency, and in the one that the customer saw."""

    shop: Money
    presentment: Money

    @property
    def foreign(self) -> Money | None:
        """What the customer saw, where that is another currency than the shop's."""
        return None if self.presentment.currency == self.shop.currency else self.presentment


def gid(kind: str, number: str) -> str:
    """The global id of the object that the REST API calls ``number``."""
    return f"gid://shopify/{kind}/{number}"


def valid_gid(value: object, kind: str) -> TypeGuard[str]:
    """Whether ``value`` is the global id of an object of ``kind``."""
    found = _GID.fullmatch(value) if isinstance(value, str) else None
    return found is not None and found[1] == kind


def number_of(global_id: str) -> str | None:
    """The digits of a global id; None where it has another form."""
    found = _GID.fullmatch(global_id)
    return found[2] if found else None


def identifier(source: Json, kind: str, name: str = "id") -> str:
    """The global id of an object of ``kind``, which must be there."""
    value = source.get(name)
    if not valid_gid(value, kind):
        raise UnreadableError("bad_id", f"{name} is not the id of a Shopify {kind}.")
    return value


def reference(source: Json, name: str, kind: str) -> str | None:
    """The id of another object, which is told as an object with an ``id``."""
    value = part(source, name)
    return identifier(value, kind) if value.get("id") is not None else None


def numbered_reference(source: Json, name: str, kind: str) -> str | None:
    """The id of another object, which is told as its bare number."""
    value = source.get(name)
    if value is None:
        return None
    told = str(value) if type(value) is int else value
    if not isinstance(told, str) or not _NUMBER.fullmatch(told):
        raise UnreadableError("bad_id", f"{name} is not the number of a Shopify {kind}.")
    return gid(kind, told)


def money(source: Json, name: str) -> Money:
    """A MoneyV2 that must be there: decimal text in major units, never finer than a unit."""
    value = part(source, name)
    amount, currency = value.get("amount"), value.get("currencyCode")
    if not isinstance(amount, str) or not _AMOUNT.fullmatch(amount):
        raise UnreadableError("bad_amount", f"{name} is not an amount of money as decimal text.")
    if not isinstance(currency, str) or currency not in EXPONENTS:
        said = str(currency)[:20]
        raise UnreadableError("unknown_currency", f"{name}: {said!r} is not an ISO 4217 code.")
    try:
        return Money(from_decimal(Decimal(amount)), currency)
    except AmountRangeError as error:
        raise UnreadableError("amount_out_of_range", f"{name}: {error}") from None


def unsigned_money(source: Json, name: str) -> Money:
    """As ``money``, of an amount that is never negative."""
    return _unsigned(money(source, name), name)


def bag(source: Json, name: str) -> Bag:
    """A MoneyBag that must be there, neither of its sums negative."""
    value = part(source, name)
    shop, seen = (unsigned_money(value, which) for which in ("shopMoney", "presentmentMoney"))
    if shop.currency == seen.currency and shop.units != seen.units:
        raise UnreadableError("two_amounts", f"{name} is two sums in one currency.")
    return Bag(shop, seen)


def in_shop(source: Json, name: str, currency: str) -> int:
    """Units of a MoneyBag in the shop's currency, which must be ``currency``; 0 where it is null.

    Shopify leaves out the bags of what an order does not have.
    """
    if source.get(name) is None:
        return 0
    found = money(part(source, name), "shopMoney")
    if found.currency != currency:
        raise UnreadableError("mixed_currencies", f"{name} is in {found.currency}, not {currency}.")
    return found.units


def unsigned_in_shop(source: Json, name: str, currency: str) -> int:
    """As ``in_shop``, of an amount that is never negative."""
    return _unsigned(Money(in_shop(source, name, currency), currency), name).units


def _unsigned(found: Money, name: str) -> Money:
    if found.units < 0:
        raise UnreadableError("negative_amount", f"{name} is negative.")
    return found


def moment(source: Json, name: str) -> datetime:
    """A time that must be there, UTC."""
    found = read_moment(source.get(name))
    if found is None:
        raise UnreadableError(
            "bad_time", f"{name} is not a time such as 2026-10-31T09:30:00Z, from 2000 to 2099."
        )
    return found


def optional_moment(source: Json, name: str) -> datetime | None:
    """A time that may be missing, UTC."""
    return None if source.get(name) is None else moment(source, name)


def read_moment(value: object) -> datetime | None:
    """The instant, UTC, that ``value`` says; None where it says none of this century."""
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    second, fraction, zone = found.groups()
    try:
        told = datetime.fromisoformat(second + ("+00:00" if zone == "Z" else zone))
    except ValueError:
        return None
    at = told.astimezone(UTC) + timedelta(microseconds=int((fraction or "0").ljust(6, "0")[:6]))
    return at if _EARLIEST <= at < _LATEST else None


def written(at: datetime) -> str:
    """The instant as Shopify's search reads it."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
