"""A search looks for ids of the sources that a table names, and of no others."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest

from ecomops.domains.sync.mappings import MAPPINGS
from ecomops.domains.tables.catalog import TABLES
from ecomops.models.connections import PROVIDERS


def records_of(provider: str) -> Iterator[Any]:
    """The records that a provider's modules make."""
    package = importlib.import_module(f"ecomops.connectors.{provider}")
    for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        named = vars(importlib.import_module(found.name)).values()
        yield from (it for it in named if isinstance(it, type) and it in MAPPINGS)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_table_names_each_provider_that_fills_it(provider: str) -> None:
    filled = {MAPPINGS[record].table for record in records_of(provider)} & TABLES.keys()
    assert filled
    assert [table for table in filled if provider not in TABLES[table].sources] == []
