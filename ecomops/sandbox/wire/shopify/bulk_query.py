"""Queries of bulk operations: what they must look like, and how their answers become lines.

"Perform bulk operations with the GraphQL Admin API", section "Operation restrictions".
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLCompositeType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    parse,
)

from ecomops.sandbox.wire.shopify.schema import checked, schema

Json = dict[str, Any]
MOST_CONNECTIONS, MOST_DEPTH, PAGE = 5, 2, 250


@dataclass
class Shape:
    """Where connections are in an object, by the names their fields have in the answer."""

    connections: dict[str, "Shape"] = field(default_factory=dict)
    objects: dict[str, "Shape"] = field(default_factory=dict)
    has_id: bool = False


@dataclass
class BulkQuery:
    """A query that may run in bulk, or why it may not."""

    document: DocumentNode | None = None
    shape: Shape = field(default_factory=Shape)
    problems: list[str] = field(default_factory=list)


def read(text: str) -> BulkQuery:
    """Understands the query of a bulk operation."""
    try:
        document, errors = checked(text)
    except GraphQLSyntaxError as error:
        return BulkQuery(problems=[f"Invalid bulk query: {error.message}"])
    operations = [it for it in document.definitions if isinstance(it, OperationDefinitionNode)]
    if len(operations) != 1 or operations[0].operation.value != "query":
        return BulkQuery(
            problems=["Invalid operation type. Only `query` operations are supported."]
        )
    if errors:
        return BulkQuery(problems=[f"Invalid bulk query: {error.message}" for error in errors])
    return _Reading().read(document, operations[0])


class _Reading:
    def __init__(self) -> None:
        self._problems: list[str] = []
        self._count = self._deepest = 0
        self._by_nodes: list[str] = []
        self._without_id: list[str] = []
        self._in_list = False

    def read(self, document: DocumentNode, operation: OperationDefinitionNode) -> BulkQuery:
        root = schema().query_type
        assert root is not None
        shape = self._shape(root, operation.selection_set, 0, in_list=False)
        for node in operation.selection_set.selections:
            if isinstance(node, FieldNode) and node.name.value in ("node", "nodes"):
                name = node.name.value
                self._problems.append(f"Bulk queries cannot contain a top level `{name}` field.")
        return BulkQuery(document, shape, self._problems + self._findings())

    def _findings(self) -> list[str]:
        found = []
        if not self._count:
            found.append("Bulk queries must contain at least one connection.")
        if self._by_nodes:
            found.append(
                "All connection fields in a bulk query must select their contents using 'edges' > "
                f"'node', e.g: '{self._by_nodes[0]} {{ edges {{ node {{'. "
                "Selecting via 'nodes' is not supported. "
                f"Invalid connection fields: '{', '.join(self._by_nodes)}'."
            )
        if self._count > MOST_CONNECTIONS:
            found.append(f"Bulk queries cannot contain more than {MOST_CONNECTIONS} connections.")
        if self._deepest - 1 > MOST_DEPTH:
            found.append(
                "Bulk queries cannot contain connections with a nesting depth greater than "
                f"{MOST_DEPTH}."
            )
        if self._in_list:
            found.append(
                "Queries that contain a connection field within a list field are not currently "
                "supported."
            )
        if self._without_id:
            found.append(
                "The parent 'node' field for a nested connection must select the 'id' field "
                "without an alias and must be of 'ID' return type. Connection fields without "
                f"'id': {', '.join(self._without_id)}."
            )
        return found

    def _shape(
        self,
        parent: GraphQLCompositeType,
        chosen: SelectionSetNode | None,
        depth: int,
        *,
        in_list: bool,
    ) -> Shape:
        shape = Shape()
        for type, node in _fields(parent, chosen):
            key = node.alias.value if node.alias else node.name.value
            known = type.fields.get(node.name.value)
            if known is None:
                continue
            shape.has_id |= key == "id" == node.name.value
            named = get_named_type(known.type)
            if not is_composite_type(named):
                continue
            if named.name.endswith("Connection"):
                self._in_list |= in_list
                shape.connections[key] = self._connection(named, node, depth + 1)
                continue
            listed = in_list or isinstance(get_nullable_type(known.type), GraphQLList)
            inner = self._shape(named, node.selection_set, depth, in_list=listed)
            if inner.connections or inner.objects:
                shape.objects[key] = inner
        return shape

    def _connection(self, type: GraphQLCompositeType, node: FieldNode, depth: int) -> Shape:
        self._count += 1
        self._deepest = max(self._deepest, depth)
        below = {it.name.value: it for _, it in _fields(type, node.selection_set)}
        if "nodes" in below or "edges" not in below:
            self._by_nodes.append(node.name.value)
            return Shape()
        assert isinstance(type, GraphQLObjectType)
        edge = get_named_type(type.fields["edges"].type)
        assert isinstance(edge, GraphQLObjectType)
        inner = {it.name.value: it for _, it in _fields(edge, below["edges"].selection_set)}
        record = get_named_type(edge.fields["node"].type)
        assert is_composite_type(record)
        chosen = inner["node"].selection_set if "node" in inner else None
        shape = self._shape(record, chosen, depth, in_list=False)
        if shape.connections and not shape.has_id:
            self._without_id.append(node.name.value)
        return shape


def _fields(
    parent: GraphQLCompositeType, chosen: SelectionSetNode | None
) -> Iterator[tuple[GraphQLObjectType | GraphQLInterfaceType, FieldNode]]:
    for node in chosen.selections if chosen else ():
        if isinstance(node, FieldNode):
            if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
                yield parent, node
        elif isinstance(node, InlineFragmentNode):
            condition = node.type_condition
            inner = schema().type_map[condition.name.value] if condition else parent
            assert is_composite_type(inner)
            yield from _fields(inner, node.selection_set)


# pages of the outermost connection


_PATTERN = parse(
    f"query($bulkAfter: String) {{ x(first: {PAGE}, after: $bulkAfter) "
    "{ pageInfo { hasNextPage endCursor } } }",
    no_location=True,
).definitions[0]


def paged(document: DocumentNode, path: list[str]) -> DocumentNode:
    """The document with its outermost connection, at a path of names, asked for by pages.

    The variable is ``$bulkAfter``.
    """
    assert isinstance(_PATTERN, OperationDefinitionNode)
    (wanted,) = _PATTERN.selection_set.selections
    assert isinstance(wanted, FieldNode)
    definitions = [
        replace(
            it,
            variable_definitions=_PATTERN.variable_definitions,
            selection_set=_only(it.selection_set, path, wanted),
        )
        if isinstance(it, OperationDefinitionNode)
        else it
        for it in document.definitions
    ]
    return replace(document, definitions=tuple(definitions))


def _only(chosen: SelectionSetNode, path: list[str], wanted: FieldNode) -> SelectionSetNode:
    """The selection with nothing but the field at a path, which takes a page of what is wanted."""
    name, *rest = path
    node = next(
        it
        for it in chosen.selections
        if isinstance(it, FieldNode) and name == (it.alias or it.name).value
    )
    assert node.selection_set
    if rest:
        below = _only(node.selection_set, rest, wanted)
        return replace(chosen, selections=(replace(node, selection_set=below),))
    own = [it for it in node.arguments or () if it.name.value not in ("first", "last", "after")]
    assert wanted.selection_set
    inner = (*node.selection_set.selections, *wanted.selection_set.selections)
    asked = replace(
        node,
        arguments=(*own, *(wanted.arguments or ())),
        selection_set=replace(node.selection_set, selections=inner),
    )
    return replace(chosen, selections=(asked,))


def outermost(shape: Shape) -> Iterator[tuple[list[str], Shape]]:
    """(path, shape of its nodes) of each outermost connection."""
    for name, inner in shape.connections.items():
        yield [name], inner
    for name, inner in shape.objects.items():
        for path, found in outermost(inner):
            yield [name, *path], found


# lines


def lines(node: Json, shape: Shape, parent: str | None = None) -> Iterator[Json]:
    """A node as a line of its own, then those of the connections below it."""
    own = dict(node)
    below = list(_lifted(own, shape))
    if parent is not None:
        own["__parentId"] = parent
    yield own
    for child, inner in below:
        yield from lines(child, inner, node["id"])


def _lifted(own: Json, shape: Shape) -> Iterator[tuple[Json, Shape]]:
    """Takes the connections out of an object; the nodes they held."""
    for name, inner in shape.connections.items():
        held = own.pop(name, None)
        for edge in held["edges"] if held else ():
            yield edge["node"], inner
    for name, inner in shape.objects.items():
        if isinstance(own.get(name), dict):
            own[name] = dict(own[name])
            yield from _lifted(own[name], inner)
