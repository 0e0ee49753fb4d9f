"""Fixed-point money: one scale for every currency.

An amount is an ``int`` of *units*, ten-thousandths of the currency's major unit, beside its
ISO 4217 code: 12.34 USD is 123400, 12 JPY is 120000, 1.234 KWD is 12340. Units of different
currencies are never added. Nothing here accepts or returns a binary floating-point number.
"""

from collections.abc import Iterable
from decimal import Decimal

SCALE_DIGITS = 4
SCALE = 10**SCALE_DIGITS
MAX_UNITS = 2**63 - 1

_ZERO = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"
_TWO = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN "
    "BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP "
    "GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP "
    "LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR "
    "NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN "
    "SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR "
    "ZMW ZWG"
)


def _table(groups: Iterable[tuple[int, str]]) -> dict[str, int]:
    return {code: exponent for exponent, codes in groups for code in codes.split()}


EXPONENTS = _table(((0, _ZERO), (2, _TWO), (3, _THREE), (4, _FOUR)))
"""Decimal places of each active ISO 4217 currency."""


class UnknownCurrencyError(ValueError):
    """The code is no active ISO 4217 currency in capitals."""


class AmountRangeError(ValueError):
    """The amount does not fit 64 bits of units, or is finer than a unit."""


def exponent_of(currency: str) -> int:
    """Decimal places of ``currency`` (ISO 4217, capitals). Raises UnknownCurrencyError."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise UnknownCurrencyError(f"{currency!r} is not an ISO 4217 currency code.") from None


def from_minor(minor: int, exponent: int) -> int:
    """Units of ``minor``, integer minor units of ``exponent`` places. Raises AmountRangeError."""
    units: int = minor * 10 ** (SCALE_DIGITS - exponent)
    if not -MAX_UNITS <= units <= MAX_UNITS:
        raise AmountRangeError(f"{minor} does not fit the money column.")
    return units


def to_decimal(units: int) -> Decimal:
    """The amount in major units, exact."""
    return Decimal(units).scaleb(-SCALE_DIGITS)


def from_decimal(amount: Decimal) -> int:
    """Units of an amount in major units. Raises AmountRangeError when it is finer than a unit."""
    if not amount.is_finite():
        raise AmountRangeError(f"{amount} is not a finite amount.")
    if abs(amount) > MAX_UNITS:  # also keeps 1E+999999 from becoming a million digits
        raise AmountRangeError(f"{amount} does not fit the money column.")
    units = int(amount.scaleb(SCALE_DIGITS))
    # Compared with the amount itself: scaleb rounds what has more than 28 digits.
    if to_decimal(units) != amount or abs(units) > MAX_UNITS:
        raise AmountRangeError(f"{amount} cannot be kept exactly.")
    return units


def places(units: int, currency: str) -> int:
    """Decimals to show: those of the currency, more only where the amount needs them."""
    shown = EXPONENTS.get(currency, 2)
    while shown < SCALE_DIGITS and units % 10 ** (SCALE_DIGITS - shown):
        shown += 1
    return shown


def plain(units: int, currency: str) -> str:
    """Plain decimal text with the currency's places: ``-1234.50``, ``1200`` for JPY."""
    return f"{to_decimal(units):.{places(units, currency)}f}"


def display(units: int, currency: str) -> str:
    """Text for people: thousands separated, a true minus sign in front."""
    text = f"{to_decimal(abs(units)):,.{places(units, currency)}f}"
    return f"\N{MINUS SIGN}{text}" if units < 0 else text
