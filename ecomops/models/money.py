"""The money column."""

from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Dialect, TypeDecorator
from sqlmodel import Field

from ecomops.core.money import from_decimal, to_decimal


class Money(TypeDecorator[Decimal]):
    """Major units as ``Decimal`` in Python, BIGINT ten-thousandths in the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else from_decimal(Decimal(value))

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else to_decimal(value)


def money(**kwargs: Any) -> Any:
    """A column of amounts; its currency stands in a column beside it."""
    return Field(sa_type=Money, **kwargs)
