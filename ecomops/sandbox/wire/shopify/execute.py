"""Runs GraphQL documents: checked against the published schema, paid for, told from the tables."""

from collections.abc import Callable
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLResolveInfo,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    execute_sync,
)

from ecomops.sandbox.wire.shopify import bulk
from ecomops.sandbox.wire.shopify.cost import MOST, Bucket, cost_of
from ecomops.sandbox.wire.shopify.errors import (
    NotServedError,
    ShopifyError,
    invalid,
    invalid_variable,
    syntax_error,
    told,
)
from ecomops.sandbox.wire.shopify.fields import gift_cards, orders, payments, root, steps
from ecomops.sandbox.wire.shopify.schema import checked, schema
from ecomops.sandbox.wire.shopify.view import View

Json = dict[str, Any]

TABLES: dict[str, dict[str, Callable[..., Any]]] = {
    "QueryRoot": {**root.QUERY, **gift_cards.QUERIES, **bulk.QUERIES},
    **bulk.TABLES,
    **orders.TABLES,
    **steps.TABLES,
    **payments.TABLES,
    **gift_cards.TABLES,
}
CLASSES: dict[type, str] = {
    **orders.CLASSES,
    **steps.CLASSES,
    **payments.CLASSES,
    **gift_cards.CLASSES,
    **bulk.CLASSES,
}


def execute(body: Json, view: View, bucket: Bucket) -> Json:
    """The answer to ``{"query", "variables", "operationName"}``, always with status 200."""
    try:
        document, errors = checked(str(body.get("query") or ""))
    except GraphQLSyntaxError as error:
        return {"errors": [syntax_error(error)]}
    if errors:
        return {"errors": [invalid(error, document) for error in errors]}
    variables, name = _variables(body), body.get("operationName")
    operation = _operation(document, name)
    if operation is None:
        nameless = ShopifyError("An operation name is required", "BAD_REQUEST")
        return {"errors": [told(nameless)]}
    points = cost_of(document, operation, variables)
    return _refused(points, bucket) or _run(document, variables, name, view, bucket, points)


def _run(
    document: DocumentNode, variables: Json, name: str | None, view: View, bucket: Bucket,
    points: int,
) -> Json:  # fmt: skip
    done = run(document, variables, name, view)
    if done.data is None and done.errors and not any(it.path for it in done.errors):
        return {"errors": [invalid_variable(error, variables) for error in done.errors]}
    answer: Json = {"data": done.data, "extensions": {"cost": bucket.told(points, points)}}
    if view.warnings:
        answer["extensions"]["search"] = view.warnings
    if done.errors:
        answer["errors"] = [told(error) for error in done.errors]
    return answer


def run(document: DocumentNode, variables: Json, name: str | None, view: View) -> Any:
    """The bare result of a document that was checked."""
    return execute_sync(
        schema(),
        document,
        None,
        context_value=view,
        variable_values=variables,
        operation_name=name,
        field_resolver=_resolve,
        type_resolver=lambda record, info, type: CLASSES[record.__class__],
    )


def _resolve(source: Any, info: GraphQLResolveInfo[View], **arguments: Any) -> Any:
    """A field of a record, by the table of its type; of a dictionary, by its name."""
    name = info.field_name
    table = TABLES.get(info.parent_type.name)
    if table is None:
        if name in source:
            return source[name]
    elif resolver := table.get(name):
        return resolver(source, info.context, **arguments)
    elif isinstance(source, dict) and name in source:
        return source[name]
    raise NotServedError(f"{info.parent_type.name}.{name}")


def _refused(points: int, bucket: Bucket) -> Json | None:
    """Why a query is not run, if it is not."""
    if points > MOST:
        message = f"Query cost is {points}, which exceeds the single query max cost limit ({MOST})."
        error = ShopifyError(message, "MAX_COST_EXCEEDED", cost=points, maxCost=MOST)
        return {"errors": [told(error)], "extensions": {"cost": bucket.told(points, None)}}
    return None if bucket.take(points) else throttled(bucket, points)


def throttled(bucket: Bucket, points: int) -> Json:
    """The answer to a query that costs more than the bucket holds."""
    error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
    return {"errors": [error], "extensions": {"cost": bucket.told(points, None)}}


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    found = [it for it in document.definitions if isinstance(it, OperationDefinitionNode)]
    if name:
        return next((it for it in found if it.name and it.name.value == name), None)
    return found[0] if len(found) == 1 else None


def _variables(body: Json) -> Json:
    variables = body.get("variables")
    return variables if isinstance(variables, dict) else {}
