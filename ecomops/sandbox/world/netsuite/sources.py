"""The payouts that the merchant's bookkeeper finds on the bank statement."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

from ecomops.sandbox.world.currencies import CURRENCIES, SETTLEMENT
from ecomops.sandbox.world.ledger import Ledger
from ecomops.sandbox.world.model import Payout, Ref
from ecomops.sandbox.world.shop.ledger import ShopLedger
from ecomops.sandbox.world.shop.model import ShopPayout
from ecomops.sandbox.world.shop.numbers import number_of
from ecomops.sandbox.world.shop.processor import CURRENCIES as CURRENCIES_PAID

HUNDREDTHS = 2


@dataclass(frozen=True)
class PaidOut:
    """A payout as the bookkeeper sees it. Amounts are hundredths of the currency (capital ISO
    code), instants Unix seconds. ``fees`` tells what the processor kept from its lines.
    """

    source: str
    id: str
    day: int
    number: int
    currency: str
    cents: int
    created: int
    arrives: int
    fees: Callable[[], int]
    failed: int | None = None
    canceled: int | None = None

    @property
    def token(self) -> str:
        """The id as a bookkeeper writes it: the last part of an address-like one."""
        return self.id.rsplit("/", 1)[-1]

    @property
    def arrival(self) -> date:
        return datetime.fromtimestamp(self.arrives, UTC).date()

    @property
    def is_plain(self) -> bool:
        """Money that came in and stayed."""
        return self.cents > 0 and self.failed is None and self.canceled is None


class PayoutSource(Protocol):
    """A processor's payouts: at most one for each day and each number below ``numbers``."""

    name: str
    numbers: int

    def payout(self, day: int, number: int) -> PaidOut | None:
        """The payout created on a day; None where there is none."""


class StripePayouts:
    """Payouts of the processor's ledger. ``name_of`` tells a payout's id on the wire."""

    name = "stripe"
    numbers = len(SETTLEMENT)

    def __init__(self, ledger: Ledger, name_of: Callable[[Ref], str]) -> None:
        self._ledger, self._name_of = ledger, name_of

    def payout(self, day: int, number: int) -> PaidOut | None:
        found = self._ledger.payout(day, number) if day >= 0 else None
        return self._seen(found) if found else None

    def _seen(self, payout: Payout) -> PaidOut:
        return PaidOut(
            source=self.name,
            id=self._name_of(payout.ref),
            day=payout.ref.day,
            number=payout.ref.item,
            currency=payout.currency.upper(),
            cents=in_hundredths(payout.amount, payout.currency),
            created=payout.created,
            arrives=payout.paid_at,
            fees=lambda: self._fees(payout),
            failed=payout.failed_at,
            canceled=payout.canceled_at,
        )

    def _fees(self, payout: Payout) -> int:
        lines = self._ledger.payout_content(payout)
        return in_hundredths(sum(line.fee for line in lines), payout.currency)


class ShopifyPayouts:
    """Payouts of Shopify Payments, by their GraphQL ids."""

    name = "shopify"
    numbers = len(CURRENCIES_PAID)

    def __init__(self, shop: ShopLedger) -> None:
        self._shop = shop

    def payout(self, day: int, number: int) -> PaidOut | None:
        found = self._shop.payout(day, number) if day >= 0 else None
        return self._seen(found) if found else None

    def _seen(self, payout: ShopPayout) -> PaidOut:
        return PaidOut(
            source=self.name,
            id=f"gid://shopify/ShopifyPaymentsPayout/{number_of(payout.ref)}",
            day=payout.ref.day,
            number=payout.ref.item,
            currency=payout.currency.upper(),
            cents=in_hundredths(payout.amount, payout.currency),
            created=payout.created,
            arrives=payout.paid_at,
            fees=lambda: self._fees(payout),
            failed=payout.failed_at,
            canceled=payout.canceled_at,
        )

    def _fees(self, payout: ShopPayout) -> int:
        lines = self._shop.payout_content(payout)
        return in_hundredths(sum(line.fee for line in lines), payout.currency)


def payout_sources(
    ledger: Ledger, shop: ShopLedger, stripe_name: Callable[[Ref], str]
) -> list[PayoutSource]:
    """All processors whose payouts the merchant gets; their order is part of internal ids."""
    return [StripePayouts(ledger, stripe_name), ShopifyPayouts(shop)]


def in_hundredths(minor: int, currency: str) -> int:
    """Minor units of the processor's wire as hundredths; NetSuite knows no third decimal."""
    exponent = CURRENCIES[currency].exponent
    if exponent <= HUNDREDTHS:
        return minor * int(10 ** (HUNDREDTHS - exponent))
    return minor // int(10 ** (exponent - HUNDREDTHS))
