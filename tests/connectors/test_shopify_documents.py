"""Every query that is sent is one that Shopify's published schema takes."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate

from ecomops.connectors.shopify import documents

SCHEMA = (
    Path(__file__).parents[3] / "shared/providers/shopify/admin-graphql-2026-07.schema.graphql.gz"
)


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    if not SCHEMA.exists():
        pytest.skip("the published schema is not here")
    text = gzip.decompress(SCHEMA.read_bytes()).decode()
    return build_schema(text, assume_valid=True)


def test_all_documents_are_valid_by_the_published_schema(schema: GraphQLSchema) -> None:
    assert len(documents.ALL) == len(set(documents.ALL)) >= 15
    found = {text: validate(schema, parse(text)) for text in documents.ALL}
    assert {text: errors for text, errors in found.items() if errors} == {}


def test_the_schema_would_have_told_a_mistake(schema: GraphQLSchema) -> None:
    wrong = documents.ORDERS.replace("totalPriceSet", "totalPriceSett")
    assert validate(schema, parse(wrong))
