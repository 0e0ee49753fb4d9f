"""The published schema of the Admin API, version 2026-07, and documents checked against it.

``admin-2026-07.graphql.gz`` is the whole schema as Shopify publishes it by introspection: what
the real API would refuse as unknown is refused here. Descriptions are left out when it is read.
"""

import gc
import gzip
import re
from functools import cache, lru_cache
from pathlib import Path

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    build_ast_schema,
    parse,
    validate,
)

VERSION = "2026-07"
_FILE = Path(__file__).with_name(f"admin-{VERSION}.graphql.gz")
_DESCRIPTION = re.compile(r'"""[\s\S]*?"""|^\s*"(?:[^"\\\n]|\\.)*"\s*$', re.MULTILINE)
_MOST_TOKENS = 5_000


@cache
def schema() -> GraphQLSchema:
    """Takes half a second, once in a process."""
    text = _DESCRIPTION.sub("", gzip.decompress(_FILE.read_bytes()).decode())
    # A million small objects that all stay: looking through them for garbage doubles the time.
    gc.disable()
    try:
        document = parse(text, no_location=True)
        return build_ast_schema(document, assume_valid=True, assume_valid_sdl=True)
    finally:
        gc.enable()


@lru_cache(maxsize=64)
def checked(text: str) -> tuple[DocumentNode, tuple[GraphQLError, ...]]:
    """A document, and what the schema has against it. Raises GraphQLSyntaxError."""
    document = parse(text, max_tokens=_MOST_TOKENS)
    return document, tuple(validate(schema(), document))
