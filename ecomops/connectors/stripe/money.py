"""Stripe's own decimal places, which are not those of ISO 4217.

Follows Stripe's "Supported currencies": integers of the smallest unit, with a list of currencies
without decimals and a list with three. ISK and UGX are sent with two although they have none.
"""

from ecomops.core.money import EXPONENTS, UnknownCurrencyError

_NO_DECIMALS = frozenset(
    "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split()  # noqa: SIM905  # as in core.money
)
_THREE_DECIMALS = frozenset(("BHD", "JOD", "KWD", "OMR", "TND"))


def stripe_exponent(currency: str) -> int:
    """Decimal places of Stripe's integers in ``currency`` (ISO 4217 capitals).

    Raises UnknownCurrencyError.
    """
    if currency not in EXPONENTS:
        raise UnknownCurrencyError(f"{currency!r} is not an ISO 4217 currency code.")
    return _STRIPE_EXPONENTS[currency]


def _places(currency: str) -> int:
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


_STRIPE_EXPONENTS = {currency: _places(currency) for currency in EXPONENTS}
