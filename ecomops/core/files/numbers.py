"""Amounts as people write them: the decimal mark is one for the whole file, never one per cell."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ecomops.core import money

MARKS: Final = {".": "Point (1,234.50)", ",": "Comma (1.234,50)"}
SYMBOLS: Final = "$€£¥₹₩₪₫₴₺฿"

_GROUP = "['\u2019 \u00a0\u202f]"
_BODIES: Final = {
    mark: re.compile(
        rf"(?:[0-9]{{1,3}}(?:[{other}][0-9]{{3}})+"
        rf"|[0-9]{{1,3}}(?:{_GROUP}[0-9]{{3}})+"
        rf"|[0-9]{{1,2}}(?:[{other}][0-9]{{2}})+[{other}][0-9]{{3}}"
        rf"|[0-9]+)(?:[{mark}][0-9]+)?|[{mark}][0-9]+"
    )
    for mark, other in ((".", ","), (",", "."))
}
# Blanks are never given back (*+): a long cell of them would be tried in all divisions.
_AROUND = re.compile(
    rf"(?P<open>\()?\s*+(?P<sign>[-+\u2212])?\s*+(?P<before>[{SYMBOLS}]|[A-Z]{{1,2}}\$|[A-Z]{{3}})?"
    rf"\s*+(?P<sign2>[-+\u2212])?\s*+(?P<body>[0-9.,'\u2019 \u00a0\u202f]*[0-9])"
    rf"\s*+(?P<after>[{SYMBOLS}]|[A-Z]{{3}})?\s*+(?P<sign3>[-+\u2212]|CR|DR)?\s*+(?P<close>\))?"
)
_NEGATIVE: Final = frozenset({"-", "\u2212", "DR"})
AMBIGUOUS = "Amounts such as {!r} can be read in two ways. Choose the decimal mark."
MIXED = "{!r} is written with a decimal point and {!r} with a decimal comma. Make them alike."


@dataclass(frozen=True, slots=True)
class Written:
    """An amount, and the currency code that stood beside it, if one did."""

    value: Decimal
    code: str


class AmbiguousError(ValueError):
    """A person must choose."""


def looks_like_amount(text: str) -> bool:
    """Whether a cell holds a number, however it is written."""
    return bool(_fits(text))


def mark_of(cells: Iterable[str]) -> str:
    """The decimal mark of a whole file. Raises AmbiguousError when it cannot be told."""
    only: dict[str, str] = {}
    unclear = ""
    for cell in cells:
        fits = _fits(cell)
        if len(fits) == 1:
            only.setdefault(fits[0], cell)
        elif fits and not unclear and _has_mark(cell):
            unclear = cell
    if len(only) > 1:
        raise AmbiguousError(MIXED.format(only["."], only[","]))
    if not only and unclear:
        raise AmbiguousError(AMBIGUOUS.format(unclear))
    return next(iter(only), ".")


def parse_amount(text: str, mark: str) -> Written:
    """The amount, signed: a minus before or after it, parentheses or DR make it negative.

    Raises ValueError in words for a person.
    """
    found = _AROUND.fullmatch(text.strip())
    body = found["body"].strip() if found else ""
    if found is None or not _BODIES[mark].fullmatch(body):
        raise ValueError(f"This is no amount with a decimal {_NAMES[mark]}.")
    signs = [found[name] for name in ("sign", "sign2", "sign3") if found[name]]
    bracketed = bool(found["open"])
    if bracketed != bool(found["close"]) or len(signs) + bracketed > 1:
        raise ValueError("The sign of this amount is not clear.")
    plain = "".join(one for one in body if one.isdigit() or one == mark).replace(mark, ".")
    value = Decimal(plain)
    negative = bracketed or any(sign in _NEGATIVE for sign in signs)
    code = next((it for it in (found["before"], found["after"]) if it and it.isalpha()), "")
    return Written(-value if negative else value, code)


def units_of(written: Written, currency: str) -> int:
    """Ten-thousandths. Raises ValueError for more decimals than the currency has."""
    if written.code and written.code != currency:
        raise ValueError(f"The amount says {written.code}, the line {currency}.")
    places = money.exponent_of(currency)
    numerator, denominator = written.value.as_integer_ratio()
    if numerator * 10**places % denominator:
        raise ValueError(f"{currency} has {places} decimals. Is the decimal mark right?")
    return money.from_decimal(written.value)


_NAMES: Final = {".": "point", ",": "comma"}


def _fits(text: str) -> list[str]:
    """The decimal marks with which a cell is an amount."""
    found = _AROUND.fullmatch(text.strip())
    body = found["body"].strip() if found else ""
    return [mark for mark, pattern in _BODIES.items() if body and pattern.fullmatch(body)]


def _has_mark(text: str) -> bool:
    return "," in text or "." in text
