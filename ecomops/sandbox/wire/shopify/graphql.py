"""The Admin GraphQL API, as far as it is simulated: the ``shop`` and its plan.

The types are those of the published schema of version 2026-07; ``execute`` answers as recorded
exchanges show: errors with status 200, and what the query cost.
"""

from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSyntaxError,
    Visitor,
    build_schema,
    execute_sync,
    parse,
    validate,
    visit,
)

Json = dict[str, Any]

SDL = """
enum CurrencyCode { USD }

type ShopPlan {
  displayName: String!
  partnerDevelopment: Boolean!
  publicDisplayName: String!
  shopifyPlus: Boolean!
}

type Shop {
  currencyCode: CurrencyCode!
  email: String!
  ianaTimezone: String!
  id: ID!
  myshopifyDomain: String!
  name: String!
  plan: ShopPlan!
}

type QueryRoot { shop: Shop! }

schema { query: QueryRoot }
"""
_SCHEMA = build_schema(SDL)
_BUCKET, _RESTORED = 2000, 100
_MOST_TOKENS = 5000


def execute(body: Json, shop: Json) -> Json:
    """The answer to ``{"query", "variables"}``."""
    try:
        document = parse(str(body.get("query") or ""), max_tokens=_MOST_TOKENS)
    except GraphQLSyntaxError as error:
        return {"errors": [_told(error, "PARSE_ERROR")]}
    if errors := validate(_SCHEMA, document):
        return {"errors": [_told(error, _code(error)) for error in errors]}
    done = execute_sync(_SCHEMA, document, {"shop": shop}, variable_values=_variables(body))
    if done.errors:
        return {"errors": [_told(error, "INVALID_VARIABLE") for error in done.errors]}
    return {"data": done.data, "extensions": {"cost": _cost(_objects(document))}}


def throttled() -> Json:
    """The answer to a query that costs more than the bucket holds."""
    cost = {**_cost(_RESTORED), "actualQueryCost": None}
    cost["throttleStatus"] = {**cost["throttleStatus"], "currentlyAvailable": 0}
    error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
    return {"errors": [error], "extensions": {"cost": cost}}


def _variables(body: Json) -> Json | None:
    variables = body.get("variables")
    return variables if isinstance(variables, dict) else None


def _told(error: GraphQLError, code: str) -> Json:
    places = [{"line": place.line, "column": place.column} for place in error.locations or []]
    return {"message": error.message, "locations": places, "extensions": {"code": code}}


def _code(error: GraphQLError) -> str:
    """Recorded codes of the two commonest mistakes; the others are one kind here."""
    if error.message.startswith("Cannot query field"):
        return "undefinedField"
    return "selectionMismatch" if "selection" in error.message else "invalidDocument"


def _objects(document: DocumentNode) -> int:
    """How many objects a query asks for: each costs a point."""
    counter = _ObjectCounter()
    visit(document, counter)
    return counter.found


class _ObjectCounter(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found = 0

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self.found += node.selection_set is not None


def _cost(points: int) -> Json:
    return {
        "requestedQueryCost": points,
        "actualQueryCost": points,
        "throttleStatus": {
            "maximumAvailable": _BUCKET,
            "currentlyAvailable": _BUCKET - points,
            "restoreRate": _RESTORED,
        },
    }
