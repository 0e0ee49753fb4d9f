"""Money as ten-thousandths: exact in both directions, whatever the currency."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecomops.core import money
from ecomops.core.money import (
    EXPONENTS,
    MAX_UNITS,
    SCALE_DIGITS,
    AmountRangeError,
    UnknownCurrencyError,
    display,
    exponent_of,
    from_decimal,
    from_minor,
    plain,
    to_decimal,
)

units = st.integers(-MAX_UNITS, MAX_UNITS)
currencies = st.sampled_from(sorted(EXPONENTS))


@given(units)
def test_units_survive_the_way_to_decimal_and_back(amount: int) -> None:
    assert from_decimal(to_decimal(amount)) == amount


@given(units, currencies)
def test_plain_text_says_exactly_the_amount(amount: int, currency: str) -> None:
    text = plain(amount, currency)
    assert from_decimal(Decimal(text)) == amount
    whole, _, fraction = text.removeprefix("-").partition(".")
    assert whole.isdigit()
    assert EXPONENTS[currency] <= len(fraction) <= SCALE_DIGITS


@given(units, currencies)
def test_what_people_see_is_the_same_amount(amount: int, currency: str) -> None:
    shown = display(amount, currency)
    assert shown.replace(",", "").replace("\N{MINUS SIGN}", "-") == plain(amount, currency)
    assert "-" not in shown


@given(st.integers(-(10**14), 10**14), currencies)
def test_minor_units_become_major_ones_by_the_currencys_places(minor: int, currency: str) -> None:
    places = exponent_of(currency)
    assert to_decimal(from_minor(minor, places)) == Decimal(minor).scaleb(-places)
    assert plain(from_minor(minor, places), currency) == f"{Decimal(minor).scaleb(-places):f}"


@given(st.lists(st.integers(-(10**12), 10**12)), currencies)
def test_sums_do_not_depend_on_when_they_are_converted(amounts: list[int], currency: str) -> None:
    places = exponent_of(currency)
    assert sum(from_minor(each, places) for each in amounts) == from_minor(sum(amounts), places)


@given(st.integers(min_value=MAX_UNITS + 1) | st.integers(max_value=-MAX_UNITS - 1))
def test_an_amount_that_does_not_fit_is_refused(too_large: int) -> None:
    with pytest.raises(AmountRangeError):
        from_minor(too_large, SCALE_DIGITS)
    with localcontext() as context:
        context.prec = 1000
        amount = Decimal(too_large).scaleb(-SCALE_DIGITS)
    with pytest.raises(AmountRangeError):
        from_decimal(amount)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_is_kept_exactly_or_refused(amount: Decimal) -> None:
    try:
        kept = from_decimal(amount)
    except AmountRangeError:
        return
    assert to_decimal(kept) == amount


@pytest.mark.parametrize(
    "text",
    ["NaN", "sNaN", "Infinity", "-Infinity", "0.00001", "-0.00001", "1E+999999", "-1E+999999",
     "1E-999999", "1.00000000000000000000000000001", "922337203685477.58080",
     "123456789012345678901234567890"],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_at_once(text: str) -> None:
    with pytest.raises(AmountRangeError):
        from_decimal(Decimal(text))


@pytest.mark.parametrize(
    ("minor", "currency", "wanted"),
    [
        (1234, "USD", 123400),
        (12, "JPY", 120000),
        (1234, "KWD", 12340),
        (12345, "CLF", 12345),
        (-1, "EUR", -100),
    ],
)
def test_known_amounts(minor: int, currency: str, wanted: int) -> None:
    assert from_minor(minor, exponent_of(currency)) == wanted


@pytest.mark.parametrize("code", ["usd", "US", "USDT", "", "ABC", " USD", "XXX"])
def test_an_unknown_currency_is_told(code: str) -> None:
    with pytest.raises(UnknownCurrencyError, match="ISO 4217"):
        exponent_of(code)


@pytest.mark.parametrize(
    ("amount", "currency", "text", "shown"),
    [
        (-12345000, "USD", "-1234.50", "−1,234.50"),  # noqa: RUF001  # a true minus sign
        (12000000, "JPY", "1200", "1,200"),
        (12340, "KWD", "1.234", "1.234"),
        (5, "USD", "0.0005", "0.0005"),
        (15000, "JPY", "1.5", "1.5"),
        (0, "USD", "0.00", "0.00"),
        (100, "???", "0.01", "0.01"),
    ],
)
def test_text_of_amounts(amount: int, currency: str, text: str, shown: str) -> None:
    assert (plain(amount, currency), display(amount, currency)) == (text, shown)


def test_every_currency_has_its_places() -> None:
    assert set(EXPONENTS.values()) == {0, 2, 3, 4}
    assert len(EXPONENTS) > 150
    assert money.SCALE == 10**SCALE_DIGITS
