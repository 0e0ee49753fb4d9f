"""What a query costs, and the leaky bucket it is paid from.

The rule gives the costs of recorded exchanges: an object costs 1, a list as much as one of its
objects, money and pages nothing, a count 10, a mutation 10, a connection of ``n`` nodes
``2 + (1 + log2 n, rounded) * node``. An interface costs its dearest kind.
"""

import math
import time
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

from ecomops.sandbox.wire.shopify.schema import schema

Json = dict[str, Any]

MOST = 1_000
"""A single query may not cost more, whatever the bucket holds."""

DEFAULT_MAXIMUM, DEFAULT_RESTORED = 2_000, 100
"""Points a bucket holds, and points a second that come back."""

MUTATION, COUNT, DEFAULT_PAGE = 10, 10, 50
_FREE = ("MoneyBag", "MoneyV2", "PageInfo", "Count")


def cost_of(document: DocumentNode, operation: OperationDefinitionNode, variables: Json) -> int:
    """Points that an operation asks for before it is run."""
    root = schema().get_root_type(operation.operation)
    assert root is not None
    if operation.operation.value == "mutation":
        return MUTATION * sum(
            isinstance(it, FieldNode) for it in operation.selection_set.selections
        )
    return _Costing(document, variables).selections(root, operation.selection_set)


class _Costing:
    def __init__(self, document: DocumentNode, variables: Json) -> None:
        self._variables = variables
        self._fragments = {
            it.name.value: it
            for it in document.definitions
            if isinstance(it, FragmentDefinitionNode)
        }

    def selections(self, parent: GraphQLCompositeType, chosen: SelectionSetNode | None) -> int:
        return sum(self._field(type, node) for type, node in self._fields(parent, chosen))

    def _fields(
        self, parent: GraphQLCompositeType, chosen: SelectionSetNode | None
    ) -> Iterator[tuple[GraphQLCompositeType, FieldNode]]:
        for node in chosen.selections if chosen else ():
            if isinstance(node, FieldNode):
                yield parent, node
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                yield from self._fields(self._type(fragment, parent), fragment.selection_set)
            elif isinstance(node, InlineFragmentNode):
                yield from self._fields(self._type(node, parent), node.selection_set)

    def _type(
        self, node: FragmentDefinitionNode | InlineFragmentNode, parent: GraphQLCompositeType
    ) -> GraphQLCompositeType:
        if node.type_condition is None:
            return parent
        named = schema().type_map[node.type_condition.name.value]
        assert is_composite_type(named)
        return named

    def _field(self, parent: GraphQLCompositeType, node: FieldNode) -> int:
        known = _known(parent, node.name.value)
        type = get_named_type(known.type) if known else None
        if type is None or not is_composite_type(type) or type.name.startswith("__"):
            return 0
        if type.name in _FREE:
            return COUNT if type.name == "Count" else 0
        inner = self.selections(type, node.selection_set)
        if type.name.endswith("Connection"):
            return 2 + _multiplier(self._page(node)) * max(1, inner)
        return inner if type.name.endswith("Edge") else 1 + inner

    def _page(self, node: FieldNode) -> int:
        """The size of a page that is asked for."""
        for argument in node.arguments or ():
            if argument.name.value in ("first", "last"):
                value = argument.value
                if isinstance(value, VariableNode):
                    asked = self._variables.get(value.name.value)
                    return asked if isinstance(asked, int) and asked > 0 else DEFAULT_PAGE
                if isinstance(value, IntValueNode):
                    return max(1, int(value.value))
        return DEFAULT_PAGE


def _known(parent: GraphQLCompositeType, name: str) -> GraphQLField | None:
    if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        found: GraphQLField | None = parent.fields.get(name)
        return found
    return None


def _multiplier(nodes: int) -> int:
    return 1 + round(math.log2(nodes))


class Bucket:
    """Points that leak back at a steady rate. Safe for use by several threads.

    ``clock`` counts seconds: the real clock, for it is real requests that are held back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, Lock()
        self.set(maximum=DEFAULT_MAXIMUM, restored=DEFAULT_RESTORED)

    def set(self, *, maximum: int, restored: int) -> None:
        """A new bucket, full. Points, and points a second."""
        if maximum < 1 or restored < 1:
            raise ValueError("maximum and restored must be 1 or more.")
        self.maximum, self.restored = maximum, restored
        self._held, self._seen = float(maximum), self._clock()

    def take(self, points: int) -> bool:
        """Pays, if there is enough."""
        with self._lock:
            self._leak()
            if points > self._held:
                return False
            self._held -= points
            return True

    def _leak(self) -> None:
        now = self._clock()
        self._held = min(self.maximum, self._held + (now - self._seen) * self.restored)
        self._seen = now

    def told(self, requested: int, actual: int | None) -> Json:
        """The ``cost`` of an answer."""
        with self._lock:
            self._leak()
            held = int(self._held)
        return {
            "requestedQueryCost": requested,
            "actualQueryCost": actual,
            "throttleStatus": {
                "maximumAvailable": self.maximum,
                "currentlyAvailable": held,
                "restoreRate": self.restored,
            },
        }
