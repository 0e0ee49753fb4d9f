import pytest

from ecomops.connectors.stripe.money import stripe_exponent
from ecomops.core.money import EXPONENTS, UnknownCurrencyError, from_minor, plain


@pytest.mark.parametrize(
    ("currency", "minor", "shown"),
    [
        ("USD", 1234, "12.34"),
        ("JPY", 1234, "1234"),
        ("MGA", 1234, "1234.00"),
        ("ISK", 123400, "1234"),
        ("UGX", 123400, "1234"),
        ("KWD", 12340, "12.340"),
        ("BHD", 12340, "12.340"),
        ("HUF", 1234, "12.34"),
        ("TWD", 1234, "12.34"),
        ("LYD", 1234, "12.340"),
    ],
)
def test_stripes_integers_become_the_amount_they_mean(
    currency: str, minor: int, shown: str
) -> None:
    assert plain(from_minor(minor, stripe_exponent(currency)), currency) == shown


def test_every_iso_currency_has_an_exponent() -> None:
    assert {stripe_exponent(currency) for currency in EXPONENTS} == {0, 2, 3}


@pytest.mark.parametrize("currency", ["usd", "XXX", "", "USDC"])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    with pytest.raises(UnknownCurrencyError):
        stripe_exponent(currency)
