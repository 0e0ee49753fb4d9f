"""Refusals of the GraphQL API, worded as recorded exchanges show them."""

import re
from collections.abc import Sequence
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    Node,
    OperationDefinitionNode,
    SourceLocation,
    VariableDefinitionNode,
    print_ast,
)

Json = dict[str, Any]

_SCOPES_PAGE = "https://shopify.dev/api/usage/access-scopes"


class ShopifyError(GraphQLError):
    """A refusal of one field, told beside the data of the others."""

    def __init__(self, message: str, code: str, **more: Any) -> None:
        super().__init__(message, extensions={"code": code, **more})


class NotServedError(ShopifyError):
    """The real API has it; the sandbox does not."""

    def __init__(self, what: str) -> None:
        super().__init__(f"The sandbox does not serve {what}.", "NOT_SERVED_BY_SANDBOX")


def access_denied(field: str, required: str) -> ShopifyError:
    """``required`` names access scopes as the real message does."""
    return ShopifyError(
        f"Access denied for {field} field. Required access: {required}",
        "ACCESS_DENIED",
        documentation=_SCOPES_PAGE,
        requiredAccess=required,
    )


def told(error: GraphQLError) -> Json:
    """An error of a field that was run."""
    return _told(error.message, dict(error.extensions or _UNFORESEEN), error.locations, error.path)


def syntax_error(error: GraphQLError) -> Json:
    said = error.message.removeprefix("Syntax Error: ")
    said = "unexpected end of file" if said.startswith("Unexpected <EOF>") else said
    return _told(f"syntax error, {said}", {"code": "PARSE_ERROR"}, error.locations)


def invalid_variable(error: GraphQLError, variables: Json) -> Json:
    """An error of the variables, before anything is run."""
    (node,) = [it for it in error.nodes or () if isinstance(it, VariableDefinitionNode)]
    name, problem = node.variable.name.value, error.message.partition(": ")[2]
    problem = "Expected value to not be null" if "null" in problem or "None" in problem else problem
    problems = [{"path": [], "explanation": problem}]
    extensions = {"code": "INVALID_VARIABLE", "value": variables.get(name), "problems": problems}
    message = f"Variable ${name} of type {print_ast(node.type)} was provided invalid value"
    return _told(message, extensions, error.locations)


def invalid(error: GraphQLError, document: DocumentNode) -> Json:
    """An error of a document that does not fit the schema."""
    message, extensions = _worded(error.message)
    node = error.nodes[0] if error.nodes else None
    return _told(message, extensions, error.locations, _path(document, node))


_UNFORESEEN = {"code": "INTERNAL_SERVER_ERROR"}


def _told(
    message: str,
    extensions: Json,
    locations: Sequence[SourceLocation] | None = None,
    path: Sequence[str | int] | None = None,
) -> Json:
    found: Json = {"message": message}
    if locations:
        found["locations"] = [{"line": it.line, "column": it.column} for it in locations]
    if path:
        found["path"] = list(path)
    return {**found, "extensions": extensions}


_NAME, _TYPE = r"'(?:\w+\.)?(?P<field>\w+)'", r"'(?P<type>[\w!\[\]]+)'"
_WORDINGS = (
    (rf"Cannot query field {_NAME} on type {_TYPE}", "undefinedField",
     "Field '{field}' doesn't exist on type '{type}'",
     {"typeName": "{type}", "fieldName": "{field}"}),
    (rf"Field {_NAME} of type {_TYPE} must have a selection", "selectionMismatch",
     "Field must have selections (field '{field}' returns {bare} but has no selections. "
     "Did you mean '{field} {{ ... }}'?)",
     {"nodeName": "field '{field}'", "typeName": "{bare}"}),
    (rf"Field {_NAME} must not have a selection since type {_TYPE}", "selectionMismatch",
     "Selections can't be made on scalars (field '{field}' returns {bare} but has selections)",
     {"nodeName": "field '{field}'", "typeName": "{bare}"}),
    (rf"Unknown argument '(?P<arg>\w+)' on field {_NAME}", "argumentNotAccepted",
     "Field '{field}' doesn't accept argument '{arg}'",
     {"name": "{field}", "typeName": "Field", "argumentName": "{arg}"}),
    (r"Argument '(?:\w+\.)?(?P<field>\w+)\((?P<arg>\w+):\)' of type .* is required",
     "missingRequiredArguments", "Field '{field}' is missing required arguments: {arg}",
     {"className": "Field", "name": "{field}", "arguments": "{arg}"}),
    (r"Variable '\$(?P<arg>\w+)' is never used in operation '(?P<field>\w+)'", "variableNotUsed",
     "Variable ${arg} is declared by {field} but not used", {"variableName": "{arg}"}),
    (r"Variable '\$(?P<arg>\w+)' is not defined", "variableNotDefined",
     "Variable ${arg} is used but not declared", {"variableName": "{arg}"}),
)  # fmt: skip


def _worded(message: str) -> tuple[str, Json]:
    for pattern, code, wording, more in _WORDINGS:
        if found := re.match(pattern, message):
            named = found.groupdict()
            named["bare"] = (named.get("type") or "").strip("[]!")
            return wording.format(**named), {
                "code": code,
                **{key: value.format(**named) for key, value in more.items()},
            }
    return message, {"code": "invalidDocument"}


def _path(document: DocumentNode, wanted: Node | None) -> list[str]:
    """The way from a definition down to a node, as errors tell it."""
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode):
            down = _down(definition, wanted)
            if down is not None:
                return [_label(definition), *down]
    return []


def _down(node: Node, wanted: Node | None) -> list[str] | None:
    if node is wanted:
        return []
    chosen = getattr(node, "selection_set", None)
    for inner in (
        *(chosen.selections if chosen else ()),
        *(getattr(node, "arguments", None) or ()),
    ):
        below = _down(inner, wanted)
        if below is not None:
            return (
                [inner.name.value, *below] if isinstance(inner, FieldNode | ArgumentNode) else below
            )
    return None


def _label(node: OperationDefinitionNode | FragmentDefinitionNode) -> str:
    kind = node.operation.value if isinstance(node, OperationDefinitionNode) else "fragment"
    return f"{kind} {node.name.value}" if node.name else kind
